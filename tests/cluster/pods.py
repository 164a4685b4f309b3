"""The pods that a cluster makes of our objects, KServe's among them, as its controller reads an InferenceService."""

import copy
from typing import NamedTuple

from tests.cluster.built import built, of

RUNTIME = "tensorflow-serving"
"""Stands for the image of KServe's runtime, which the cluster has."""

_OF_A_MODEL = ("modelFormat", "protocolVersion", "runtime", "runtimeVersion", "storageUri")
_OF_A_COMPONENT = (
    "model",
    "name",
    "minReplicas",
    "maxReplicas",
    "scaleMetric",
    "scaleTarget",
    "autoScaling",
    "canaryTrafficPercent",
    "annotations",
    "labels",
)


class Pod(NamedTuple):
    """Who made it, its labels, and its spec."""

    name: str
    labels: dict
    spec: dict


def pods(combination):
    """One pod of each kind that the cluster would make, jobs' too."""
    made = []
    for each in built(combination):
        template = {
            "Deployment": lambda spec: spec["template"],
            "StatefulSet": lambda spec: spec["template"],
            "Job": lambda spec: spec["template"],
            "CronJob": lambda spec: spec["jobTemplate"]["spec"]["template"],
        }.get(each["kind"])
        if template:
            found = template(each["spec"])
            made.append(Pod(each["metadata"]["name"], found["metadata"]["labels"], found["spec"]))
        if each["kind"] == "InferenceService":
            made += _served(each)
    return made


def _served(service):
    spec, name = service["spec"], service["metadata"]["name"]
    parts = [("predictor", f"{name}-predictor", spec["predictor"])]
    if "transformer" in spec:
        parts.append(("transformer", f"{name}-transformer", spec["transformer"]))
    for canary in spec.get("canary", []):
        merged = _merged(spec["predictor"], canary["predictor"])
        parts.append(("predictor", f"{name}-{canary['predictor']['name']}-predictor", merged))
    for component, pod, part in parts:
        labels = {
            **service["metadata"].get("labels", {}),
            **part.get("labels", {}),
            "app": f"isvc.{pod}",
            "component": component,
            "serving.kserve.io/inferenceservice": name,
        }
        made = {key: value for key, value in copy.deepcopy(part).items() if key not in _OF_A_COMPONENT}
        if "model" in part:
            model = {key: value for key, value in part["model"].items() if key not in _OF_A_MODEL}
            server = {"name": "kserve-container", "image": RUNTIME, **copy.deepcopy(model)}
            made["containers"] = [server, *made.get("containers", [])]
        yield Pod(pod, labels, made)


def _merged(below, above):
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
    return above


def services(combination):
    """Every Service by its name: its selector, and the container's port or its name by its own port.

    KServe makes those of an InferenceService in Standard mode: port 80 is the first port of the container that
    answers.
    """
    made = {
        each["metadata"]["name"]: (
            each["spec"]["selector"],
            {port["port"]: port["targetPort"] for port in each["spec"]["ports"]},
        )
        for each in of(combination, "Service")
    }
    for pod in pods(combination):
        if "serving.kserve.io/inferenceservice" in pod.labels:
            answering = next(
                (each for each in pod.spec["containers"] if each["name"] == "transformer-container"),
                pod.spec["containers"][0],
            )
            made[pod.name] = ({"app": pod.labels["app"]}, {80: answering["ports"][0]["containerPort"]})
    return made
