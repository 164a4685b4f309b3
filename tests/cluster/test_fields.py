"""What is given to a cluster, field by field: against the models of KServe's and Kubernetes' own packages, the API's
schemas of two versions, and for the Prometheus Operator's kinds against what we use of them.
"""

import json

import jsonschema
import kubernetes_validate
import pytest

from tests import manifest_fields
from tests.cluster.built import COMBINATIONS, built, of
from tests.cluster.pods import pods
from tests.manifest_fields import wrong

VERSIONS = ("1.33", "1.37")


@pytest.fixture(scope="module")
def models():
    """A model's class by its name."""
    return manifest_fields.models()


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_field_is_one_that_the_cluster_knows(models, combination):
    for manifest in built(combination):
        if manifest["apiVersion"] == "monitoring.coreos.com/v1":
            continue
        kind = f"{manifest['apiVersion'].rpartition('/')[2].capitalize()}{manifest['kind']}"
        assert wrong(models, kind, manifest, f"{manifest['kind']} {manifest['metadata']['name']}") == []


@pytest.mark.parametrize("version", VERSIONS)
def test_two_versions_of_kubernetes_would_take_every_object_and_every_pod(version):
    for manifest in different(each for combination in COMBINATIONS for each in built(combination)):
        if manifest["apiVersion"].partition("/")[0] not in ("monitoring.coreos.com", "serving.kserve.io"):
            kubernetes_validate.validate(manifest, version, strict=True)
    for name, labels, spec in different(each for combination in COMBINATIONS for each in pods(combination)):
        metadata = {"name": name, "labels": labels}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
        kubernetes_validate.validate(pod, version, strict=True)


def different(things):
    """Each thing once: a schema of Kubernetes takes a tenth of a second."""
    return {json.dumps(each, sort_keys=True): each for each in things}.values()


def closed(properties, *needed):
    """A schema of an object that knows these fields only."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(needed),
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
DURATION = {"type": "string", "pattern": r"^([0-9]+(ms|[smhdwy]))+$"}
TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
SELECTOR = closed(
    {
        "matchLabels": TEXTS,
        "matchExpressions": {
            "type": "array",
            "items": closed(
                {
                    "key": TEXT,
                    "operator": {"enum": ["In", "NotIn", "Exists", "DoesNotExist"]},
                    "values": {"type": "array", "items": TEXT},
                },
                "key",
                "operator",
            ),
        },
    }
)
ENDPOINTS = {
    "type": "array",
    "minItems": 1,
    "items": closed({"port": TEXT, "path": TEXT, "interval": DURATION}, "port"),
}
RULE = closed(
    {"alert": TEXT, "expr": TEXT, "for": DURATION, "labels": TEXTS, "annotations": TEXTS}, "alert", "expr"
)
GROUP = closed({"name": TEXT, "rules": {"type": "array", "items": RULE}}, "name", "rules")
OF_THE_OPERATOR = {
    "PodMonitor": closed(
        {"selector": SELECTOR, "podMetricsEndpoints": ENDPOINTS}, "selector", "podMetricsEndpoints"
    ),
    "ServiceMonitor": closed({"selector": SELECTOR, "endpoints": ENDPOINTS}, "selector", "endpoints"),
    "PrometheusRule": closed({"groups": {"type": "array", "items": GROUP}}, "groups"),
}
"""What we use of the Prometheus Operator's kinds, from its API reference; the rest of them is not here."""


@pytest.mark.parametrize("combination", COMBINATIONS[1:], ids=str)
def test_the_prometheus_operators_kinds_have_only_the_fields_that_we_know_of(combination):
    found = [each for each in built(combination) if each["apiVersion"] == "monitoring.coreos.com/v1"]
    assert {each["kind"] for each in found} == set(OF_THE_OPERATOR)
    for each in found:
        jsonschema.validate(each["spec"], OF_THE_OPERATOR[each["kind"]])
        assert each.keys() == {"apiVersion", "kind", "metadata", "spec"}


def test_a_field_that_nobody_knows_a_wrong_type_and_a_missing_one_are_found(models):
    manifest = {"spec": {"canary": [{"trafficPercent": "10", "share": 1}]}}
    assert wrong(models, "V1beta1InferenceService", manifest, "x") == [
        "x.spec.predictor is missing",
        "x.spec.canary[0].share is not known to V1beta1CanarySpec",
        "x.spec.canary[0].predictor is missing",
        "x.spec.canary[0].trafficPercent is '10', no int",
    ]
    with pytest.raises(kubernetes_validate.ValidationError):
        broken = of(COMBINATIONS[0], "Service")[0] | {"specs": {}}
        kubernetes_validate.validate(broken, VERSIONS[0], strict=True)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"selector": {}, "endpoints": [{"port": 80}]}, OF_THE_OPERATOR["ServiceMonitor"])
