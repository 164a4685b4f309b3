"""Whether a category that is usually shown is shown no more, though people go on taking of it."""

from dataclasses import replace

import numpy as np
from scipy import stats

from swayrec.operations.monitoring.checks.serving import Families, Usuals
from swayrec.operations.monitoring.comparison import Seen, compared
from swayrec.operations.monitoring.measures import Measure, shares
from swayrec.operations.monitoring.result import Part, Result
from swayrec.operations.monitoring.scales import NONE, OTHER

SHOWN = 0.02
"""Share of what is usually shown that a category has at least: a smaller one may be away by chance."""

EXPECTED = 50.0
"""Items of a category that must be expected in a window: of fewer, none at all may be chance."""

MERIT = 0.005
"""Added to what a category has of what was taken: a handful that was taken, or was not, explains little."""

_WIDE = float(stats.norm.ppf(0.975))


def hidden(now: Families, usual: Usuals) -> Result | None:
    """The logarithm of how many times smaller a category's share of what was shown is, held to what was taken of it.

    A part each category; None = none is large enough.
    """
    seen = Seen.of_families(["exposure"], now, usual)
    if seen is None:
        return None
    size = len(seen.labels) // 2
    shown = float(seen.now.sum(0)[:size].sum())
    expected = shares(seen.by_group.sum(0)[:size]) * shown
    known = np.array([label not in (OTHER, NONE) for label in seen.labels[:size]])
    places = np.flatnonzero(known & (expected >= np.maximum(SHOWN * shown, EXPECTED)))
    if not len(places):
        return None
    result = compared(
        "hidden",
        seen,
        _lost(size, places),
        {"items": int(shown)},
        parts=[seen.labels[place] for place in places],
        level=lambda counts: shares(counts[:size])[places],
    )
    parts = [_unsure(part, expected[place]) for part, place in zip(result.parts, places, strict=True)]
    return replace(result, parts=tuple(parts))


def _lost(size: int, places: np.ndarray) -> Measure:
    def shown(counts: np.ndarray) -> np.ndarray:
        some = counts[..., :size]
        found: np.ndarray = np.log((some[..., places] + 0.5) / (some.sum(-1, keepdims=True) + 0.5))
        return found

    def taken(counts: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.log(shares(counts[..., size:])[..., places] + MERIT)
        return found

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        return (shown(usual) - shown(now)) - (taken(usual) - taken(now))

    return measured


def _unsure(part: Part, expected: float) -> Part:
    """With an error of a count's at least: where none is shown, none is in any resample either."""
    error = max(part.error, 1 / float(np.sqrt(expected)))
    low, high = part.change - _WIDE * error, part.change + _WIDE * error
    return replace(part, error=error, low=min(part.low, low), high=max(part.high, high))
