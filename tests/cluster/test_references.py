"""What names something else names what is there."""

import itertools

import pytest

from tests.cluster.built import COMBINATIONS, built, of
from tests.cluster.flows import matches
from tests.cluster.pods import pods, services

SERVED = "serving.kserve.io/inferenceservice"


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_everything_lies_in_one_namespace_and_has_a_name_of_its_own(combination):
    seen = set()
    for each in built(combination):
        assert each["metadata"]["namespace"] == built(combination)[0]["metadata"]["namespace"]
        name = (each["kind"], each["metadata"]["name"])
        assert name not in seen
        seen.add(name)
        assert each["metadata"]["labels"]["app.kubernetes.io/part-of"] == "swayrec", name
    for pod in pods(combination):
        assert pod.labels["app.kubernetes.io/part-of"] == "swayrec", pod.name
        assert pod.labels["sidecar.istio.io/inject"] == "false", pod.name


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_a_volume_that_is_mounted_is_defined_and_its_claim_and_settings_are_there(combination):
    claims = {each["metadata"]["name"] for each in of(combination, "PersistentVolumeClaim")}
    maps = {each["metadata"]["name"] for each in of(combination, "ConfigMap")}
    own = {
        each["metadata"]["name"]: {
            claim["metadata"]["name"] for claim in each["spec"]["volumeClaimTemplates"]
        }
        for each in of(combination, "StatefulSet")
    }
    for pod in pods(combination):
        volumes = {each["name"]: each for each in pod.spec.get("volumes", [])}
        mounted = {mount["name"] for each in pod.spec["containers"] for mount in each.get("volumeMounts", [])}
        assert mounted == volumes.keys() | own.get(pod.name, set()), pod.name
        for each in volumes.values():
            if "persistentVolumeClaim" in each:
                assert each["persistentVolumeClaim"]["claimName"] in claims
            if "configMap" in each:
                assert each["configMap"]["name"] in maps
        for each in pod.spec["containers"]:
            asked = [source["configMapRef"]["name"] for source in each.get("envFrom", [])]
            asked += [
                one["valueFrom"]["configMapKeyRef"]["name"]
                for one in each.get("env", [])
                if "configMapKeyRef" in one.get("valueFrom", {})
            ]
            assert set(asked) <= maps, pod.name


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_who_writes_to_the_workspace_may_and_the_dashboard_may_not(combination):
    for pod in pods(combination):
        for each in pod.spec["containers"]:
            for mount in each.get("volumeMounts", []):
                if mount["name"] == "workspace":
                    assert mount["mountPath"] == "/workspace"
                    reads = pod.name == "swayrec-dashboard" or "--model-base-path" in each["args"]
                    assert mount.get("readOnly", False) is reads, pod.name
    claim = of(combination, "PersistentVolumeClaim", "swayrec-workspace")
    assert claim["spec"]["accessModes"] == ["ReadWriteMany"]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_a_service_finds_the_pods_of_one_workload_and_a_port_of_theirs(combination):
    all_pods = pods(combination)
    for name, (selector, ports) in services(combination).items():
        found = [pod for pod in all_pods if selector.items() <= pod.labels.items()]
        assert [pod.name for pod in found] == [name]
        offered = {
            port[key]
            for each in found[0].spec["containers"]
            for port in each.get("ports", [])
            for key in ("name", "containerPort")
        }
        assert set(ports.values()) <= offered


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_a_workload_selects_its_own_pods_alone(combination):
    all_pods = pods(combination)
    for each in itertools.chain(of(combination, "Deployment"), of(combination, "StatefulSet")):
        selector = each["spec"]["selector"]
        assert [pod.name for pod in all_pods if matches(selector, pod.labels)] == [each["metadata"]["name"]]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_a_budget_and_a_monitor_find_pods_and_kserve_does_not_take_a_budget_for_its_own(combination):
    all_pods = pods(combination)
    served = {pod.name for pod in all_pods if SERVED in pod.labels}
    for each in of(combination, "PodDisruptionBudget"):
        assert each["metadata"]["name"] not in served
        assert any(matches(each["spec"]["selector"], pod.labels) for pod in all_pods)
    for each in of(combination, "PodMonitor"):
        [endpoint] = each["spec"]["podMetricsEndpoints"]
        found = [pod for pod in all_pods if matches(each["spec"]["selector"], pod.labels)]
        assert found
        for pod in found:
            named = {
                "user-port" if combination.knative else port["name"]
                for one in pod.spec["containers"]
                for port in one.get("ports", [])
            }
            assert endpoint["port"] in named
    for each in of(combination, "ServiceMonitor"):
        found = [
            one
            for one in of(combination, "Service")
            if matches(each["spec"]["selector"], one["metadata"]["labels"])
        ]
        assert {one["metadata"]["name"] for one in found} == {"swayrec-intake", "swayrec-dashboard"}
        for one in found:
            assert each["spec"]["endpoints"][0]["port"] in {port["name"] for port in one["spec"]["ports"]}


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_whoever_serves_is_asked_whether_it_lives_and_is_ready(combination):
    for pod in pods(combination):
        if pod.spec.get("restartPolicy") == "Never":
            continue
        for each in pod.spec["containers"]:
            if not each.get("ports"):
                continue
            offered = {port[key] for port in each["ports"] for key in ("name", "containerPort")}
            for probe in (each["readinessProbe"], each["livenessProbe"]):
                [where] = [probe[kind] for kind in ("httpGet", "tcpSocket", "exec") if kind in probe]
                assert "command" in where or where["port"] in offered, pod.name


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_there_is_one_intake_and_the_old_one_is_gone_before_the_new_one_starts(combination):
    intake = of(combination, "Deployment", "swayrec-intake")["spec"]
    assert intake["replicas"] == 1 and intake["strategy"] == {"type": "Recreate"}
