"""Recall."""

import numpy as np

from swayrec.evaluation.metrics.ranking_metric import RankingMetric


class Recall(RankingMetric):
    """The share of a case's truths that the first k places hold."""

    short = "Recall"

    def formula(self, found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """sum over places of hit / truths."""
        return found.sum(axis=1) / np.maximum(wanted, 1)
