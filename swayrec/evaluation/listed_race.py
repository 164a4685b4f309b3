"""The race where cases bring their own candidates: what circulates, what is new, what is clicked when shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from swayrec.evaluation.listed_ranking import Scores, ranked_within
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.evaluation.selection import Trial, best
from swayrec.learning.everyone import Everyone
from swayrec.tables.scenario import Scenario

WINDOWS = {"1_hour": 1 / 24, "6_hours": 0.25, "1_day": 1.0, "3_days": 3.0, "7_days": 7.0}
"""Days that are counted before a case's instant; validation chooses none of them, all are reported."""

POPULAR = tuple(f"popular_{window}" for window in WINDOWS)
NEWEST, RANDOM, CLICK_RATE, CLICKS = "newest", "random", "click_rate", "popular"

PRIORS = (20.0, 5.0, 1.0, 100.0)
"""Times shown, at the rate of all headlines, that are added to each one's own: what validation chooses from."""


@dataclass(frozen=True)
class Rival:
    """A baseline: ``settings`` are what validation chose among those ``tried`` (settings and NDCG)."""

    name: str
    title: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    tried: tuple[tuple[Mapping[str, Any], float], ...] = ()
    validation: float = float("nan")

    def describe(self) -> dict[str, Any]:
        """What was chosen among how many, as JSON knows it."""
        return {
            "name": self.name,
            "title": self.title,
            "settings": dict(self.settings),
            "tried": max(len(self.tried), 1),
            "validation": self.validation,
        }

    def scores(self, part: Part, scenario: Scenario) -> Scores:
        """How it scores the candidates of a part's cases, from what each may know."""
        if self.name in POPULAR:
            return _circulating(part, WINDOWS[self.name.removeprefix("popular_")])
        if self.name == NEWEST:
            first = Everyone(part.known).first
            return lambda rows, candidates: [first[np.maximum(candidates, 0)]]
        if self.name == RANDOM:
            return lambda rows, candidates: [np.zeros(candidates.shape)]
        taken, offered = _taken(part, scenario)
        value = taken.astype(float)
        if self.name == CLICK_RATE:
            prior, rate = self.settings["prior"], taken.sum() / max(offered.sum(), 1)
            value = (taken + prior * rate) / (offered + prior)
        return lambda rows, candidates: [value[np.maximum(candidates, 0)]]


@dataclass(frozen=True)
class ListedRace:
    """The baselines that ran; there is none that could not."""

    tuned: tuple[Rival, ...]
    absent: Mapping[str, str] = field(default_factory=dict)

    def ranked(self, part: Part, scenario: Scenario, k: int = 10, seed: int = 0) -> dict[str, np.ndarray]:
        """int32[C, k] by the baseline's name: the cases of a part ranked with what was chosen."""
        return {
            each.name: ranked_within(part.cases, each.scores(part, scenario), k=k, seed=seed)[0]
            for each in self.tuned
        }


def listed_race(part: Part, scenario: Scenario, k: int = 10, seed: int = 0) -> ListedRace:
    """The baselines of the scenario's protocol, with what the validation part says of each."""
    if scenario.split.protocol == "rolling":
        rivals = [
            Rival(name, f"Popular in {name.removeprefix('popular_').replace('_', ' ')}") for name in POPULAR
        ]
        rivals += [Rival(NEWEST, "Newest first"), Rival(RANDOM, "Random")]
        return ListedRace(tuple(_tuned([each], part, scenario, k, seed) for each in rivals))
    rates = [Rival(CLICK_RATE, "Click rate of the headline", {"prior": prior}) for prior in PRIORS]
    others = [[Rival(CLICKS, "Popular")], [Rival(RANDOM, "Random")]]
    return ListedRace(tuple(_tuned(grid, part, scenario, k, seed) for grid in (rates, *others)))


def _tuned(grid: list[Rival], part: Part, scenario: Scenario, k: int, seed: int) -> Rival:
    metric, trials = NDCG(k), []
    for place, each in enumerate(grid):
        ranked = ranked_within(part.cases, each.scores(part, scenario), k=k, seed=seed)[0]
        trials.append(Trial(str(each.settings), place, metric(ranked, part.cases)))
    chosen = best(trials)
    winner = grid[chosen.complexity]
    tried = tuple((each.settings, trial.mean) for each, trial in zip(grid, trials, strict=True))
    return Rival(winner.name, winner.title, winner.settings, tried, chosen.mean)


def _circulating(part: Part, days: float) -> Scores:
    everyone = Everyone(part.known)

    def scores(rows: np.ndarray, candidates: np.ndarray) -> list[np.ndarray]:
        return [everyone.counts(part.cases.now[rows], candidates, (days,)).sum((2, 3))]

    return scores


def _taken(part: Part, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """int64[N] each: how often the users before the part took an item, and how often it was displayed to them."""
    log = part.before
    taken = log.is_behavior(scenario.targets)
    assert scenario.split.shown is not None
    offered = taken | log.is_behavior([scenario.split.shown])
    size = len(log.items)
    return np.bincount(log.item[taken], minlength=size), np.bincount(log.item[offered], minlength=size)
