"""What is known of a user when a question arrives, and the query that it makes."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from serving.merging import Rows
from serving.question import Question, Why
from serving.recents import NOTHING, Recent
from serving.session import with_events
from serving.sources import HistorySource, StoreDownError
from swayrec.learning.signature import HISTORY, Metadata, Query

_log = logging.getLogger(__name__)

Level = Literal["full", "cold", "session", "category", "popular"]
"""How much an answer could draw on: DESIGN's chain, best first."""


@dataclass(frozen=True)
class Past:
    """A user's history at the instant of the question.

    ``level`` is what the predictor can make of it; None = nothing is known because the store is down, and the
    session has no events either. ``now`` is epoch seconds (NaN without a clock), ``now_order`` the order of
    the coming choice.
    """

    history: Rows
    level: Level | None
    now: float
    now_order: int

    @classmethod
    def nothing(cls, now: float = math.nan) -> "Past":
        """Nobody's."""
        return cls(dict.fromkeys(HISTORY, ()), "full", now, 0)

    def query(
        self,
        exclude: Sequence[str] = (),
        category: Sequence[str] = (),
        diversity: float = 0.0,
        candidate: Sequence[str] | None = None,
        target: str | None = None,
        recent: Recent = NOTHING,
    ) -> Query:
        """The question to the model."""
        return Query(
            history=self.history,
            now=self.now,
            now_order=self.now_order,
            exclude=exclude,
            category=category,
            recent_item=recent.items,
            recent_count=recent.counts,
            diversity=diversity,
            candidate=candidate,
            target=target,
        )


async def past(source: HistorySource, asked: Question | Why, shape: Metadata, wall: float) -> Past:
    """Asks the store, lays the session's events on top and says which level that makes.

    Args:
        source: the store.
        asked: whose past, and the session's own events.
        shape: the model's metadata.
        wall: the time of day in epoch seconds.
    """
    if isinstance(asked, Question) and asked.item_id is not None:
        # What is similar to an item depends on nobody's past.
        return Past.nothing(_now({}, shape, wall))
    up, stored = True, None
    if asked.user_id is not None:
        try:
            stored = await source.history(asked.user_id)
        except StoreDownError as error:
            _log.error("no history: %s", str(error).replace(asked.user_id, "<user>"))
            up = False
    rows: Rows = stored or {}
    as_of = asked.as_of
    if as_of is not None:
        rows = _until(rows, as_of)
    before = _now(rows, shape, wall) if as_of is None else as_of
    rows = with_events(rows, asked.events, before, shape.history, shape.period, shape.behaviors)
    level: Level | None = "cold" if up else None
    if stored and len(rows["item"]) > 0:
        level = "full"
    elif asked.events:
        level = "session"
    order = max((int(value) for value in rows["order"]), default=0) + 1
    return Past(rows, level, _now(rows, shape, wall) if as_of is None else as_of, order)


def _until(rows: Rows, as_of: float) -> Rows:
    """The rows whose newest event is not later than ``as_of``: a row's earlier events are not known singly."""
    places = [place for place, time in enumerate(rows.get("time", ())) if not time > as_of]
    return {name: [values[place] for place in places] for name, values in rows.items()}


def _now(rows: Rows, shape: Metadata, wall: float) -> float:
    """The time of day; for an archived log its end, or just after the newest event where that is later."""
    if shape.until is None:
        return math.nan
    if shape.clock == "wall":
        return wall
    newest = max((time for time in rows.get("time", ()) if not math.isnan(time)), default=-math.inf)
    return max(shape.until, newest + 1e-6)
