"""The step that makes the models: closed form, intent, and a network where validation says that it adds."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.learning.export import export
from swayrec.learning.layout import Layout
from swayrec.learning.learned import Learned
from swayrec.learning.signature import Metadata
from swayrec.operations.training.adding import CLOSED, Tried, choose, fitted_again
from swayrec.operations.training.fitted import Fitted, Selection
from swayrec.operations.training.intending import CHOICE as INTENT
from swayrec.operations.training.intending import stored_intent
from swayrec.operations.training.material import Material, Stage, material
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

CHOICE = "recommender.json"


def train_recommender(
    scenario: Scenario,
    dataset: Dataset,
    vectors: Path,
    influence: Path,
    intent: Path,
    model_test: Path,
    model: Path,
    say: Callable[[str], None],
) -> None:
    """Chooses on validation, and exports two models of the same settings: fitted before the test part, and on all.

    Writes recommender.json (which was kept and why, NDCG@10 of both on validation) beside the model that is
    evaluated.

    Args:
        vectors: of the items' texts.
        influence: what `fit_influence` wrote.
        intent: what `train_intent` wrote.
        model_test: the model that evaluation asks.
        model: the model that is registered and served.
    """
    data = material(scenario, dataset, vectors)
    layout = data.layout(Selection.read(influence).form)
    validation, test, final = data.stages
    model_test.mkdir(parents=True, exist_ok=True)
    choice: dict[str, Any] = {"kept": CLOSED, "why": "the scenario asks for nothing on top"}
    kept: Tried | None = None
    if scenario.network is not None and scenario.network.tried:
        fitted, followed = Fitted.load(influence / validation.name), stored_intent(intent, data, validation)
        choice, kept = choose(data, layout, fitted, followed, model_test / "tensorboard", say)
    say(f"recommender: {choice['kept']} is kept: {choice['why']}")
    for stage, folder in ((test, model_test), (final, model)):
        fitted, followed = Fitted.load(influence / stage.name), stored_intent(intent, data, stage)
        network = None
        if kept is not None:
            network = fitted_again(kept, data, stage, layout, fitted, followed, say)
        folder.mkdir(parents=True, exist_ok=True)
        metadata = _metadata(data, stage, layout)
        learned = Learned(layout, fitted.solution.w, followed, network, scenario.text)
        start = time.perf_counter()
        export(learned.served(fitted.tables, metadata), folder, learned)
        say(
            f"{stage.name}: {len(fitted.tables.items):,} items exported in {time.perf_counter() - start:.1f} s"
        )
    (model_test / CHOICE).write_text(json.dumps(choice, indent=2), encoding="utf-8")
    (model_test / INTENT).write_bytes((intent / INTENT).read_bytes())


def _metadata(data: Material, stage: Stage, layout: Layout) -> Metadata:
    scenario, shape = data.scenario, data.scenario.model
    return Metadata(
        scenario=scenario.name,
        version=int(time.time()),
        behaviors=scenario.behavior_names,
        targets=scenario.targets,
        seen=scenario.seen,
        rest=layout.rest,
        history=shape.history,
        exclude=shape.exclude,
        categories=shape.categories,
        recent=shape.recent,
        candidates=shape.candidates,
        results=shape.results,
        clock=scenario.clock,
        until=None if np.isnan(stage.now) else stage.now,
        posted=data.dataset.posted_upto,
        data=data.dataset.made_of,
        period=shape.period,
        languages=scenario.languages,
        words={behavior.name: dict(behavior.words) for behavior in scenario.behaviors},
    )
