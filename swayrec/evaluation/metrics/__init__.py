"""Metrics of rankings: one value a case, and a few of all lists together."""

from swayrec.evaluation.metrics.hit_rate import HitRate
from swayrec.evaluation.metrics.lists import Lists, known_users, lists
from swayrec.evaluation.metrics.mrr import MRR
from swayrec.evaluation.metrics.ndcg import NDCG
from swayrec.evaluation.metrics.ranking_metric import RankingMetric
from swayrec.evaluation.metrics.recall import Recall

METRICS: dict[str, type[RankingMetric]] = {"hit_rate": HitRate, "recall": Recall, "ndcg": NDCG, "mrr": MRR}
"""Every metric of a case by the name that results are stored under."""

__all__ = ["METRICS", "MRR", "NDCG", "HitRate", "Lists", "RankingMetric", "Recall", "known_users", "lists"]
