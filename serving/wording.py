"""An answer in the form that callers get: titles, scores, reasons in words."""

from collections import defaultdict
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
    variant: str | None = None,
) -> dict[str, Any]:
    """The answer to one question, in the form of DESIGN's endpoints; ``titles`` of all :func:`named` items."""
    times = _times(known) if any(pick.reasons for pick in draft.picks) else {}
    return {
        "user_id": question.user_id,
        "item_id": question.item_id,
        "request_id": request_id,
        "level": draft.found.level,
        "model_version": draft.found.version,
        "variant": variant,
        "intent": {name: round(value, 6) for name, value in draft.found.intent.items()},
        "items": [
            {
                "item_id": pick.item_id,
                "title": titles[pick.item_id],
                "score": round(pick.score, 6),
                "source": pick.source,
                "reasons": [
                    reason(shape, known, row, share, times[_done(known, row)], titles, question.language)
                    for row, share in pick.reasons
                ],
            }
            for pick in draft.picks
        ],
        "unknown": list(draft.found.unknown),
        "policy": list(draft.shown.rules),
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
    item, behavior = _done(known, row)
    text = because(
        shape.words,
        behavior,
        titles[item],
        count=count,
        time=known.history["time"][row],
        now=known.now if shape.clock == "wall" else None,
        language=language or shape.languages[0],
    )
    return {"item_id": item, "behavior": behavior, "share": round(share, 6), "text": text}


def _done(known: Past, row: int) -> tuple[str, str]:
    """The item and the behavior of a history row."""
    return known.history["item"][row], known.history["behavior"][row]


def _times(known: Past) -> Mapping[tuple[str, str], float]:
    """How many events all rows of an item and behavior hold together."""
    history, times = known.history, defaultdict[tuple[str, str], float](float)
    for item, behavior, count in zip(history["item"], history["behavior"], history["count"], strict=True):
        times[item, behavior] += count
    return times


def named(drafts: Sequence[Draft], pasts: Sequence[Past]) -> list[str]:
    """The items whose titles the answers show: those picked and those of the reasons."""
    named: dict[str, None] = {}
    for draft, known in zip(drafts, pasts, strict=True):
        for pick in draft.picks:
            named[pick.item_id] = None
            named.update((known.history["item"][row], None) for row, _ in pick.reasons)
    return list(named)
