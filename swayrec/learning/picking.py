"""The weights that pick a choice's candidates: plain ones before any are learned, rough ones for a second pass."""

import numpy as np

from swayrec.learning.choices import Level
from swayrec.learning.influence import NormalEquations, fit
from swayrec.learning.layout import Layout
from swayrec.learning.past import to_past
from swayrec.learning.scoring import Scoring
from swayrec.tables.scenario import Scenario

SAMPLE = 64
"""Choices that the kernels are measured on."""

SEED = 0


def plain_weights(scoring: Scoring, level: Level, scenario: Scenario) -> np.ndarray:
    """float64[d]: each kernel, and everyone's counts together, weigh one over the deviation of their scores over the
    catalogue; within a kernel each decay is alike, and so is each window of everyone's counts.

    Kernels have units of their own: a sum of text similarities over a history is a thousand times that of transition
    rates, and would pick all candidates alone. By this rule NDCG@10 on validation is .1211 on MovieLens-100k and .0712
    on KuaiRand, leave last out, where the bare sum of the kernels gives .1165 and .0677.

    Args:
        scoring: the level's; its weights are left as they are.
        level: some of whose choices are looked at.
        scenario: says how much of a history is read.
    """
    layout = scoring.layout
    weights = _alike(layout)
    if level.listed is not None or not len(level):
        return weights
    before = scoring.weights.numpy()
    *of_kernels, of_everyone = _deviations(scoring, level, scenario, weights)
    for place, deviation in enumerate(of_kernels):
        weights[layout.block(place)] /= deviation or np.inf
    weights[layout.base_start :] /= of_everyone or np.inf
    scoring.set_weights(before)
    return weights


def rough_weights(groups: NormalEquations, layout: Layout, scenario: Scenario) -> np.ndarray:
    """float64[d]: fitted by the sums of one pass, for the next to pick candidates by: all columns, the largest ridge.

    The candidates are then those that the closed form itself would list. That helps where the plain weights pick badly
    (Online Retail, next new items: NDCG@10 on validation .0389, with one pass .0320) and hurts where it narrows what is
    learned from (KuaiRand, leave last out: .0660 and .0712).

    Args:
        groups: of :class:`swayrec.learning.rows.Sums`.
        layout: the columns.
        scenario: its hand weights, ridges and shrinking.
    """
    hand = [behavior.hand for behavior in scenario.behaviors]
    influence = scenario.influence
    every = np.ones(layout.size, bool)
    return fit(groups, every, layout.sharing(hand), max(influence.ridges), influence.shrink).w


def _alike(layout: Layout) -> np.ndarray:
    weights = np.zeros(layout.size)
    for place, kernel in enumerate(layout.kernels):
        weights[layout.block(place)] = 1.0 / len(kernel.decays)
    windows = len(layout.windows) * len(layout.behaviors)
    weights[layout.base_start : layout.base_start + windows] = 1.0 / windows
    return weights


def _deviations(scoring: Scoring, level: Level, scenario: Scenario, alike: np.ndarray) -> list[float]:
    """Over the catalogue: of each kernel's score, the mean over some of the level's choices; of everyone's counts."""
    some = np.sort(np.random.default_rng(SEED).permutation(len(level))[:SAMPLE])
    past = to_past(level.histories(some, scenario.model.history), level.times[some])
    amounts, found = scoring.amounts(past), []
    for place in range(len(scoring.layout.kernels)):
        block = scoring.layout.block(place)
        weights = np.zeros_like(alike)
        weights[block] = alike[block]
        scoring.set_weights(weights)
        influence, _ = scoring.score(past, amounts=amounts)
        found.append(float(influence.numpy().std(axis=1).mean()))
    scoring.set_weights(np.where(np.arange(len(alike)) < scoring.layout.base_start, 0, alike))
    return [*found, float(scoring.static_base.numpy().std())]
