"""The client against real servers, and against one that is busy."""

import http.server
import json
import threading
from dataclasses import fields

import httpx
import pytest

from serving import client_answers as answers
from serving.answer_schema import ANSWER, EXPLANATION
from serving.client import Client, RefusedError

from .conftest import HOUSE
from .intake_world import Running, event, workspace


@pytest.fixture(scope="module")
def client(serving):
    with Client(serving.url) as made:
        yield made


SESSION = [{"item_id": "i09", "behavior": "buy"}]


def test_it_knows_every_field_of_an_answer_and_of_an_explanation():
    def names(kind):
        return {field.name for field in fields(kind)}

    assert names(answers.Answer) == set(ANSWER["properties"])
    item = ANSWER["properties"]["items"]["items"]["properties"]
    assert names(answers.Item) == set(item)
    assert names(answers.Reason) == set(item["reasons"]["items"]["properties"])
    assert names(answers.Explanation) == set(EXPLANATION["properties"])
    assert names(answers.Share) == set(EXPLANATION["properties"]["shares"]["items"]["properties"])


def test_questions_of_every_kind_are_answered(client):
    answer = client.recommend(events=SESSION, k=2, language="zh", request_id="r1")
    assert (answer.request_id, answer.level, len(answer.items)) == ("r1", "session", 2)
    assert answer.items[0].item_id == "i09"
    assert answer.items[0].reasons[0].text.startswith("因为您购买过")
    assert [item.item_id for item in client.rank(None, ["i09", "i02", "nothing"], events=SESSION).items] == [
        "i09",
        "i02",
    ]
    assert client.similar("i05", k=3).level in ("full", "category", "popular")
    assert [one.user_id for one in client.recommend_many([{"user_id": "a"}, {"user_id": "b"}])] == ["a", "b"]
    why = client.explain(None, "i09", events=SESSION)
    assert sum(share.share for share in why.shares) + sum(why.rest.values()) == pytest.approx(why.score)
    assert client.ready()


def test_the_servers_sentence_is_the_error(client):
    with pytest.raises(RefusedError, match="is 0: it must be greater") as refused:
        client.recommend("u", k=0)
    assert refused.value.status == 400


def test_events_and_items_are_posted(tmp_path):
    place = workspace(tmp_path / "ws", [("anna", "i1", "buy", 1)], {"i1": "One"})
    with Running(place) as intake, Client("http://127.0.0.1:1", f"http://127.0.0.1:{intake.port}") as client:
        told = client.send([{**event("anna", "i1", "buy", 5), "event_id": "e1"}])
        assert told == answers.Posted(("e1",), shown=True)
        assert client.put([{"item_id": "i2", "title": "Two"}]).ids == ("i2",)
        with pytest.raises(RefusedError, match="the scenario knows view, buy"):
            client.send([event("anna", "i1", "fly", 5)])
        assert not client.ready()


class Busy(http.server.BaseHTTPRequestHandler):
    """Refuses as often as it is told to, then answers."""

    refusals: list[int]

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        status = self.refusals.pop() if self.refusals else 200
        body = json.dumps({"events": [], "shown": True} if status == 200 else {"error": "busy"}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def busy():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_a_busy_server_is_asked_again_and_a_refusal_is_not(busy):
    with Client(busy, busy) as client:
        Busy.refusals = [503, 429]
        assert client.send([]).shown
        Busy.refusals = [503, 503, 503]
        with pytest.raises(RefusedError, match="busy"):
            client.send([])
        Busy.refusals = [400, 400]
        with pytest.raises(RefusedError, match="busy"):
            client.send([])
        assert Busy.refusals == [400]


def test_a_server_out_of_reach_is_an_error_within_the_time():
    with Client("http://127.0.0.1:1", timeout=1) as client, pytest.raises(httpx.ConnectError):
        client.recommend("u")


def test_it_imports_neither_tensorflow_nor_kserve():
    import subprocess
    import sys

    code = "import sys, serving.client; print([m for m in ('tensorflow', 'kserve', 'feast') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
