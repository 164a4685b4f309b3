"""Whether people do what they usually do: which behaviors, how often, with which values, and when."""

import numpy as np

from swayrec.operations.monitoring.comparison import Seen, compared
from swayrec.operations.monitoring.measures import distances, log_ratio, mean_shift
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.seen_window import SeenWindow
from swayrec.operations.monitoring.tally import USER_DAYS

LEAST = 20.0
"""Events below which a part cannot be told to have moved."""


def behaviors(window: SeenWindow) -> Result | None:
    """The distance of the behaviors' shares of all events."""
    return _distance("behaviors", window, ["behaviors"])


def rates(window: SeenWindow) -> Result | None:
    """The natural logarithm of how many times as often a behavior happens, per user and day that a user came."""
    seen = Seen.of_families(["behaviors", USER_DAYS], window.now, window.usual)
    if seen is None:
        return None
    last = len(seen.labels) - 1
    measure = log_ratio(range(last), [last] * last, LEAST)
    return compared(
        "rates",
        seen,
        measure,
        window.sample,
        way="both",
        parts=seen.labels[:last],
        level=lambda counts: counts[:last] / max(counts[last], 1.0),
    )


def values(window: SeenWindow) -> Result | None:
    """The distance of the values, in bins; the behavior whose values moved most."""
    return _distance("values", window, _named(window, "values "))


def units(window: SeenWindow) -> Result | None:
    """By how much the mean logarithm of a behavior's values moved: ln 100 where cents became euros."""
    sizes = _named(window, "size ")
    counts = [f"sized {name.removeprefix('size ')}" for name in sizes]
    seen = Seen.of_families([*sizes, *counts], window.now, window.usual)
    if seen is None:
        return None
    width = len(sizes)
    return compared(
        "units",
        seen,
        mean_shift(range(width), range(width, 2 * width), LEAST),
        window.sample,
        way="both",
        parts=[name.removeprefix("size ") for name in sizes],
        level=lambda sums: np.exp(sums[:width] / np.maximum(sums[width:], 1)),
    )


def hours(window: SeenWindow) -> Result | None:
    """The distance of the hours of the day, and where windows are whole weeks of the days of the week."""
    return _distance("hours", window, ["hours", "weekdays"] if window.weeks else ["hours"])


def gaps(window: SeenWindow) -> Result | None:
    """The distance of the times since a user's event before."""
    return _distance("gaps", window, ["gaps"])


def _named(window: SeenWindow, prefix: str) -> list[str]:
    return [name for name in window.usual if name.startswith(prefix)]


def _distance(check: str, window: SeenWindow, families: list[str]) -> Result | None:
    seen = Seen.of_families(families, window.now, window.usual)
    if seen is None:
        return None
    return compared(check, seen, distances(seen.widths, LEAST), window.sample)
