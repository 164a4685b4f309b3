"""The largest of many gaps, with an interval that counts with having searched for it."""

from collections.abc import Callable, Iterator

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap, Estimate

Blocks = Callable[[], Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]]
"""Gaps float64[M], their resamples [draws, M] and least standard errors [M], a block at a time."""


def largest_due(gaps: np.ndarray, samples: np.ndarray, errors: np.ndarray, bootstrap: Bootstrap) -> Estimate:
    """The largest absolute value of ``gaps`` float64[G]; the rest is as in :func:`largest_between`."""
    return _largest(lambda: iter([(gaps, samples, errors)]), len(samples), bootstrap)


def largest_between(
    values: np.ndarray, samples: np.ndarray, errors: np.ndarray, bootstrap: Bootstrap
) -> Estimate:
    """The largest difference between any two of ``values`` float64[G].

    All gaps get simultaneous intervals of one number of standard errors, the level's quantile of the largest
    studentized deviation over the resamples (Romano and Wolf, Econometrica 73, 2005). Where all hold, the largest
    gap lies between the largest lower and the largest upper bound, so the interval reaches 0 where no gap is sure;
    a percentile interval of a maximum never does.

    Args:
        values: the groups' numbers.
        samples: float64[draws, G], resamples of them.
        errors: float64[G], the standard errors that they have at least.
        bootstrap: whose level counts.
    """

    def blocks() -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        # A group at a time: all pairs of hundreds of providers would not fit into memory.
        for group in range(len(values) - 1):
            own, others = slice(group, group + 1), slice(group + 1, None)
            yield (
                values[own] - values[others],
                samples[:, own] - samples[:, others],
                np.hypot(errors[own], errors[others]),
            )

    return _largest(blocks, len(samples), bootstrap)


def _largest(blocks: Blocks, draws: int, bootstrap: Bootstrap) -> Estimate:
    widest = np.zeros(draws)
    for gaps, samples, _ in blocks():
        error = samples.std(axis=0)
        away = np.divide(np.abs(samples - gaps), error, out=np.zeros_like(samples), where=error > 0)
        widest = np.maximum(widest, away.max(axis=1, initial=0.0))
    steps = float(np.quantile(widest, bootstrap.level))
    mean = low = high = 0.0
    for gaps, samples, errors in blocks():
        size, reach = np.abs(gaps), steps * np.maximum(samples.std(axis=0), errors)
        mean = max(mean, float(size.max(initial=0.0)))
        low = max(low, float((size - reach).max(initial=0.0)))
        high = max(high, float((size + reach).max(initial=0.0)))
    return Estimate(mean, low, high)
