"""What is counted of answers, for Prometheus."""

from collections.abc import Sequence
from typing import get_args

from prometheus_client import Counter, Histogram

from serving.draft import Draft
from serving.past import Level
from serving.question import Question

_ANSWERS = Counter("swayrec_answers", "Answers by how much they could draw on", ["level"])
_CANDIDATES = Histogram(
    "swayrec_candidates",
    "Items that were ranked for an answer, before the rules",
    buckets=(0, 1, 2, 5, 10, 20, 50, 100, 150, 200, 500, 1000),
)
_ITEMS = Counter("swayrec_items_shown", "Items in answers, by the largest part of their score", ["source"])
_UNREASONED = Counter(
    "swayrec_items_without_reasons", "Items in answers that were asked with reasons, and have none", ["level"]
)
_POLICY = Counter("swayrec_policy_changes", "Answers that a rule after ranking changed", ["rule"])

for _level in get_args(Level):
    # A rate needs a first value: what never happened is 0, not absent.
    _ANSWERS.labels(_level)
    _UNREASONED.labels(_level)


def counted(questions: Sequence[Question], drafts: Sequence[Draft]) -> None:
    """Counts answers."""
    for question, draft in zip(questions, drafts, strict=True):
        level = draft.found.level
        _ANSWERS.labels(level).inc()
        _CANDIDATES.observe(sum(map(bool, draft.found.ranking.items)))
        for rule in draft.shown.rules:
            _POLICY.labels(rule).inc()
        for pick in draft.picks:
            _ITEMS.labels(pick.source).inc()
        if question.reasons and question.item_id is None:
            _UNREASONED.labels(level).inc(sum(not pick.reasons for pick in draft.picks))
