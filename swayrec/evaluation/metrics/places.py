"""The places of ranked lists: cut to k, checked, and what a place is worth."""

import numpy as np


def first_places(ranked: np.ndarray, k: int) -> np.ndarray:
    """int64[C, k]: the first ``k`` places of ``ranked`` int[C, any], -1 = nothing; short lists are filled up.

    Raises:
        ValueError: a list has a hole or names an item twice.
    """
    top = np.full((len(ranked), k), -1, np.int64)
    top[:, : ranked.shape[1]] = ranked[:, :k]
    listed = top >= 0
    if (listed[:, 1:] & ~listed[:, :-1]).any():
        raise ValueError("a ranked list has an item after an empty place; move the empty places to its end")
    ordered = np.sort(top, axis=1)
    if ((ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)).any():
        raise ValueError("a ranked list names an item twice; each item may stand once")
    return top


def discount(position: np.ndarray) -> np.ndarray:
    """float64: 1 / log2(1 + position), what a place is worth (Järvelin and Kekäläinen, ACM TOIS 20, 2002).

    The same discount is the exposure of a place in Singh and Joachims (KDD 2018). Positions begin with 1.

    >>> discount(np.array([1, 3])).tolist()
    [1.0, 0.5]
    """
    return 1 / np.log2(1 + np.asarray(position, np.float64))
