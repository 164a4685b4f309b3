"""How far counts moved: functions of float64[..., labels] that give float64[..., parts]."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Of what is counted now and what is usual: 0 where a part did not move."""


def distance(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
    """float64[..., 1]: the Jensen-Shannon distance of two distributions, from 0 to 1.

    The root of the divergence to base 2 (Endres and Schindelin, IEEE Transactions on Information Theory 49, 2003).

    >>> distance(np.array([1.0, 1.0]), np.array([3.0, 3.0])).tolist()
    [0.0]
    >>> distance(np.array([1.0, 0.0]), np.array([0.0, 2.0])).tolist()
    [1.0]
    """
    p, q = shares(now), shares(usual)
    middle = (p + q) / 2
    divergence = (_entropy(middle) - (_entropy(p) + _entropy(q)) / 2) / np.log(2)
    found: np.ndarray = np.sqrt(np.clip(divergence, 0, 1))[..., None]
    return found


def shares(counts: np.ndarray) -> np.ndarray:
    """Each label's share; all 0 where nothing was counted."""
    total = counts.sum(-1, keepdims=True)
    found: np.ndarray = counts / np.where(total > 0, total, 1)
    return found


def distances(widths: Sequence[int], least: float = 0.0) -> Measure:
    """The distance of each of several distributions that stand side by side, of so many labels each.

    One of which ``least`` or fewer are counted on either side has not moved: too few to tell.
    """
    edges = np.cumsum([0, *widths])

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        parts = [slice(*pair) for pair in itertools.pairwise(edges)]
        found = np.concatenate([distance(now[..., part], usual[..., part]) for part in parts], -1)
        enough = [np.minimum(now[..., part].sum(-1), usual[..., part].sum(-1)) > least for part in parts]
        return np.where(np.stack(enough, -1), found, 0.0)

    return measured


def rise(column: int) -> Measure:
    """By how much the share of one label rose."""

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        found: np.ndarray = (shares(now) - shares(usual))[..., [column]]
        return found

    return measured


def log_ratio(columns: Sequence[int], per: Sequence[int], least: float) -> Measure:
    """The natural logarithm of how many times as large each column became, one by one per another column.

    A column that is usually below ``least`` has not moved: too little to tell. Half a count is added to each.
    """
    columns, per = list(columns), list(per)

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        then, here = usual[..., columns], now[..., columns]
        moved = np.log((here + 0.5) / (then + 0.5)) - np.log((now[..., per] + 0.5) / (usual[..., per] + 0.5))
        return np.where(then > least, moved, 0.0)

    return measured


def mean_shift(sums: Sequence[int], counts: Sequence[int], least: float) -> Measure:
    """By how much the mean of each column became larger, its sum over its count."""
    sums, counts = list(sums), list(counts)

    def measured(now: np.ndarray, usual: np.ndarray) -> np.ndarray:
        a, b = now[..., counts], usual[..., counts]
        found = now[..., sums] / np.where(a > 0, a, 1) - usual[..., sums] / np.where(b > 0, b, 1)
        return np.where(np.minimum(a, b) > least, found, 0.0)

    return measured


def _entropy(p: np.ndarray) -> np.ndarray:
    found: np.ndarray = -(p * np.log(np.where(p > 0, p, 1))).sum(-1)
    return found
