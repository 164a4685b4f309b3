"""Metrics of rankings: one value a case by its truth, one by its list alone, and a few of all lists together."""

from swayrec.evaluation.metrics.concentration import gini, item_exposure
from swayrec.evaluation.metrics.diversity import CategoryDiversity, VectorDiversity
from swayrec.evaluation.metrics.hit_first import HitFirst
from swayrec.evaluation.metrics.hit_rate import HitRate
from swayrec.evaluation.metrics.list_metric import ListMetric
from swayrec.evaluation.metrics.lists import Lists, known_users, lists
from swayrec.evaluation.metrics.mrr import MRR
from swayrec.evaluation.metrics.ndcg import NDCG
from swayrec.evaluation.metrics.novelty import Novelty
from swayrec.evaluation.metrics.places import discount
from swayrec.evaluation.metrics.popularity import LongTail, Popularity, popularity_lift
from swayrec.evaluation.metrics.ranking_metric import RankingMetric
from swayrec.evaluation.metrics.recall import Recall

METRICS: dict[str, type[RankingMetric]] = {
    "hit_rate": HitRate,
    "recall": Recall,
    "ndcg": NDCG,
    "mrr": MRR,
    "hit_first": HitFirst,
}
"""Every metric of a case by the name that results are stored under."""

__all__ = [
    "METRICS",
    "MRR",
    "NDCG",
    "CategoryDiversity",
    "HitFirst",
    "HitRate",
    "ListMetric",
    "Lists",
    "LongTail",
    "Novelty",
    "Popularity",
    "RankingMetric",
    "Recall",
    "VectorDiversity",
    "discount",
    "gini",
    "item_exposure",
    "known_users",
    "lists",
    "popularity_lift",
]
