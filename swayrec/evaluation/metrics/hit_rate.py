"""Hit rate."""

import numpy as np

from swayrec.evaluation.metrics.ranking_metric import RankingMetric


class HitRate(RankingMetric):
    """1 where any of the first k places holds a truth."""

    short = "HR"

    def formula(self, found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """max over places of hit."""
        return np.asarray(found.any(axis=1), np.float64)
