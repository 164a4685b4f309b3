"""The TrainingRuntime for TensorFlow and a TrainJob, by the models of Kubeflow Trainer's own package."""

import json
from pathlib import Path

import pytest
import yaml
from kubeflow_trainer_api import models

from swayrec.operations.training import distributed
from swayrec.tables.errors import InputError

FOLDER = Path(__file__).parents[2] / "k8s" / "training"


def manifest(name):
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "kind"), [("runtime.yaml", "TrainingRuntime"), ("trainjob.yaml", "TrainJob")]
)
def test_trainer_knows_every_field(name, kind):
    told = manifest(name)
    assert told["kind"] == kind
    assert unknown(told, kind) == []


def unknown(told, kind):
    """Fields that the package's models drop; defaults that they add are theirs."""
    read = getattr(models, f"TrainerV1alpha1{kind}").from_dict(told)
    return list(lost(told, json.loads(json.dumps(read.to_dict(), default=str)), kind))


def lost(told, kept, place):
    if isinstance(told, dict):
        for name, value in told.items():
            if not isinstance(kept, dict) or name not in kept:
                yield f"{place}.{name}"
            else:
                yield from lost(value, kept[name], f"{place}.{name}")
    elif isinstance(told, list):
        for number, (value, its) in enumerate(zip(told, kept, strict=True)):
            yield from lost(value, its, f"{place}[{number}]")
    elif told != kept:
        yield f"{place}: {told!r} became {kept!r}"


def test_a_field_that_it_does_not_know_is_found():
    told = manifest("trainjob.yaml")
    told["spec"]["trainer"]["nodes"] = 2
    assert unknown(told, "TrainJob") == ["TrainJob.spec.trainer.nodes"]


def test_the_job_uses_the_runtime_and_names_as_many_workers_as_it_asks_for():
    job, runtime = manifest("trainjob.yaml"), manifest("runtime.yaml")
    assert job["spec"]["runtimeRef"]["name"] == runtime["metadata"]["name"]
    environment = {each["name"]: each["value"] for each in job["spec"]["trainer"]["env"]}
    assert int(environment["SWAYREC_WORKERS"]) == job["spec"]["trainer"]["numNodes"]
    assert environment["SWAYREC_CHECKPOINTS"].startswith("s3://")


def test_its_arguments_are_those_of_the_command(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("sys.argv", ["distributed", *manifest("trainjob.yaml")["spec"]["trainer"]["args"]])
    monkeypatch.setattr(distributed, "_train", asked.append)
    distributed.main()
    assert asked[0].step == "intent" and asked[0].output.startswith("s3://")


def test_workers_find_each_other_by_the_names_of_a_jobsets_pods():
    pod = {
        "SWAYREC_WORKERS": "2",
        "JOBSET_NAME": "swayrec-intent",
        "REPLICATED_JOB_NAME": "node",
        "JOB_COMPLETION_INDEX": "1",
    }
    told = json.loads(distributed.cluster_config(pod))
    assert told["cluster"]["worker"] == [
        "swayrec-intent-node-0-0.swayrec-intent:2222",
        "swayrec-intent-node-0-1.swayrec-intent:2222",
    ]
    assert told["task"] == {"type": "worker", "index": 1}
    container = manifest("runtime.yaml")["spec"]["template"]["spec"]["replicatedJobs"][0]["template"]["spec"][
        "template"
    ]["spec"]["containers"][0]
    assert {each["name"] for each in container["env"]} >= {"JOBSET_NAME", "REPLICATED_JOB_NAME"}
    assert container["ports"][0]["containerPort"] == distributed.PORT
    assert distributed.cluster_config({}) is None
    assert distributed.cluster_config({**pod, "TF_CONFIG": "{}"}) is None
    with pytest.raises(InputError, match="JOBSET_NAME is not set"):
        distributed.cluster_config({"SWAYREC_WORKERS": "2"})
    with pytest.raises(InputError, match="JOB_COMPLETION_INDEX '2'"):
        distributed.cluster_config({**pod, "JOB_COMPLETION_INDEX": "2"})
