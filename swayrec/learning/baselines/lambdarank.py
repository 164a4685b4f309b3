"""LambdaRank: gradient-boosted trees over the very columns that the closed form weighs."""

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.choices import Level, levels
from swayrec.learning.extra import missing
from swayrec.learning.layout import layout
from swayrec.tables.history import Pasts
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

if TYPE_CHECKING:
    from swayrec.learning.scoring import Scoring

LEAVES = (7, 15)
ROUNDS = (25, 50, 100, 200)
RATE = 0.05
SMALLEST_LEAF = 200
SEED = 0

NUMBERS = 250_000_000
"""Numbers of all training rows together, at most: a gigabyte. Of more choices a sample is learned from."""

ASKED = 64
"""Moments whose candidates are laid out at once."""


@dataclass
class LambdaRank(Baseline):
    """LightGBM's LambdaRank (Burges, 2010; Ke and others, NIPS 2017) on the choices of the scenario.

    Rows are those of the closed form: every level's choices, the candidates that the plain sum of the kernels
    finds, the columns of all the scenario's forms together. At a moment the plain sum's best
    ``choices.candidates`` (and ``never_taken``) are ranked by the trees; the rest follows in its own order.
    """

    leaves: int = LEAVES[0]
    rounds: int = ROUNDS[0]
    title: ClassVar[str] = "LambdaRank"
    fitted_by: ClassVar[tuple[str, ...]] = ("leaves",)

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every size of trees with every number of them."""
        return tuple(cls(*setting) for setting in itertools.product(LEAVES, ROUNDS))

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """It needs its library, the vectors that a form asks for, and choices to learn from."""
        reason = missing("lightgbm")
        if reason:
            return reason
        asked = {kernel.similarity for form in scenario.influence.forms for kernel in form.kernels}
        if "text" in asked and (items is None or items.vectors is None):
            return "a form of the scenario uses the text kernel, and the items have no text vectors"
        if all(len(level) == 0 for level in levels(log, log.end, scenario)):
            return "there is no choice to learn from: nobody has both a past and a later target event"
        return None

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Lays out the rows of all levels and boosts as many trees as the grid may ask for."""
        import lightgbm

        from swayrec.learning.rows import everyone_of

        catalogue = items or Catalogue([None] * len(log.items))
        self._log, self._scenario, self._pasts = log, scenario, Pasts(log)
        self._columns = layout(
            scenario.influence.forms,
            scenario.behavior_names,
            scenario.targets,
            leave_own_out=scenario.influence.choices.kind == "touched",
        )
        features, y, sizes, weight, picked_by = self._rows(log, scenario, catalogue)
        rows = lightgbm.Dataset(features, y, group=sizes, weight=weight, free_raw_data=True)
        settings = {
            "objective": "lambdarank",
            "num_leaves": self.leaves,
            "learning_rate": RATE,
            "min_data_in_leaf": SMALLEST_LEAF,
            "lambdarank_truncation_level": 20,
            "seed": SEED,
            "deterministic": True,
            # Threads meet some hundred times a tree: beside busy neighbors they wait longer than they save.
            "num_threads": 1,
            "force_row_wise": True,
            "verbosity": -1,
        }
        self._trees = lightgbm.train(settings, rows, num_boost_round=max(self.rounds, *ROUNDS))
        self._scoring = self._scoring_of(log, log.end, scenario, catalogue)
        self._scoring.set_weights(picked_by)
        self._everyone = everyone_of(log, scenario, catalogue)
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The trees' scores of the candidates, above all others, which keep the order of the plain sum."""
        users, before, now = moments.users[rows], moments.before[rows], moments.now[rows]
        scores = np.empty((len(users), self.catalogue), np.float32)
        for start in range(0, len(users), ASKED):
            part = slice(start, start + ASKED)
            histories = self._pasts.at(users[part], before[part], self._scenario.model.history)
            scores[part] = self._ranked(histories, now[part])
        return scores

    def _ranked(self, histories: Any, now: np.ndarray) -> np.ndarray:
        import tensorflow as tf

        from swayrec.learning.contenders import contenders, gone
        from swayrec.learning.past import to_past

        past, choices = to_past(histories, now), self._scenario.influence.choices
        amounts = self._scoring.amounts(past)
        off = gone(past, self._scenario)
        candidates = contenders(past, amounts, self._scoring, choices.candidates, choices.never_taken, off)
        moment = None
        if self._everyone is not None:
            moment = self._everyone.at(now, candidates, histories.item, self._columns.windows)
        asked = tf.constant(candidates)
        features = self._scoring.features(past, asked, amounts=amounts, moment=moment).numpy()
        influence, base = self._scoring.score(past, amounts=amounts)
        scores = (influence + base).numpy()
        row, column = np.nonzero(candidates >= 0)
        told = np.asarray(self._trees.predict(features[row, column], num_iteration=self.rounds))
        # The rest lies below the least that any candidate of the batch got.
        scores += told.min(initial=0) - 1 - scores.max(1, keepdims=True)
        scores[row, candidates[row, column]] = told
        return scores

    def _rows(
        self, log: Log, scenario: Scenario, catalogue: Catalogue
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Features float32[R, d], labels [R] and weights [R] of all choices; candidates [Q] of each choice; the weights
        float64[d] that picked the candidates of the newest level.
        """
        from swayrec.learning.picking import plain_weights
        from swayrec.learning.rows import batches, everyone_of

        random = np.random.default_rng(SEED)
        # A rank is learned among what is ranked: the candidates that are picked, and none from anywhere.
        scenario = scenario.with_choices(anywhere=0)
        asked = scenario.influence.choices
        per_choice = (asked.candidates + asked.never_taken) * self._columns.size
        number = 1 if asked.kind == "touched" else asked.levels
        most = max(NUMBERS // (per_choice * number), 1)
        everyone = everyone_of(log, scenario, catalogue)
        features, y, sizes, weight, plain = [], [], [], [], []
        for level in levels(log, log.end, scenario):
            chosen = _sample(level, most, random)
            scoring = self._scoring_of(level.tables_log, level.now, scenario, catalogue)
            plain.append(plain_weights(scoring, level, scenario))
            scoring.set_weights(plain[-1])
            for batch in batches(level, scoring, scenario, choose=chosen, everyone=everyone):
                real = batch.candidates >= 0
                # Trees learn nothing from a choice whose item is not among its candidates.
                real &= (batch.y * real).any(1, keepdims=True)
                features.append(batch.features.numpy()[real])
                y.append(batch.y[real])
                sizes.append(real.sum(1)[real.any(1)])
                weight.append(np.broadcast_to(batch.weight[:, None], real.shape)[real])
        found = [np.concatenate(each) for each in (features, y, sizes, weight)]
        return found[0], found[1], found[2], found[3], plain[0]

    def _scoring_of(self, log: Log, now: float, scenario: Scenario, catalogue: Catalogue) -> "Scoring":
        from swayrec.learning.scoring import Scoring
        from swayrec.learning.tables import item_tables

        return Scoring(item_tables(log, now, self._columns, scenario.influence, catalogue), self._columns)

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._log.items)


def _sample(level: Level, most: int, random: np.random.Generator) -> np.ndarray:
    return np.sort(random.permutation(len(level))[:most])
