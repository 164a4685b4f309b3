import numpy as np
import pytest

from swayrec.operations.monitoring import evidence
from swayrec.operations.monitoring.checks import OF_EVENTS
from swayrec.operations.monitoring.looking import seen_window
from swayrec.operations.monitoring.measures import distance
from swayrec.operations.monitoring.window import Window
from swayrec.tables.scenario_monitoring import CHECKS
from tests.operations.monitoring import world
from tests.operations.monitoring.conftest import encode
from tests.operations.monitoring.faults import FAULTS

NEXT = Window(world.START + world.LEARNED * world.WEEK, world.START + (world.LEARNED + 1) * world.WEEK)


def found(usual, engine, folder, columns, encoded=encode):
    """The p-value of each check of the first week after the training."""
    data = world.dataset(folder, columns)
    window = seen_window(engine, world.scenario(), usual[0], data, NEXT, encoded)
    told = {name: check(window) for name, check in OF_EVENTS.items()}
    return {name: evidence.strongest(one, CHECKS[name].tolerance) for name, one in told.items()}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_by_the_checks_that_look_there(usual, engine, tmp_path, fault):
    plant, checks = FAULTS[fault]
    told = found(usual, engine, tmp_path / "data", plant(world.log(world.LEARNED + 1)))
    for check in checks:
        assert told[check][1] < 1e-4, (check, told[check])


def test_a_clean_week_moves_nothing(usual, engine, tmp_path):
    told = found(usual, engine, tmp_path / "data", world.log(world.LEARNED + 1))
    assert {name: p for name, (_, p) in told.items() if p < 0.05} == {}


def test_a_language_model_that_gives_one_vector_for_all_is_found(usual, engine, tmp_path):
    def broken(texts):
        return np.tile(encode(["milk"]), (len(texts), 1))

    told = found(usual, engine, tmp_path / "data", world.log(world.LEARNED + 1), broken)
    part, p = told["spread"]
    assert p < 1e-4 and part.change < -5


def test_a_unit_that_changed_is_told_with_the_behavior_and_both_sizes(usual, engine, tmp_path):
    part, _ = found(
        usual, engine, tmp_path / "data", FAULTS["unit changed"][0](world.log(world.LEARNED + 1))
    )["units"]
    assert part.name == "buy" and part.change == pytest.approx(np.log(100), abs=0.1)
    [moved] = part.moved
    assert moved.now / moved.then == pytest.approx(100, rel=0.1)


def test_intervals_over_users_hold_the_change_of_the_whole_crowd_where_users_differ():
    """Of 200 samples of users, about 95 % of the intervals hold the distance in the crowd; iid ones would not."""
    from swayrec.operations.monitoring.comparison import Seen, compared
    from swayrec.operations.monitoring.measures import distances

    random = np.random.default_rng(11)
    crowd = random.dirichlet([0.4, 0.4, 0.4], 20_000) * random.gamma(2, 10, (20_000, 1))
    usual = np.array([300.0, 100.0, 200.0])
    truth = float(distance(crowd.sum(0), usual)[0])
    held = 0
    for draw in range(200):
        people = random.choice(20_000, 400, replace=False)
        now = np.zeros((256, 3))
        np.add.at(now, random.integers(256, size=400), crowd[people])
        still = np.tile(usual / 256, (256, 1))
        seen = Seen(("b",), ("x", "y", "z"), (3,), now, np.tile(usual, (5, 1)), still)
        [part] = compared("b", seen, distances((3,)), {}, seed=draw).parts
        held += part.low <= truth <= part.high
    assert 180 <= held <= 198


def test_a_change_counts_only_where_it_is_larger_than_what_matters_and_than_what_weeks_do_by_themselves():
    from swayrec.operations.monitoring.result import Part

    calm, wild = (0.0, 0.01, -0.01, 0.0, 0.01, -0.01), (0.0, 0.4, -0.4, 0.3, -0.3, 0.1)
    large = {"low": 0.4, "high": 0.6, "change": 0.5, "error": 0.01}
    assert evidence.p_value(Part("x", 0.5, usual=calm, **large), "both", 0.1) < 1e-6
    assert evidence.p_value(Part("x", 0.5, usual=calm, **large), "both", 0.6) > 0.99
    assert evidence.p_value(Part("x", 0.5, usual=wild, **large), "both", 0.1) > 0.1
    assert evidence.p_value(Part("x", 0.5, usual=(0.0,) * 6, **large), "up", 0.1) < 1e-12
    assert evidence.p_value(Part("x", -0.5, -0.5, -0.6, -0.4, 0.01, calm), "up", 0.1) > 0.99
