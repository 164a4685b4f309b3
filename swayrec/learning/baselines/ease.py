"""EASE with recency: a linear autoencoder of the users' items, asked with a past that fades."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy import linalg, sparse

from swayrec.learning import ease, kernels
from swayrec.learning.baselines.amounts import amounts, usable
from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

DECAYS = (Decay("days", 0), Decay("days", 90), Decay("days", 30), Decay("days", 14), Decay("steps", 8))
RIDGES = (1000.0, 200.0)
NEIGHBORS = 200
BLOCK = 1024


@dataclass
class Ease(Baseline):
    """Score = faded marks x EASE's item weights (Steck, WWW 2019), which never lead from an item to itself.

    With fewer users than items the weights are never written down: ``(XᵀX + λI)⁻¹`` is
    ``(I - Xᵀ(XXᵀ + λI)⁻¹X) / λ``, so scores are three products with users x users and users x items
    matrices, exact and about ten times as fast. Otherwise the weights are those of
    :func:`swayrec.learning.ease.ease`, the ``NEIGHBORS`` largest a row: exact ones up to ``ease.LARGEST`` items or
    users, beyond both an approximation.
    """

    decay: Decay = DECAYS[0]
    ridge: float = RIDGES[0]
    title: ClassVar[str] = "EASE with recency"
    fitted_by: ClassVar[tuple[str, ...]] = ("ridge",)

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every decay and ridge."""
        return tuple(cls(decay, ridge) for ridge in RIDGES for decay in usable(DECAYS, log))

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Inverts on the smaller side, where that is small enough."""
        self._log = log
        X = kernels.taken(log)
        X = X[np.diff(X.indptr) > 0]
        self._by_users = X.shape[0] < X.shape[1] and X.shape[0] <= ease.LARGEST
        if not self._by_users:
            rows = ease.ease(log, self.ridge, NEIGHBORS)
            items, width = rows.index.shape
            ends = np.arange(0, items * width + 1, width)
            self._weights = sparse.csr_matrix((rows.value.ravel(), rows.index.ravel(), ends), (items, items))
            return self
        gram = (X @ X.T).toarray().astype(np.float32)
        gram[np.diag_indices(len(gram))] += self.ridge
        factor = linalg.cholesky(gram, lower=True, overwrite_a=True)
        inverse, _ = linalg.lapack.spotri(factor, lower=1, overwrite_c=1)
        self._X, self._across, self._inverse = (
            X,
            X.T.tocsr(),
            np.ascontiguousarray(np.tril(inverse) + np.tril(inverse, -1).T),
        )
        # The diagonal of Xᵀ(XXᵀ + λI)⁻¹X, block by block: EASE leaves it out and divides by 1 minus it.
        parts = (self._across[start : start + BLOCK] for start in range(0, X.shape[1], BLOCK))
        self._own = np.concatenate([np.asarray(part.multiply(part @ self._inverse).sum(1)) for part in parts])
        self._own = self._own.astype(np.float32).ravel()
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The faded marks through the weights."""
        past = amounts(self._log, moments, rows, self.decay, "newest")
        if not self._by_users:
            return np.asarray((past @ self._weights).toarray(), np.float32)
        people = np.asarray((past @ self._X.T).toarray(), np.float32) @ self._inverse
        through = np.ascontiguousarray((self._across @ people.T).T)
        return (through - past.multiply(self._own).toarray()) / (1 - self._own)

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._log.items)
