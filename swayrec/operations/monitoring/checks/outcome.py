"""Whether people take what they are shown: NDCG, lists that were answered, and windowed popularity asked the same."""

from dataclasses import replace

import numpy as np

from swayrec.evaluation.bootstrap import Estimate
from swayrec.operations.monitoring.checks.serving import Families, Usuals
from swayrec.operations.monitoring.comparison import Seen, alone, compared
from swayrec.operations.monitoring.outcomes import OUTCOMES
from swayrec.operations.monitoring.result import Moved, Result
from swayrec.operations.monitoring.tally import Counts
from swayrec.operations.monitoring.variety import of_ratio

LISTS, ANSWERED, TAKEN, NDCG, HIT_RATE, MRR, POPULAR = range(len(OUTCOMES))


def quality(now: Families, usual: Usuals) -> Result | None:
    """By what share the NDCG fell of the lists after which something was taken."""

    def fell(here: np.ndarray, then: np.ndarray) -> np.ndarray:
        before = _mean(then, NDCG, ANSWERED)
        found: np.ndarray = 1 - _mean(here, NDCG, ANSWERED) / np.where(before > 0, before, 1)
        return np.where(before > 0, found, 0.0)

    seen = Seen.of_families(["outcomes"], now, usual)
    if seen is None:
        return None
    return compared(
        "quality",
        seen,
        fell,
        _sample(now),
        parts=["ndcg"],
        level=lambda sums: _mean(sums, NDCG, ANSWERED),
    )


def response(now: Families, usual: Usuals) -> Result | None:
    """The logarithm of how many times smaller the share of lists is of which something was taken."""

    def fell(here: np.ndarray, then: np.ndarray) -> np.ndarray:
        return _log_share(then) - _log_share(here)

    seen = Seen.of_families(["outcomes"], now, usual)
    if seen is None:
        return None
    return compared(
        "response", seen, fell, _sample(now), parts=["taken"], level=lambda sums: _mean(sums, TAKEN, LISTS)
    )


def over_popular(now: Families, usual: Usuals) -> Result:
    """By how much the NDCG of windowed popularity is above that of what was shown."""
    return alone(
        "over_popular",
        now["outcomes"],
        lambda sums: _mean(sums, POPULAR, ANSWERED) - _mean(sums, NDCG, ANSWERED),
        _sample(now),
        "as good as windowed popularity",
    )


def canary(champion: Counts, challenger: Counts) -> Result:
    """The logarithm of how many times smaller the share of lists taken from is at the challenger than beside it.

    Args:
        champion: the family ``outcomes`` of the champion's side of an experiment.
        challenger: of the other side, in the same time.
    """
    width = len(OUTCOMES)
    both = Counts(
        (*champion.labels, *challenger.labels), np.concatenate([champion.sums, challenger.sums], axis=-1)
    )
    sides = {"champion": champion.sums, "challenger": challenger.sums}
    sample = {f"{side} lists": int(sums[..., LISTS].sum()) for side, sums in sides.items()}

    def worse(sums: np.ndarray) -> np.ndarray:
        return _log_share(sums[..., :width]) - _log_share(sums[..., width:])

    made = alone("canary", both, worse, sample, "the champion's lists in the same time")
    shares = [float(_mean(sums.sum((0, 1)), TAKEN, LISTS)[0]) for sums in sides.values()]
    part = replace(made.parts[0], moved=(Moved("share of lists taken from", *shares),))
    return replace(made, parts=(part,))


def handover(now: Families, former: Usuals) -> Result | None:
    """What :func:`response` says against the last windows of the champion before."""
    made = response(now, former)
    return None if made is None else replace(made, check="handover", reference="the champion before")


def told(now: Families) -> dict[str, Estimate]:
    """The means of a window, for people: NDCG, hit rate, MRR, NDCG of popularity, and the share of lists taken from."""
    sums = now["outcomes"].sums.sum(0)
    groups = np.arange(len(sums))
    of_answered = {"ndcg": NDCG, "hit_rate": HIT_RATE, "mrr": MRR, "popular_ndcg": POPULAR}
    means = {
        name: of_ratio(sums[:, column], sums[:, ANSWERED], groups) for name, column in of_answered.items()
    }
    return {**means, "taken_share": of_ratio(sums[:, TAKEN], sums[:, LISTS], groups)}


def _mean(sums: np.ndarray, column: int, over: int) -> np.ndarray:
    """float64[..., 1]."""
    found: np.ndarray = sums[..., [column]] / np.maximum(sums[..., [over]], 1e-9)
    return np.where(sums[..., [over]] > 0, found, 0.0)


def _log_share(sums: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.log((sums[..., [TAKEN]] + 0.5) / (sums[..., [LISTS]] + 0.5))
    return found


def _sample(now: Families) -> dict[str, int]:
    sums = now["outcomes"].sums.sum((0, 1))
    return {"lists": int(sums[LISTS]), "answered": int(sums[ANSWERED])}
