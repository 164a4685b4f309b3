"""Calibration gap: whether probabilities that people are shown are as true for one group as for the others."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness import pseudo_values
from swayrec.evaluation.fairness.against_the_rest import MINIMUM, against_the_rest
from swayrec.evaluation.fairness.contrasts import Contrasts
from swayrec.evaluation.fairness.groups import Groups
from swayrec.learning.calibration import Reliability, quantile_edges, reliability


@dataclass(frozen=True)
class CalibrationGaps:
    """``bias``: each group's mean of probability - outcome against the rest's (above 0 = promised too much).
    ``error``: the expected calibration error without what is chance, against the rest's. ``curves``: each compared
    group's reliability, in the same bins for all; its ``error`` is the plain expected calibration error.
    """

    bias: Contrasts
    error: Contrasts
    curves: Mapping[str, Reliability]


def calibration_gaps(
    probability: np.ndarray,
    outcome: np.ndarray,
    users: np.ndarray,
    groups: Groups,
    *,
    bins: int = 10,
    minimum: int = MINIMUM,
    bootstrap: Bootstrap | None = None,
) -> CalibrationGaps:
    """Each group's calibration against that of all other users.

    A forecast is multicalibrated when it is right on average within every bin of every group (Hébert-Johnson et
    al., ICML 2018). The expected calibration error is the mean over bins of |mean probability - mean outcome|,
    weighted by cases (Naeini et al., AAAI 2015). As it stands it is above 0 for perfect forecasts, the more the
    fewer cases there are (Kumar et al., NeurIPS 2019), so that every small group would look worse: see
    :func:`distance`.

    Args:
        probability: float[C], foretold.
        outcome: 0 or 1 [C], what happened.
        users: int[C], whose case it is.
        groups: of all users.
        bins: of about as many cases each, of all users together.
        minimum: users of a group and of its rest.
        bootstrap: the resamples; by default 2,000 with seed 0.
    """
    probability, outcome = np.asarray(probability, np.float64), np.asarray(outcome, np.float64)
    users = np.asarray(users, np.int64)
    draws = bootstrap or Bootstrap()
    edges = quantile_edges(probability, bins)
    size, width = len(groups.member), len(edges) + 1
    cell = users * width + np.searchsorted(edges, probability, side="right")

    def table(weights: np.ndarray) -> np.ndarray:
        return np.bincount(cell, weights, size * width).reshape(size, width)

    away = table(probability - outcome)
    chance = table(probability * (1 - probability))
    count = table(np.ones(len(cell)))
    present = np.flatnonzero(count.sum(axis=1))
    bias = against_the_rest(
        present,
        groups,
        lambda some: pseudo_values.ratio(away[some].sum(axis=1), count[some].sum(axis=1)),
        minimum,
        draws,
    )
    error = against_the_rest(
        present, groups, lambda some: _errors(away[some], chance[some], count[some]), minimum, draws
    )
    of = groups.member[users]
    curves = {
        each.group: reliability(outcome[mine], probability[mine], edges)
        for each in bias.contrasts
        for mine in [of == groups.names.index(each.group)]
    }
    return CalibrationGaps(bias, error, curves)


def distance(value: np.ndarray, error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The absolute of a number that is known up to a standard ``error``, without what is chance; and its slope.

    What one gets by taking the sign from one random half of the users and the value from the other, over all
    halves: with s = |value| / error it is error * (s (2 F(s) - 1) - 2 f(s)), F and f of the normal distribution.
    Its expectation is 0 where the number is 0, and |number| where that is large beside the error; between
    the two it is told too small.

    >>> distance(np.array([-5.0]), np.array([0.01]))[0].tolist()
    [5.0]
    """
    steps = np.abs(np.divide(value, error, out=np.full(value.shape, 40.0), where=error > 0))
    found = steps * (2 * norm.cdf(steps) - 1) - 2 * norm.pdf(steps)
    slope = 2 * norm.cdf(steps) - 1 + 4 * steps * norm.pdf(steps)
    return np.where(error > 0, error * found, np.abs(value)), slope * np.sign(value)


def _errors(away: np.ndarray, chance: np.ndarray, count: np.ndarray) -> np.ndarray:
    """float64[m]: pseudo-values of the error, from sums [m, bins] of each user.

    A bin's standard error is that of its sum over users, and at least what outcomes drawn at the foretold
    probabilities would have: few users may agree by chance.
    """
    users, cases = len(away), count.sum()
    own = away - away.sum(axis=0) / np.maximum(count.sum(axis=0), 1) * count
    inside = (count > 0).sum(axis=0)
    spread = (own**2).sum(axis=0) * inside / np.maximum(inside - 1, 1)
    far, slope = distance(away.sum(axis=0), np.sqrt(np.maximum(spread, chance.sum(axis=0))))
    error = far.sum() / cases
    each = far / np.maximum(count.sum(axis=0), 1)
    return error + users / cases * (own @ slope + count @ each - count.sum(axis=1) * error)
