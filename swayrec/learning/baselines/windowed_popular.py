"""Windowed popular: what everyone did most in the last days before the moment."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.popular import OF, Of
from swayrec.learning.catalogue import Catalogue
from swayrec.tables.log import DAY, Log
from swayrec.tables.scenario import Scenario

DAYS = (0, 91, 28, 14, 7, 3, 1)
"""Windows to choose among; 0 = all that is known."""


@dataclass
class WindowedPopular(Baseline):
    """Items by the number of events in the ``days`` before now (0 = no window).

    Without a clock there are no windows and this is Popular.
    """

    of: Of = "targets"
    days: float = 0
    title: ClassVar[str] = "Popular in a window"
    fitted_by: ClassVar[tuple[str, ...]] = ("of",)

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every window with target events and with all events."""
        return tuple(cls(of, days) for days in (DAYS if log.has_clock else (0,)) for of in OF)

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Sorts the events by time."""
        events = log.where(log.is_behavior(scenario.targets)) if self.of == "targets" else log
        by_time = np.argsort(events.time, kind="stable")
        self._item, self._time, self._items = events.item[by_time], events.time[by_time], len(log.items)
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """Counts from ``now - days`` up to, and without, now."""
        instants, place = np.unique(moments.now[rows], return_inverse=True)
        table = np.empty((len(instants), self._items), np.float32)
        for number, now in enumerate(instants):
            start, stop = 0, len(self._item)
            if self.days:
                start, stop = np.searchsorted(self._time, (now - self.days * DAY, now), side="left")
            table[number] = np.bincount(self._item[start:stop], minlength=self._items)
        return table[place]

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return self._items
