"""What every baseline is: fitted on a log, then asked for rankings at given moments."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from swayrec.learning.baselines.ranking import best
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

BLOCK_SCORES = 8_000_000
"""Scores held at a time: blocks of users are this size divided by the catalogue."""


class Moments(Protocol):
    """Who is asked at which instant; the cases of an evaluation are such moments."""

    @property
    def users(self) -> np.ndarray:
        """int64[C], indices of the log's users."""

    @property
    def before(self) -> np.ndarray:
        """int64[C], the order of the instant: only events of smaller order are the user's past."""

    @property
    def now(self) -> np.ndarray:
        """float64[C], epoch seconds; NaN without a clock."""


class Baseline(ABC):
    """An estimator without secrets: ``fit`` on what is known, then ``rank``.

    Subclasses are dataclasses whose fields are their settings: plain values and decays, so that
    ``Kind(**settings)`` makes an equal one of what JSON kept. ``title`` is what a report calls it;
    ``fitted_by`` names the settings that ``fit`` depends on: the others may be changed after fitting, which
    lets a grid be tried without fitting each time.
    """

    title: ClassVar[str]
    fitted_by: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for part in fields(self):  # type: ignore[arg-type]
            value = getattr(self, part.name)
            if isinstance(value, dict):
                setattr(self, part.name, Decay(**value))

    @classmethod
    @abstractmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """The settings to choose among by validation, simplest first; a constant of the module filtered by
        what the log has (no decay in days without a clock, none in steps without an order).
        """

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """Why the baseline says nothing about such a log of such items; None where it does."""
        return None

    @abstractmethod
    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Learns from a log that holds nothing after the moments that will be asked; returns itself.

        ``items`` is what else is known of the log's items, such as the vectors of their texts; None = nothing.
        """

    @abstractmethod
    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """float32[rows, I]: the score of every item for some of the moments (a fresh array)."""

    @property
    def settings(self) -> dict[str, Any]:
        """How to rebuild it, as JSON knows it."""
        return asdict(self)  # type: ignore[call-overload]

    def fits_like(self, fitted: "Baseline") -> bool:
        """Whether ``fit`` would learn the same with this one's settings."""
        return all(getattr(self, name) == getattr(fitted, name) for name in self.fitted_by)

    def adjusted(self, setting: Self) -> Self:
        """This fitted baseline with the settings of ``setting``, which must fit alike."""
        other = copy.copy(self)
        for part in fields(self):  # type: ignore[arg-type]
            setattr(other, part.name, getattr(setting, part.name))
        return other

    def rank(
        self, moments: Moments, k: int, exclude: Sequence[np.ndarray] | None = None, seed: int = 0
    ) -> np.ndarray:
        """The ``k`` best items at each moment.

        Args:
            moments: who is asked when, C of them.
            k: how many items.
            exclude: for each moment the items that must not be listed.
            seed: of the random order of ties.

        Returns:
            int32[C, k], indices of the log's items, best first, -1 = nothing left to list.
        """
        random = np.random.default_rng(seed)
        count, items = len(moments.users), self.catalogue
        ranked = np.full((count, k), -1, np.int32)
        block = max(1, BLOCK_SCORES // max(items, 1))
        for start in range(0, count, block):
            rows = slice(start, min(start + block, count))
            unwanted = None if exclude is None else exclude[rows.start : rows.stop]
            ranked[rows] = best(self.scores(moments, rows), k, unwanted, random)
        return ranked

    @property
    @abstractmethod
    def catalogue(self) -> int:
        """I, the number of items it ranks; known once fitted."""
