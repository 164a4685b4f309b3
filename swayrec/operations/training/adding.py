"""What is tried on top of the closed form: fitted on a stage's choices, compared on the validation cases."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.evaluation.bootstrap import Estimate
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.selection import gain
from swayrec.learning.intents import Intent
from swayrec.learning.layout import Layout
from swayrec.learning.recommender import Recommender
from swayrec.learning.recommender_rows import CONTESTED, ChoiceRows
from swayrec.learning.recommender_training import fit_recommender
from swayrec.learning.rows import everyone_of
from swayrec.learning.tree_training import TreeSettings
from swayrec.learning.user_context import UserContext
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.material import Material, Stage
from swayrec.operations.training.ranking import K, ranked
from swayrec.operations.training.stage_choices import choices_of
from swayrec.operations.training.tree_choice import boosted, chosen_trees
from swayrec.tables.scenario_learning import MLP, TREES

CLOSED = "closed form"
TITLES = {MLP: "closed form and network", TREES: "closed form and trees"}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Tried:
    """A kind of what may be added, as it did on the validation cases.

    ``validation`` is its NDCG@10 there, ``gain`` how far that lies above the closed form's; ``settings``: what
    validation chose for trees; ``curve``: what was told of held-out users epoch by epoch.
    """

    kind: str
    validation: float
    gain: Estimate
    settings: TreeSettings | None = None
    curve: tuple[float, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether the whole interval of the gain lies above 0."""
        return self.gain.above_zero

    def chosen(self) -> dict[str, Any]:
        """What validation chose, as JSON knows it; nothing where there was no choice."""
        return {} if self.settings is None else {"settings": vars(self.settings)}


def choose(
    data: Material, layout: Layout, fitted: Fitted, intent: Intent, log_dir: Path, say: Say
) -> tuple[dict[str, Any], Tried | None]:
    """Fits on the validation stage all that the scenario has tried, and compares it with the closed form.

    Args:
        data: with a scenario that asks for something on top.
        layout: the columns of the form that was chosen.
        fitted: the closed form of the validation stage.
        intent: the intent model of that stage.
        log_dir: where TensorBoard's files go.
        say: told of progress.

    Returns:
        What the report tells: ``kept`` (of those whose NDCG@10 surely lies above the closed form's the best; else the
        closed form), ``why``, and the numbers on validation. And what is kept, None = the closed form alone.
    """
    assert data.scenario.network is not None
    closed = closed_scores(data, layout, fitted)
    try:
        found = [
            tried(kind, data, layout, fitted, intent, closed, say, log_dir)
            for kind in data.scenario.network.tried
        ]
    except ValueError as error:
        return {"kept": CLOSED, "why": str(error)}, None
    kept = max((each for each in found if each.kept), key=lambda each: each.validation, default=None)
    told = "; ".join(
        f"{TITLES[each.kind].removeprefix('closed form and ')} by {each.gain.mean:+.4f} "
        f"[{each.gain.low:+.4f}, {each.gain.high:+.4f}] to {each.validation:.4f}"
        for each in found
    )
    choice = {
        "kept": CLOSED if kept is None else TITLES[kept.kind],
        "why": (
            f"on validation NDCG@{K} of the closed form, {closed.mean():.4f}, is moved by the {told}; kept is only "
            "what has its whole interval above 0"
        ),
        "validation": {
            "cases": len(closed),
            CLOSED: float(closed.mean()),
            **{TITLES[each.kind]: _told(each) for each in found},
        },
    }
    return choice, kept


def _told(each: Tried) -> dict[str, Any]:
    return {
        "ndcg": each.validation,
        "gain": [each.gain.mean, each.gain.low, each.gain.high],
        "on_held_out_users": list(each.curve),
        **each.chosen(),
    }


def closed_scores(
    data: Material, layout: Layout, fitted: Fitted, network: Recommender | None = None
) -> np.ndarray:
    """float64[C]: NDCG@10 on the validation cases of the closed form, perhaps with a network on top."""
    part = data.split.validation
    everyone = everyone_of(part.known, data.scenario, data.stages[0].catalogue)
    lists = ranked(fitted.scoring(layout), part, data.scenario, network=network, everyone=everyone)
    return NDCG(K)(lists, part.cases)


def tried(
    kind: str,
    data: Material,
    layout: Layout,
    fitted: Fitted,
    intent: Intent,
    closed: np.ndarray,
    say: Say,
    log_dir: Path | None = None,
) -> Tried:
    """One kind, taught by the validation stage's choices, asked for the validation cases.

    ``closed`` float64[C]: of :func:`closed_scores`.

    Raises:
        ValueError: too few users have a choice to learn from.
    """
    stage, part = data.stages[0], data.split.validation
    if kind == MLP:
        rows, context = choices_of(stage, data, layout, fitted, intent, say, CONTESTED)
        network, curve = _perceptron(data, stage, rows, context, say, log_dir)
        scores = closed_scores(data, layout, fitted, network)
        return Tried(kind, float(scores.mean()), gain(scores, closed, part.cases.users), curve=curve)
    best, scores = chosen_trees(data, layout, fitted, intent, say)
    return Tried(kind, float(scores.mean()), gain(scores, closed, part.cases.users), best)


def fitted_again(
    kept: Tried, data: Material, stage: Stage, layout: Layout, fitted: Fitted, intent: Intent, say: Say
) -> Recommender:
    """What was kept, taught by another stage's choices.

    Raises:
        ValueError: too few users have a choice to learn from.
    """
    if kept.settings is None:
        rows, context = choices_of(stage, data, layout, fitted, intent, say, CONTESTED)
        return _perceptron(data, stage, rows, context, say)[0]
    return boosted(kept.settings, stage, data, layout, fitted, intent, say).recommender()


def _perceptron(
    data: Material,
    stage: Stage,
    rows: ChoiceRows,
    context: UserContext,
    say: Say,
    log_dir: Path | None = None,
) -> tuple[Recommender, tuple[float, ...]]:
    assert data.scenario.network is not None
    made = fit_recommender(
        rows,
        context,
        width=data.scenario.network.width,
        vectors=stage.catalogue.vectors,
        epochs=data.scenario.network.epochs,
        log_dir=log_dir,
        progress=lambda line: say(f"{stage.name}, network, {line}"),
        name=f"recommender-{stage.name}",
    )
    return made.network, made.curve
