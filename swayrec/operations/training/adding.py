"""Whether a network adds to the closed form: fitted on a stage's choices, compared on the validation cases."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.selection import gain, significantly_better
from swayrec.learning.intents import Intent
from swayrec.learning.layout import Layout
from swayrec.learning.recommender_rows import choice_rows
from swayrec.learning.recommender_training import TrainedRecommender, fit_recommender
from swayrec.learning.rows import everyone_of
from swayrec.learning.user_context import UserContext
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.material import Material, Stage
from swayrec.operations.training.ranking import K, ranked

CLOSED = "closed form"
NETWORK = "closed form and network"


def choose(
    data: Material,
    layout: Layout,
    fitted: Fitted,
    intent: Intent,
    log_dir: Path,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Fits a network on the validation stage and compares it with the closed form on the validation cases.

    Args:
        data: with a scenario that asks for a network.
        layout: the columns of the form that was chosen.
        fitted: the closed form of the validation stage.
        intent: the intent model of that stage.
        log_dir: where TensorBoard's files go.
        say: told of progress.

    Returns:
        ``kept`` (the network only where the interval of its NDCG@10 over the closed form's lies above 0),
        ``why``, and the numbers on validation.
    """
    scenario, part = data.scenario, data.split.validation
    try:
        trained = fitted_network(data, data.stages[0], layout, fitted, intent, say, log_dir)
    except ValueError as error:
        return {"kept": CLOSED, "why": str(error)}
    scoring, metric = fitted.scoring(layout), NDCG(K)
    everyone = everyone_of(part.known, scenario, data.stages[0].catalogue)
    closed = metric(ranked(scoring, part, scenario, everyone=everyone), part.cases)
    lists = ranked(scoring, part, scenario, network=trained.network, everyone=everyone)
    added = metric(lists, part.cases)
    above = gain(added, closed, part.cases.users)
    return {
        "kept": NETWORK if significantly_better(added, closed, part.cases.users) else CLOSED,
        "why": (
            f"on validation the network moves NDCG@{K} by {above.mean:+.4f} [{above.low:+.4f}, "
            f"{above.high:+.4f}], from {closed.mean():.4f} to {added.mean():.4f}, and it is kept only where "
            "the whole interval lies above 0"
        ),
        "validation": {
            "cases": len(part.cases),
            CLOSED: float(closed.mean()),
            NETWORK: float(added.mean()),
            "gain": [above.mean, above.low, above.high],
            "loss_on_held_out_users": list(trained.curve),
        },
    }


def fitted_network(
    data: Material,
    stage: Stage,
    layout: Layout,
    fitted: Fitted,
    intent: Intent,
    say: Callable[[str], None],
    log_dir: Path | None = None,
) -> TrainedRecommender:
    """A network on top of a stage's closed form, taught by the stage's own training choices.

    Raises:
        ValueError: too few users have a choice to learn from.
    """
    scenario = data.scenario
    assert scenario.network is not None
    context = UserContext(intent, len(scenario.behaviors))
    start = time.perf_counter()
    rows = choice_rows(
        stage.log,
        stage.now,
        scenario,
        layout,
        fitted.solution.w,
        context,
        stage.catalogue,
    )
    say(f"{stage.name}: {len(rows):,} choices for the network in {time.perf_counter() - start:.1f} s")
    return fit_recommender(
        rows,
        context,
        width=scenario.network.width,
        vectors=stage.catalogue.vectors,
        epochs=scenario.network.epochs,
        log_dir=log_dir,
        progress=lambda line: say(f"{stage.name}, network, {line}"),
        name=f"recommender-{stage.name}",
    )
