"""Which trees validation chooses: all of a grid are boosted, and asked of the validation cases."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.learning.asked_trees import AskedTrees
from swayrec.learning.intents import Intent
from swayrec.learning.layout import Layout
from swayrec.learning.retrieval import CLOSED, RETRIEVALS
from swayrec.learning.rows import everyone_of
from swayrec.learning.tree_training import GRID, Boosted, TreeSettings, fit_trees
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.material import Material, Stage
from swayrec.operations.training.ranking import K, ranked_again
from swayrec.operations.training.stage_choices import choices_of

CHOSEN_ON = 2_000
"""Users whose validation cases settings are chosen on, at most, drawn by lot: what was chosen is asked of all."""

SEED = 0

CONTESTED = max(each.candidates for each in GRID)

Say = Callable[[str], None]


def chosen_trees(
    data: Material, layout: Layout, fitted: Fitted, intent: Intent, say: Say
) -> tuple[TreeSettings, np.ndarray]:
    """The settings with the highest NDCG@10, and float64[C], theirs on the validation cases.

    Args:
        data: the validation stage and its cases.
        layout: the columns of the form that was chosen.
        fitted: the closed form of the validation stage.
        intent: the intent model of that stage.
        say: told of progress.

    Raises:
        ValueError: too few users have a choice to learn from.
    """
    part = data.split.validation
    few = part.of_some(CHOSEN_ON, SEED)
    made: dict[TreeSettings, Boosted] = {}
    found: dict[TreeSettings, np.ndarray] = {}
    for retrieval in _retrievals(data):
        rows, context = choices_of(data.stages[0], data, layout, fitted, intent, say, CONTESTED, retrieval)
        some: dict[TreeSettings, Boosted] = {}
        for each in GRID:
            some |= fit_trees(rows, context, replace(each, retrieval=retrieval)).fewer()
        made |= some
        found |= _scores(data, layout, fitted, some, few)
        best = max(some, key=lambda each: float(found[each].mean()))
        say(f"validation: retrieval {retrieval}: {best}: NDCG@{K} {found[best].mean():.4f}")
    best = max(found, key=lambda each: float(found[each].mean()))
    scores = found[best] if few is part else _scores(data, layout, fitted, {best: made[best]}, part)[best]
    say(
        f"validation: {best}: NDCG@{K} {scores.mean():.4f}, "
        f"the best of {len(found)} on {len(few.cases):,} of {len(part.cases):,} cases"
    )
    return best, scores


def boosted(
    settings: TreeSettings,
    stage: Stage,
    data: Material,
    layout: Layout,
    fitted: Fitted,
    intent: Intent,
    say: Say,
) -> Boosted:
    """The trees that were chosen, taught by another stage's choices.

    Raises:
        ValueError: too few users have a choice to learn from.
    """
    rows, context = choices_of(stage, data, layout, fitted, intent, say, CONTESTED, settings.retrieval)
    return fit_trees(rows, context, settings)


def _retrievals(data: Material) -> tuple[str, ...]:
    """Those that there are to choose from: where all of the catalogue is scored again, there is nothing to pick."""
    whole = len(data.split.validation.known.items) <= data.scenario.model.results
    return (CLOSED,) if whole else RETRIEVALS


def _scores(
    data: Material, layout: Layout, fitted: Fitted, asked: Mapping[TreeSettings, Boosted], part: Part
) -> dict[TreeSettings, np.ndarray]:
    """float64[C] by settings: NDCG@10 of validation cases."""
    metric = NDCG(K)
    everyone = everyone_of(part.known, data.scenario, data.stages[0].catalogue)
    lists = ranked_again(fitted.scoring(layout), part, data.scenario, AskedTrees(asked), everyone=everyone)
    return {each: metric(found, part.cases) for each, found in zip(asked, lists, strict=True)}
