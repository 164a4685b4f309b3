"""iALS: users and items as vectors whose products explain what was touched, by alternating least squares."""

import itertools
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from swayrec.learning.baselines.amounts import amounts, usable
from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.factorizing import one_thread, weighed
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.extra import missing
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

FACTORS = (16, 32, 64, 128)
REGULARIZATIONS = (1.0, 10.0)
ALPHAS = (1.0, 10.0)
DECAYS = (Decay("days", 0), Decay("days", 30), Decay("steps", 32), Decay("steps", 8))
ITERATIONS = 15
SEED = 0


@dataclass
class ALS(Baseline):
    """Weighted matrix factorization for implicit feedback (Hu, Koren and Volinsky, ICDM 2008).

    Confidence is ``1 + alpha x r``, r the user's events on the item, each as much as the scenario's hand
    weight of its behavior. A user's vector at a moment is solved from what the user did before it, faded by
    ``decay``, and the item vectors: it is no older than the moment, and a user who came later has one.
    """

    factors: int = FACTORS[0]
    regularization: float = REGULARIZATIONS[0]
    alpha: float = ALPHAS[0]
    decay: Decay = DECAYS[0]
    title: ClassVar[str] = "iALS"
    fitted_by: ClassVar[tuple[str, ...]] = ("factors", "regularization", "alpha")

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every size, penalty and confidence, each with every decay."""
        return tuple(
            cls(*setting)
            for setting in itertools.product(FACTORS, REGULARIZATIONS, ALPHAS, usable(DECAYS, log))
        )

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """It needs its library."""
        return missing("implicit")

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Factorizes, in one thread and from a fixed seed."""
        from implicit.cpu.als import AlternatingLeastSquares

        self._log = log
        self._hand = np.array([behavior.hand for behavior in scenario.behaviors])
        confidence = weighed(log, self._hand)
        confidence.data = 1 + self.alpha * confidence.data
        with one_thread():
            self._model = AlternatingLeastSquares(
                factors=self.factors,
                regularization=self.regularization,
                iterations=ITERATIONS,
                num_threads=1,
                random_state=SEED,
            )
            self._model.fit(confidence, show_progress=False)
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The products of the items' vectors with the users' as of the moments."""
        past = amounts(self._log, moments, rows, self.decay, weights=self._hand)
        past.sum_duplicates()
        past.eliminate_zeros()
        past.data = 1 + self.alpha * past.data
        with one_thread():
            users = self._model.recalculate_user(np.arange(past.shape[0]), past)
        return np.asarray(users @ self._model.item_factors.T, np.float32)

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._log.items)
