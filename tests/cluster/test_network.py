"""What the NetworkPolicies let through: each flow that is needed, and nothing of a list of those that are not."""

import pytest

from tests.cluster.built import COMBINATIONS, of
from tests.cluster.flows import OUTSIDE, allowed, elsewhere, here, matches
from tests.cluster.pods import pods, services

STEP = {"workflows.argoproj.io/workflow": "training-x7f2k", "pipeline/runid": "1"}
"""A step of KFP's runs, as Argo labels it."""

WORKER = {"jobset.sigs.k8s.io/jobset-name": "swayrec-intent"}
"""A worker of a TrainJob, as JobSet labels it."""

S3, KFP, DNS = 443, 8888, 53


def world(combination):
    """Every pod by its name, KFP's step among them, with what lies around."""
    found = {pod.name: here(pod.labels) for pod in pods(combination)}
    scrapes = "observability" if combination.folder == "examples/cluster" else "monitoring"
    around = {
        "step": here(STEP),
        "worker": here(WORKER),
        "stranger": here({"app": "notebook"}),
        "prometheus": elsewhere(scrapes),
        "caller": elsewhere("shop", **{"swayrec-caller": "true"}),
        "other": elsewhere("other"),
        "gateway": elsewhere("istio-system"),
        "knative": elsewhere("knative-serving"),
        "kubeflow": elsewhere("kubeflow"),
        "outside": OUTSIDE,
    }
    return found | around


def needed(combination, there):
    """Flows that something in the manifests asks for: who, whom, and the pod's port."""
    collocated = "transformer-collocated" in combination.components
    transformer = "swayrec-predictor" if collocated else "swayrec-transformer"
    port = 8090 if collocated else 8080
    yield from [
        (transformer, "swayrec-redis", 6379),
        (transformer, "swayrec-intake", 8081),
        ("swayrec-intake", "swayrec-redis", 6379),
        ("swayrec-refresh", "swayrec-redis", 6379),
        ("swayrec-refresh", "swayrec-mlflow", 5000),
        ("swayrec-refresh", "outside", S3),
        ("swayrec-mlflow", "outside", 5432),
        ("swayrec-mlflow", "outside", S3),
        ("swayrec-predictor", "outside", S3),
        ("swayrec-predictor", "kubeflow", 9000),
        ("step", "swayrec-redis", 6379),
        ("step", "swayrec-mlflow", 5000),
        ("step", "outside", S3),
        ("step", "outside", 6443),
        ("step", "kubeflow", KFP),
        ("worker", "worker", 40000),
        ("worker", "outside", S3),
        ("caller", transformer, port),
        ("caller", "swayrec-intake", 8081),
    ]
    yield from ((name, "outside", DNS) for name in there if there[name].namespace == "home")
    if not collocated:
        predictors = [name for name in there if name.endswith("-predictor")]
        yield from (("swayrec-transformer", name, 9000) for name in predictors)
    if combination.folder != "base":
        yield ("prometheus", transformer, port)
        yield ("prometheus", "swayrec-intake", 8081)
        yield ("prometheus", "swayrec-dashboard", 8085)
        yield ("step", "prometheus", 9090)
        yield ("gateway", "swayrec-dashboard", 8085)
        yield ("gateway", "swayrec-intake", 8081)
        if combination.knative:
            served = [name for name in there if name.endswith(("-predictor", "-transformer"))]
            yield from ((way, name, 8012) for way in ("gateway", "knative") for name in served)
            yield from ((way, name, 8013) for way in ("gateway", "knative") for name in served)
            if not collocated:
                yield (transformer, "gateway", 8081)
        else:
            yield ("gateway", transformer, port)
    for one in ("swayrec-postgresql",):
        if one in there:
            yield ("swayrec-mlflow", one, 5432)
    if "swayrec-monitor" in there:
        yield ("swayrec-monitor", "swayrec-redis", 6379)
        yield ("swayrec-monitor", "swayrec-mlflow", 5000)


def unneeded(there):
    """Flows that nobody should have."""
    stores = [
        (name, port)
        for name, port in (("swayrec-redis", 6379), ("swayrec-mlflow", 5000), ("swayrec-postgresql", 5432))
        if name in there
    ]
    for who in ("stranger", "caller", "other", "gateway", "knative", "kubeflow", "prometheus", "outside"):
        yield from ((who, *store) for store in stores)
    for who in ("stranger", "other", "outside"):
        yield (who, "swayrec-intake", 8081)
        yield (who, "swayrec-dashboard", 8085)
        yield from (
            (who, name, port)
            for name in there
            if name.endswith(("-predictor", "-transformer"))
            for port in (8080, 8090, 9000)
        )
    for who in ("swayrec-dashboard", "swayrec-redis", "swayrec-intake"):
        yield from [(who, "outside", port) for port in (80, S3, 6443)]
    yield from [
        ("swayrec-transformer", "outside", S3),
        ("swayrec-transformer", "swayrec-mlflow", 5000),
        ("swayrec-dashboard", "swayrec-redis", 6379),
        ("swayrec-predictor", "swayrec-mlflow", 5000),
        ("step", "swayrec-intake", 8081),
        ("stranger", "worker", 40000),
        ("worker", "swayrec-redis", 6379),
        ("swayrec-refresh", "prometheus", 9090),
        ("stranger", "outside", S3),
        ("swayrec-refresh", "outside", 80),
    ]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_pod_is_alone_until_a_policy_says_otherwise(combination):
    [deny] = [
        each
        for each in of(combination, "NetworkPolicy")
        if each["spec"]["podSelector"] == {} and "egress" not in each["spec"]
    ]
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    there = world(combination)
    for name, peer in there.items():
        if peer.namespace == "home":
            assert matches(deny["spec"]["podSelector"], peer.labels), name


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_each_flow_that_is_needed_is_let_through(combination):
    policies, there = of(combination, "NetworkPolicy"), world(combination)
    closed = [
        (who, whom, port)
        for who, whom, port in needed(combination, there)
        if not allowed(policies, there[who], there[whom], port)
    ]
    assert closed == []
    assert allowed(policies, there["swayrec-intake"], OUTSIDE, DNS, "UDP")


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_what_nobody_needs_is_closed(combination):
    policies, there = of(combination, "NetworkPolicy"), world(combination)
    opened = [
        (who, whom, port)
        for who, whom, port in unneeded(there)
        if who in there and whom in there and allowed(policies, there[who], there[whom], port)
    ]
    assert opened == []


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_policy_finds_a_pod(combination):
    there = [peer for peer in world(combination).values() if peer.namespace == "home"]
    idle = {"swayrec-from-gateway", "swayrec-transformer", "swayrec-to-gateway"}
    for each in of(combination, "NetworkPolicy"):
        found = any(matches(each["spec"]["podSelector"], peer.labels) for peer in there)
        collocated = "transformer-collocated" in combination.components
        assert found or (collocated and each["metadata"]["name"] in idle), each["metadata"]["name"]


@pytest.mark.parametrize("combination", COMBINATIONS[1:], ids=str)
def test_every_service_can_be_reached_by_somebody(combination):
    there, policies = world(combination), of(combination, "NetworkPolicy")
    offered = {
        pod.name: {
            port.get("name"): port["containerPort"]
            for each in pod.spec["containers"]
            for port in each.get("ports", [])
        }
        for pod in pods(combination)
    }
    for name, (_, ports) in services(combination).items():
        for port in ports.values():
            number = offered[name].get(port, port)
            assert any(allowed(policies, who, there[name], number) for who in there.values()), name
