"""Normalized discounted cumulative gain."""

import numpy as np

from swayrec.evaluation.metrics.places import discount
from swayrec.evaluation.metrics.ranking_metric import RankingMetric


class NDCG(RankingMetric):
    """Hits discounted by their place, over the best that k places could hold.

    Järvelin and Kekäläinen, ACM TOIS 20 (2002), with gains of 0 and 1.
    """

    short = "NDCG"

    def formula(self, found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """sum over places p of hit / log2(p + 1), over the same sum with min(truths, k) hits in front."""
        worth = discount(np.arange(1, self.k + 1))
        ideal = np.cumsum(worth)[np.clip(wanted, 1, self.k) - 1]
        return found @ worth / ideal
