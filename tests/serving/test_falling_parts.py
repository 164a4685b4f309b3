"""Each part falls beside a running transformer: every answer is 200, in time, and says what it drew on."""

import fcntl
import re
import signal
import threading
import time
import urllib.request
from contextlib import contextmanager

import pytest

from serving import callers_deadline
from serving.processes import Serving
from tests.processes import wait_until

from .doors import USER, Asked, over_grpc, post, predict
from .intake_world import with_model

LONGEST = 4.0
"""Seconds; a request has three, and the machine is busy."""


@pytest.fixture(scope="module")
def place(tmp_path_factory, model_folder):
    """A workspace whose model registry cannot be read: no answer needs it."""
    made = with_model(tmp_path_factory.mktemp("falling") / "ws", model_folder, USER)
    made.registry_database.parent.mkdir(parents=True)
    made.registry_database.write_bytes(b"no database")
    return made


@pytest.fixture(scope="module")
def serving(place):
    with Serving(place) as running:
        yield running


@contextmanager
def predictor_hangs(serving, place):
    process = serving.children["predictor"].process
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextmanager
def predictor_is_killed(serving, place):
    serving.children["predictor"].process.kill()
    serving.children["predictor"].process.wait()
    yield
    serving.revive()


@contextmanager
def predictor_is_slow(serving, place):
    process, stop = serving.children["predictor"].process, threading.Event()

    def hold_back():
        while not stop.is_set():
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.4)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.1)

    thread = threading.Thread(target=hold_back)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def store_hangs(serving, place):
    """Another process, as far as SQLite can tell, holds all locks that a reader needs."""
    with (place.features / "tiny" / "online.db-shm").open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_EX, 8, 120)
        yield


@contextmanager
def store_is_gone(serving, place):
    folder = place.features / "tiny"
    there = list(folder.glob("online.db*"))
    for path in there:
        path.rename(path.with_name(f"gone-{path.name}"))
    yield
    for path in there:
        path.with_name(f"gone-{path.name}").rename(path)


@contextmanager
def store_is_damaged(serving, place):
    with store_is_gone(serving, place):
        online = place.features / "tiny" / "online.db"
        online.write_bytes(b"this is no database" * 4000)
        yield
        online.unlink()


@contextmanager
def predictor_and_store_are_down(serving, place):
    with predictor_hangs(serving, place), store_hangs(serving, place):
        yield


@contextmanager
def predictor_is_down_and_the_file_of_the_lists_gone(serving, place):
    place.popular.unlink()
    with predictor_hangs(serving, place):
        yield


@pytest.mark.parametrize(
    ("fallen", "level"),
    [
        (predictor_hangs, "category"),
        (predictor_is_killed, "category"),
        (predictor_is_slow, "full"),
        (store_hangs, "popular"),
        (store_is_gone, "popular"),
        (store_is_damaged, "popular"),
        (predictor_and_store_are_down, "popular"),
        (predictor_is_down_and_the_file_of_the_lists_gone, "category"),
    ],
)
def test_no_door_fails_while_a_part_is_down_and_all_recover_by_themselves(serving, place, fallen, level):
    with Asked(serving) as asked:
        asked.wait_for("full", 60)
        with fallen(serving, place):
            asked.wait_for(level)
            time.sleep(0.5)
            # Now the breaker spares the part, save for a probe each second.
            before = asked.count
            time.sleep(0.5)
            assert asked.count > before + 3
        back = asked.wait_for("full", 60)
    assert not asked.bad
    assert asked.longest < LONGEST
    assert fallen is predictor_is_killed or back < 15


def metric(serving, line):
    with urllib.request.urlopen(f"{serving.url}/metrics", timeout=30) as response:
        return float(re.search(rf"^{re.escape(line)} (.*)$", response.read().decode(), re.MULTILINE)[1])


def test_metrics_say_what_is_spared_and_only_explanations_wait_for_the_predictor(serving, place):
    why = {"instances": [{"user_id": USER, "item_id": "i05"}]}
    with predictor_hangs(serving, place), Asked(serving) as asked:
        asked.wait_for("category")
        wait_until(lambda: metric(serving, 'swayrec_breaker_state{part="predictor",state="open"}') == 1)
        refused = metric(serving, 'swayrec_breaker_refused_total{part="predictor"}')
        status, told = post(f"{serving.url}/v1/models/swayrec:explain", why)
        assert status == 503
        assert told["error"].endswith("The model does not answer just now; try again.")
        wait_until(lambda: metric(serving, 'swayrec_breaker_refused_total{part="predictor"}') > refused)
    wait_until(lambda: predict(serving) == (200, "full"))
    assert metric(serving, 'swayrec_breaker_state{part="predictor",state="closed"}') == 1
    assert metric(serving, 'swayrec_breaker_state{part="predictor",state="open"}') == 0
    assert metric(serving, 'swayrec_breaker_opens_total{part="predictor"}') >= 1
    assert post(f"{serving.url}/v1/models/swayrec:explain", why)[0] == 200


def test_a_caller_in_a_hurry_has_an_answer_in_its_time_and_spares_nobody_the_predictor(serving, place):
    opens = metric(serving, 'swayrec_breaker_opens_total{part="predictor"}')
    wait_until(lambda: predict(serving) == (200, "full"))
    with predictor_hangs(serving, place):
        for _ in range(3):
            began = time.monotonic()
            question = {"instances": [{"user_id": USER}]}
            status, told = post(
                f"{serving.url}/v1/models/swayrec:predict", question, **{callers_deadline.HEADER: "600"}
            )
            assert status == 200
            # Of a time that is all gone, none is left to ask the store what the user's categories are.
            assert told["predictions"][0]["level"] in ("category", "popular")
            assert 0.3 < time.monotonic() - began < 1.7
            assert over_grpc(serving, timeout=1.0) in ((200, "category"), (200, "popular"))
    assert metric(serving, 'swayrec_breaker_opens_total{part="predictor"}') == opens
    assert predict(serving) == (200, "full")


def test_who_says_nothing_of_use_of_a_deadline_has_the_usual_time(serving):
    for said in ("0", "-5", "soon", "9" * 40):
        told = post(
            f"{serving.url}/v1/models/swayrec:predict",
            {"instances": [{"user_id": USER}]},
            **{callers_deadline.HEADER: said},
        )
        assert told[1]["predictions"][0]["level"] == "full"
