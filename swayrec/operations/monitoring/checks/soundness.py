"""Whether a window's events are sound: how many, what they lack, what came twice, and clocks that run backwards."""

import numpy as np

from swayrec.operations.monitoring.comparison import Seen, compared
from swayrec.operations.monitoring.families import NULLABLE
from swayrec.operations.monitoring.measures import Measure, rise, shares
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.seen_window import SeenWindow


def volume(window: SeenWindow) -> Result | None:
    """The natural logarithm of how many times as many events there were as usual."""

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        found: np.ndarray = np.log((_all(now) + 0.5) / (_all(usual) + 0.5))
        return found

    seen = Seen.of_families(["behaviors"], window.now, window.usual)
    if seen is None:
        return None
    return compared("volume", seen, measured, window.sample, way="both", parts=["events"], level=_all)


def missing(window: SeenWindow) -> Result | None:
    """By how much the share of events rose or fell that lack a value, a text, a session or a request."""

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        pairs = (*now.shape[:-1], -1, 2)
        moved = shares(now.reshape(pairs)) - shares(usual.reshape((*usual.shape[:-1], -1, 2)))
        found: np.ndarray = moved[..., 1]
        return found

    return _compared("missing", window, [f"missing {column}" for column in NULLABLE], measured, both=True)


def refused(window: SeenWindow) -> Result | None:
    """By how much the share of rows rose that the ingest refused."""
    return _compared("refused", window, ["refused"], lambda now, usual: rise(0)(usual, now))


def duplicates(window: SeenWindow) -> Result | None:
    """By how much the share of events rose that say the same as another: who, what, which, when and how much."""
    return _compared("duplicates", window, ["duplicates"], rise(1))


def order(window: SeenWindow) -> Result | None:
    """By how much the share of events rose whose time is earlier than that of the user's event before."""
    return _compared("order", window, ["order"], rise(1))


def new_items(window: SeenWindow) -> Result | None:
    """By how much the share of events rose on items that nobody had touched before the window."""
    return _compared("new_items", window, ["new_items"], rise(1))


def _all(counts: np.ndarray) -> np.ndarray:
    found: np.ndarray = counts.sum(-1, keepdims=True)
    return found


def _compared(
    check: str, window: SeenWindow, families: list[str], measure: Measure, *, both: bool = False
) -> Result | None:
    seen = Seen.of_families(families, window.now, window.usual)
    if seen is None:
        return None
    return compared(check, seen, measure, window.sample, way="both" if both else "up")
