"""The part of a scenario that describes what is watched after a training, and what is done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator

from swayrec.tables.scenario_part import Part

Action = Literal["nothing", "warn", "retrain", "roll_back", "stop_canary"]

Check = Literal[
    "volume",
    "missing",
    "refused",
    "duplicates",
    "order",
    "clock",
    "new_items",
    "behaviors",
    "rates",
    "values",
    "units",
    "hours",
    "gaps",
    "categories",
    "popularity",
    "scattered",
    "languages",
    "words",
    "vectors",
    "spread",
    "influence",
    "intent",
    "scores",
    "levels",
    "freshness",
    "shown",
    "hidden",
    "quality",
    "response",
    "over_popular",
    "handover",
    "canary",
    "user_gap",
    "item_gap",
]


@dataclass(frozen=True)
class Watched:
    """How a check is watched: the smallest change that matters, and what is done where it is found.

    ``data`` = a finding speaks of faulty input: a training on it would learn the fault.
    """

    tolerance: float
    action: Action
    data: bool = False


CHECKS: Mapping[Check, Watched] = {
    "volume": Watched(0.7, "warn", data=True),
    "missing": Watched(0.05, "warn", data=True),
    "refused": Watched(0.01, "warn", data=True),
    "duplicates": Watched(0.01, "warn", data=True),
    "order": Watched(0.01, "warn", data=True),
    "clock": Watched(0.02, "warn", data=True),
    "new_items": Watched(0.1, "warn"),
    "behaviors": Watched(0.05, "warn", data=True),
    "rates": Watched(0.25, "warn", data=True),
    "values": Watched(0.1, "warn", data=True),
    "units": Watched(0.4, "warn", data=True),
    "hours": Watched(0.1, "warn", data=True),
    "gaps": Watched(0.1, "warn", data=True),
    "categories": Watched(0.1, "retrain"),
    "popularity": Watched(0.1, "retrain"),
    "scattered": Watched(0.05, "retrain"),
    "languages": Watched(0.1, "warn", data=True),
    "words": Watched(0.15, "retrain"),
    "vectors": Watched(0.1, "warn"),
    "spread": Watched(0.4, "warn", data=True),
    "influence": Watched(0.25, "retrain"),
    "intent": Watched(0.05, "retrain"),
    "scores": Watched(0.2, "warn"),
    "levels": Watched(0.02, "warn"),
    "freshness": Watched(14.0, "nothing"),
    "shown": Watched(0.1, "warn"),
    "hidden": Watched(0.7, "warn"),
    "quality": Watched(0.1, "retrain"),
    "response": Watched(0.2, "retrain"),
    "over_popular": Watched(0.0, "retrain"),
    "handover": Watched(0.1, "warn"),
    "canary": Watched(0.1, "stop_canary"),
    "user_gap": Watched(0.05, "nothing"),
    "item_gap": Watched(0.1, "nothing"),
}
"""Every check, and how it is watched unless the scenario says otherwise; docs/monitoring.md says each one's unit."""


class Watch(Part):
    """A check that is watched otherwise than by default."""

    check: Check = Field(description="which; see [what is looked at](monitoring.md#what-is-looked-at)")
    tolerance: float | None = Field(
        None, ge=0, description="the smallest change that matters, in the check's unit; absent = its default"
    )
    action: Action | None = Field(
        None, description="what is done where a larger change is found; absent = its default"
    )


class Monitoring(Part):
    """What is watched after a training, and what is done; a change holds without a training."""

    window_days: float = Field(
        7.0, gt=0, description="length of a window; windows follow each other from a Monday on, in UTC"
    )
    mature_days: float = Field(
        1.0, gt=0, description="how long after a list was shown one waits for what came of it"
    )
    usual_windows: int = Field(
        12, ge=4, description="windows before the end of the training that say what is usual, at most"
    )
    false_alarms: float = Field(
        0.02, gt=0, lt=1, description="false alarms a window, at most, of all checks together"
    )
    patience: int = Field(
        2, ge=1, description="windows in a row that an alarm must last before anything is retrained"
    )
    calm: int = Field(2, ge=1, description="quiet windows in a row that end an alarm")
    cool_down: int = Field(3, ge=0, description="windows after a retraining in which none is asked for")
    least_users: int = Field(
        30, ge=2, description="users that a check needs in a window; with fewer it is not judged"
    )
    kept_windows: int = Field(
        520,
        ge=20,
        description="verdicts that are kept, and shown by `swayrec dashboard`; older ones are removed",
    )
    watch: tuple[Watch, ...] = Field((), description="checks that are watched otherwise than by default")

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [each.check for each in self.watch]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"watch names {', '.join(twice)} twice")
        return self

    @property
    def watched(self) -> dict[Check, Watched]:
        """Every check with how it is watched here."""
        given = {each.check: each for each in self.watch}
        found: dict[Check, Watched] = {}
        for name, usual in CHECKS.items():
            own = given.get(name)
            tolerance = usual.tolerance if own is None or own.tolerance is None else own.tolerance
            action = usual.action if own is None or own.action is None else own.action
            found[name] = Watched(tolerance, action, usual.data)
        return found
