"""The `kfp` lines of the docs, run by the real command line against a stand-in of KFP's API server."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2

from tests.kfp_server import kfp_server

ROOT = Path(__file__).parents[2]
IMAGE = "registry.example/swayrec:1"
GPU_STEPS = {"exec-embed", "exec-train-intent", "exec-train-recommender"}


def lines(path):
    """The lines that begin with `kfp`, in code blocks and in text, with what they are continued by."""
    text = (ROOT / path).read_text(encoding="utf-8").replace("\\\n", " ")
    return [each for line in text.splitlines() for each in re.findall(r"(?:^|`)(kfp [^`]+)", line)]


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Where `make pipelines` leaves the packages."""
    folder = tmp_path_factory.mktemp("build")
    for name in ("training", "monitoring"):
        out = folder / "build" / "pipelines" / f"{name}.yaml"
        out.parent.mkdir(parents=True, exist_ok=True)
        kfp("dsl", "compile", "--py", str(ROOT / "pipelines" / f"{name}.py"), "--output", str(out), cwd=ROOT)
    return folder


def kfp(*line, cwd, url=""):
    program = Path(sys.executable).parent / "kfp"
    variables = {**os.environ, "KF_PIPELINES_ENDPOINT": url, "PYTHONPATH": str(ROOT), "SWAYREC_IMAGE": IMAGE}
    variables["SWAYREC_GPU_IMAGE"] = f"{IMAGE}-gpu"
    done = subprocess.run(
        [program, *line], cwd=cwd, capture_output=True, text=True, env=variables, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def packages(build):
    """Specification and platform of each package, by its name."""
    return {
        path.stem: tuple(yaml.safe_load_all(path.read_text(encoding="utf-8")))
        for path in (build / "build" / "pipelines").glob("*.yaml")
    }


def test_the_readmes_lines_upload_both_pipelines_start_a_run_and_a_recurring_one(build):
    asked = lines("README.md")
    assert [line.split()[1:3] for line in asked] == [
        ["pipeline", "create"],
        ["pipeline", "create"],
        ["experiment", "create"],
        ["run", "create"],
        ["recurring-run", "create"],
        ["pipeline", "create-version"],
    ]
    assert asked == lines("README.zh-CN.md")
    with kfp_server() as (made, url):
        for line in asked:
            kfp(*shlex.split(line)[1:], cwd=build, url=url)
        names = {each["display_name"]: number for number, each in made.pipelines.items()}
        assert set(names) == {"swayrec-training", "swayrec-monitoring"}
        versions = [each["pipeline_id"] for each in made.versions.values()]
        assert versions.count(names["swayrec-training"]) == 2
        [run] = made.runs.values()
        given = run["runtime_config"]["parameters"]
        assert given["scenario"] == "s3://swayrec/scenarios/my.toml"
        assert "platforms" in run["pipeline_spec"]["platform_spec"], "what it asks of Kubernetes goes along"
        [weekly] = made.recurring.values()
        assert weekly["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * 1"
        assert weekly["runtime_config"]["parameters"]["service"] == "swayrec"


def test_the_lines_on_monitoring_make_a_recurring_run(build):
    with kfp_server() as (made, url):
        for line in lines("docs/monitoring.md"):
            kfp(*shlex.split(line)[1:], cwd=build, url=url)
        [weekly] = made.recurring.values()
        assert weekly["runtime_config"]["parameters"]["workspace"] == "/workspace"


def test_a_package_is_a_valid_specification(build):
    for spec, platform in packages(build).values():
        json_format.ParseDict(spec, pipeline_spec_pb2.PipelineSpec())
        json_format.ParseDict(platform, pipeline_spec_pb2.PlatformSpec())


def test_gpu_steps_ask_for_a_gpu_and_a_node_that_has_one_and_no_other_step_does(build):
    spec, platform = packages(build)["training"]
    executors = spec["deploymentSpec"]["executors"]
    nodes = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
    assert executors.keys() == nodes.keys() and executors.keys() > GPU_STEPS
    for name, executor in executors.items():
        container, node = executor["container"], nodes[name]
        accelerator = container["resources"].get("accelerator", {})
        assert (accelerator.get("resourceType") == "nvidia.com/gpu") == (name in GPU_STEPS), name
        assert ("gpu_image" in container["image"]) == (name in GPU_STEPS), name
        assert ("nodeSelector" in node) == (name in GPU_STEPS) == ("tolerations" in node), name
    parameters = spec["root"]["inputDefinitions"]["parameters"]
    assert parameters["image"]["defaultValue"] == IMAGE
    assert parameters["gpu_image"]["defaultValue"] == f"{IMAGE}-gpu"


def test_every_step_has_its_volume_its_secrets_a_limit_and_no_root(build):
    for spec, platform in packages(build).values():
        nodes = platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]
        for name, node in nodes.items():
            assert [each["mountPath"] for each in node["pvcMount"]] == ["/workspace"], name
            assert {each["secretName"] for each in node["secretAsEnv"]} == {
                "swayrec-s3",
                "swayrec-redis",
                "swayrec-webhook",
            }
            assert [each["configMapName"] for each in node["configMapAsEnv"]] == ["swayrec-config"]
            assert node["securityContext"]["runAsNonRoot"] and int(node["activeDeadlineSeconds"]) > 0
            resources = spec["deploymentSpec"]["executors"][name]["container"]["resources"]
            assert resources["memoryLimit"] and resources["cpuRequest"], name


def test_what_looks_at_the_world_is_not_cached_and_what_may_not_be_done_twice_is_not_tried_again(build):
    cached, tried = {}, {}
    for spec, _ in packages(build).values():
        for name, task in spec["root"]["dag"]["tasks"].items():
            cached[name] = bool(task["cachingOptions"].get("enableCache"))
            tried[name] = "retryPolicy" in task
    fresh = {name for name, each in cached.items() if not each}
    assert fresh == {"ingest", "gate", "publish-features", "deploy", "monitor", "retrain"}
    assert [name for name, each in tried.items() if not each] == ["evaluate"]


def test_on_one_machine_nothing_of_a_cluster_is_asked_for(tmp_path):
    code = (
        "import sys; from kfp.compiler import Compiler; from pipelines.training import training; "
        "Compiler().compile(training, sys.argv[1])"
    )
    variables = {name: value for name, value in os.environ.items() if not name.startswith("SWAYREC_")}
    out = tmp_path / "plain.yaml"
    subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, env=variables, check=True)
    assert len(list(yaml.safe_load_all(out.read_text(encoding="utf-8")))) == 1, "no platform's part"
