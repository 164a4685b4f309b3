"""Sequential rules: what followed what within a few instants of the same user."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from scipy import sparse

from swayrec.learning import kernels
from swayrec.learning.baselines.amounts import amounts
from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.neighbors import BLOCK, nearest
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

REACHES = (1, 3)
HALF_LIVES = (0.5, 2.0)
NEIGHBORS = 300


@dataclass
class SequentialRules(Baseline):
    """Rule i -> j weighs the sum, over i's instants, of 1/d where j came d <= ``reach`` instants later,
    divided by i's instants (Kamehkhosh and others, 2017); rules of the user's newest instants count most:
    an instant fades by half in ``half_life`` steps.
    """

    reach: int = REACHES[0]
    half_life: float = HALF_LIVES[0]
    title: ClassVar[str] = "Sequential rules"
    fitted_by: ClassVar[tuple[str, ...]] = ("reach",)

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every reach and half-life."""
        return tuple(cls(reach, half_life) for reach in REACHES for half_life in HALF_LIVES)

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """Rules need to know what came first."""
        return None if log.has_order else "the log has no order, so nothing followed anything"

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Counts the rules block by block of first items."""
        self._log = log
        baskets = kernels.baskets(log)
        user = log.user[log.instants()[0]]
        follows = sparse.csr_matrix((len(user), len(user)), dtype=np.float32)
        for step in range(1, self.reach + 1):
            same = (
                (user[step:] == user[:-step]).astype(np.float32) / step if len(user) > step else np.zeros(0)
            )
            if len(same):
                follows = follows + sparse.diags(same, step, shape=follows.shape, dtype=np.float32)
        [self._rules] = nearest(_rules(baskets, (follows @ baskets).tocsr()), NEIGHBORS)
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The user's newest items through the rules."""
        past = amounts(self._log, moments, rows, Decay("steps", self.half_life), "newest")
        # What has faded below a thousandth cannot move a ranking, and a grocery history is long.
        past.data[past.data < 1e-3] = 0
        past.eliminate_zeros()
        return np.asarray((past @ self._rules).toarray(), np.float32)

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return self._rules.shape[0]


def _rules(baskets: sparse.csr_matrix, later: sparse.csr_matrix) -> Iterator[sparse.csr_matrix]:
    first = baskets.T.tocsr()
    instants = np.maximum(np.diff(first.indptr), 1).astype(np.float32)
    for start in range(0, first.shape[0], BLOCK):
        rules = first[start : start + BLOCK] @ later
        rules.data /= np.repeat(instants[start : start + BLOCK], np.diff(rules.indptr))
        yield rules
