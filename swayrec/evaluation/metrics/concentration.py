"""How unevenly exposure falls on the items of a catalogue."""

import numpy as np

from swayrec.evaluation.metrics.places import discount, first_places


def item_exposure(ranked: np.ndarray, items: int, k: int = 10) -> np.ndarray:
    """float64[items]: the exposure of each item, the sum of `discount` over the places that it has in lists.

    ``ranked`` int[C, any], item indices, -1 = nothing; ``k`` the places that count.
    """
    top = first_places(np.asarray(ranked), k)
    worth = np.broadcast_to(discount(np.arange(1, k + 1)), top.shape)
    listed = top >= 0
    return np.bincount(top[listed], worth[listed], items)


def gini(amounts: np.ndarray) -> float:
    """The Gini coefficient of ``amounts`` float[N], all 0 or more: 0 = all the same, 1 - 1/N = one has all.

    With amounts ascending, sum of (2 i - N - 1) x_i over N sum of x (Fleder and Hosanagar, Management Science
    55, 2009, on the diversity of sales). NaN where nothing is there to share.

    >>> gini(np.array([0, 0, 0, 8.0]))
    0.75
    """
    ordered = np.sort(np.asarray(amounts, np.float64))
    size, total = len(ordered), ordered.sum()
    if not total:
        return float("nan")
    return float((2 * np.arange(1, size + 1) - size - 1) @ ordered / (size * total))
