"""What a verdict asks for is done once: the experiment ends, the champion before serves again."""

import json
from dataclasses import replace

import pytest

from swayrec.operations import experiment
from swayrec.operations.current import Current
from swayrec.operations.monitoring.acting import act, acts
from tests.operations.monitoring.verdicts import series
from tests.registered import version
from tests.serving.intake_world import SHAPE, workspace


@pytest.fixture
def place(tmp_path):
    """A workspace with an experiment that runs."""
    made = workspace(tmp_path / "ws", [("anna", "i1", "buy", 1)], {"i1": "One"})
    folder = made.root / "other" / "9"
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").touch()
    replace(SHAPE, version=9).write(folder)
    experiment.start(made, version(folder.parent), 0.2)
    return made


def asked(place, *actions, canary="tiny-2"):
    """The newest verdict asks for these."""
    folder = place.monitoring / "tiny"
    series(folder, "warn", champion=Current.read(place).version)
    [path] = folder.glob("*.json")
    told = json.loads(path.read_text())
    told |= {"actions": list(actions), "scenario": "tiny"}
    told["state"]["canary"] = canary
    path.write_text(json.dumps(told))
    return folder


def test_the_experiment_ends_once(place):
    folder = asked(place, "stop_canary")
    [done] = act(place)
    assert done.told == "experiment tiny-2 with version 2 was ended: everyone gets the champion"
    assert experiment.read(place) is None
    assert act(place) == [] and acts(folder) == [done]


def test_another_experiment_than_the_verdict_is_on_goes_on(place):
    asked(place, "stop_canary", canary="another")
    assert act(place) == []
    assert experiment.read(place) is not None


def test_a_verdict_that_asks_for_nothing_changes_nothing(place):
    folder = asked(place)
    assert act(place) == [] and experiment.read(place) is not None and acts(folder) == []


def test_where_no_champion_was_before_the_rollback_is_told_of_and_everything_stays(place):
    asked(place, "roll_back", "stop_canary")
    ended, refused = act(place)
    assert ended.action == "stop_canary"
    assert refused.told.startswith("could not be done: ")
    assert Current.read(place).version == refused.version
