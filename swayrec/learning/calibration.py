"""Whether probabilities that people are shown can be believed: discrimination, Brier score, reliability."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata


@dataclass(frozen=True)
class Reliability:
    """A reliability curve: in each bin the mean of what was foretold and of what happened, and how many."""

    foretold: np.ndarray
    happened: np.ndarray
    count: np.ndarray

    @property
    def error(self) -> float:
        """The expected calibration error: the mean distance of the two, weighted by the number of cases."""
        return float(np.abs(self.foretold - self.happened) @ self.count / max(self.count.sum(), 1))


def auc(y: np.ndarray, p: np.ndarray) -> float:
    """The probability that a case that happened was foretold higher than one that did not; ties count half.

    ``y`` of 0 and 1 and ``p``, both [n]; NaN where only one of the two occurs.

    >>> auc(np.array([0, 1, 1]), np.array([.2, .2, .9]))
    0.75
    """
    y = np.asarray(y) > 0
    hits, misses = int(y.sum()), int((~y).sum())
    if not hits or not misses:
        return float("nan")
    return float((rankdata(p)[y].sum() - hits * (hits + 1) / 2) / (hits * misses))


def squared_errors(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """float64[n], one a case: (p - y)^2, averaged over targets where there are several; its mean is the Brier
    score (Brier, 1950).
    """
    error = (np.asarray(p, np.float64) - np.asarray(y, np.float64)) ** 2
    return error.reshape(len(error), -1).mean(1)


def brier(y: np.ndarray, p: np.ndarray) -> float:
    """The mean squared error of probabilities ``p`` of what happened or not, ``y``."""
    return float(squared_errors(y, p).mean())


def quantile_edges(p: np.ndarray, bins: int = 10) -> np.ndarray:
    """The inner edges of bins of ``p`` with about as many cases each; fewer where p repeats."""
    return np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1])) if len(p) else np.zeros(0)


def reliability(y: np.ndarray, p: np.ndarray, edges: np.ndarray | None = None) -> Reliability:
    """The reliability curve of ``p`` [n], by default in ten bins of about as many cases each.

    ``edges`` are those of other bins, ascending; empty bins are left out.
    """
    y, p = np.asarray(y, np.float64), np.asarray(p, np.float64)
    edges = quantile_edges(p) if edges is None else edges
    place = np.searchsorted(edges, p, side="right")
    count = np.bincount(place, minlength=len(edges) + 1)
    filled = count > 0
    size = np.maximum(count, 1)
    foretold = np.bincount(place, p, len(edges) + 1) / size
    happened = np.bincount(place, y, len(edges) + 1) / size
    return Reliability(foretold[filled], happened[filled], count[filled])
