import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOP = ("swayrec", "components", "pipelines", "feature_repo", "serving")
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages():
    """Every importable folder that is ours, tests left out."""
    found = []
    for top in TOP:
        for path in (ROOT / top).rglob("__init__.py"):
            parts = path.parent.relative_to(ROOT).parts
            if "tests" not in parts:
                found.append(".".join(parts))
    return sorted(found)


def test_wheel_names_every_package_and_no_tests():
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == packages()


def imported():
    """The foreign packages that our code imports, tests left out, and where."""
    found = {}
    for top in TOP:
        for path in (ROOT / top).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module]
                for name in names:
                    found.setdefault(name.partition(".")[0], str(path.relative_to(ROOT)))
    return {name: place for name, place in found.items() if name not in {*sys.stdlib_module_names, *TOP}}


def test_every_import_has_a_declared_dependency():
    def plain(name):
        return re.sub(r"[-_.]+", "-", name).lower()

    project = PROJECT["project"]
    lines = [
        *project["dependencies"],
        *(line for each in project["optional-dependencies"].values() for line in each),
    ]
    # Both clients are of one package.
    declared = {"botocore", *(plain(re.match(r"[\w.-]+", line)[0]) for line in lines)}
    makers = packages_distributions()
    undeclared = {
        name: place
        for name, place in imported().items()
        if not declared & {plain(maker) for maker in makers.get(name, [name])}
    }
    assert undeclared == {}


def test_every_folder_with_code_is_a_package():
    bare = [
        str(path.parent.relative_to(ROOT))
        for top in TOP
        for path in (ROOT / top).rglob("*.py")
        if "tests" not in path.parts and not (path.parent / "__init__.py").exists()
    ]
    assert bare == []


def test_scenarios_are_in_the_wheel():
    assert PROJECT["tool"]["setuptools"]["package-data"]["pipelines"] == ["scenarios/*.toml"]


def test_make_alone_lists_every_target():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.findall(r"^\.PHONY: (\S+)", text, re.MULTILINE))
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"make (\S+) +\S", listed)) == phony
    assert {"run", "test", "lint", "lock"} <= phony


def test_locks_are_hashed_and_name_no_index():
    for name in LOCKS:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert not re.search(r"^-", text, re.MULTILINE)
        for requirement in re.split(r"\n(?=\S)", text.strip()):
            assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+.* \\\n", requirement), requirement.splitlines()[0]
            assert "--hash=sha256:" in requirement


def pins(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements-cpu.lock", "requirements-gpu.lock"])
def test_an_image_has_the_versions_that_are_tested_and_no_tool_of_development(name):
    ours, tested = pins(name), pins("requirements.lock")
    assert {each: pin for each, pin in ours.items() if tested.get(each, pin) != pin} == {}
    built = {each for each in ours if each not in tested}
    assert all(each == "tensorflow-cpu" or each.startswith("nvidia-") for each in built), built
    assert not {"pytest", "ruff", "uv", "pyspark"} & set(ours)


def test_an_image_has_one_tensorflow_of_the_version_that_is_tested():
    cpu, gpu, tested = (pins(f"requirements{part}.lock") for part in ("-cpu", "-gpu", ""))
    assert cpu["tensorflow-cpu"] == gpu["tensorflow"] == tested["tensorflow"]
    assert "tensorflow" not in cpu and "tensorflow-cpu" not in gpu


def test_no_file_is_named_after_nothing():
    vague = {"utils", "helpers", "common", "base", "core", "misc"}
    assert [path for top in TOP for path in (ROOT / top).rglob("*.py") if path.stem in vague] == []


def test_ci_is_strict_and_needs_nobody_at_the_keyboard():
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "set -euo pipefail" in text
    assert [line for line in text.splitlines() if line.startswith("make")] == [
        "make lint </dev/null",
        "make test </dev/null",
        "make test-system </dev/null",
    ]
