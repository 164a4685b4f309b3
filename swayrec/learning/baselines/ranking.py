"""The best k items of rows of scores, ties in random order."""

from collections.abc import Sequence

import numpy as np


def best(
    scores: np.ndarray, k: int, exclude: Sequence[np.ndarray] | None, random: np.random.Generator
) -> np.ndarray:
    """The ``k`` best items of each row, best first.

    Equal scores are put in an order drawn for each row on its own: an order by id can give the answer away
    (ids are often numbered by first appearance).

    Args:
        scores: float[C, I]; -inf = never. Changed in place where items are excluded.
        k: how many to keep.
        exclude: for each row, the indices of items that must not be listed.
        random: draws the order of ties.

    Returns:
        int32[C, k], -1 after the last item of a row with fewer than ``k`` allowed items.
    """
    rows, items = scores.shape
    if exclude is not None:
        for row, unwanted in enumerate(exclude):
            scores[row, unwanted] = -np.inf
    ranked = np.full((rows, k), -1, np.int32)
    if not rows or not items:
        return ranked
    width = min(k, items)
    least = np.partition(scores, items - width, axis=1)[:, items - width]
    case, item = np.nonzero((scores >= least[:, None]) & (scores > -np.inf))
    order = np.lexsort((random.random(len(case)), -scores[case, item], case))
    case, item = case[order], item[order]
    place = np.arange(len(case)) - np.searchsorted(case, case)
    kept = place < width
    ranked[case[kept], place[kept]] = item[kept]
    return ranked
