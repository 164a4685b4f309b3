"""Why an item: every past event's share of its score, and the named rest."""

from asyncio import gather
from collections.abc import Sequence
from typing import Any

import numpy as np

from serving.answer import Answering
from serving.past import past
from serving.question import Why
from serving.sources import PredictorDownError
from serving.wording import reason
from swayrec.learning.signature import pad
from swayrec.tables.errors import InputError


async def explain(answering: Answering, asked: Sequence[Why], request_id: str) -> list[dict[str, Any]]:
    """One explanation a question: ``score`` is the sum of all shares and of ``rest``.

    Shares stand largest first by size; a share may be negative. ``intent`` is what the event says of the
    coming target; None where the model does not follow the sequence back to the event.

    Raises:
        InputError: the model does not know an item that is asked about.
        PredictorDownError: there is no answer, or the store is down and the session has no events: no list
            can explain anything.
    """
    shape = answering.shape
    wall = answering.clock()
    pasts = await gather(*(past(answering.histories, why, shape, wall) for why in asked))
    if any(known.level is None for known in pasts):
        raise PredictorDownError(
            "the store of histories does not answer, so there is nothing to explain from"
        )
    queries = [
        known.query(target=why.item_id, recent=answering.recent_for(why))
        for why, known in zip(asked, pasts, strict=True)
    ]
    found = await answering.predictor.call("explain", pad(queries, shape))
    for place, why in enumerate(asked):
        if np.isnan(found["rest"][place]).any():
            raise InputError(
                f"instances[{place}].item_id is {why.item_id!r}, which the model does not know; "
                "give an item that it can recommend"
            )
    wanted = {why.item_id: None for why in asked} | {
        item: None for known in pasts for item in known.history["item"]
    }
    titles = await answering.titles(list(wanted))
    explanations = []
    for place, (why, known) in enumerate(zip(asked, pasts, strict=True)):
        rows = len(known.history["item"])
        share, intent = found["share"][place][:rows], found["intent"][place][:rows]
        rest = dict(zip(shape.rest, map(float, found["rest"][place]), strict=True))
        shares = [
            reason(shape, known, row, float(share[row]), count, titles, why.language)
            | {"count": count, "intent": _told(float(intent[row]))}
            for row in abs(share).argsort(kind="stable")[::-1]
            for count in [float(known.history["count"][row])]
        ]
        explanations.append(
            {
                "user_id": why.user_id,
                "item_id": why.item_id,
                "title": titles[why.item_id],
                "request_id": why.request_id or request_id,
                "level": known.level,
                "score": round(float(share.sum()) + sum(rest.values()), 6),
                "shares": shares,
                "rest": {name: round(value, 6) for name, value in rest.items()},
            }
        )
    return explanations


def _told(intent: float) -> float | None:
    # No sigmoid is 0: that stands where the model looked no further back.
    return round(intent, 6) if intent else None
