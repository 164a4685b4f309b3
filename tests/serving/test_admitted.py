"""A `swayrec serve` with tokens and a limit: who is let in at each door, and what the others are told."""

import json
import threading
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
BUSY, CALLER = "busy-token", "caller-token"
BURST = 40


@pytest.fixture(scope="module")
def serving(tmp_path_factory, model_folder):
    made = with_model(tmp_path_factory.mktemp("admitted") / "ws", model_folder, USER)
    tokens = made.root / "tokens"
    tokens.write_text(
        line("reader", READER, "read")
        + line("writer", WRITER, "write")
        + line("me", ADMIN, "admin")
        + line("busy", BUSY, "read,write")
        + line("caller", CALLER, "read")
    )
    # So many at once, and then one in a hundred seconds; this machine is a proxy that is trusted.
    protection = Protection(tokens, False, 0.01, BURST, ("127.0.0.1",))
    with Serving(made, intake=True, protection=protection) as running:
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


def posted(url, body, **headers):
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response), response.headers
    except urllib.error.HTTPError as error:
        return error.code, json.load(error), error.headers


@pytest.mark.parametrize("name", ["predict", "events"])
def test_of_many_at_once_as_many_are_answered_as_the_burst_holds(serving, name):
    url, body = door(serving, name)
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(posted(url, body, **bearer(BUSY))[0]))
        for _ in range(BURST + 15)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * BURST + [429] * 15
    status, told, headers = posted(url, body, **bearer(BUSY))
    assert status == 429
    assert 90 <= int(headers["Retry-After"]) <= 100
    assert told == {"error": f"too many requests; ask again in {headers['Retry-After']} s"}
    assert "| `too many requests; ask again in 2 s` |" in PAGE
    assert post(url, body)[0] == 401, "others are counted for themselves"


def test_who_guesses_tokens_is_stopped_by_the_address_that_a_trusted_proxy_tells(serving):
    url, body = door(serving, "predict")
    told = [
        post(url, body, **{"X-Forwarded-For": "198.51.100.1", **bearer(f"guess-{number}")})[0]
        for number in range(BURST + 2)
    ]
    assert told == [401] * BURST + [429] * 2
    assert post(url, body, **{"X-Forwarded-For": "198.51.100.1, 198.51.100.2"})[0] == 401


def test_grpc_counts_in_the_same_buckets(serving):
    told = [over_grpc(serving, metadata=authorization(CALLER)) for _ in range(BURST + 1)]
    assert {status for status, _ in told[:-1]} == {200}
    assert told[-1][1].startswith("RESOURCE_EXHAUSTED: too many requests")
    assert post(*door(serving, "predict"), **bearer(CALLER))[0] == 429
    chain = (("x-forwarded-for", "198.51.100.3"),)
    for _ in range(BURST):
        assert over_grpc(serving, metadata=chain)[1].startswith("UNAUTHENTICATED")
    assert over_grpc(serving, metadata=chain)[1].startswith("RESOURCE_EXHAUSTED")


def test_how_the_server_is_may_be_asked_without_end(serving):
    for _ in range(BURST + 1):
        for url in (serving.url, serving.intake_url):
            with urllib.request.urlopen(f"{url}/v2/health/live", timeout=30) as response:
                assert response.status == 200


def test_metrics_count_who_was_not_let_in_and_why(serving):
    url, body = door(serving, "predict")
    for _ in range(BURST + 1):
        post(url, body, **{"X-Forwarded-For": "198.51.100.4"})
    with urllib.request.urlopen(f"{serving.url}/metrics", timeout=30) as response:
        told = response.read().decode()
    for reason in ("no token", "rate"):
        assert f'swayrec_not_admitted_total{{reason="{reason}"}}' in told
