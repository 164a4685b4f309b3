"""What KServe 0.16 and Knative, and KServe 0.20 and newer, would make of the InferenceService. No model of KServe 0.16
is at hand in Python: what it may be given is a list here, read in its API reference.
"""

import re
from importlib.metadata import version

import pytest

from tests.cluster.built import COMBINATIONS, of
from tests.cluster.pods import pods

OF_A_COMPONENT = {
    "annotations",
    "autoScaling",
    "batcher",
    "canaryTrafficPercent",
    "containerConcurrency",
    "deploymentStrategy",
    "labels",
    "logger",
    "maxReplicas",
    "minReplicas",
    "scaleMetric",
    "scaleMetricType",
    "scaleTarget",
    "timeout",
}
OF_A_POD = {
    "automountServiceAccountToken",
    "containers",
    "enableServiceLinks",
    "nodeSelector",
    "securityContext",
    "serviceAccountName",
    "tolerations",
    "volumes",
}
OF_A_MODEL = {"modelFormat", "protocolVersion", "runtime", "runtimeVersion", "storageUri"}
OF_A_CONTAINER = {
    "args",
    "env",
    "image",
    "livenessProbe",
    "name",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "volumeMounts",
}
KNATIVE = [each for each in COMBINATIONS if each.knative]
STANDARD = [each for each in COMBINATIONS if each.folder.endswith(("kserve-standard", "examples/cluster"))]
EXPERIMENTS = {"experiment-standard", "experiment-knative"}


def service(combination):
    return of(combination, "InferenceService", "swayrec")


@pytest.mark.parametrize("combination", KNATIVE, ids=str)
def test_kserve_0_16_is_given_no_field_that_came_later(combination):
    spec = service(combination)["spec"]
    assert spec.keys() <= {"predictor", "transformer"}
    for part in spec.values():
        assert part.keys() <= OF_A_COMPONENT | OF_A_POD | {"model"}
        assert part.get("model", {}).keys() <= OF_A_MODEL | OF_A_CONTAINER
        for each in part.get("containers", []):
            assert each.keys() <= OF_A_CONTAINER


@pytest.mark.parametrize("combination", KNATIVE, ids=str)
def test_knative_takes_the_pods_as_they_are(combination):
    """One container with a port named http1 or h2c, no probe of another, and the kinds of volumes that there are."""
    for pod in pods(combination):
        if "serving.kserve.io/inferenceservice" not in pod.labels:
            continue
        assert pod.spec.keys() <= OF_A_POD
        [answering] = [each for each in pod.spec["containers"] if "ports" in each]
        [port] = answering["ports"]
        assert port["name"] in ("http1", "h2c")
        for each in pod.spec["containers"]:
            for probe in ("readinessProbe", "livenessProbe"):
                assert (probe in each) is (each is answering)
                if probe in each:
                    [where] = [each[probe][kind] for kind in ("httpGet", "tcpSocket") if kind in each[probe]]
                    assert where["port"] == port["containerPort"]
            for variable in each.get("env", []):
                assert "fieldRef" not in variable.get("valueFrom", {})
        for volume in pod.spec.get("volumes", []):
            assert volume.keys() - {"name"} <= {"secret", "configMap", "emptyDir", "persistentVolumeClaim"}


@pytest.mark.parametrize("combination", KNATIVE + STANDARD, ids=str)
def test_the_mode_and_its_way_to_count_go_together(combination):
    made = service(combination)
    annotations, parts = made["metadata"]["annotations"], made["spec"]
    knative = combination.knative
    assert annotations["serving.kserve.io/deploymentMode"] == ("Knative" if knative else "Standard")
    assert ("serving.kserve.io/autoscalerClass" in annotations) is not knative
    for name in ("predictor", "transformer"):
        if name not in parts:
            continue
        part = parts[name]
        assert part["minReplicas"] >= 1 and part["maxReplicas"] >= part["minReplicas"]
        assert ("scaleMetric" in part) is knative and ("autoScaling" in part) is not knative


@pytest.mark.parametrize("combination", STANDARD, ids=str)
def test_a_canary_has_a_name_fixed_replicas_and_no_traffic_of_its_own(combination):
    parts = service(combination)["spec"]
    assert "canaryTrafficPercent" not in parts["predictor"]
    assert ("canary" in parts) is ("experiment-standard" in combination.components)
    for each in parts.get("canary", []):
        other = each["predictor"]
        assert each["trafficPercent"] == 0 and other["minReplicas"] == 1
        assert not {"maxReplicas", "scaleMetric", "scaleTarget", "autoScaling"} & other.keys()
        assert other["annotations"]["serving.kserve.io/autoscalerClass"] != "keda"
        assert other["model"]["storageUri"] != parts["predictor"]["model"]["storageUri"]


@pytest.mark.parametrize(
    "combination", [each for each in COMBINATIONS if EXPERIMENTS & set(each.components)], ids=str
)
def test_the_transformer_is_told_where_the_challenger_answers(combination):
    made = service(combination)
    args = made["spec"]["transformer"]["containers"][0]["args"]
    host, _, port = args[args.index("--challenger") + 1].rpartition(":")
    assert port == "80"
    if combination.knative:
        assert host == f"latest-swayrec-predictor.{made['metadata']['namespace']}"
        assert made["metadata"]["annotations"]["serving.kserve.io/enable-tag-routing"] == "true"
        assert made["spec"]["predictor"]["canaryTrafficPercent"] == 0
    else:
        assert host in {pod.name for pod in pods(combination)}


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_the_predictor_is_of_the_tensorflow_that_exports_are_made_with(combination):
    predictor = service(combination)["spec"]["predictor"]
    if "model" not in predictor:
        return
    model = predictor["model"]
    assert model["protocolVersion"] == "grpc-v1" and model["modelFormat"] == {"name": "tensorflow"}
    number, _, kind = model["runtimeVersion"].partition("-")
    assert number.split(".")[:2] == version("tensorflow").split(".")[:2]
    assert re.fullmatch(r"s3://[a-z0-9.-]+/.+/model", model["storageUri"])
    gpu = combination.folder != "base" and "predictor-cpu" not in combination.components
    assert kind == ("gpu" if gpu else "")
    assert model["resources"]["limits"].get("nvidia.com/gpu") == ("1" if gpu else None)
    assert ("nodeSelector" in predictor) is ("tolerations" in predictor) is gpu
