"""The judge: from ranked lists and a part to a judgment, with the same resamples for every system."""

from collections.abc import Mapping, Sequence

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap, Estimate
from swayrec.evaluation.judgment import Judgment, SliceResult
from swayrec.evaluation.metrics import METRICS, known_users, lists
from swayrec.evaluation.parts import Cases, Part
from swayrec.evaluation.slices import slices


def judge(
    ranked: Mapping[str, np.ndarray],
    part: Part,
    *,
    model: str,
    k: int = 10,
    bootstrap: Bootstrap | None = None,
) -> Judgment:
    """Scores every system on a part.

    Args:
        ranked: int32[C, k] by system, best first, -1 = nothing.
        part: what was known, and the cases.
        model: the system that the others are compared with.
        k: the places that count.
        bootstrap: the resamples; by default 2,000 with seed 0.

    Raises:
        ValueError: the model is not among the systems, or a list does not fit the cases.
    """
    if model not in ranked:
        raise ValueError(f"there is no ranking of {model}; there are {', '.join(ranked)}")
    draws = bootstrap or Bootstrap()
    systems = [model, *(name for name in ranked if name != model)]
    scores = score({name: ranked[name] for name in systems}, part.cases, k)
    users = known_users(part.before)
    return Judgment(
        part=part.name,
        k=k,
        model=model,
        users=part.known.users[part.cases.users].astype(str),
        truths=len(part.cases.truth),
        scores=scores,
        means=means(scores, part.cases.users, draws),
        differences=_differences(scores, model, part.cases.users, draws),
        lists={name: lists(ranked[name], users, k) for name in systems},
        slices=tuple(
            SliceResult(
                each.group,
                each.name,
                len(each.cases),
                means(
                    score({name: ranked[name][each.cases] for name in systems}, each.truth, k),
                    each.truth.users,
                    draws,
                ),
            )
            for each in slices(part)
        ),
    )


def score(ranked: Mapping[str, np.ndarray], cases: Cases, k: int) -> dict[str, dict[str, np.ndarray]]:
    """float64[C] by system and metric."""
    metrics = {name: kind(k) for name, kind in METRICS.items()}
    return {
        system: {name: metric(array, cases) for name, metric in metrics.items()}
        for system, array in ranked.items()
    }


def means(
    scores: Mapping[str, Mapping[str, np.ndarray]], users: np.ndarray, bootstrap: Bootstrap
) -> dict[str, dict[str, Estimate]]:
    """Every system's mean of every metric with its interval over users, all from the same resamples."""
    columns = [values for by_metric in scores.values() for values in by_metric.values()]
    if not columns:
        return {}
    return _table(scores, bootstrap.estimates(np.column_stack(columns), users))


def _differences(
    scores: Mapping[str, Mapping[str, np.ndarray]], model: str, users: np.ndarray, bootstrap: Bootstrap
) -> dict[str, dict[str, Estimate]]:
    return means(
        {
            name: {metric: scores[model][metric] - values for metric, values in by_metric.items()}
            for name, by_metric in scores.items()
            if name != model
        },
        users,
        bootstrap,
    )


def _table(
    like: Mapping[str, Mapping[str, np.ndarray]], estimates: Sequence[Estimate]
) -> dict[str, dict[str, Estimate]]:
    each = iter(estimates)
    return {system: {metric: next(each) for metric in by_metric} for system, by_metric in like.items()}
