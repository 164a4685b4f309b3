"""The intake as a process: what it takes, what it refuses, and what is there afterwards."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cloudevents.http import CloudEvent, to_binary, to_structured

from feature_repo.reader import FeatureReader

from .intake_world import HOUSE, LOG, Running, event, workspace

PUBLISHED = [("anna", "i1", "buy", 1), ("anna", "i2", "view", 2), ("bert", "i1", "buy", 3)]
ITEMS = {f"i{number}": f"Item {number}" for number in range(5)}


@pytest.fixture(scope="module")
def place(tmp_path_factory, server):
    return workspace(tmp_path_factory.mktemp("intake") / "ws", PUBLISHED, ITEMS, server=server)


@pytest.fixture(scope="module")
def intake(place):
    with Running(place) as running:
        yield running


@pytest.fixture(scope="module")
def store(place, intake):
    return FeatureReader(place.features)


def test_an_event_is_in_the_history_when_the_answer_comes(intake, store):
    status, told = intake.post("/events", event("anna", "i3", "view", 5, event_id="first"))
    assert (status, told["shown"]) == (200, True)
    assert (told["events"][0]["event_id"], told["events"][0]["known"]) == ("first", False)
    rows = store.history("anna")
    assert (rows["item"], rows["order"]) == (["i3", "i2", "i1"], [3, 2, 1])
    assert all(value != value for value in rows["value"]), "no value is NaN, not 0"
    status, told = intake.post("/events", event("anna", "i1", "buy", 6, value=2.5))
    rows = store.history("anna")
    assert (rows["item"], rows["count"]) == (["i1", "i3", "i2"], [2.0, 1.0, 1.0])
    assert rows["value"][0] == 2.5


def test_an_event_that_is_sent_again_counts_once(intake, store):
    posted = [event("carl", "i1", "buy", 10, event_id="again"), event("carl", "i2", "buy", 11)]
    first = intake.post("/events", posted)[1]["events"]
    second = intake.post("/events", posted)[1]["events"]
    assert [told["known"] for told in first + second] == [False, False, True, True]
    assert [told["sequence"] for told in first] == [told["sequence"] for told in second]
    assert store.history("carl")["count"] == [1.0, 1.0]


def test_events_without_a_time_stand_in_the_order_of_the_request(intake, store):
    intake.post("/events", [event("dora", f"i{number}") for number in range(4)])
    rows = store.history("dora")
    assert (rows["item"], rows["order"]) == (["i3", "i2", "i1", "i0"], [4, 3, 2, 1])


def test_an_event_that_comes_late_takes_its_place(intake, store):
    intake.post("/events", event("eve", "i1", "buy", 10))
    intake.post("/events", [event("eve", "i2", "buy", 30), event("eve", "i3", "view", 30)])
    intake.post("/events", event("eve", "i4", "buy", 20))
    rows = store.history("eve")
    assert (rows["item"], rows["order"]) == (["i3", "i2", "i4", "i1"], [3, 3, 2, 1])


def test_a_late_event_on_a_published_history_moves_the_newer_rows_up(intake, store):
    intake.post("/events", event("bert", "i4", "view", 2))
    rows = store.history("bert")
    assert (rows["item"], rows["order"]) == (["i1", "i4"], [2, 1])


def test_cloud_events_are_taken_in_every_mode(intake, store):
    attributes = {"type": "shop.buy", "source": "/shop", "time": "2026-01-01T00:10:00Z"}
    data = {"user_id": "fred", "item_id": "i1"}
    for number, (mode, wrap) in enumerate(
        ((to_structured, False), (to_structured, True), (to_binary, False))
    ):
        more = {"datacontenttype": "application/json"} if mode is to_binary else {}
        headers, body = mode(CloudEvent({**attributes, **more, "id": str(number)}, data))
        if wrap:
            headers, body = {"Content-Type": "application/cloudevents-batch+json"}, b"[" + body + b"]"
        assert intake.post("/events", body, {name.title(): told for name, told in headers.items()})[0] == 200
    assert store.history("fred")["count"] == [3.0]


def test_an_item_is_called_by_its_title_at_once(intake, store):
    assert (
        intake.post(
            "/items", {"item_id": "i9", "title": "牛奶", "category": "dairy", "sensitive": "alcohol"}
        )[0]
        == 200
    )
    told = {"title": "牛奶", "category": "dairy", "language": "zh", "sensitive": "alcohol"}
    assert store.items(["i9"])["i9"].items() >= told.items()
    told = intake.post(
        "/items", [{"item_id": "i1", "title": "Milk"}, {"item_id": "i1", "title": "Fresh milk"}]
    )
    assert [item["item_id"] for item in told[1]["items"]] == ["i1", "i1"]
    assert store.items(["i1"])["i1"]["title"] == "Fresh milk"


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "sentence"),
    [
        ("/events", {"user_id": "u"}, {}, 400, "event.item_id is missing; give it"),
        (
            "/events",
            [event("u", "i"), event("u", "i", "fly")],
            {},
            400,
            "events[1].behavior is 'fly'; the scenario",
        ),
        ("/events", b"{", {}, 400, "the body is not JSON"),
        ("/items", {"item_id": "i"}, {}, 400, "item.title is missing; give it"),
        (
            "/events",
            {},
            {"Content-Type": "text/plain"},
            415,
            "the content type is 'text/plain'; send application/json",
        ),
        ("/events", b" " * (4 * 2**20 + 1), {}, 413, "the body is larger than 4 MiB; send less at once"),
        ("/event", {}, {}, 404, "there is no such path; POST to /events or /items"),
        ("/metrics", {}, {}, 405, "POST is not for this path"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence_and_not_stored(intake, path, body, headers, status, sentence):
    before = stored(intake)
    found, told = intake.post(path, body, headers)
    assert found == status
    assert list(told) == ["error"] and told["error"].startswith(sentence)
    assert stored(intake) == before


def stored(intake):
    return [
        line
        for line in intake.get("/metrics")[1].splitlines()
        if line.startswith("swayrec_intake_records_total") and 'result="stored"' in line
    ]


def test_health_and_metrics_are_its_own(intake):
    assert intake.get("/v2/health/live") == (200, '{"live":true}')
    assert intake.get("/v2/health/ready") == (200, '{"ready":true}')
    status, told = intake.get("/metrics")
    assert status == 200
    for name in (
        "records_total",
        "durable_seconds_sum",
        "freshness_seconds_sum",
        "rows_pushed_total",
        "behind",
    ):
        assert f"swayrec_intake_{name}" in told


def test_it_does_without_tensorflow(intake):
    assert "tensorflow" not in Path(f"/proc/{intake.process.pid}/maps").read_text()


def test_a_second_one_in_the_workspace_is_refused_in_a_sentence(intake, place):
    command = [sys.executable, "-m", "serving.intake", "--workspace", str(place.root), "--port", "1"]
    told = {"SWAYREC_EVENT_LOG": (place.root / LOG).read_text()} if (place.root / LOG).exists() else {}
    env = {**os.environ, **told}
    done = subprocess.run(command, cwd=HOUSE, capture_output=True, text=True, timeout=60, env=env)
    assert done.returncode == 1
    assert "another intake is at work on this event log" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_ends_at_once_and_cleanly(tmp_path):
    running = Running(workspace(tmp_path / "ws", PUBLISHED, ITEMS))
    running.post("/events", event("u", "i1"))
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(10) == 0
    assert running.words() == ""


def test_without_a_publication_events_are_kept_and_the_answer_says_that_they_are_not_shown(tmp_path, server):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
    away = place.features.rename(tmp_path / "away")
    with Running(place) as running:
        status, told = running.post("/events", event("anna", "i4", "buy", 9))
        assert (status, told["shown"]) == (202, False)
        assert running.get("/v2/health/ready")[0] == 200
        away.rename(place.features)
        # The store is found by itself, and then has what came before it.
        status, told = 0, {}
        for number in range(100):
            status, told = running.post("/events", event("anna", "i3", "buy", 10, event_id=f"n{number}"))
            if status == 200:
                break
        assert status == 200, json.dumps(told)
    assert FeatureReader(place.features).history("anna")["item"][:2] == ["i3", "i4"]
