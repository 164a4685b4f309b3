"""What every metric of a ranked list does before its formula: check, cut and mark the hits."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np

from swayrec.evaluation.metrics.places import first_places
from swayrec.evaluation.parts import Cases


class RankingMetric(ABC):
    """A value for each case from its ranked list and its truth.

    The call validates and marks; a subclass holds only its formula. A case without a list scores 0.
    """

    short: ClassVar[str]
    """How reports call it."""

    def __init__(self, k: int = 10) -> None:
        if k < 1:
            raise ValueError(f"k is {k}; a list has at least one place")
        self.k = k

    def __call__(self, ranked: np.ndarray, cases: Cases) -> np.ndarray:
        """float64[C]: the metric at k of each case.

        Args:
            ranked: int[C, at least k or the whole list], item indices best first, -1 after the last.
            cases: the truth.

        Raises:
            ValueError: lists and cases differ in number, a list has a hole or names an item twice.
        """
        found, wanted = hits(ranked, cases, self.k)
        return self.formula(found, wanted)

    @abstractmethod
    def formula(self, found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """float64[C] from ``found`` bool[C, k] (whether a place holds a truth) and ``wanted`` int64[C]
        (how many truths the case has, at least 1).
        """

    @property
    def name(self) -> str:
        """The name with its cut, such as NDCG@10."""
        return f"{self.short}@{self.k}"

    def get_config(self) -> dict[str, Any]:
        """How to rebuild it."""
        return {"k": self.k}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The metric that `get_config` described."""
        return cls(**config)


def hits(ranked: np.ndarray, cases: Cases, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Marks which of the first ``k`` places hold a truth.

    Returns:
        bool[C, k] and int64[C], the number of truths of each case. Cases without truth have 0 and no hit.

    Raises:
        ValueError: lists and cases differ in number, a list has a hole or names an item twice.
    """
    ranked = np.asarray(ranked)
    if ranked.ndim != 2 or len(ranked) != len(cases):
        raise ValueError(
            f"ranked has the shape {ranked.shape}; it needs one row for each of {len(cases)} cases"
        )
    top = first_places(ranked, k)
    listed = top >= 0
    wanted = np.diff(cases.ends)
    width = int(max(top.max(initial=-1), cases.truth.max(initial=-1))) + 1
    row = np.arange(len(cases), dtype=np.int64)
    truth = np.repeat(row, wanted) * width + cases.truth
    found = np.isin(row[:, None] * width + top, truth) & listed
    return found, wanted
