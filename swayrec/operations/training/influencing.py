"""The step that learns influence: chosen on validation, then fitted on all that each model may know."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.selection import Trial, best
from swayrec.learning.behavior_influence import behavior_influence
from swayrec.learning.influence import Solution, fit
from swayrec.learning.layout import Layout
from swayrec.learning.rows import Sums
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import ItemTables, item_tables
from swayrec.operations.monitoring.learned_influence import LearnedInfluence
from swayrec.operations.training.collecting import collected
from swayrec.operations.training.fitted import Fitted, Selection
from swayrec.operations.training.material import Material, Stage, material
from swayrec.operations.training.ranked_part import ranked_part
from swayrec.operations.training.ranking import K
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError
from swayrec.tables.scenario import Scenario

Say = Callable[[str], None]


def fit_influence(
    scenario: Scenario, dataset: Dataset, vectors: Path, folder: Path, say: Say, engine: str | None = None
) -> None:
    """Chooses form and ridge on validation, then fits the choice for the test and for the served model.

    Writes selection.json, influence.json (of the served model) and a folder each for the stages
    validation, test and final, with tables, weights and their own influence.json.

    Args:
        scenario: of the dataset.
        dataset: the canonical tables.
        vectors: of the items' texts.
        folder: to be written.
        say: told how it goes on.
        engine: what adds the sums up, one of ``engine.ENGINES``; None = what SWAYREC_ENGINE names.

    Raises:
        InputError: there is nothing to learn from, or the engine is not installed.
    """
    data = material(scenario, dataset, vectors)
    layout = data.layout()
    validation, *later = data.stages
    found = _sums(data, validation, layout, say, engine)
    selection, solution = _choose(data, layout, found, say)
    folder.mkdir(parents=True, exist_ok=True)
    selection.write(folder)
    # What was not chosen is of no use from here on: fewer columns to fit, fewer tables to serve.
    chosen = data.layout(selection.form)
    place = [layout.names().index(name) for name in chosen.names()]
    total, layout = found.total[place], chosen
    _keep(folder, data, validation, layout, replace(found, total=total), solution.only(place), selection)
    for stage in later:
        found = _sums(data, stage, layout, say, engine)
        solution = _solve(scenario, layout, found, selection.form, selection.ridge)
        _keep(folder, data, stage, layout, found, solution, selection)
    (folder / "influence.json").write_bytes((folder / "final" / "influence.json").read_bytes())


def selected(data: Material, say: Say) -> Selection:
    """What validation chooses among the scenario's forms and ridges, without fitting any more than that needs.

    Raises:
        InputError: there is nothing to learn from.
    """
    layout = data.layout()
    return _choose(data, layout, _sums(data, data.stages[0], layout, say), say)[0]


def _sums(data: Material, stage: Stage, layout: Layout, say: Say, engine: str | None = None) -> Sums:
    start = time.perf_counter()
    try:
        found = collected(stage, data.scenario, layout, lambda line: say(f"{stage.name}, {line}"), engine)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"scenario {data.scenario.name}: {error}; bring a longer log") from None
    seconds = time.perf_counter() - start
    say(f"{stage.name}: {found.rows:,} rows of {layout.size} columns in {seconds:.1f} s")
    return found


def _solve(scenario: Scenario, layout: Layout, found: Sums, form: str, ridge: float) -> Solution:
    asked = next(each for each in scenario.influence.forms if each.name == form)
    hand = [behavior.hand for behavior in scenario.behaviors]
    return fit(found.groups, layout.selected(asked), layout.sharing(hand), ridge, scenario.influence.shrink)


def _choose(data: Material, layout: Layout, found: Sums, say: Say) -> tuple[Selection, Solution]:
    """Every form at every ridge, ranked on the validation cases; the best mean, ties to the simpler."""
    scenario, part = data.scenario, data.split.validation
    settings = [
        (form.name, ridge) for form in scenario.influence.forms for ridge in scenario.influence.ridges
    ]
    solutions = [_solve(scenario, layout, found, form, ridge) for form, ridge in settings]
    scoring, metric = Scoring(_tables(data, data.stages[0], layout), layout), NDCG(K)
    weights = [solution.w for solution in solutions]
    lists = ranked_part(scoring, weights, part, scenario, data.stages[0].catalogue)
    trials = []
    for place, (setting, ranked) in enumerate(zip(settings, lists, strict=True)):
        trials.append(Trial(f"{setting[0]}, ridge {setting[1]:g}", place, metric(ranked, part.cases)))
        say(f"validation: {trials[-1].name}: NDCG@{K} {trials[-1].mean:.4f}")
    chosen = best(trials)
    form, ridge = settings[chosen.complexity]
    tried = tuple(
        {"form": name, "ridge": penalty, "validation": trial.mean}
        for (name, penalty), trial in zip(settings, trials, strict=True)
    )
    return Selection(form, ridge, chosen.mean, tried), solutions[chosen.complexity]


def _tables(data: Material, stage: Stage, layout: Layout, *, alike: bool = False) -> ItemTables:
    return item_tables(stage.log, stage.now, layout, data.scenario.influence, stage.catalogue, alike=alike)


def _keep(
    folder: Path,
    data: Material,
    stage: Stage,
    layout: Layout,
    found: Sums,
    solution: Solution,
    selection: Selection,
) -> None:
    place = folder / stage.name
    Fitted(_tables(data, stage, layout, alike=stage is data.stages[-1]), solution).save(place)
    LearnedInfluence(solution.w, solution.covariance, found.total, selection.form, selection.ridge).write(
        place
    )
    rows = behavior_influence(layout, solution, found.total)
    about = {"stage": stage.name, "choices": found.choices, "rows": found.rows, "behaviors": rows}
    (place / "influence.json").write_text(json.dumps(about, indent=2, ensure_ascii=False), encoding="utf-8")
