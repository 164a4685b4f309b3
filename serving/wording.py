"""An answer in the form that callers get: titles, scores, reasons in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from serving.draft import Draft
from serving.past import Past
from serving.question import Question
from serving.reasons import because
from swayrec.learning.signature import Metadata


def worded(
    shape: Metadata,
    question: Question,
    request_id: str,
    draft: Draft,
    known: Past,
    titles: Mapping[str, str],
) -> dict[str, Any]:
    """The answer to one question, in the form of DESIGN's endpoints; ``titles`` of all :func:`named` items."""
    return {
        "user_id": question.user_id,
        "item_id": question.item_id,
        "request_id": request_id,
        "level": draft.level,
        "model_version": draft.version,
        "intent": {name: round(value, 6) for name, value in draft.intent.items()},
        "items": [
            {
                "item_id": pick.item_id,
                "title": titles[pick.item_id],
                "score": round(pick.score, 6),
                "source": pick.source,
                "reasons": [
                    reason(shape, known, row, share, _times(known, row), titles, question.language)
                    for row, share in pick.reasons
                ],
            }
            for pick in draft.picks
        ],
        "unknown": list(draft.unknown),
    }


def reason(
    shape: Metadata,
    known: Past,
    row: int,
    share: float,
    count: float,
    titles: Mapping[str, str],
    language: str | None,
) -> dict[str, Any]:
    """What was done with an item as a reason: item and behavior, their share of the score, and words.

    Args:
        shape: the model's metadata.
        known: the user's past.
        row: the newest of the history's rows that are meant.
        share: of the score.
        count: how many events the rows hold.
        titles: of the items.
        language: of the words; None = the model's first.
    """
    history = known.history
    item, behavior = history["item"][row], history["behavior"][row]
    text = because(
        shape.words,
        behavior,
        titles[item],
        count=count,
        time=history["time"][row],
        now=known.now if shape.clock == "wall" else None,
        language=language or shape.languages[0],
    )
    return {"item_id": item, "behavior": behavior, "share": round(share, 6), "text": text}


def _times(known: Past, row: int) -> float:
    """How many events all rows of the same item and behavior hold."""
    history = known.history
    wanted = history["item"][row], history["behavior"][row]
    rows = zip(history["item"], history["behavior"], history["count"], strict=True)
    return sum(count for item, behavior, count in rows if (item, behavior) == wanted)


def named(drafts: Sequence[Draft], pasts: Sequence[Past]) -> list[str]:
    """The items whose titles the answers show: those picked and those of the reasons."""
    named: dict[str, None] = {}
    for draft, known in zip(drafts, pasts, strict=True):
        for pick in draft.picks:
            named[pick.item_id] = None
            named.update((known.history["item"][row], None) for row, _ in pick.reasons)
    return list(named)
