"""The race of the baselines: each is tuned on validation, then ranks another part with what was chosen."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.cost import Cost
from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.metrics import NDCG
from swayrec.evaluation.parts import Part
from swayrec.evaluation.selection import Trial, best
from swayrec.evaluation.tuned import Tuned
from swayrec.learning.baselines import BASELINES, named
from swayrec.learning.baselines.baseline import Baseline
from swayrec.learning.catalogue import Catalogue
from swayrec.tables.scenario import Scenario


@dataclass(frozen=True)
class Race:
    """The baselines that ran, and why the others did not."""

    tuned: tuple[Tuned, ...]
    absent: Mapping[str, str]

    def ranked(
        self, part: Part, scenario: Scenario, k: int = 10, seed: int = 0, items: Catalogue | None = None
    ) -> dict[str, np.ndarray]:
        """Refits every baseline on what ``part`` knows, with its chosen settings, and ranks the cases.

        ``items`` is what else is known of the log's items; None = nothing.

        Returns:
            int32[C, k] by the baseline's name.
        """
        exclude = unwanted(part, scenario.seen)
        return {
            each.name: copy.copy(each.model)
            .fit(part.known, scenario, items)
            .rank(part.cases, k, exclude, seed)
            for each in self.tuned
        }


def tune(
    name: str, part: Part, scenario: Scenario, k: int = 10, seed: int = 0, items: Catalogue | None = None
) -> Tuned:
    """Tries a baseline's whole grid on the validation part and keeps the best mean NDCG at k."""
    exclude = unwanted(part, scenario.seen)
    metric = NDCG(k)
    models: list[Baseline] = []
    trials: list[Trial] = []
    with Cost() as cost:
        for place, setting in enumerate(named(name).grid(part.known, scenario)):
            fitted = next((other for other in models if setting.fits_like(other)), None)
            model = fitted.adjusted(setting) if fitted else setting.fit(part.known, scenario, items)
            scores = metric(model.rank(part.cases, k, exclude, seed), part.cases)
            models.append(model)
            trials.append(Trial(name=str(model.settings), complexity=place, scores=scores))
    chosen = best(trials)
    return Tuned(
        name=name,
        model=models[chosen.complexity],
        tried=tuple((model.settings, trial.mean) for model, trial in zip(models, trials, strict=True)),
        ndcg=chosen.scores,
        seconds=cost.seconds,
        memory=cost.memory,
    )


def race(
    part: Part,
    scenario: Scenario,
    k: int = 10,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
    *,
    names: Sequence[str] = tuple(BASELINES),
    items: Catalogue | None = None,
) -> Race:
    """Tunes every named baseline that applies to the scenario on its validation part.

    Args:
        part: to choose on.
        scenario: what is recommended to whom.
        k: how long the lists are.
        seed: of the order of ties.
        progress: told each baseline's title before it is tuned.
        names: of :data:`~swayrec.learning.baselines.BASELINES`, which are light, and
            :data:`~swayrec.learning.baselines.BENCHMARKED`, which are not.
        items: what else is known of the log's items; None = nothing, and no baseline that reads texts runs.

    Raises:
        ValueError: no baseline has one of the names.
    """
    kinds = {name: named(name) for name in names}
    tuned, absent = [], {}
    for name, kind in kinds.items():
        reason = kind.unfit_because(part.known, scenario, items)
        if reason:
            absent[name] = reason
            continue
        progress(kind.title)
        tuned.append(tune(name, part, scenario, k, seed, items))
    return Race(tuple(tuned), absent)
