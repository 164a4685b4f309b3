"""Each part falls beside a running transformer: every answer is 200, in time, and says what it drew on."""

import re
import time
import urllib.request

import pytest

from serving import callers_deadline
from serving.processes import Serving
from tests.processes import wait_until

from .doors import USER, Asked, over_grpc, post, predict
from .falling import (
    log_takes_nothing,
    predictor_and_store_are_down,
    predictor_hangs,
    predictor_is_killed_and_the_file_of_the_lists_gone,
    predictor_is_slow,
    store_hangs,
    store_is_damaged,
    store_is_gone,
)
from .intake_world import with_model
from .marked import MARK, everything

LONGEST = 4.0
"""Seconds; a request has three, and the machine is busy."""

INSIDE = re.compile(
    r"Traceback|\b[A-Z]\w+(Error|Exception)\b|\.py\b|site-packages|sqlite|feast|tensorflow|no such (file|table)",
    re.I,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory, model_folder):
    """A workspace whose model registry cannot be read: no answer needs it."""
    made = with_model(tmp_path_factory.mktemp("falling") / "ws", model_folder, USER)
    made.registry_database.parent.mkdir(parents=True)
    made.registry_database.write_bytes(b"no database")
    return made


@pytest.fixture(scope="module")
def serving(place):
    with Serving(place, intake=True) as running:
        yield running


@pytest.mark.parametrize(
    ("fallen", "level"),
    [
        (predictor_hangs, "category"),
        (predictor_is_killed_and_the_file_of_the_lists_gone, "category"),
        (predictor_is_slow, "full"),
        (store_hangs, "popular"),
        (store_is_gone, "popular"),
        (store_is_damaged, "popular"),
        (predictor_and_store_are_down, "popular"),
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
    assert back < 15 or fallen is predictor_is_killed_and_the_file_of_the_lists_gone


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


def test_nothing_that_was_sent_stands_in_a_log_and_no_error_tells_of_the_inside(serving, place):
    told = everything(serving)
    with log_takes_nothing(serving, place):
        told += everything(serving)
    with store_is_damaged(serving, place), predictor_hangs(serving, place):
        told += everything(serving)
    assert {status for status, _ in told} == {200, 202, 400, 404, 503}
    for error in {error for _, error in told if error}:
        assert not INSIDE.search(error), error
        assert str(place.root) not in error
        assert "\n" not in error
    for child in serving.children.values():
        assert child.log.stat().st_size
        assert MARK not in child.log.read_text()
