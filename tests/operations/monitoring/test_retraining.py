"""What monitoring asks for is done once, and a record says how it went."""

import json
import multiprocessing
import time

import pytest

from swayrec.operations.monitoring.retraining import MOST_TRIES, Busy, due, records, retrain, settle
from tests.operations.monitoring.verdicts import series


def promoted(record):
    return record.with_end("promoted", "promoted: above the champion", version=2)


def test_the_newest_verdict_that_asks_is_due(tmp_path):
    folder = series(tmp_path, "warn", "retrain", "warn")
    assert due(folder, 1)["window"]["since"].startswith("2025-04-07")


@pytest.mark.parametrize("said", [("warn", "warn"), ("retrain", "pass"), ()])
def test_nothing_is_due_where_nobody_asks_or_all_is_well_again(tmp_path, said):
    assert due(series(tmp_path, *said), 1) is None


def test_what_a_former_champion_was_to_learn_is_not_due_any_more(tmp_path):
    assert due(series(tmp_path, "retrain"), 2) is None


def test_a_retraining_is_done_once_with_its_reason_and_its_data(tmp_path):
    folder = series(tmp_path, "warn", "retrain")
    made = retrain(folder, lambda: 1, promoted, until="2025-04-14")
    assert (made.status, made.version, made.asked_of, made.tries) == ("promoted", 2, 1, 1)
    assert made.reasons[0]["en"] == "Popularity of items"
    assert made.data["until"] == "2025-04-14" and made.started <= made.ended
    assert records(folder) == [made]
    assert retrain(folder, lambda: 1, promoted) is None


def test_a_retraining_that_fails_is_told_and_tried_again_at_the_next_runs_but_not_for_ever(tmp_path):
    folder = series(tmp_path, "retrain")
    for number in range(1, MOST_TRIES + 1):
        made = retrain(folder, lambda: 1, lambda record: record.with_end("failed", "the disk is full"))
        assert (made.status, made.tries, made.told) == ("failed", number, ("the disk is full",))
    assert retrain(folder, lambda: 1, promoted) is None


def test_an_error_that_nobody_foresaw_stands_in_the_record_too(tmp_path):
    folder = series(tmp_path, "retrain")

    def breaks(record):
        raise ZeroDivisionError("division by zero")

    with pytest.raises(ZeroDivisionError):
        retrain(folder, lambda: 1, breaks)
    [kept] = records(folder)
    assert (kept.status, kept.told) == ("failed", ("ZeroDivisionError: division by zero",))


def _work(folder, ran, results):
    def slow(record):
        ran.append(record.started)
        time.sleep(0.5)
        return promoted(record)

    made = retrain(folder, lambda: 1, slow)
    results.append(type(made).__name__)


def test_of_two_monitors_at_once_one_retrains(tmp_path):
    folder = series(tmp_path, "retrain")
    with multiprocessing.Manager() as manager:
        ran, results = manager.list(), manager.list()
        both = [multiprocessing.Process(target=_work, args=(folder, ran, results)) for _ in range(2)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert len(ran) == 1
        assert set(results) <= {"Retraining", "Busy", "NoneType"} and list(results).count("Retraining") == 1


def test_a_retraining_that_was_killed_is_begun_again(tmp_path):
    folder = series(tmp_path, "retrain")

    def killed(record):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        retrain(folder, lambda: 1, killed)
    assert records(folder)[0].status == "running"
    made = retrain(folder, lambda: 1, promoted)
    assert (made.status, made.tries) == ("promoted", 2)


def test_while_another_process_is_at_it_nothing_is_begun(tmp_path):
    folder = series(tmp_path, "retrain")

    def inner(record):
        assert isinstance(retrain(folder, lambda: 1, promoted), Busy)
        return promoted(record)

    assert retrain(folder, lambda: 1, inner).status == "promoted"


def test_what_was_handed_on_is_settled_once(tmp_path):
    folder = series(tmp_path, "retrain")
    submitted = retrain(folder, lambda: 1, lambda record: record.with_end("submitted", run="r1"))
    assert retrain(folder, lambda: 1, promoted) is None
    after = submitted.with_end("failed", "it ended as FAILED")
    assert settle(folder, submitted, after) == after
    assert settle(folder, submitted, after) is None
    assert retrain(folder, lambda: 1, promoted).status == "promoted"


def test_a_record_that_is_damaged_is_passed_over(tmp_path):
    folder = series(tmp_path, "retrain")
    retrain(folder, lambda: 1, promoted)
    [path] = (folder / "retrainings").glob("*.json")
    path.write_text(json.dumps({"scenario": "shop"}))
    assert records(folder) == []
    assert retrain(folder, lambda: 1, promoted).status == "promoted"
