import pytest

from swayrec.operations.rollout.inference_service import CANARY, InferenceService
from swayrec.operations.rollout.kube_object import ChangedError, UnreachableError
from swayrec.tables.errors import InputError
from tests.kube_server import kube_server

OLD, NEW = "s3://models/shop/1/model", "s3://models/shop/2/model"


def manifest(mode="Standard", **predictor):
    model = {"modelFormat": {"name": "tensorflow"}, "protocolVersion": "grpc-v1", "storageUri": OLD}
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "swayrec", "annotations": {"serving.kserve.io/deploymentMode": mode}},
        "spec": {"predictor": {"minReplicas": 2, "model": model, **predictor}},
    }


@pytest.fixture(scope="module")
def running():
    with kube_server() as (server, client):
        yield server, client


@pytest.fixture(params=["Standard", "Knative"])
def mode(request):
    return request.param


@pytest.fixture
def world(running, mode):
    server, client = running
    server.__init__()
    server.add(manifest(mode))
    waited = []
    return server, InferenceService("swayrec", "shop", client, sleep=waited.append)


def ready(service, looks=10):
    for _ in range(looks):
        found = service.progress()
        if found.ready or found.failed:
            return found
    return found


def test_a_canary_runs_beside_and_gets_nothing_of_kserve_itself(world, mode):
    server, service = world
    service.begin_canary(NEW, 0.6)
    spec = server.held["shop", "swayrec"]["spec"]
    if mode == "Standard":
        [canary] = spec["canary"]
        assert canary["trafficPercent"] == 0 and canary["predictor"]["name"] == CANARY
        assert canary["predictor"]["minReplicas"] == 2, "60 % of two pods"
        assert canary["predictor"]["model"] == {**spec["predictor"]["model"], "storageUri": NEW}
        assert service.uri() == OLD
        assert service.canary_address() == "swayrec-challenger-predictor.shop:80"
    else:
        assert spec["predictor"]["canaryTrafficPercent"] == 0
        annotations = server.held["shop", "swayrec"]["metadata"]["annotations"]
        assert annotations["serving.kserve.io/enable-tag-routing"] == "true"
        assert service.canary_address() == "latest-swayrec-predictor.shop:80"
    assert service.canary_uri() == NEW
    sent = len(server.patches)
    service.begin_canary(NEW, 0.6)
    assert len(server.patches) == sent, "the same again changes nothing"
    with pytest.raises(ChangedError, match="another canary runs"):
        service.begin_canary("s3://models/shop/3/model", 0.1)


def test_it_is_ready_only_once_kserve_has_seen_the_change_and_the_canary_runs(world):
    server, service = world
    server.looks = 3
    assert ready(service).ready
    service.begin_canary(NEW, 0.1)
    assert [service.progress().ready for _ in range(5)] == [False, False, False, True, True]


def test_a_model_that_cannot_be_loaded_is_known_at_once_with_its_reason(world):
    server, service = world
    server.never.add(NEW)
    service.begin_canary(NEW, 0.1)
    found = ready(service)
    assert found.failed and found.why == f"no model at {NEW}"


def test_autoscaling_stays_with_the_champion(running):
    server, client = running
    server.__init__()
    server.add(manifest(maxReplicas=9, scaleTarget=80, scaleMetric="cpu"))
    service = InferenceService("swayrec", "shop", client)
    service.begin_canary(NEW, 0.1)
    spec = server.held["shop", "swayrec"]["spec"]
    assert spec["predictor"]["maxReplicas"] == 9
    assert spec["canary"][0]["predictor"]["minReplicas"] == 1


def test_a_promotion_keeps_the_predictors_name_which_the_transformer_calls_it_by(world, mode):
    server, service = world
    service.begin_canary(NEW, 0.1)
    service.serve(NEW, OLD)
    spec = server.held["shop", "swayrec"]["spec"]
    assert spec["predictor"]["model"]["storageUri"] == NEW and "name" not in spec["predictor"]
    if mode == "Standard":
        assert spec["canary"], "it answers its share until the others are replaced"
        service.withdraw_canary(NEW)
    spec = server.held["shop", "swayrec"]["spec"]
    assert "canary" not in spec and "canaryTrafficPercent" not in spec["predictor"]
    assert ready(service).ready


def test_a_withdrawn_canary_leaves_all_as_it_was(world):
    server, service = world
    before = server.held["shop", "swayrec"]["spec"]
    service.begin_canary(NEW, 0.1)
    service.withdraw_canary(OLD)
    assert server.held["shop", "swayrec"]["spec"] == before
    sent = len(server.patches)
    service.withdraw_canary(OLD)
    assert len(server.patches) == sent


def test_a_conflict_is_tried_again_on_what_is_there_then(world):
    server, service = world
    others = iter([{"predictor": {"timeout": 9}}, {"predictor": {"timeout": 10}}])

    def other(found):
        if (spec := next(others, None)) is not None:
            server.change(found, **spec)

    server.before_patch = other
    service.serve(NEW, OLD)
    predictor = server.held["shop", "swayrec"]["spec"]["predictor"]
    assert predictor["timeout"] == 10 and predictor["model"]["storageUri"] == NEW


def test_what_somebody_else_made_it_serve_meanwhile_is_left_alone(world):
    server, service = world

    def other(found):
        server.before_patch = lambda found: None
        server.change(found, predictor={"model": {"storageUri": "s3://models/by-hand"}})

    server.before_patch = other
    with pytest.raises(ChangedError, match="serves s3://models/by-hand by now, not s3://models/shop/1/model"):
        service.serve(NEW, OLD)
    assert service.uri() == "s3://models/by-hand"


def test_a_change_whose_answer_was_lost_is_not_made_twice(world):
    server, service = world
    server.deaf = 1
    service.begin_canary(NEW, 0.1)
    assert service.canary_uri() == NEW and len(server.patches) == 1


def test_a_server_that_is_away_for_a_moment_is_asked_again_and_one_that_stays_away_is_told(world):
    server, service = world
    server.away = 2
    service.begin_canary(NEW, 0.1)
    server.away = 1000
    with pytest.raises(UnreachableError, match="currently unable"):
        service.serve(NEW, OLD)
    server.away = 0


def test_a_service_that_is_not_there_is_one_sentence(running):
    _, client = running
    with pytest.raises(InputError, match="InferenceService shop/gone is not there; apply k8s/overlays first"):
        InferenceService("gone", "shop", client).uri()


def test_a_server_that_nobody_runs_is_one_sentence():
    from kubernetes.client import ApiClient, Configuration

    settings = Configuration(host="http://127.0.0.1:9")
    settings.retries = False
    with pytest.raises(UnreachableError, match="the API server does not answer"):
        InferenceService("swayrec", "shop", ApiClient(settings)).uri()
