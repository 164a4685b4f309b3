"""Teaching trees by the choices that the closed form was fitted on: they begin where its scores end."""

import itertools
from dataclasses import dataclass, replace

import numpy as np
import xgboost

from swayrec.learning.recommender import Recommender
from swayrec.learning.recommender_rows import ChoiceRows
from swayrec.learning.retrieval import BOTH, CLOSED
from swayrec.learning.trees import Forest, Trees
from swayrec.learning.user_context import UserContext

CANDIDATES = (50, 200)
SHARES = (1.0, 0.1)
COUNTS = (10, 25, 50, 100, 200)
DEPTH = 3
RATE = 0.05
ROWS, COLUMNS = 0.7, 0.5
"""Shares that a tree sees, another part each time: what a single tree chances upon counts less."""


@dataclass(frozen=True)
class TreeSettings:
    """How trees are boosted.

    ``candidates`` of a choice that they are taught by, the best by the closed form; ``share`` of the closed form's
    weight that they start from: less leaves them freer; ``count`` of trees; ``retrieval``: what picks the candidates of
    choices and of questions alike (:mod:`.retrieval`).
    """

    candidates: int
    share: float
    count: int
    retrieval: str = CLOSED

    def __str__(self) -> str:
        halves = " by halves" if self.retrieval == BOTH else ""
        return (
            f"{self.count} trees from {self.share:g} of the closed form, {self.candidates} candidates{halves}"
        )


GRID = tuple(TreeSettings(*each, max(COUNTS)) for each in itertools.product(CANDIDATES, SHARES))
"""What is boosted; fewer trees are the first of many, so they cost nothing more."""


@dataclass(frozen=True)
class Boosted:
    """Trees as their library holds them; ``sharpness``: how many of their units a unit of score is worth; ``plain``
    float[d]: weights that pick half of their candidates, None = the closed form picks all.
    """

    made: xgboost.Booster
    settings: TreeSettings
    sharpness: float
    context: UserContext
    plain: np.ndarray | None

    def fewer(self) -> dict[TreeSettings, "Boosted"]:
        """These for each of ``COUNTS``, whose first so many trees are meant (:class:`.asked_trees.AskedTrees`)."""
        return {replace(self.settings, count=count): self for count in COUNTS}

    def recommender(self) -> Recommender:
        """All of the trees as a part of the graph that is served."""
        dumped = self.made.get_dump(dump_format="json")
        return Recommender(Trees(Forest.of(dumped, self.sharpness)), self.context, self.plain)


def fit_trees(learned: ChoiceRows, context: UserContext, settings: TreeSettings, *, seed: int = 0) -> Boosted:
    """LambdaMART (Burges, 2010) by XGBoost (Chen and Guestrin, KDD 2016), from the closed scores on.

    A split reads a raw column, the closed score or the user's context, as it is: no scale matters. Each choice counts
    by its weight. How many trees is for the validation cases to say: held-out users of few choices would stop the
    boosting by chance (measured on KuaiRand: at 4 to 36 trees, where 100 are best).

    Args:
        learned: the choices, their candidates picked as the settings say.
        context: what their ``context`` was made by.
        settings: of the boosting.
        seed: of which rows and columns each tree sees.

    Raises:
        ValueError: no choice has an item that was taken and one that was not.
    """
    assert (learned.plain is not None) == (settings.retrieval == BOTH)
    learned = learned.best(settings.candidates)
    if not len(learned):
        raise ValueError("too few users have a choice, so there are no trees to learn")
    sharpness = float(np.exp(learned.log_sharpness())) * settings.share
    real = learned.candidates >= 0
    count, closed = real.sum(1), learned.closed[real]
    columns = np.column_stack([learned.features[real], closed, np.repeat(learned.context, count, axis=0)])
    rows = xgboost.DMatrix(columns, learned.y[real], base_margin=closed * sharpness, nthread=1)
    rows.set_group(count)
    rows.set_weight(learned.weight / learned.weight.mean())
    how = {
        "objective": "rank:ndcg",
        "lambdarank_pair_method": "topk",
        "lambdarank_num_pair_per_sample": 20,
        "ndcg_exp_gain": False,
        "max_depth": DEPTH,
        "eta": RATE,
        "subsample": ROWS,
        "colsample_bytree": COLUMNS,
        "tree_method": "hist",
        # Threads meet some hundred times a tree: beside busy neighbors they wait longer than they save.
        "nthread": 1,
        "seed": seed,
    }
    made = xgboost.train(how, rows, num_boost_round=settings.count)
    return Boosted(made, settings, sharpness, context, learned.plain)
