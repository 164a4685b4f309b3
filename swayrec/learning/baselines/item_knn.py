"""ItemKNN: items that the same people touched, by shrunken cosine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from swayrec.learning.baselines.amounts import amounts, usable
from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.neighbors import BLOCK, nearest
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.kernels import taken
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

DECAYS = (Decay("days", 0), Decay("days", 30), Decay("steps", 8))
NEIGHBORS = (50, 200)
SHRINK = 10.0


@dataclass
class ItemKNN(Baseline):
    """Score = sum over the user's items i of faded mark(i) x similarity(i, j), the ``neighbors`` best j an i.

    Similarity is the cosine of the two items' users, times ``c / (c + SHRINK)`` where c users have both
    (Sarwar and others, WWW 2001, with the shrinkage of Bell and Koren, 2007). ``itself``: whether an item is
    its own neighbor, with similarity 1, which only matters where people take the same thing again.
    """

    decay: Decay = DECAYS[0]
    neighbors: int = NEIGHBORS[0]
    itself: bool = False
    title: ClassVar[str] = "ItemKNN"

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every number of neighbors and decay; an item is its own neighbor where people take things again."""
        return tuple(
            cls(decay, neighbors, scenario.repeats)
            for neighbors in NEIGHBORS
            for decay in usable(DECAYS, log)
        )

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Computes the similarities block by block of rows, and cuts them to every width that may be asked for."""
        self._log = log
        widths = sorted({self.neighbors, *NEIGHBORS})
        self._similarity = dict(zip(widths, nearest(_similarities(taken(log)), *widths), strict=True))
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The sum over the user's items."""
        past = amounts(self._log, moments, rows, self.decay, "newest")
        near = past @ self._similarity[self.neighbors]
        return np.asarray((near + past if self.itself else near).toarray(), np.float32)

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._log.items)


def _similarities(X: sparse.csr_matrix) -> Iterator[sparse.csr_matrix]:
    norms = np.sqrt(np.maximum(np.asarray(X.sum(0)).ravel(), 1)).astype(np.float32)
    across = X.T.tocsr()
    for start in range(0, X.shape[1], BLOCK):
        both = across[start : start + BLOCK] @ X
        row = start + np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
        both.data *= both.data / (both.data + SHRINK) / (norms[row] * norms[both.indices])
        both.data[row == both.indices] = 0
        yield both
