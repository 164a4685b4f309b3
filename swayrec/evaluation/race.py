"""The race of the baselines: each is tuned on validation, then ranks another part with what was chosen."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.evaluation.selection import Trial, best
from swayrec.learning.baselines import BASELINES, Baseline
from swayrec.tables.scenario import Scenario


@dataclass(frozen=True)
class Tuned:
    """A baseline with what validation chose.

    ``model`` has the chosen settings (fitted on what validation knew); ``tried`` holds every setting of the
    grid with its validation NDCG; ``ndcg`` float64[C] is the chosen one's on each validation case.
    """

    name: str
    model: Baseline
    tried: tuple[tuple[dict[str, Any], float], ...]
    ndcg: np.ndarray

    @property
    def title(self) -> str:
        """What a report calls it."""
        return self.model.title

    @property
    def validation(self) -> float:
        """The chosen setting's mean NDCG on validation."""
        return float(self.ndcg.mean())

    def describe(self) -> dict[str, Any]:
        """What was chosen among how many, as JSON knows it."""
        return {
            "name": self.name,
            "title": self.title,
            "settings": self.model.settings,
            "tried": len(self.tried),
            "validation": self.validation,
        }


@dataclass(frozen=True)
class Race:
    """The baselines that ran, and why the others did not."""

    tuned: tuple[Tuned, ...]
    absent: Mapping[str, str]

    def ranked(self, part: Part, scenario: Scenario, k: int = 10, seed: int = 0) -> dict[str, np.ndarray]:
        """Refits every baseline on what ``part`` knows, with its chosen settings, and ranks the cases.

        Returns:
            int32[C, k] by the baseline's name.
        """
        exclude = unwanted(part, scenario.seen)
        return {
            each.name: copy.copy(each.model).fit(part.known, scenario).rank(part.cases, k, exclude, seed)
            for each in self.tuned
        }


def tune(name: str, part: Part, scenario: Scenario, k: int = 10, seed: int = 0) -> Tuned:
    """Tries a baseline's whole grid on the validation part and keeps the best mean NDCG at k."""
    exclude = unwanted(part, scenario.seen)
    metric = NDCG(k)
    models: list[Baseline] = []
    trials: list[Trial] = []
    for place, setting in enumerate(BASELINES[name].grid(part.known, scenario)):
        fitted = next((other for other in models if setting.fits_like(other)), None)
        model = fitted.adjusted(setting) if fitted else setting.fit(part.known, scenario)
        scores = metric(model.rank(part.cases, k, exclude, seed), part.cases)
        models.append(model)
        trials.append(Trial(name=str(model.settings), complexity=place, scores=scores))
    chosen = best(trials)
    return Tuned(
        name=name,
        model=models[chosen.complexity],
        tried=tuple((model.settings, trial.mean) for model, trial in zip(models, trials, strict=True)),
        ndcg=chosen.scores,
    )


def race(
    part: Part,
    scenario: Scenario,
    k: int = 10,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Race:
    """Tunes every baseline that applies to the scenario on its validation part.

    ``progress`` is told each baseline's title before it is tuned.
    """
    tuned, absent = [], {}
    for name, kind in BASELINES.items():
        reason = kind.unfit_because(part.known, scenario)
        if reason:
            absent[name] = reason
            continue
        progress(kind.title)
        tuned.append(tune(name, part, scenario, k, seed))
    return Race(tuple(tuned), absent)
