from dataclasses import replace

import pytest

from swayrec.operations import experiment
from swayrec.operations.current import Current
from swayrec.operations.experiment import Experiment
from swayrec.tables.errors import InputError
from tests.registered import version
from tests.serving.intake_world import SHAPE, workspace

USERS = [f"u{number}" for number in range(10_000)]


def running(share, name="first"):
    return Experiment(name, "tiny", 2, "/model", share, "2026-01-01T00:00:00+00:00")


def challenged(share, name="first"):
    made = running(share, name)
    return {user for user in USERS if made.side(user) == "challenger"}


def test_a_user_is_always_on_the_same_side_and_the_sides_have_their_shares():
    assert challenged(0.1) == challenged(0.1)
    assert 900 <= len(challenged(0.1)) <= 1_100
    assert challenged(1e-9) == set()


def test_a_larger_share_takes_nobody_away_from_the_challenger():
    assert challenged(0.1) < challenged(0.3)


def test_another_experiment_parts_the_users_anew():
    both = challenged(0.5) & challenged(0.5, "second")
    assert 2_300 <= len(both) <= 2_700


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "ws", [("anna", "i1", "buy", 1)], {"i1": "One"})


@pytest.fixture
def other(place):
    """Another version's model folder, alike."""
    folder = place.root / "other" / "9"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    replace(SHAPE, version=9).write(folder)
    return folder.parent


def test_what_is_started_runs_until_it_is_ended_and_its_share_may_change(place, other):
    assert experiment.read(place) is None
    made = experiment.start(place, version(other), 0.2)
    assert (made.name, made.variant("challenger")) == ("tiny-2", "tiny-2/challenger")
    assert experiment.start(place, version(other), 0.4).started_at == made.started_at
    assert experiment.read(place).share == 0.4
    assert experiment.end(place).version == 2
    assert experiment.read(place) is None
    with pytest.raises(InputError, match="no experiment runs"):
        experiment.end(place)


@pytest.mark.parametrize(
    ("number", "scenario", "said"),
    [(1, "tiny", "is what is served already"), (2, "news", "is of another scenario")],
)
def test_only_another_version_of_the_served_scenario_competes(place, other, number, scenario, said):
    assert Current.read(place).version == 1
    with pytest.raises(InputError, match=said):
        experiment.start(place, version(other, number, scenario), 0.1)


def test_a_second_experiment_waits_for_the_end_of_the_first(place, other):
    experiment.start(place, version(other), 0.1)
    with pytest.raises(InputError, match="the experiment tiny-2 with version 2 runs; end it first"):
        experiment.start(place, version(other, 3), 0.1)
    with pytest.raises(InputError, match="end it first"):
        experiment.start(place, version(other), 0.1, "another_name")


def test_versions_that_know_other_behaviors_are_not_compared(place, other):
    replace(SHAPE, version=9, behaviors=("view", "cart")).write(other / "9")
    with pytest.raises(InputError, match="its behaviors are view, cart, those of the served model view, buy"):
        experiment.start(place, version(other), 0.1)


def test_a_damaged_file_is_named(place):
    place.experiment.write_text("{")
    with pytest.raises(InputError, match=r"experiment\.json"):
        experiment.read(place)
