"""Whether serving works as it should: levels of answers, ages of tables, clocks, what is shown, and scores."""

from collections.abc import Mapping

import numpy as np

from swayrec.operations.monitoring.baseline import Usual
from swayrec.operations.monitoring.comparison import Seen, alone, compared
from swayrec.operations.monitoring.measures import distances, shares
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.shown import FALLEN, LEVELS
from swayrec.operations.monitoring.tally import Counts

LEAST = 50.0
"""Items shown below which distributions cannot be told apart."""

Families = Mapping[str, Counts]
Usuals = Mapping[str, Usual]


def levels(now: Families, usual: Usuals) -> Result:
    """The share of answers that no model gave: lists of popular items, of a category or of everything."""
    fallen = [LEVELS.index(level) for level in FALLEN]

    def share(counts: np.ndarray) -> np.ndarray:
        found: np.ndarray = shares(counts)[..., fallen].sum(-1, keepdims=True)
        return found

    sample = {"answers": _total(now["levels"])}
    return alone("levels", now["levels"], share, sample, "every answer by the model")


def freshness(now: Families, usual: Usuals) -> Result:
    """The mean age in days of the model's tables when it answered."""

    def age(sums: np.ndarray) -> np.ndarray:
        found: np.ndarray = sums[..., :1] / np.maximum(sums[..., 1:], 1)
        return found

    sample = {"answers": int(now["ages"].sums[..., 1].sum())}
    return alone("freshness", now["ages"], age, sample, "tables made just then")


def clock(now: Families, usual: Usuals) -> Result:
    """The share of events that name a list, and came before it."""
    sample = {"events": _total(now["clock"])}
    return alone(
        "clock", now["clock"], lambda counts: shares(counts)[..., 1:], sample, "no event before its list"
    )


def shown(now: Families, usual: Usuals) -> Result | None:
    """The distance of the categories of what was shown."""
    return _distance("shown", now, usual)


def scores(now: Families, usual: Usuals) -> Result | None:
    """The distance of the scores of what was shown."""
    return _distance("scores", now, usual)


def _distance(check: str, now: Families, usual: Usuals) -> Result | None:
    seen = Seen.of_families([check], now, usual)
    if seen is None:
        return None
    return compared(check, seen, distances(seen.widths, LEAST), {"items": _total(now[check])})


def _total(counts: Counts) -> int:
    return int(counts.sums.sum())
