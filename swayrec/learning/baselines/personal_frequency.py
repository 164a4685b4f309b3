"""Personal frequency: what this user did most, newer events counting more."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np

from swayrec.learning.baselines.amounts import amounts, usable
from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.popular import counted
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

DECAYS = (
    Decay("days", 0),
    Decay("days", 90),
    Decay("days", 60),
    Decay("days", 30),
    Decay("days", 14),
    Decay("steps", 32),
    Decay("steps", 8),
)
WEIGHTS: tuple[Literal["equal", "hand"], ...] = ("equal", "hand")


@dataclass
class PersonalFrequency(Baseline):
    """Items by the user's own faded count; those the user never touched follow by popularity.

    ``weights``: events of all behaviors count the same, or by the scenario's hand weights.
    """

    decay: Decay = DECAYS[0]
    weights: Literal["equal", "hand"] = "equal"
    title: ClassVar[str] = "Personal frequency, decayed"

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every decay with equal and with hand weights."""
        weights = WEIGHTS if len(scenario.behaviors) > 1 else WEIGHTS[:1]
        return tuple(cls(decay, weight) for decay in usable(DECAYS, log) for weight in weights)

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """Where everything touched is off the list, one's own frequency has nothing to list."""
        if set(scenario.seen) == set(scenario.behavior_names):
            return "every item that a user touched is off the list, so the user's own counts list nothing"
        return None

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Keeps the log; counts what everyone did for the rest of the lists."""
        self._log = log
        self._hand = np.array([behavior.hand for behavior in scenario.behaviors])
        count = counted(log, scenario, "targets")
        self._popular = (count / (count.max(initial=0) + 1)).astype(np.float32)
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The faded count where it is above 0, else popularity between -1 and 0."""
        weights = self._hand if self.weights == "hand" else None
        own = amounts(self._log, moments, rows, self.decay, weights=weights).toarray()
        return np.where(own > 0, own, self._popular - 1)

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._popular)
