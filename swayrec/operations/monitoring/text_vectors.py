"""The vectors of the texts of a window's items, in the few directions in which they differed at the training."""

from collections.abc import Callable, Sequence

import numpy as np

from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.operations.monitoring.texts import Texts

MOST = 500
"""Texts that are encoded, a window."""

WIDTH = 32

Encode = Callable[[Sequence[str]], np.ndarray]
"""float32[n, D] of n texts, by the language model as it is now."""


class Directions:
    """``mean`` float64[D] and ``basis`` float64[D, width]: directions of largest variance (principal components)."""

    def __init__(self, mean: np.ndarray, basis: np.ndarray) -> None:
        self.mean, self.basis = mean, basis

    @classmethod
    def fitted(cls, vectors: np.ndarray) -> "Directions":
        """Of float[n, D]."""
        mean = vectors.mean(0, dtype=np.float64)
        _, _, axes = np.linalg.svd(vectors - mean, full_matrices=False)
        return cls(mean, axes[:WIDTH].T)

    def of(self, vectors: np.ndarray) -> np.ndarray:
        """float64[n, width]."""
        found: np.ndarray = (vectors - self.mean) @ self.basis
        return found


def encoded(drawn: Texts, encode: Encode, windows: int) -> tuple[np.ndarray, np.ndarray]:
    """The events of a sample whose items have a text, ``MOST`` texts a window, and the vectors of these.

    Returns:
        int64[m], places in the sample; float[m, D]. What the language model finds no word in is left out.
    """
    asked = np.array([bool(text) for text in drawn.of_item], bool)
    kept: list[int] = []
    for window in range(windows):
        seen: set[str] = set()
        for place in np.flatnonzero(asked & (drawn.window == window)):
            text = drawn.of_item[place]
            if text in seen or len(seen) < MOST:
                seen.add(text)
                kept.append(int(place))
    distinct = sorted({drawn.of_item[place] for place in kept})
    if not distinct:
        return np.zeros(0, np.int64), np.zeros((0, 1))
    number = {text: row for row, text in enumerate(distinct)}
    vectors = np.asarray(encode(distinct), np.float64)
    rows = vectors[[number[drawn.of_item[place]] for place in kept]]
    some = rows.any(1)
    return np.array(kept, np.int64)[some], rows[some]


def vector_counts(
    drawn: Texts, places: np.ndarray, vectors: np.ndarray, directions: Directions, windows: int
) -> Counts:
    """The family ``vectors``: how many, the sum of squares, and the sum in each direction."""
    width = directions.basis.shape[1]
    sums = np.zeros((windows, GROUPS, 2 + width))
    z = directions.of(vectors)
    rows = np.column_stack([np.ones(len(z)), (z**2).sum(1), z])
    np.add.at(sums, (drawn.window[places], drawn.group[places]), rows)
    return Counts(("texts", "squares", *map(str, range(width))), sums)
