"""BPR: users and items as vectors by which what was touched comes before what was not."""

import itertools
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.factorizing import one_thread, weighed
from swayrec.learning.baselines.popular import OF, Of
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.extra import missing
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

FACTORS = (32, 128)
REGULARIZATIONS = (0.01, 0.05)
RATES = (0.01, 0.05)
ITERATIONS = 150
SEED = 0


@dataclass
class BPR(Baseline):
    """Bayesian personalized ranking (Rendle and others, UAI 2009), by the library implicit.

    It knows touched and untouched, no amounts, so behaviors cannot weigh more or less; ``of`` says whether
    all behaviors make a touch or the targets alone. A user has the vector that fitting left, whatever the
    moment; one without any such event gets the items by their biases alone.
    """

    of: Of = "targets"
    factors: int = FACTORS[0]
    regularization: float = REGULARIZATIONS[0]
    rate: float = RATES[0]
    title: ClassVar[str] = "BPR"
    fitted_by: ClassVar[tuple[str, ...]] = ("of", "factors", "regularization", "rate")

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every size, penalty and rate, of target events and, where there are others, of all events."""
        of = OF if set(scenario.targets) != set(scenario.behavior_names) else OF[:1]
        return tuple(cls(*setting) for setting in itertools.product(of, FACTORS, REGULARIZATIONS, RATES))

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """It needs its library."""
        return missing("implicit")

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Descends in one thread and from a fixed seed: with more, no two runs are alike."""
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        counted = [self.of == "all" or behavior.target for behavior in scenario.behaviors]
        with one_thread():
            model = BayesianPersonalizedRanking(
                factors=self.factors,
                learning_rate=self.rate,
                regularization=self.regularization,
                iterations=ITERATIONS,
                num_threads=1,
                random_state=SEED,
            )
            model.fit(weighed(log, np.array(counted, float)), show_progress=False)
        self._users, self._items = model.user_factors, model.item_factors
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The products of the users' vectors with the items', whose last number is the item's own bias."""
        return np.asarray(self._users[moments.users[rows]] @ self._items.T, np.float32)

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._items)
