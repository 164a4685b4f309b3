"""The scenario that a workspace's training was made with, as its file is now."""

from pathlib import Path

from swayrec.learning.signature import Metadata
from swayrec.operations.current import Current
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError
from swayrec.tables.scenario import Scenario


def asked(current: Current) -> Scenario:
    """The scenario.

    Raises:
        InputError: its file is gone or wrong.
    """
    if not current.scenario.exists():
        raise InputError(
            f"{current.scenario}: the scenario file that the newest training was made with is gone; put it back, or "
            "train with another: `swayrec train SCENARIO`"
        )
    return scenarios.load(current.scenario)


def fits(scenario: Scenario, path: Path, shape: Metadata) -> None:
    """Refuses a scenario that is not the one that a model's weights speak of.

    Raises:
        InputError: its behaviors or targets are others.
    """
    for what, now, then in (
        ("behaviors", scenario.behavior_names, shape.behaviors),
        ("targets", scenario.targets, shape.targets),
    ):
        if now != then:
            raise InputError(
                f"{path}: the {what} are {', '.join(now)}, but the model that is served was trained on "
                f"{', '.join(then)}; run `swayrec train {path}` for one that knows them"
            )
