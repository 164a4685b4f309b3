"""All processes together: what is posted is in the very next recommendation."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pyarrow.compute as pc
import pytest

from serving import ports
from serving.processes import Serving
from serving.sqlite_reader import SqliteReader
from swayrec.learning.signature import Metadata
from swayrec.operations import exposures, pseudonym
from swayrec.operations.current import Current
from swayrec.operations.pseudonym import pseudonyms
from swayrec.tables.errors import InputError
from tests.redis_server import REDIS

from .conftest import HERE, VERSION, quiet
from .intake_world import LOG, event, workspace

ITEMS = {f"i{number:02d}": f"Item {number}" for number in range(30)}


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.status, json.load(response)


def best(serving, user):
    question = {"instances": [{"user_id": user, "k": 1, "exclude_seen": False}]}
    answer = post(f"{serving.url}/v1/models/swayrec:predict", question)[1]["predictions"][0]
    return answer["level"], answer["items"][0]


@pytest.fixture(scope="module")
def place(whole_place):
    return whole_place


@pytest.fixture(scope="module")
def serving(whole):
    return whole


def test_the_next_recommendation_has_the_event(serving):
    for number in range(20):
        user = f"new{number}"
        assert best(serving, user)[0] == "cold"
        status, told = post(f"{serving.intake_url}/events", event(user, "i17", "buy", 5))
        assert (status, told["shown"]) == (200, True)
        level, item = best(serving, user)
        assert (level, item["item_id"]) == ("full", "i17")
        assert item["reasons"][0]["behavior"] == "buy"


def test_the_next_recommendation_has_the_posted_title(serving):
    post(f"{serving.intake_url}/events", event("titled", "i21", "buy", 5))
    assert post(f"{serving.intake_url}/items", {"item_id": "i21", "title": "新鲜牛奶"})[0] == 200
    assert best(serving, "titled")[1]["title"] == "新鲜牛奶"


def test_what_is_taken_off_the_shelf_is_not_in_the_next_recommendation(serving):
    post(f"{serving.intake_url}/events", event("sold", "i23", "buy", 5))
    gone = {"item_id": "i23", "title": "Item 23", "available_until": "2020-01-01"}
    assert post(f"{serving.intake_url}/items", gone)[0] == 200
    # What was bought stands first otherwise, as in all other tests.
    assert best(serving, "sold")[1]["item_id"] != "i23"
    question = {"instances": [{"user_id": "sold", "k": 3, "candidates": ["i23", "i24"]}]}
    [answer] = post(f"{serving.url}/v1/models/swayrec:predict", question)[1]["predictions"]
    assert [item["item_id"] for item in answer["items"]] == ["i24"]
    assert answer["policy"] == ["available"]


def test_what_was_shown_is_kept_and_a_later_event_joins_to_it_by_the_request(serving, place):
    question = {"instances": [{"user_id": "zoe", "k": 3, "request_id": "shown-1"}]}
    [answer] = post(f"{serving.url}/v1/models/swayrec:predict", question)[1]["predictions"]
    taken = answer["items"][1]["item_id"]
    told = {**event("zoe", taken, "buy", 5), "request_id": "shown-1", "event_id": "taken-1"}
    assert post(f"{serving.intake_url}/events", told)[0] == 200
    table = exposures.read(place.exposures / "tiny")
    rows = table.filter(pc.equal(table["request_id"], "shown-1")).to_pylist()
    assert [row["item_id"] for row in rows] == [item["item_id"] for item in answer["items"]]
    assert [row["position"] for row in rows] == [1, 2, 3]
    assert {(row["user"], row["level"], row["model_version"]) for row in rows} == {
        (pseudonyms(["zoe"], pseudonym.key(place))[0], "cold", str(answer["model_version"]))
    }
    with contextlib.closing(sqlite3.connect(place.posted / "tiny.db")) as log:
        [content] = log.execute("SELECT content FROM entries WHERE key = 'taken-1'").fetchone()
    joined = [row for row in rows if row["request_id"] == json.loads(content)["request_id"]]
    assert [row["position"] for row in joined if row["item_id"] == taken] == [2]


@pytest.mark.parametrize("server", [REDIS], indirect=True)
def test_the_next_recommendation_has_the_event_on_redis_too(tmp_path, server, model_folder, monkeypatch):
    made = workspace(tmp_path / "ws", [("anna", "i05", "buy", 1)], ITEMS, server=server)
    replace(Current.read(made), model=model_folder).write(made)
    monkeypatch.setenv("SWAYREC_EVENT_LOG", (made.root / LOG).read_text())
    with Serving(made, intake=True) as serving:
        assert best(serving, "new")[0] == "cold"
        assert post(f"{serving.intake_url}/events", event("new", "i17", "buy", 5))[0] == 200
        level, item = best(serving, "new")
        assert (level, item["item_id"]) == ("full", "i17")
    assert not (made.posted / "tiny.db").exists()


def test_an_intake_that_dies_is_started_again_and_has_lost_nothing(serving):
    post(f"{serving.intake_url}/events", event("eva", "i19", "buy", 5))
    before = serving.children["intake"]
    os.kill(before.process.pid, signal.SIGKILL)
    before.process.wait()
    serving.revive("intake")
    deadline = time.monotonic() + 60
    while not ports.intake_is_ready(before.port) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert post(f"{serving.intake_url}/events", event("eva", "i19", "buy", 6))[0] == 200
    assert best(serving, "eva")[1]["reasons"][0]["text"].count("2 times") == 1


def asked(serving, verb, **fields):
    question = {"instances": [{"user_id": "stranger", **fields}]}
    return post(f"{serving.url}/v1/models/swayrec:{verb}", question)[1]


def soon(question, holds, seconds=30):
    deadline = time.monotonic() + seconds
    while not holds(found := question()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert holds(found), found
    return found


def test_what_everyone_does_lately_rises_says_so_and_is_explained(serving, place):
    events = [event(f"crowd{number}", "i25", "view", 5 + number) for number in range(90)]
    assert post(f"{serving.intake_url}/events", events)[0] == 200
    answer = soon(
        lambda: asked(serving, "predict", k=1)["predictions"][0]["items"][0],
        lambda item: item["item_id"] == "i25",
    )
    assert (answer["source"], answer["score"]) == ("recent", pytest.approx(0.95))
    told = asked(serving, "explain", item_id="i25")["explanations"][0]
    assert told["rest"] == {"base": pytest.approx(0.05), "recent": pytest.approx(0.9)}
    assert told["score"] == pytest.approx(answer["score"])
    earlier = asked(serving, "predict", k=1, now="2001-01-01")["predictions"][0]["items"][0]
    assert earlier["source"] == "base", "as of an instant nobody has done anything since"


def test_what_new_tables_hold_is_not_counted_on_top_of_them(serving, place, tmp_path_factory):
    folder = tmp_path_factory.mktemp("newer") / "model"
    command = [sys.executable, str(HERE / "tiny_model.py"), str(folder), str(VERSION + 1)]
    assert subprocess.run(command, env=quiet(), capture_output=True, timeout=180).returncode == 0
    reader = SqliteReader(place.posted / "tiny.db")
    newest = reader.after(reader.newest() - 1, 1)[0].stamp
    reader.close()
    version = folder / str(VERSION + 1)
    replace(Metadata.read(version), posted=newest).write(version)
    replace(Current.read(place), model=folder).write(place)
    rest = soon(
        lambda: asked(serving, "predict", k=1)["predictions"][0],
        lambda answer: answer["model_version"] == VERSION + 1,
    )["items"][0]
    assert (rest["item_id"], rest["source"]) == ("i00", "base")
    post(f"{serving.intake_url}/events", event("crowd", "i25", "view", 200))
    recent = soon(lambda: asked(serving, "explain", item_id="i25")["explanations"][0]["rest"]["recent"], bool)
    assert recent == pytest.approx(0.01)


def test_a_second_one_in_the_workspace_is_refused_in_a_sentence(serving, place):
    with pytest.raises(InputError, match="another intake is at work on this event log"):
        Serving(place, intake=True).__enter__()


def test_the_command_prints_where_events_are_taken_and_leaves_no_process(tmp_path, model_folder):
    made = workspace(tmp_path / "ws", [("anna", "i05", "buy", 1)], ITEMS)
    replace(Current.read(made), model=model_folder).write(made)
    port = ports.free()
    command = [sys.executable, "-m", "swayrec.cli", "serve", "--workspace", str(made.root), "--port", "0"]
    process = subprocess.Popen(
        [*command, "--intake-port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**quiet(), "PYTHONUNBUFFERED": "1"},
    )
    for line in process.stdout:
        if line.startswith("Taking events at"):
            break
    assert f"http://127.0.0.1:{port}/events" in line
    assert post(f"http://127.0.0.1:{port}/events", event("anna", "i17"))[0] == 200
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    mine = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(made.root) in read(path)]
    assert mine == []


def read(path):
    try:
        return path.read_text()
    except OSError:
        return ""
