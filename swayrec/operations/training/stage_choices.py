"""The choices of a stage with their candidates, for what is on top of its closed form to be taught by."""

import time
from collections.abc import Callable

import numpy as np

from swayrec.learning.choices import levels
from swayrec.learning.intents import Intent
from swayrec.learning.layout import Layout
from swayrec.learning.picking import plain_weights
from swayrec.learning.recommender_rows import ChoiceRows, choice_rows
from swayrec.learning.retrieval import BOTH, CLOSED
from swayrec.learning.user_context import UserContext
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.material import Material, Stage


def choices_of(
    stage: Stage,
    data: Material,
    layout: Layout,
    fitted: Fitted,
    intent: Intent,
    say: Callable[[str], None],
    contested: int,
    retrieval: str = CLOSED,
) -> tuple[ChoiceRows, UserContext]:
    """The choices, and what their users' context was made by.

    Args:
        stage: whose log the choices are of.
        data: with the scenario.
        layout: the columns of the form that was chosen.
        fitted: the stage's closed form.
        intent: the stage's intent model.
        say: told of progress.
        contested: candidates of a choice, at most.
        retrieval: what picks them.
    """
    context = UserContext(intent, len(data.scenario.behaviors))
    start = time.perf_counter()
    rows = choice_rows(
        stage.log,
        stage.now,
        data.scenario,
        layout,
        fitted.solution.w,
        context,
        stage.catalogue,
        contested=contested,
        plain=_plain(stage, data, layout, fitted) if retrieval == BOTH else None,
    )
    seconds = time.perf_counter() - start
    say(f"{stage.name}: {len(rows):,} choices among the best of retrieval {retrieval} in {seconds:.1f} s")
    return rows, context


def _plain(stage: Stage, data: Material, layout: Layout, fitted: Fitted) -> np.ndarray | None:
    """float64[d]: plain weights over the tables that questions are asked of, by the newest of the choices; None = there
    is no choice.
    """
    newest = next(levels(stage.log, stage.now, data.scenario), None)
    return None if newest is None else plain_weights(fitted.scoring(layout), newest, data.scenario)
