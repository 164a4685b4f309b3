"""What is given to a cluster, field by field against the models of KServe's and Kubernetes' own packages."""

import re
from pathlib import Path

import kubernetes.client
import pytest
import yaml

from swayrec.commands.dashboard import dashboard

HOUSE = Path(__file__).parents[1]
MANIFESTS = sorted((HOUSE / "k8s").rglob("*.yaml"))
PLAIN = {"str": str, "int": int, "float": (int, float), "bool": bool, "object": object}


@pytest.fixture(scope="module")
def models():
    """A model's class by its name."""
    import sys

    given, sys.argv = sys.argv, sys.argv[:1]
    from kserve import models

    sys.argv = given
    return lambda name: getattr(models, name, None) or getattr(kubernetes.client, name)


def wrong(models, kind, value, place):
    """What does not fit, in words; nothing where all does."""
    inner = re.fullmatch(r"(list|dict)\[(?:str, )?(.*)\]|dict\(str, (.*)\)", kind)
    if inner and kind.startswith("list"):
        return [
            bad
            for number, one in enumerate(value)
            for bad in wrong(models, inner[2], one, f"{place}[{number}]")
        ]
    if inner:
        part = inner[2] or inner[3]
        return [bad for name, one in value.items() for bad in wrong(models, part, one, f"{place}.{name}")]
    if kind in PLAIN:
        return [] if isinstance(value, PLAIN[kind]) else [f"{place} is {value!r}, no {kind}"]
    model = models(kind)
    names = {written: name for name, written in model.attribute_map.items()}
    bad = [f"{place}.{name} is not known to {kind}" for name in value if name not in names]
    for name, one in value.items():
        if name in names:
            bad += wrong(models, model.openapi_types[names[name]], one, f"{place}.{name}")
    return bad


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_every_field_is_one_that_the_cluster_knows(models, path):
    found = list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    assert found
    for manifest in found:
        if manifest["apiVersion"] == "monitoring.coreos.com/v1":
            continue  # Prometheus's own: its rules are held against promtool (tests/operations/monitoring).
        kind = f"{manifest['apiVersion'].rpartition('/')[2].capitalize()}{manifest['kind']}"
        assert wrong(models, kind, manifest, manifest["kind"]) == []


def test_a_field_that_nobody_knows_and_a_wrong_type_are_found(models):
    manifest = {"spec": {"canary": [{"trafficPercent": "10", "share": 1}]}}
    assert wrong(models, "V1beta1InferenceService", manifest, "x") == [
        "x.spec.canary[0].share is not known to V1beta1CanarySpec",
        "x.spec.canary[0].trafficPercent is '10', no int",
    ]


def test_the_dashboard_is_started_as_its_command_line_knows(tmp_path):
    path = HOUSE / "k8s" / "monitoring" / "dashboard-service.yaml"
    deployment, service = yaml.safe_load_all(path.read_text(encoding="utf-8"))
    pod = deployment["spec"]["template"]
    [container] = pod["spec"]["containers"]
    assert container["command"] == ["swayrec", "dashboard"]
    options = dashboard.make_context("dashboard", list(container["args"])).params
    assert options["host"] == "0.0.0.0" and options["port"] == container["ports"][0]["containerPort"]
    assert str(options["root"]) == container["volumeMounts"][0]["mountPath"]
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
