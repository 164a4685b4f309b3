"""What every metric of a list alone does before its formula: check and cut."""

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from swayrec.evaluation.metrics.places import first_places


class ListMetric(ABC):
    """A value for each case from its ranked list, whatever the truth: beyond accuracy.

    A subclass holds the facts about items that it needs, and its formula. An empty list has no value: NaN.
    """

    short: ClassVar[str]
    """How reports call it."""

    def __init__(self, k: int = 10) -> None:
        if k < 1:
            raise ValueError(f"k is {k}; a list has at least one place")
        self.k = k

    def __call__(self, ranked: np.ndarray) -> np.ndarray:
        """float64[C]: the metric at k of each list.

        Args:
            ranked: int[C, any], item indices best first, -1 after the last.

        Raises:
            ValueError: a list has a hole or names an item twice.
        """
        ranked = np.asarray(ranked)
        if ranked.ndim != 2:
            raise ValueError(f"ranked has the shape {ranked.shape}; it needs one row a list")
        top = first_places(ranked, self.k)
        listed = top >= 0
        with np.errstate(invalid="ignore", divide="ignore"):
            return self.formula(np.maximum(top, 0), listed)

    @abstractmethod
    def formula(self, top: np.ndarray, listed: np.ndarray) -> np.ndarray:
        """float64[C] from ``top`` int64[C, k], the items (0 where nothing is), and ``listed`` bool[C, k].

        0 / 0 is NaN here, and no list is that.
        """

    @property
    def name(self) -> str:
        """The name with its cut, such as Novelty@10."""
        return f"{self.short}@{self.k}"


def mean_over_list(values: np.ndarray, listed: np.ndarray) -> np.ndarray:
    """float64[C]: the mean of ``values`` float[C, k] over the places that are filled."""
    return np.where(listed, values, 0.0).sum(axis=1) / listed.sum(axis=1)
