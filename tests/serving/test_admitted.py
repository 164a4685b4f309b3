"""A `swayrec serve` that asks for tokens: who is let in at each door, and what the others are told."""

import urllib.error
import urllib.request
from pathlib import Path

import grpc
import pytest

from serving import ports
from serving.processes import Serving
from serving.protection import Protection

from .doors import USER, messages, over_grpc, post
from .intake_world import event, with_model
from .test_tokens import line

PAGE = (Path(__file__).parents[2] / "docs" / "endpoints.md").read_text(encoding="utf-8")
PREDICT = "/v1/models/swayrec:predict"
QUESTION = {"instances": [{"user_id": USER}]}
READER, WRITER, ADMIN = "reader-token", "writer-token", "admin-token"


@pytest.fixture(scope="module")
def serving(tmp_path_factory, model_folder):
    made = with_model(tmp_path_factory.mktemp("admitted") / "ws", model_folder, USER)
    tokens = made.root / "tokens"
    tokens.write_text(
        line("reader", READER, "read") + line("writer", WRITER, "write") + line("me", ADMIN, "admin")
    )
    with Serving(made, intake=True, protection=Protection(tokens)) as running:
        yield running


def bearer(token):
    return {"Authorization": f"Bearer {token}"} if token else {}


def door(serving, name):
    """Where something is posted, and what."""
    return {
        "predict": (serving.url + PREDICT, QUESTION),
        "explain": (
            f"{serving.url}/v1/models/swayrec:explain",
            {"instances": [{"user_id": USER, "item_id": "i05"}]},
        ),
        "infer": (
            f"{serving.url}/v2/models/swayrec/infer",
            {"inputs": [{"name": "user_id", "shape": [1], "datatype": "BYTES", "data": [USER]}]},
        ),
        "unload": (f"{serving.url}/v2/repository/models/swayrec/unload", {}),
        "events": (f"{serving.intake_url}/events", event(USER, "i05")),
        "items": (f"{serving.intake_url}/items", {"item_id": "i05", "title": "Milk"}),
    }[name]


@pytest.mark.parametrize(
    ("name", "right", "wrong", "status"),
    [
        ("predict", READER, WRITER, 200),
        ("explain", READER, ADMIN, 200),
        ("infer", READER, WRITER, 200),
        ("unload", ADMIN, READER, 403),
        ("events", WRITER, READER, 200),
        ("items", WRITER, ADMIN, 200),
    ],
)
def test_each_door_wants_a_token_for_it(serving, name, right, wrong, status):
    url, body = door(serving, name)
    assert post(url, body, **bearer(right))[0] == status
    for token, code in ((None, 401), ("unknown", 401), (wrong, 403)):
        found, told = post(url, body, **bearer(token))
        assert (found, set(told)) == (code, {"error"})
        scope = {"events": "write", "items": "write", "unload": "admin"}.get(name, "read")
        assert f"`{told['error'].replace(f'scope {scope}', 'scope read')}`" in PAGE


@pytest.mark.parametrize(
    ("sent", "challenge"),
    [
        ({}, "Bearer"),
        ({"Authorization": "Basic abc"}, "Bearer"),
        (bearer("unknown"), 'Bearer error="invalid_token"'),
        (bearer(WRITER), 'Bearer error="insufficient_scope", scope="read"'),
        ({"Authorization": f"bearer   {READER}"}, None),
    ],
)
def test_who_is_not_let_in_is_told_by_what_he_would_be(serving, sent, challenge):
    request = urllib.request.Request(
        serving.url + PREDICT, b"{}", {"Content-Type": "application/json", **sent}
    )
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=30)
    assert error.value.headers["WWW-Authenticate"] == challenge
    assert error.value.code == (400 if challenge is None else error.value.code)


@pytest.mark.parametrize(
    "path",
    ["/", "/v2/health/live", "/v2/health/ready", "/v2", "/v2/models/swayrec", "/metrics", "/openapi.json"],
)
def test_how_the_server_is_may_be_read_by_everyone(serving, path):
    with urllib.request.urlopen(serving.url + path, timeout=30) as response:
        assert response.status == 200
    if path in ("/v2/health/live", "/v2/health/ready", "/metrics"):
        with urllib.request.urlopen(serving.intake_url + path, timeout=30) as response:
            assert response.status == 200
    assert ports.is_ready(serving.port)


def authorization(token):
    return (("authorization", f"Bearer {token}"),)


def test_grpc_wants_the_same_tokens(serving):
    assert over_grpc(serving, metadata=authorization(READER))[0] == 200
    assert over_grpc(serving)[1].startswith("UNAUTHENTICATED: this needs a token")
    assert over_grpc(serving, metadata=authorization("x"))[1] == "UNAUTHENTICATED: the token is not known"
    assert over_grpc(serving, metadata=authorization(WRITER))[1] == (
        "PERMISSION_DENIED: the token is not for this; it needs the scope read"
    )
    pb, stubs = messages()
    with grpc.insecure_channel(f"127.0.0.1:{serving.grpc_port}") as channel:
        stub = stubs.GRPCInferenceServiceStub(channel)
        assert stub.ServerReady(pb.ServerReadyRequest(), timeout=30).ready
        assert stub.ModelMetadata(pb.ModelMetadataRequest(name="swayrec"), timeout=30).inputs
        for token in (READER, ADMIN):
            with pytest.raises(grpc.RpcError) as error:
                asked = pb.RepositoryModelUnloadRequest(model_name="swayrec")
                stub.RepositoryModelUnload(asked, metadata=authorization(token), timeout=30)
            assert error.value.code() == grpc.StatusCode.PERMISSION_DENIED
        assert "not loaded or unloaded over the network" in error.value.details()


def test_the_predictor_is_reconfigured_by_an_administrator_only(serving):
    with grpc.insecure_channel(f"127.0.0.1:{serving.children['predictor'].port}") as channel:
        call = channel.unary_unary("/tensorflow.serving.ModelService/HandleReloadConfigRequest")
        for metadata, code in (
            (None, grpc.StatusCode.UNAUTHENTICATED),
            (authorization(READER), grpc.StatusCode.PERMISSION_DENIED),
        ):
            with pytest.raises(grpc.RpcError) as error:
                call(b"", metadata=metadata, timeout=30)
            assert error.value.code() == code
        assert call(b"", metadata=authorization(ADMIN), timeout=30)


def test_no_token_and_no_hash_stands_on_a_command_line_or_in_a_log(serving):
    secrets = [
        READER,
        WRITER,
        ADMIN,
        *(line("x", token, "read").split()[1] for token in (READER, WRITER, ADMIN)),
    ]
    for child in serving.children.values():
        told = child.log.read_text() + Path(f"/proc/{child.process.pid}/cmdline").read_text()
        assert not [secret for secret in secrets if secret in told]


def test_metrics_count_who_was_not_let_in(serving):
    post(serving.url + PREDICT, QUESTION)
    with urllib.request.urlopen(f"{serving.url}/metrics", timeout=30) as response:
        assert 'swayrec_not_admitted_total{reason="no token"}' in response.read().decode()
