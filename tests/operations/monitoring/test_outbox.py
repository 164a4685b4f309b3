"""What a webhook receives, from a real HTTP server's point of view."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cloudevents.http import from_http

from swayrec.operations.monitoring import telling, verdict_events
from swayrec.operations.monitoring.outbox import WEBHOOK, WEBHOOK_TOKEN, Outbox, Webhook
from swayrec.operations.monitoring.retraining import retrain
from swayrec.operations.monitoring.series import Series
from swayrec.tables.errors import InputError
from tests.operations.monitoring.verdicts import series, verdict

EVENT = {"specversion": "1.0", "type": "t", "source": "/s", "id": "1", "data": {"a": "值"}}


class Receiver:
    """Answers with the statuses in ``answers``, then 204; keeps what came."""

    def __init__(self):
        self.answers, self.came = [], []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.came.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def outbox(tmp_path):
    waits = []
    made = Outbox(tmp_path / "outbox", waits.append)
    return made, waits


def test_an_event_is_taken_once_with_its_token(receiver, outbox):
    box, _ = outbox
    for _ in range(2):
        box.put(EVENT)
        assert box.deliver(Webhook(receiver.url, "secret")) is None
    [(headers, body)] = receiver.came
    assert headers["Authorization"] == "Bearer secret"
    assert from_http(headers, body).data == {"a": "值"}


def test_a_receiver_that_stumbles_is_tried_again_with_growing_pauses(receiver, outbox):
    box, waits = outbox
    receiver.answers = [503, 429]
    box.put(EVENT)
    assert box.deliver(Webhook(receiver.url)) is None
    assert len(receiver.came) == 3 and waits == [0.5, 1.0]


def test_what_is_not_taken_waits_for_the_next_run_in_order(receiver, outbox):
    box, _ = outbox
    receiver.answers = [500] * 4
    box.put(EVENT)
    box.put({**EVENT, "id": "2"})
    told = box.deliver(Webhook(receiver.url))
    assert told.en == "The webhook did not take an event (HTTP 500); 2 wait for the next run."
    assert box.deliver(Webhook(receiver.url)) is None
    assert [json.loads(body)["id"] for _, body in receiver.came[4:]] == ["1", "2"]


def test_an_event_that_is_refused_is_set_aside_and_the_next_one_goes_on(receiver, outbox):
    box, _ = outbox
    receiver.answers = [422]
    box.put(EVENT)
    box.put({**EVENT, "id": "2"})
    assert "refused an event (HTTP 422)" in box.deliver(Webhook(receiver.url)).en
    assert len(receiver.came) == 2
    assert [path.suffix for path in sorted(box.folder.glob("*-*"))] == [".refused"]


def test_a_receiver_that_is_not_there_is_one_sentence(outbox):
    box, waits = outbox
    box.put(EVENT)
    assert "ConnectError" in box.deliver(Webhook("http://127.0.0.1:9/hook")).en
    assert len(waits) == 3


def test_an_address_that_is_none_is_one_sentence():
    with pytest.raises(InputError, match=r"SWAYREC_WEBHOOK: 'example\.org' is no address"):
        Webhook.of({WEBHOOK: "example.org"})


def test_alarms_and_their_end_are_told_and_quiet_weeks_are_not(receiver, tmp_path, monkeypatch):
    monkeypatch.setenv(WEBHOOK, receiver.url)
    monkeypatch.setenv(WEBHOOK_TOKEN, "secret")
    folder = series(tmp_path, "pass", "warn", "retrain", "pass", "pass")
    verdicts = list(Series.read(folder).verdicts)
    for _ in range(2):
        assert telling.verdicts(folder, verdicts) == []
    told = [json.loads(body) for _, body in receiver.came]
    assert [each["data"]["verdict"] for each in told] == ["warn", "retrain", "pass"]
    assert told[0]["data"]["alarms"] == ["popularity"] and told[0]["type"] == verdict_events.VERDICT
    assert len({each["id"] for each in told}) == 3
    record = retrain(folder, lambda: 1, lambda record: record)
    assert record is None, "all is well again"


def test_a_retraining_is_told(receiver, tmp_path, monkeypatch):
    monkeypatch.setenv(WEBHOOK, receiver.url)
    folder = series(tmp_path, "retrain")
    record = retrain(folder, lambda: 1, lambda record: record.with_end("failed", "the disk is full"))
    assert telling.retraining(folder, record) == []
    [(headers, body)] = receiver.came
    event = from_http(headers, body)
    assert event["type"] == verdict_events.RETRAINING and event.data["told"] == ["the disk is full"]


def test_the_same_window_looked_at_again_with_another_alarm_is_another_event():
    first, second = (verdict(0, "warn", alarms=alarms) for alarms in (("popularity",), ("quality",)))
    assert verdict_events.of_verdict(first, None)["id"] != verdict_events.of_verdict(second, None)["id"]
    assert verdict_events.of_verdict(first, None)["id"] == verdict_events.of_verdict(first, first)["id"]
