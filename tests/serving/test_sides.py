"""Two versions side by side: every user on one side, named in the answer and in what is kept of it."""

import json
import os
import signal
import time
import urllib.request
from dataclasses import asdict

import pytest

from serving.processes import Serving
from swayrec.operations import exposures
from swayrec.operations.current import Current
from swayrec.operations.experiment import Experiment
from swayrec.operations.workspace import Workspace

from .conftest import VERSION

USERS = [f"u{number}" for number in range(40)]


@pytest.fixture(scope="module")
def place(workspace, tmp_path_factory):
    mine = Workspace(tmp_path_factory.mktemp("sides") / "ws").make()
    Current.read(workspace).write(mine)
    return mine


@pytest.fixture(scope="module")
def running(place, wider):
    return Experiment("try", "tiny", 2, str(wider), 0.5, "2026-01-01T00:00:00+00:00")


@pytest.fixture(scope="module")
def serving(place, running):
    with Serving(place) as started:
        place.experiment.write_text(json.dumps(asdict(running)), encoding="utf-8")
        started.follow_experiment()
        until(lambda: len({variant for _, variant, _ in asked(started)}) == 2)
        yield started


def until(done, seconds=60):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def asked(serving, users=USERS):
    """User, variant and model of each answer, asked for in one request."""
    done = [{"item_id": "i09", "behavior": "buy"}]
    body = json.dumps({"instances": [{"user_id": user, "k": 1, "events": done} for user in users]}).encode()
    url = f"{serving.url}/v1/models/swayrec:predict"
    with urllib.request.urlopen(
        urllib.request.Request(url, body, {"Content-Type": "application/json"})
    ) as said:
        answers = json.load(said)["predictions"]
    return [(answer["user_id"], answer["variant"], answer["model_version"]) for answer in answers]


def test_every_user_gets_the_model_of_one_side_and_what_was_shown_names_it(serving, running, place):
    models = {"champion": VERSION, "challenger": VERSION + 1}
    wanted = [(user, f"try/{running.side(user)}", models[running.side(user)]) for user in USERS]
    assert asked(serving) == wanted
    assert asked(serving) == wanted
    [(_, variant, model)] = asked(serving, USERS[:1])
    assert (variant, model) == wanted[0][1:]
    kept = exposures.read(place.exposures / "tiny")
    shown = {(row["variant"], row["model_version"]) for row in kept.to_pylist()[-len(USERS) :]}
    assert shown == {("try/champion", str(VERSION)), ("try/challenger", str(VERSION + 1))}
    sides = exposures.by_variant(place.exposures / "tiny", "try")
    # Before the challenger was up the champion had answered its users too.
    assert sides["challenger"]["users"] == sum(running.side(user) == "challenger" for user in USERS)
    assert sides["champion"]["users"] == len(USERS)


def test_where_the_challenger_falls_the_champion_answers_under_its_own_name(serving):
    child = serving.children["challenger"]
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    assert {(variant, model) for _, variant, model in asked(serving)} == {("try/champion", VERSION)}
    serving.revive("challenger")
    until(lambda: len({variant for _, variant, _ in asked(serving)}) == 2)


def test_where_both_hang_a_request_has_its_time_once_and_lists_answer(serving):
    processes = [serving.children[name].process for name in ("predictor", "challenger")]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert {model for _, _, model in asked(serving)} == {None}
        assert time.monotonic() - began < 3.8
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)
    until(lambda: len({variant for _, variant, _ in asked(serving)}) == 2)


def test_after_its_end_everyone_gets_the_champion_and_no_process_is_left(serving, place, running):
    place.experiment.unlink()
    serving.follow_experiment()
    assert "challenger" not in serving.children
    until(lambda: {(variant, model) for _, variant, model in asked(serving)} == {(None, VERSION)}, 10)
    place.experiment.write_text(json.dumps(asdict(running)), encoding="utf-8")
