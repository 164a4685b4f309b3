"""Whether a gap is more than chance, from one value a user."""

import warnings

import numpy as np
from scipy import stats

CONSTANT = 1e-12
"""A spread below this part of the values is rounding."""


def two_sample(a: np.ndarray, b: np.ndarray) -> float:
    """The two-sided p that ``a`` float[n] and ``b`` float[m] have one mean: the larger of Welch's and Student's.

    Welch's holds where groups differ in spread. A small group whose values happen to be all the same (no hit
    among thirty users, say) has no spread of its own and would be sure of its mean; the pooled spread is not.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if _constant(np.concatenate([a, b])):
        return 1.0
    with warnings.catch_warnings():
        # Where both are constant but differ the spread is 0 on purpose: the difference is certain.
        warnings.simplefilter("ignore", RuntimeWarning)
        welch = stats.ttest_ind(a, b, equal_var=False).pvalue
        pooled = stats.ttest_ind(a, b, equal_var=True).pvalue
    return float(np.nanmax([welch, pooled, 0.0]))


def least_error(a: np.ndarray, b: np.ndarray) -> float:
    """The standard error of the mean of ``a`` float[n] if ``a`` spread as it and ``b`` do together."""
    squares = len(a) * np.var(a) + len(b) * np.var(b)
    return float(np.sqrt(squares / (len(a) + len(b) - 2) / len(a)))


def one_sample(values: np.ndarray, error: float = 0.0) -> float:
    """The two-sided p that ``values`` float[n] have the mean 0, by Student's t.

    ``error`` is the standard error that the mean has at least, from what is known beyond the values.
    """
    values = np.asarray(values, np.float64)
    mean = float(values.mean())
    spread = 0.0 if _constant(values) else float(values.std(ddof=1)) / np.sqrt(len(values))
    error = max(spread, error)
    if not error:
        return 1.0 if abs(mean) <= CONSTANT else 0.0
    return float(2 * stats.t.sf(abs(mean) / error, len(values) - 1))


def _constant(values: np.ndarray) -> bool:
    return float(np.ptp(values)) <= CONSTANT * max(float(np.abs(values).max()), 1.0)
