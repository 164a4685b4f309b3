"""Recommendations for many users at once, from the exported model and a dataset's histories."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pyarrow as pa

from swayrec.evaluation import asking
from swayrec.learning.queries import queries
from swayrec.learning.signature import Metadata, Query
from swayrec.operations.rules import Ranking, Rules
from swayrec.operations.seen import seen
from swayrec.tables.history import history
from swayrec.tables.log import Log

LISTS = pa.schema(
    [
        pa.field("user_id", pa.string(), nullable=False),
        pa.field("item_id", pa.string(), nullable=False),
        pa.field("rank", pa.int32(), nullable=False),
        pa.field("score", pa.float32(), nullable=False),
    ]
)
"""The ranked lists: rank 1 is best."""

USERS_AT_ONCE = 64


class Model(asking.Model, Protocol):
    """What is asked: the exported model."""

    def rank(self, queries: Sequence[Query]) -> Mapping[str, np.ndarray]:
        """The outputs of the signature `rank`, by name."""


def recommend(
    model: Model,
    log: Log,
    users: Sequence[str],
    k: int,
    *,
    exclude_seen: bool,
    candidates: Mapping[str, Sequence[str]] | None = None,
    rules: Rules | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> pa.Table:
    """The best ``k`` items of each user, best first, in the columns of ``LISTS`` and the order of ``users``.

    Args:
        log: all events of the dataset; a user who is not in it is answered without a past.
        exclude_seen: whether what the scenario calls ``seen`` is taken off the lists.
        candidates: user to items; where given, only these are ranked, however many.
        rules: those after ranking; None = no more than that nothing excluded is shown.
        progress: is told after each batch how many users it held.
    """
    parts, rules = [], rules or Rules()
    for start in range(0, len(users), USERS_AT_ONCE):
        some = users[start : start + USERS_AT_ONCE]
        asked = user_queries(log, some, model.metadata)
        dropped = [seen(query.history, model.metadata.seen) if exclude_seen else [] for query in asked]
        asked = [replace(query, exclude=items) for query, items in zip(asked, dropped, strict=True)]
        if candidates is None:
            found = _rows(model.recommend(asked))
        else:
            found = _ranked(model, asked, [candidates.get(user, ()) for user in some])
        for user, (ranking, scores), query, gone in zip(some, found, asked, dropped, strict=True):
            items = ranking.items
            narrowed = candidates is not None
            places = rules.shown(ranking, gone, k, query.now, narrowed=narrowed).places
            parts.append(
                pa.table(
                    {
                        "user_id": [user] * len(places),
                        "item_id": [items[place] for place in places],
                        "rank": np.arange(1, len(places) + 1),
                        "score": [scores[place] for place in places],
                    },
                    schema=LISTS,
                )
            )
        progress(len(some))
    return pa.concat_tables(parts) if parts else LISTS.empty_table()


def user_queries(log: Log, users: Sequence[str], metadata: Metadata) -> list[Query]:
    """Each user's question after all of the log: the whole compacted past, newest first, and `now`."""
    number = {user: place for place, user in enumerate(log.users)}
    known = np.array([number[user] for user in users if user in number], np.int64)
    pasts = history(log, known, log.newest_orders()[known] + 1, length=max(1, len(log)))
    instants = np.array([now(metadata, times) for times in pasts.time])
    answered = dict(zip(log.users[known], queries(log, pasts, instants), strict=True))
    return [answered.get(user) or Query({}, now(metadata, ())) for user in users]


def now(metadata: Metadata, times: Sequence[float]) -> float:
    """What `now` is for a past with these times, newest first: the clock's, or the end of an archived log."""
    if metadata.clock == "wall":
        return time.time()
    ends = [metadata.until] if metadata.until is not None else []
    # The instant after what is known: histories end strictly before it.
    ends += [instant + 1e-6 for instant in times[:1] if not math.isnan(instant)]
    return max(ends, default=math.nan)


def _rows(answer: Mapping[str, np.ndarray]) -> Iterator[tuple[Ranking, list[float]]]:
    columns = (answer[name].tolist() for name in ("item", "category", "score"))
    for items, categories, scores in zip(*columns, strict=True):
        yield Ranking(items, categories), scores


def _ranked(
    model: Model, asked: Sequence[Query], wanted: Sequence[Sequence[str]]
) -> Iterator[tuple[Ranking, list[float]]]:
    """Ranks any number of candidates by asking for as many at a time as the signature holds."""
    width = model.metadata.candidates
    found: list[list[tuple[float, str, str]]] = [[] for _ in asked]
    for start in range(0, max(map(len, wanted), default=0), width):
        part = [
            replace(query, candidate=items[start : start + width])
            for query, items in zip(asked, wanted, strict=True)
        ]
        for place, (ranking, scores) in enumerate(_rows(model.rank(part))):
            rows = zip(scores, ranking.items, ranking.categories, strict=True)
            found[place] += [row for row in rows if row[1]]
    for rows_of in found:
        rows_of.sort(key=lambda row: -row[0])
        yield (
            Ranking([item for _, item, _ in rows_of], [name for _, _, name in rows_of]),
            [score for score, _, _ in rows_of],
        )
