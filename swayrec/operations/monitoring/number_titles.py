"""How the numbers of a verdict are called, in English and in Chinese."""

from collections.abc import Mapping

from swayrec.operations.monitoring.sentence import Sentence

ONLINE: Mapping[str, Sentence] = {
    "ndcg": Sentence("NDCG@10 of lists", "列表 NDCG@10"),
    "hit_rate": Sentence("Hit rate@10 of lists", "列表命中率@10"),
    "mrr": Sentence("MRR@10 of lists", "列表 MRR@10"),
    "popular_ndcg": Sentence("NDCG@10 of windowed popularity", "近期热门 NDCG@10"),
    "taken_share": Sentence("Share of lists taken from", "列表采纳率"),
    "coverage": Sentence("Catalogue coverage", "目录覆盖率"),
    "gini": Sentence("Gini of exposure", "曝光的基尼系数"),
    "novelty": Sentence("Novelty (bits)", "新颖度（比特）"),
    "diversity": Sentence("Diversity within a list", "列表内多样性"),
    "long_tail": Sentence("Share of the long tail", "长尾占比"),
    "popularity": Sentence(
        "Popularity bias (1 = as people chose before)", "热门偏差（1 = 与用户以往选择相当）"
    ),
}
"""Means of the lists of a window."""

INTERVALS = ("ndcg",)
"""Those whose interval is drawn beside them; a verdict and its report have all."""

SERVING: Mapping[str, Sentence] = {
    "full": Sentence("By the model", "由模型给出"),
    "cold": Sentence("By the model, user unknown", "由模型给出，用户未知"),
    "session": Sentence("By the session alone", "仅据会话"),
    "category": Sentence("Popular in the category", "类别热门"),
    "popular": Sentence("Popular of everything", "全站热门"),
    "age_days": Sentence("Age of tables (days)", "数据表时效（天）"),
}
"""What serving did."""

BAR = Sentence("Bar of an alarm", "告警线")
RETRAIN = Sentence("Retraining asked for", "要求重训")
WARN = Sentence("Warning or retraining", "警告或重训")
CHAMPION = Sentence("Version of the champion", "冠军模型版本")

_COUNTS: Mapping[str, Sentence] = {
    "events": Sentence("Events", "事件数"),
    "users": Sentence("Users", "用户数"),
    "answers": Sentence("Answers", "回答数"),
    "judged_lists": Sentence("Lists judged", "已评判列表数"),
    "answered_lists": Sentence("Lists after which something was taken", "其后有采纳行为的列表数"),
    "lists_not_mature": Sentence("Lists not judged yet", "尚未评判的列表数"),
}


def count_title(name: str) -> Sentence:
    """Of a number of ``counts``."""
    return _COUNTS.get(name) or Sentence(f"Number of {name.replace('_', ' ')}", f"数量：{name}")


def fairness_title(of: str, attribute: str) -> Sentence:
    """Of the largest gap between groups ``of`` users or items by an attribute."""
    if of == "users":
        return Sentence(f"Largest NDCG gap by {attribute}", f"按 {attribute} 的最大 NDCG 差距")
    return Sentence(
        f"Largest gap of exposure to merit by {attribute}", f"按 {attribute} 的曝光与应得份额最大差距"
    )
