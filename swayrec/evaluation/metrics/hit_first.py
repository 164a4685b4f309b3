"""Hit rate of the first place."""

import numpy as np

from swayrec.evaluation.metrics.ranking_metric import RankingMetric


class HitFirst(RankingMetric):
    """1 where the first place holds a truth, whatever k is: what counts where candidates are few."""

    short = "HR"

    def formula(self, found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """The hit of place 1."""
        return np.asarray(found[:, 0], np.float64)

    @property
    def name(self) -> str:
        """HR@1."""
        return f"{self.short}@1"
