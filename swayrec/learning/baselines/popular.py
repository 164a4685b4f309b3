"""Popular: what everyone did most, the same list for all."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np

from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.catalogue import Catalogue
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

Of = Literal["targets", "all"]
"""Which events count: those of target behaviors or every one."""

OF: tuple[Of, ...] = ("targets", "all")


@dataclass
class Popular(Baseline):
    """Items by the number of events in all that is known."""

    of: Of = "targets"
    title: ClassVar[str] = "Popular"
    fitted_by: ClassVar[tuple[str, ...]] = ("of",)

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Target events or all events."""
        return tuple(cls(of) for of in OF)

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Counts events."""
        self._count = counted(log, scenario, self.of).astype(np.float32)
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """Everyone's counts, row for row the same."""
        return np.tile(self._count, (len(moments.users[rows]), 1))

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._count)


def counted(log: Log, scenario: Scenario, of: Of) -> np.ndarray:
    """int64[I]: events on each item, of target behaviors or of all."""
    item = log.item[log.is_behavior(scenario.targets)] if of == "targets" else log.item
    return np.bincount(item, minlength=len(log.items))
