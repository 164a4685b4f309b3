"""The same search on a cluster: a Katib Experiment over a scenario's space, each trial a Job of our image."""

from collections.abc import Mapping
from typing import Any

from swayrec.operations.tuning.space import spelled
from swayrec.tables.scenario import Scenario
from swayrec.tables.scenario_search import Searched

METRIC = "validation_ndcg"
"""What a trial prints: ``validation_ndcg=0.1234``."""


def experiment(
    scenario: Scenario,
    place: str,
    inputs: Mapping[str, str],
    *,
    image: str,
    trials: int = 60,
    parallel: int = 4,
    seed: int = 0,
) -> dict[str, Any]:
    """The manifest.

    Args:
        scenario: its ``search`` is the space.
        place: where trials read the scenario file: a path in the image's workspace, or ``s3://BUCKET/KEY``.
        inputs: ``dataset`` and ``vectors`` that every trial reads, likewise.
        image: of the trials.
        trials: how many.
        parallel: of them at once.
        seed: of what is drawn.
    """
    names = {each.field: f"p{number}" for number, each in enumerate(scenario.search)}
    arguments = ["tune", place, *(f"--{name}={where}" for name, where in inputs.items())]
    arguments += [f"--at={field}=${{trialParameters.{name}}}" for field, name in names.items()]
    return {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "Experiment",
        "metadata": {
            "name": f"swayrec-{scenario.name}".replace("_", "-"),
            "labels": {"app.kubernetes.io/name": "swayrec"},
        },
        "spec": {
            "objective": {"type": "maximize", "objectiveMetricName": METRIC},
            "algorithm": {
                "algorithmName": "tpe",
                "algorithmSettings": [{"name": "random_state", "value": str(seed)}],
            },
            "maxTrialCount": trials,
            "parallelTrialCount": parallel,
            "maxFailedTrialCount": max(3, trials // 5),
            "metricsCollectorSpec": {"collector": {"kind": "StdOut"}},
            "parameters": [_parameter(each, names[each.field]) for each in scenario.search],
            "trialTemplate": {
                "primaryContainerName": "trial",
                "trialParameters": [
                    {"name": name, "reference": name, "description": field} for field, name in names.items()
                ],
                "trialSpec": _job(arguments, image),
            },
        },
    }


def _parameter(searched: Searched, name: str) -> dict[str, Any]:
    if searched.choices:
        space: dict[str, Any] = {"list": spelled(searched)}
        return {"name": name, "parameterType": "categorical", "feasibleSpace": space}
    assert searched.low is not None and searched.high is not None
    low, high = (int(searched.low), int(searched.high)) if searched.whole else (searched.low, searched.high)
    space = {"min": str(low), "max": str(high)}
    if searched.log:
        space["distribution"] = "logUniform"
    return {"name": name, "parameterType": "int" if searched.whole else "double", "feasibleSpace": space}


def _job(arguments: list[str], image: str) -> dict[str, Any]:
    container = {
        "name": "trial",
        "image": image,
        "command": ["swayrec"],
        "args": arguments,
        "envFrom": [{"configMapRef": {"name": "swayrec-config"}}, {"secretRef": {"name": "swayrec-s3"}}],
        "resources": {"requests": {"cpu": "2", "memory": "8Gi"}, "limits": {"memory": "8Gi"}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "runAsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "tmp", "emptyDir": {}}],
    }
    # Katib's collector shares the container's output; a mesh's sidecar would keep the Job from ending.
    annotations = {"sidecar.istio.io/inject": "false"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "spec": {"backoffLimit": 1, "template": {"metadata": {"annotations": annotations}, "spec": pod}},
    }
