"""Mean reciprocal rank."""

import numpy as np

from swayrec.evaluation.metrics.ranking_metric import RankingMetric


class MRR(RankingMetric):
    """1 over the place of the first hit; 0 without one."""

    short = "MRR"

    def formula(self, found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """max over places p of hit / p."""
        return (found / np.arange(1, self.k + 1)).max(axis=1)
