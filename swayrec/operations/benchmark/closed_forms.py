"""The closed form and its variants in a benchmark: chosen on validation, fitted again for the test part."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.evaluation.selection import Trial, best, gain
from swayrec.learning.behavior_influence import behavior_influence
from swayrec.learning.event_level import event_level_weights
from swayrec.learning.influence import NormalEquations, Solution
from swayrec.learning.layout import Layout
from swayrec.learning.placebo import shuffled_times
from swayrec.learning.rows import Sums, everyone_of, sums
from swayrec.learning.scoring import Scoring
from swayrec.learning.tables import ItemTables, item_tables
from swayrec.learning.variants import LEARNED, VARIANTS, Variant
from swayrec.operations.training.fitted import Fitted
from swayrec.operations.training.material import Material, Stage
from swayrec.operations.training.ranked_part import ranked_part
from swayrec.operations.training.ranking import K, ranked_by_each

EVENT_LEVEL = "event_level"
KNOWN = (0, 1, 3, 10)
"""History rows that are known of a new user."""
TITLES = {
    **{each.name: each.title for each in VARIANTS},
    EVENT_LEVEL: "least squares over events, not choices",
}

Say = Callable[[str], None]


@dataclass(frozen=True)
class Chosen:
    """What validation chose for a variant: a form, a ridge, and the mean NDCG@10 that they had."""

    form: str
    ridge: float
    validation: float
    tried: int

    def to_json(self) -> dict[str, Any]:
        """As JSON knows it."""
        return asdict(self)


@dataclass(frozen=True)
class FittedStage:
    """A stage's closed forms: weights float[d] by variant, the whole method's solution, and what they took.

    ``seconds`` are those of the rows, their sums and the whole method's solution; the kernels are among them.
    """

    fitted: Fitted
    weights: Mapping[str, np.ndarray]
    influence: list[dict[str, Any]]
    rows: int
    seconds: float


def choose(data: Material, say: Say) -> tuple[dict[str, Chosen], FittedStage]:
    """Form and ridge of the whole method by the validation cases, and every variant's ridge within that form.

    Returns:
        What was chosen by variant, and the validation stage fitted so.
    """
    scenario, stage, part = data.scenario, data.stages[0], data.split.validation
    layout, start = data.layout(), time.perf_counter()
    collected = _sums(data, stage, layout, say)
    settings = [(form, ridge) for form in scenario.influence.forms for ridge in scenario.influence.ridges]
    solutions = [
        _solved(LEARNED, data, layout, layout.selected(form), collected.groups, ridge)
        for form, ridge in settings
    ]
    seconds = time.perf_counter() - start
    scoring = Scoring(_tables(data, stage, layout), layout)
    trials = _trials(scoring, [each.w for each in solutions], part, data)
    won = best(trials)
    form, ridge = settings[won.complexity]
    say(f"validation: {form.name}, ridge {ridge:g}: NDCG@{K} {won.mean:.4f}")
    chosen = {LEARNED.name: Chosen(form.name, ridge, won.mean, len(trials))}
    # From here on in the chosen form's columns alone.
    small = data.layout(form.name)
    place = [layout.names().index(name) for name in small.names()]
    groups = _only(collected.groups, place)
    tables, every = _tables(data, stage, small), np.ones(small.size, bool)
    whole = solutions[settings.index((form, ridge))].only(place)
    weights = {LEARNED.name: whole.w}
    asked = [(each, other) for each in _asked(small, data) for other in scenario.influence.ridges]
    found = [(each.name, other, _solved(each, data, small, every, groups, other).w) for each, other in asked]
    event = event_level_weights(stage.log, stage.now, scenario, small, stage.catalogue)
    if event is not None:
        found.append((EVENT_LEVEL, 0.0, event))
    trials = _trials(Scoring(tables, small), [w for _, _, w in found], part, data)
    for name in dict.fromkeys(name for name, _, _ in found):
        own = [trial for trial, (other, _, _) in zip(trials, found, strict=True) if other == name]
        won = best(own)
        _, other, weights[name] = found[won.complexity]
        chosen[name] = Chosen(form.name, other, won.mean, len(own))
        say(f"validation: {TITLES[name]}: NDCG@{K} {won.mean:.4f}")
    fitted = Fitted(tables, whole)
    influence = behavior_influence(small, whole, collected.total[place])
    return chosen, FittedStage(fitted, weights, influence, collected.rows, seconds)


def placebo(data: Material, stage: FittedStage, layout: Layout, ridge: float) -> dict[str, Any] | None:
    """What the order of events is worth: NDCG@10 on validation of weights learned with each user's times shuffled.

    The similarities that rank are the true ones in both; only what the weights were learned from differs. None where
    there is no order.
    """
    known, part, scenario = data.stages[0], data.split.validation, data.scenario
    if scenario.listed or not known.log.has_order:
        return None
    found = sums(shuffled_times(known.log), known.now, scenario, layout, known.catalogue)
    w = _solved(LEARNED, data, layout, np.ones(layout.size, bool), found.groups, ridge).w
    scoring = Scoring(stage.fitted.tables, layout)
    true, shuffled = _trials(scoring, [stage.weights[LEARNED.name], w], part, data)
    above = gain(true.scores, shuffled.scores, part.cases.users)
    return {"learned": true.mean, "shuffled": shuffled.mean, "gain": [above.mean, above.low, above.high]}


def cold_start(data: Material, stage: FittedStage, layout: Layout) -> list[dict[str, Any]]:
    """NDCG@10 on the validation cases of people of whom only the newest few history rows were known.

    What they may not be shown again is left out as ever; a user without a row is answered by everyone's counts.
    """
    if data.scenario.listed:
        return []
    part, scoring, metric = data.split.validation, Scoring(stage.fitted.tables, layout), NDCG(K)
    everyone = everyone_of(part.known, data.scenario, data.stages[0].catalogue)
    found = []
    for rows in KNOWN:
        weights = [stage.weights[LEARNED.name]]
        [lists] = ranked_by_each(scoring, weights, part, data.scenario, everyone=everyone, newest=rows)
        [estimate] = Bootstrap().estimates(metric(lists, part.cases)[:, None], part.cases.users)
        found.append({"rows": rows, "mean": estimate.mean, "low": estimate.low, "high": estimate.high})
    return found


def fit_again(data: Material, stage: Stage, chosen: Mapping[str, Chosen], say: Say) -> FittedStage:
    """Every variant with what was chosen for it, fitted on what another stage may know."""
    layout, start = data.layout(chosen[LEARNED.name].form), time.perf_counter()
    collected = _sums(data, stage, layout, say)
    every = np.ones(layout.size, bool)
    whole = _solved(LEARNED, data, layout, every, collected.groups, chosen[LEARNED.name].ridge)
    seconds = time.perf_counter() - start
    weights = {LEARNED.name: whole.w}
    for variant in _asked(layout, data):
        ridge = chosen[variant.name].ridge
        weights[variant.name] = _solved(variant, data, layout, every, collected.groups, ridge).w
    if EVENT_LEVEL in chosen:
        event = event_level_weights(stage.log, stage.now, data.scenario, layout, stage.catalogue)
        if event is not None:
            weights[EVENT_LEVEL] = event
    influence = behavior_influence(layout, whole, collected.total)
    return FittedStage(
        Fitted(_tables(data, stage, layout), whole), weights, influence, collected.rows, seconds
    )


def ranked_by(data: Material, stage: FittedStage, layout: Layout, part: Part) -> dict[str, np.ndarray]:
    """int32[C, 10] by variant."""
    names = list(stage.weights)
    scoring = Scoring(stage.fitted.tables, layout)
    lists = ranked_part(
        scoring, [stage.weights[name] for name in names], part, data.scenario, data.stages[0].catalogue
    )
    return dict(zip(names, lists, strict=True))


def _asked(layout: Layout, data: Material) -> list[Variant]:
    hand = [behavior.hand for behavior in data.scenario.behaviors]
    return [each for each in VARIANTS if each is not LEARNED and each.applies(layout, hand)]


def _sums(data: Material, stage: Stage, layout: Layout, say: Say) -> Sums:
    return sums(
        stage.log,
        stage.now,
        data.scenario,
        layout,
        stage.catalogue,
        lambda line: say(f"{stage.name}, {line}"),
    )


def _solved(
    variant: Variant, data: Material, layout: Layout, used: np.ndarray, groups: NormalEquations, ridge: float
) -> Solution:
    hand = [behavior.hand for behavior in data.scenario.behaviors]
    return variant.fitted(groups, layout, used, hand, ridge, data.scenario.influence.shrink)


def _tables(data: Material, stage: Stage, layout: Layout) -> ItemTables:
    return item_tables(stage.log, stage.now, layout, data.scenario.influence, stage.catalogue)


def _trials(scoring: Scoring, weights: Sequence[np.ndarray], part: Part, data: Material) -> list[Trial]:
    metric = NDCG(K)
    lists = ranked_part(scoring, weights, part, data.scenario, data.stages[0].catalogue)
    return [Trial(str(place), place, metric(each, part.cases)) for place, each in enumerate(lists)]


def _only(groups: NormalEquations, place: Sequence[int]) -> NormalEquations:
    index = np.asarray(place)
    return NormalEquations(groups.A[:, index[:, None], index], groups.b[:, index], groups.s, groups.n)
