"""One value a user for numbers that are no mean over users, so that means, intervals and tests apply to them."""

import numpy as np


def ratio(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """float64[m]: pseudo-values of sum of ``sums`` / sum of ``counts``, one a user, whose mean is that ratio.

    The ratio plus a user's influence on it, the linearization of a ratio of means (Cochran, Sampling Techniques,
    1977, chapter 6). Users with one case each keep their own values.
    """
    total = counts.sum()
    if not total:
        return np.full(len(sums), np.nan)
    value = sums.sum() / total
    return value + (sums - value * counts) / (total / len(sums))
