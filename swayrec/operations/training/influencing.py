"""The step that learns influence: chosen on validation, then fitted on all that each model may know."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.selection import Trial, best
from swayrec.evaluation.splits import Part
from swayrec.learning.behavior_influence import behavior_influence
from swayrec.learning.influence import Solution, fit
from swayrec.learning.layout import Layout
from swayrec.learning.past import Past, to_past
from swayrec.learning.rows import Sums, sums
from swayrec.learning.scoring import Scoring
from swayrec.learning.served import Network
from swayrec.learning.tables import item_tables
from swayrec.operations.training.fitted import Fitted, Selection
from swayrec.operations.training.material import Material, Stage, material
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.history import history
from swayrec.tables.scenario import Scenario

K = 10
BATCH = 64
Say = Callable[[str], None]


def fit_influence(scenario: Scenario, dataset: Dataset, vectors: Path, folder: Path, say: Say) -> None:
    """Chooses form and ridge on validation, then fits the choice for the test and for the served model.

    Writes selection.json, influence.json (of the served model) and a folder each for the stages
    validation, test and final, with tables, weights and their own influence.json.

    Raises:
        InputError: there is nothing to learn from.
    """
    data = material(scenario, dataset, vectors)
    layout = data.layout()
    validation, *later = data.stages
    collected = _sums(data, validation, layout, say)
    selection, solution = _choose(data, layout, collected, say)
    folder.mkdir(parents=True, exist_ok=True)
    selection.write(folder)
    # What was not chosen is of no use from here on: fewer columns to fit, fewer tables to serve.
    chosen = data.layout(selection.form)
    place = [layout.names().index(name) for name in chosen.names()]
    total, layout = collected.total[place], chosen
    _keep(folder, data, validation, layout, replace(collected, total=total), solution.only(place))
    for stage in later:
        collected = _sums(data, stage, layout, say)
        solution = _solve(scenario, layout, collected, selection.form, selection.ridge)
        _keep(folder, data, stage, layout, collected, solution)
    (folder / "influence.json").write_bytes((folder / "final" / "influence.json").read_bytes())


def _sums(data: Material, stage: Stage, layout: Layout, say: Say) -> Sums:
    start = time.perf_counter()
    try:
        collected = sums(
            stage.log,
            stage.now,
            data.scenario,
            layout,
            data.categories(stage.log),
            data.vectors_of(stage.log),
            lambda line: say(f"{stage.name}, {line}"),
        )
    except ValueError as error:
        raise InputError(f"scenario {data.scenario.name}: {error}; bring a longer log") from None
    seconds = time.perf_counter() - start
    say(f"{stage.name}: {collected.rows:,} rows of {layout.size} columns in {seconds:.1f} s")
    return collected


def _solve(scenario: Scenario, layout: Layout, collected: Sums, form: str, ridge: float) -> Solution:
    asked = next(each for each in scenario.influence.forms if each.name == form)
    hand = [behavior.hand for behavior in scenario.behaviors]
    return fit(
        collected.groups, layout.selected(asked), layout.sharing(hand), ridge, scenario.influence.shrink
    )


def _choose(data: Material, layout: Layout, collected: Sums, say: Say) -> tuple[Selection, Solution]:
    """Every form at every ridge, ranked on the validation cases; the best mean, ties to the simpler."""
    scenario, part = data.scenario, data.split.validation
    settings = [
        (form.name, ridge) for form in scenario.influence.forms for ridge in scenario.influence.ridges
    ]
    solutions = [_solve(scenario, layout, collected, form, ridge) for form, ridge in settings]
    scoring = _tables_at(data, data.stages[0], layout)
    metric = NDCG(K)
    trials = []
    for place, (setting, solution) in enumerate(zip(settings, solutions, strict=True)):
        scoring.set_weights(solution.w)
        scores = metric(ranked(scoring, part, scenario), part.cases)
        trials.append(Trial(f"{setting[0]}, ridge {setting[1]:g}", place, scores))
        say(f"validation: {trials[-1].name}: NDCG@{K} {trials[-1].mean:.4f}")
    chosen = best(trials)
    form, ridge = settings[chosen.complexity]
    tried = tuple(
        {"form": name, "ridge": penalty, "validation": trial.mean}
        for (name, penalty), trial in zip(settings, trials, strict=True)
    )
    return Selection(form, ridge, chosen.mean, tried), solutions[chosen.complexity]


def _tables_at(data: Material, stage: Stage, layout: Layout) -> Scoring:
    return Scoring(_tables(data, stage, layout), layout)


def _tables(data: Material, stage: Stage, layout: Layout, *, alike: bool = False) -> Any:
    return item_tables(
        stage.log,
        stage.now,
        layout,
        data.scenario.influence,
        data.categories(stage.log),
        data.vectors_of(stage.log),
        alike=alike,
    )


def ranked(
    scoring: Scoring, part: Part, scenario: Scenario, k: int = K, network: Network | None = None
) -> np.ndarray:
    """int32[C, k]: the best items of every case by a scoring's weights and perhaps a network, without an export."""
    lists = [_best(score, k) for score in scores(scoring, part, scenario, network)]
    return np.concatenate(lists) if lists else np.zeros((0, k), np.int32)


def scores(
    scoring: Scoring, part: Part, scenario: Scenario, network: Network | None = None
) -> Iterator[np.ndarray]:
    """float32[B, N], batch by batch: the scores of a part's cases, -inf where the scenario takes items off.

    With a network, as the served graph does it: the best ``model.results`` items by the closed form are
    scored again, and no other item is listed.
    """
    exclude = unwanted(part, scenario.seen)
    for start in range(0, len(part.cases), BATCH):
        rows = slice(start, start + BATCH)
        histories = history(
            part.known, part.cases.users[rows], part.cases.before[rows], scenario.model.history
        )
        past = to_past(histories, part.cases.now[rows])
        influence, base = scoring.score(past)
        score = (influence + base).numpy()
        for place, gone in enumerate(exclude[rows] if exclude is not None else ()):
            score[place, gone] = -np.inf
        yield score if network is None else _again(score, past, scoring, network, scenario.model.results)


def _again(score: np.ndarray, past: Past, scoring: Scoring, network: Network, results: int) -> np.ndarray:
    best = _best(score, results)
    closed = np.take_along_axis(score, best, 1)
    listed = np.isfinite(closed)
    candidates = np.where(listed, best, -1)
    features = scoring.features(past, tf.constant(candidates))
    added = network.adds(past, features, np.where(listed, closed, 0), candidates).numpy()
    again = np.full_like(score, -np.inf)
    np.put_along_axis(again, best, np.where(listed, closed + added, -np.inf), 1)
    return again


def _best(score: np.ndarray, k: int) -> np.ndarray:
    k = min(k, score.shape[1])
    top = np.argpartition(-score, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(score, top, 1), axis=1, kind="stable")
    return np.take_along_axis(top, order, 1).astype(np.int32)


def _keep(
    folder: Path, data: Material, stage: Stage, layout: Layout, collected: Sums, solution: Solution
) -> None:
    place = folder / stage.name
    Fitted(_tables(data, stage, layout, alike=True), solution).save(place)
    rows = behavior_influence(layout, solution, collected.total)
    about = {"stage": stage.name, "choices": collected.choices, "rows": collected.rows, "behaviors": rows}
    (place / "influence.json").write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")
