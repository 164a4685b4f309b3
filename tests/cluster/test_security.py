"""What a pod may do, and that no secret stands in a manifest."""

import re

import pytest

from tests.cluster.built import COMBINATIONS, HOUSE, K8S, built, of
from tests.cluster.pods import RUNTIME, pods

OWN = "swayrec"


def containers(pod):
    return [*pod.spec.get("initContainers", []), *pod.spec["containers"]]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_no_container_is_root_writes_to_its_image_or_may_become_more(combination):
    for pod in pods(combination):
        around = pod.spec.get("securityContext", {})
        for each in containers(pod):
            own = each["securityContext"]
            assert own["runAsNonRoot"] is True, pod.name
            assert own["allowPrivilegeEscalation"] is False and own["readOnlyRootFilesystem"] is True
            assert own["capabilities"] == {"drop": ["ALL"]} and "privileged" not in own
            profile = own.get("seccompProfile") or around.get("seccompProfile")
            assert profile == {"type": "RuntimeDefault"}, pod.name
            assert (own.get("runAsUser") or around["runAsUser"]) > 0
            if each["image"].rpartition(":")[0].rpartition("/")[2] == OWN:
                assert around["runAsUser"] == around["runAsGroup"] == 10001
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostPath"} & {*pod.spec, *str(pod.spec).split("'")}


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_container_says_what_it_needs_and_no_more_than_its_node_has(combination):
    for pod in pods(combination):
        for each in containers(pod):
            resources = each["resources"]
            assert {"cpu", "memory"} <= resources["requests"].keys(), pod.name
            assert "memory" in resources["limits"], pod.name


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_no_pod_gets_a_token_of_the_api_server(combination):
    accounts = {each["metadata"]["name"]: each for each in of(combination, "ServiceAccount")}
    for pod in pods(combination):
        assert pod.spec["automountServiceAccountToken"] is False, pod.name
        assert accounts[pod.spec["serviceAccountName"]]["automountServiceAccountToken"] is False
        assert pod.spec["enableServiceLinks"] is False, pod.name
    assert accounts["swayrec-pipeline"]["automountServiceAccountToken"] is True


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_roles_are_of_the_namespace_and_for_the_steps_of_pipelines_alone(combination):
    kinds = {each["kind"] for each in built(combination)}
    assert not {"ClusterRole", "ClusterRoleBinding"} & kinds
    roles = {each["metadata"]["name"]: each["rules"] for each in of(combination, "Role")}
    for binding in of(combination, "RoleBinding"):
        assert binding["roleRef"]["kind"] == "Role" and binding["roleRef"]["name"] in roles
        namespace = binding["metadata"]["namespace"]
        assert binding["subjects"] == [
            {"kind": "ServiceAccount", "name": "swayrec-pipeline", "namespace": namespace}
        ]
    [serving] = [rule for rule in roles["swayrec-pipeline"] if rule["apiGroups"] == ["serving.kserve.io"]]
    assert serving == {
        "apiGroups": ["serving.kserve.io"],
        "resources": ["inferenceservices"],
        "resourceNames": [of(combination, "InferenceService")[0]["metadata"]["name"]],
        "verbs": ["get", "patch"],
    }
    for rule in (rule for rules in roles.values() for rule in rules):
        assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]
        assert "secrets" not in rule["resources"] or rule["resourceNames"]


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_secrets_are_named_and_never_written_down(combination):
    assert of(combination, "Secret") == []
    for pod in pods(combination):
        for each in containers(pod):
            for variable in each.get("env", []):
                if re.search(r"PASSWORD|SECRET|ACCESS_KEY|_URI$|EVENT_LOG|AUTH", variable["name"]):
                    assert "secretKeyRef" in variable["valueFrom"], variable["name"]
    assert not re.search(r"://[^/\s$]*:[^/\s$]*@", str(built(combination)))


def test_every_secret_that_is_named_is_in_the_page_with_its_keys():
    page = (HOUSE / "docs" / "cluster" / "manifests.md").read_text(encoding="utf-8")
    asked = set()
    for pod in (pod for combination in COMBINATIONS for pod in pods(combination)):
        for each in containers(pod):
            for variable in each.get("env", []):
                key = variable.get("valueFrom", {}).get("secretKeyRef")
                if key:
                    asked.add((key["name"], key["key"]))
        for volume in pod.spec.get("volumes", []):
            if "secret" in volume:
                asked.add((volume["secret"]["secretName"], "tokens"))
    rows = re.findall(r"^\| `(swayrec-[a-z0-9-]+)` \| `([A-Za-z_]+)`", page, re.MULTILINE)
    assert asked <= set(rows) and {name for name, _ in rows} == {name for name, _ in asked}


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_every_image_has_a_tag_and_is_replaced_by_its_name(combination):
    for pod in pods(combination):
        for each in containers(pod):
            if each["image"] == RUNTIME:
                continue
            name, _, tag = each["image"].rpartition(":")
            assert name and tag, each["image"]
            assert tag != "latest" or name == OWN, each["image"]
            if combination.folder == "examples/cluster":
                assert name.startswith("registry.example/"), each["image"]
                assert name.rpartition("/")[2] != OWN or tag == "0.1.0-cpu"


def test_no_manifest_names_a_host_of_images():
    for path in K8S.rglob("*.yaml"):
        for image in re.findall(r"\bimage: (\S+)", path.read_text(encoding="utf-8")):
            assert "/" not in image, path
