import numpy as np
import pytest

from swayrec.operations.monitoring import wording
from swayrec.operations.monitoring.evidence import bound, e_value
from swayrec.operations.monitoring.result import Moved, Part, Result
from swayrec.operations.monitoring.verdict import CheckState, State, decided
from swayrec.operations.monitoring.window import Window
from swayrec.tables.scenario_monitoring import CHECKS, Monitoring

WEEK = 7 * 86400.0


def moved(check, change, error=0.01):
    part = Part(check, change, change, change - 2 * error, change + 2 * error, error, (), (Moved("x", 1, 2),))
    return Result(check, (part,), "up", {})


def replay(policy, weeks, state=None):
    """The verdicts of windows, each told as the changes of its checks."""
    state, told = state or State(1), []
    for number, changes in enumerate(weeks):
        results = {check: moved(check, change) for check, change in changes.items()}
        done = decided(policy, results, state, Window(number * WEEK, (number + 1) * WEEK))
        state = done.state
        told.append(done)
    return told


def test_an_e_value_has_expectation_one_under_the_null():
    p = np.random.default_rng(0).random(1_000_000)
    assert np.mean([e_value(each) for each in p]) == pytest.approx(1.0, abs=0.15)
    assert e_value(1e-6) > 1_000 > e_value(1e-3) > 1 > e_value(0.9)


def test_false_alarms_stay_below_the_level_however_often_one_looks():
    """27 checks with uniform p-values, looked at in 200 windows a series: at most 2 % of windows begin an alarm."""
    random, begun, windows = np.random.default_rng(1), 0, 0
    bar = bound(27, 0.02)
    for _ in range(40):
        states = [CheckState()] * 27
        for _ in range(200):
            before = states
            states = [state.after(p, bar, 2) for state, p in zip(states, random.random(27), strict=True)]
            begun += any(now.alarm and not then.alarm for now, then in zip(states, before, strict=True))
            windows += 1
    assert begun / windows < 0.02


def test_a_small_change_that_stays_is_found_by_looking_again():
    """Evidence of single windows, none of which is enough, adds up."""
    bar, state, looked = bound(27, 0.02), CheckState(), 0
    while not state.alarm:
        state, looked = state.after(0.002, bar, 2), looked + 1
    assert 2 <= looked <= 4


def test_a_large_change_warns_at_once_and_asks_for_a_retraining_when_it_lasts():
    told = replay(Monitoring(), [{"quality": 0.0}, {"quality": 0.5}, {"quality": 0.5}])
    assert [each.said for each in told] == ["pass", "warn", "retrain"]
    assert "once its alarm lasts 2 windows; it lasts 1" in told[1].reasons[-1].en
    assert "x went from 1 to 2 (2 windows)" in told[2].reasons[0].en


def test_an_alarm_ends_only_after_quiet_windows_in_a_row():
    weeks = [{"quality": change} for change in (0.5, 0.0, 0.5, 0.0, 0.0, 0.0)]
    alarms = [each.state.checks["quality"].alarm for each in replay(Monitoring(), weeks)]
    assert alarms == [True, True, True, True, False, False]


def test_a_window_that_cannot_be_judged_changes_nothing():
    told = replay(Monitoring(), [{"quality": 0.5}, {}, {"quality": 0.5}])
    assert told[1].state.checks == told[0].state.checks
    assert [each.said for each in told] == ["warn", "warn", "retrain"]
    assert "could not be judged" in told[1].reasons[0].en


def test_nothing_is_retrained_on_faulty_input():
    told = replay(Monitoring(), [{"quality": 0.5, "duplicates": 0.5}] * 3)
    assert [each.said for each in told] == ["warn"] * 3
    assert (
        "Nothing is retrained or rolled back while the input looks faulty (Duplicate events)"
        in told[2].reasons[-1].en
    )


def test_a_retraining_is_asked_for_once_until_it_has_cooled_down():
    told = replay(Monitoring(cool_down=2), [{"quality": 0.5}] * 6)
    assert [each.said for each in told] == ["warn", "retrain", "warn", "warn", "retrain", "warn"]
    assert "the next may be in 2 windows" in told[2].reasons[-1].en


def test_another_champion_begins_without_evidence_but_the_cool_down_goes_on():
    told = replay(Monitoring(), [{"quality": 0.5}] * 2)
    state = told[-1].state.of(2)
    assert state == State(2, {}, told[-1].state.retrained) and state.retrained == WEEK
    assert told[-1].state.of(1) is told[-1].state
    assert State.from_json(told[-1].state.to_json()) == told[-1].state


def test_the_scenario_says_what_is_done():
    policy = Monitoring(
        watch=({"check": "quality", "action": "nothing"}, {"check": "duplicates", "tolerance": 0.9})
    )
    [told] = replay(policy, [{"quality": 0.5, "duplicates": 0.5}])
    assert told.said == "pass" and "quality" not in told.state.checks


def test_a_rollback_is_done_at_once_but_not_on_faulty_input_and_goes_before_a_retraining():
    policy = Monitoring(watch=({"check": "handover", "action": "roll_back"},))
    told = replay(policy, [{"handover": 0.5, "quality": 0.5}] * 2)
    assert [each.said for each in told] == ["roll back"] * 2
    assert [each.actions for each in told] == [("roll_back",), ("roll_back", "retrain")]
    [held] = replay(policy, [{"handover": 0.5, "duplicates": 0.5}])
    assert (held.said, held.actions) == ("warn", ()) and "rolled back" in held.reasons[-1].en


def test_evidence_against_an_experiment_does_not_count_against_the_next():
    [told] = replay(Monitoring(), [{"canary": 0.5, "quality": 0.5}], State(1, canary="first"))
    assert told.said == "stop the canary" and told.actions == ("stop_canary",)
    after = told.state.of(1, "second")
    assert set(after.checks) == {"quality"} and after.canary == "second"


def test_every_check_has_a_title_in_both_languages():
    assert set(wording.TITLES) == set(CHECKS)
    assert all(any("一" <= mark <= "鿿" for mark in title.zh) for title in wording.TITLES.values())
