"""Choosing by validation: the best mean wins, a tie goes to the simpler, and 'better' has a test."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap, Estimate

TIE = 1e-9
"""Means that differ by less are equal; it is far below what any case can add."""


@dataclass(frozen=True)
class Trial:
    """One setting and how it did: ``scores`` float64[C] on the validation cases, ``complexity`` its place in
    the order from simple to involved.
    """

    name: str
    complexity: int
    scores: np.ndarray

    @property
    def mean(self) -> float:
        """The mean over cases."""
        return float(self.scores.mean())


def best(trials: Sequence[Trial]) -> Trial:
    """The trial with the highest mean; of equal ones the simplest.

    There is no rule of one standard error: shrinking is the ridge's business, and a worse mean is never
    preferred.

    Raises:
        ValueError: there is nothing to choose from.
    """
    if not trials:
        raise ValueError("there is no setting to choose from")
    top = max(trial.mean for trial in trials)
    return min((trial for trial in trials if trial.mean >= top - TIE), key=lambda trial: trial.complexity)


def gain(a: np.ndarray, b: np.ndarray, users: np.ndarray, bootstrap: Bootstrap | None = None) -> Estimate:
    """By how much ``a`` float[C] lies above ``b`` float[C] on the same cases, with its interval."""
    return (bootstrap or Bootstrap()).difference(a, b, users)


def significantly_better(
    a: np.ndarray, b: np.ndarray, users: np.ndarray, bootstrap: Bootstrap | None = None
) -> bool:
    """Whether the paired interval of ``a`` over ``b`` lies above 0: what a more involved model must show."""
    return gain(a, b, users, bootstrap).above_zero
