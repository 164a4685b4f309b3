"""What the similarities of items are computed from, as sums over users: those of parts add up to the whole's."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from swayrec.learning import kernels
from swayrec.learning.ease import ease_of
from swayrec.learning.kernels import Rows
from swayrec.tables.log import Log


@dataclass(frozen=True)
class ItemSums:
    """Counts of N items, float64: exact, whatever the parts that they are added up from.

    ``had`` [N, N] sparse: the users who had both of two items (EASE's Gram matrix); ``together`` [N, N] sparse:
    the instants at which both were taken; ``followed`` [N, N] sparse, of
    :func:`~swayrec.learning.kernels.followed`; ``instants`` [N], of each item.
    """

    had: sparse.csr_matrix
    together: sparse.csr_matrix
    followed: sparse.csr_matrix
    instants: np.ndarray

    @classmethod
    def of(cls, log: Log) -> "ItemSums":
        """The sums of a log, or of a part of its users over the same catalogue."""
        X, B = kernels.taken(log).astype(np.float64), kernels.baskets(log).astype(np.float64)
        return cls(
            (X.T @ X).tocsr(), (B.T @ B).tocsr(), kernels.followed(log, B), np.asarray(B.sum(0)).ravel()
        )

    def __add__(self, other: "ItemSums") -> "ItemSums":
        return ItemSums(
            self.had + other.had,
            self.together + other.together,
            self.followed + other.followed,
            self.instants + other.instants,
        )

    def ease(self, ridge: float, neighbors: int) -> Rows:
        """As :func:`swayrec.learning.ease.ease`, always on the side of the items."""
        return ease_of(self.had, ridge, neighbors)

    def transition(self, neighbors: int) -> Rows:
        """As :func:`swayrec.learning.kernels.transition`."""
        return kernels.transition_of(self.followed, self.instants, neighbors)

    def cooccurrence(self, neighbors: int) -> Rows:
        """As :func:`swayrec.learning.kernels.cooccurrence`."""
        scale = sparse.diags(1 / np.sqrt(np.maximum(self.instants, 1)))
        cosine = (scale @ self.together @ scale).tocsr().astype(np.float32)
        cosine.setdiag(0)
        cosine.eliminate_zeros()
        return kernels.pruned_sparse(iter([cosine]), cosine.shape[0], neighbors)
