"""Whether people come for the same things: categories, popular items, languages, words, and vectors of texts."""

import numpy as np

from swayrec.operations.monitoring.comparison import Seen, compared
from swayrec.operations.monitoring.measures import distances, rise
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.seen_window import SeenWindow

LEAST = 20.0
SPREAD_FLOOR = 1e-6


def categories(window: SeenWindow) -> Result | None:
    """The distance of the items' categories."""
    return _distance("categories", window, ["categories"])


def popularity(window: SeenWindow) -> Result | None:
    """The distance of how popular the items were just before; and of how many of them were forgotten by then.

    What is popular changes from week to week; that people come back to what nobody wanted for weeks is rare.
    """
    return _distance("popularity", window, ["popularity", "forgotten"])


def scattered(window: SeenWindow) -> Result | None:
    """By how much the share of events rose on forgotten items that nobody but the user touched in the window.

    What comes back into fashion is wanted by many at once; chance sends everybody to something else.
    """
    seen = Seen.of_families(["scattered"], window.now, window.usual)
    if seen is None:
        return None
    return compared("scattered", seen, rise(1), window.sample)


def languages(window: SeenWindow) -> Result | None:
    """The distance of the languages, of items and of a sample of texts."""
    return _distance("languages", window, ["item languages", "languages"])


def words(window: SeenWindow) -> Result | None:
    """The distance of the words that texts hold, Chinese segmented first; the language that moved most."""
    return _distance("words", window, [name for name in window.usual if name.startswith("words ")])


def vectors(window: SeenWindow) -> Result | None:
    """How far the mean vector of the texts moved, in deviations of what texts usually differ by."""

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        mean, _ = _moments(now)
        then, spread = _moments(usual)
        found: np.ndarray = np.sqrt(
            ((mean - then) ** 2).sum(-1, keepdims=True) / np.maximum(spread, SPREAD_FLOOR)
        )
        return found

    seen = Seen.of_families(["vectors"], window.now, window.usual)
    if seen is None:
        return None
    return compared("vectors", seen, measured, window.sample, parts=["mean"], level=_apart)


def spread(window: SeenWindow) -> Result | None:
    """By how much the logarithm of the texts' variance fell or rose: a broken language model tells nothing apart."""

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        spread, then = _moments(now)[1], _moments(usual)[1]
        return np.log(np.maximum(spread, SPREAD_FLOOR)) - np.log(np.maximum(then, SPREAD_FLOOR))

    seen = Seen.of_families(["vectors"], window.now, window.usual)
    if seen is None:
        return None
    return compared("spread", seen, measured, window.sample, way="both", parts=["variance"], level=_variance)


def _variance(counts: np.ndarray) -> np.ndarray:
    return _moments(counts)[1]


def _apart(counts: np.ndarray) -> np.ndarray:
    """float64[1]: how far the mean lies from the middle of all texts that the directions were fitted on."""
    found: np.ndarray = np.sqrt((_moments(counts)[0] ** 2).sum(-1, keepdims=True))
    return found


def _moments(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64[..., width] mean, float64[..., 1] variance over all directions."""
    size = np.where(counts[..., :1] > 0, counts[..., :1], 1)
    mean = counts[..., 2:] / size
    return mean, counts[..., 1:2] / size - (mean**2).sum(-1, keepdims=True)


def _distance(check: str, window: SeenWindow, families: list[str]) -> Result | None:
    seen = Seen.of_families(families, window.now, window.usual)
    if seen is None:
        return None
    return compared(check, seen, distances(seen.widths, LEAST), window.sample)
