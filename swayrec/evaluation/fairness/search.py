"""The largest of many gaps, with an interval that counts with having searched for it."""

from collections.abc import Callable, Iterator

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap, Estimate

Blocks = Callable[[np.ndarray], Iterator[np.ndarray]]
"""From values [..., groups] to gaps [..., some], a block at a time."""


def to_the_due(gaps: np.ndarray) -> Iterator[np.ndarray]:
    """The values are gaps themselves."""
    yield gaps


def between_groups(values: np.ndarray) -> Iterator[np.ndarray]:
    """Every group's value minus each later group's."""
    for group in range(values.shape[-1] - 1):
        yield values[..., group : group + 1] - values[..., group + 1 :]


def largest(values: np.ndarray, samples: np.ndarray, blocks: Blocks, bootstrap: Bootstrap) -> Estimate:
    """The largest absolute gap.

    All gaps get simultaneous intervals of one number of standard errors, the level's quantile of the largest
    studentized deviation over the resamples (Romano and Wolf, Econometrica 73, 2005). Where all hold, the largest
    gap lies between the largest lower and the largest upper bound, so the interval reaches 0 where no gap is sure;
    a percentile interval of a maximum never does.

    Args:
        values: float64[G].
        samples: float64[draws, G], resamples of them.
        blocks: which gaps they have.
        bootstrap: whose level counts.
    """
    widest = np.zeros(len(samples))
    for point, block in zip(blocks(values), blocks(samples), strict=True):
        error = block.std(axis=0)
        away = np.divide(np.abs(block - point), error, out=np.zeros_like(block), where=error > 0)
        widest = np.maximum(widest, away.max(axis=1, initial=0.0))
    steps = float(np.quantile(widest, bootstrap.level))
    mean = low = high = 0.0
    for point, block in zip(blocks(values), blocks(samples), strict=True):
        reach = steps * block.std(axis=0)
        mean = max(mean, float(np.abs(point).max(initial=0.0)))
        low = max(low, float((np.abs(point) - reach).max(initial=0.0)))
        high = max(high, float((np.abs(point) + reach).max(initial=0.0)))
    return Estimate(mean, low, high)
