"""What came of what was shown: each list joined to what its user took soon after, by request id and by user."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from swayrec.evaluation.metrics import MRR, NDCG, HitRate
from swayrec.evaluation.parts import Cases
from swayrec.operations.monitoring.sql import quoted
from swayrec.operations.monitoring.tally import GROUPS, Counts
from swayrec.operations.pseudonym import pseudonyms
from swayrec.tables.engine import put
from swayrec.tables.log import DAY

K = 10
JUDGED = 20_000
"""Lists that are judged of a window, at most: always the same ones."""

POPULAR_DAYS = 7.0
_MORE = 5
"""Popular items looked at, times K: those that a user has had are left out of them."""

LISTS, ANSWERED = "lists", "answered"
OUTCOMES = (LISTS, ANSWERED, "taken", "ndcg", "hit rate", "mrr", "popular ndcg")
"""Sums over lists: all; those after which anything was taken; those of which something was; and then of the latter
but one, the metrics of what was shown and of what was popular."""

CLOCK = ("after", "before")
"""Whether an event that names a request came after what it was shown by."""


def joined(
    engine: Any, start: float, end: float, mature: float, targets: Sequence[str], secret: bytes
) -> None:
    """Makes what people did from ``start`` to ``end`` + ``mature`` known as ``acts``, under pseudonyms."""
    span = f"timestamp >= to_timestamp({start!r}) AND timestamp <= to_timestamp({end + mature!r})"
    people = engine.raw_sql(f"SELECT DISTINCT user_id FROM events WHERE {span}").fetchnumpy()["user_id"]
    users = [str(user) for user in people]
    both = {
        "user_id": pa.array(users, pa.string()),
        "person": pa.array(pseudonyms(users, secret), pa.string()),
    }
    put(engine, "people", pa.table(both))
    wanted = ", ".join(map(quoted, targets))
    engine.raw_sql(
        f"""
        CREATE OR REPLACE TEMP TABLE acts AS
        SELECT person, user_id, item_id, behavior IN ({wanted}) AS is_target, timestamp AS moment, request_id
        FROM events JOIN people USING (user_id) WHERE {span}
        """
    ).fetchall()


def clock_counts(engine: Any) -> Counts:
    """The family ``clock``: events that name a list, and whether they came after it."""
    rows = engine.raw_sql(
        "SELECT l.g, (a.moment < l.moment)::INT AS label, count(*) AS n FROM acts a "
        "JOIN lists l ON a.request_id = l.request_id GROUP BY ALL"
    ).fetchnumpy()
    sums = np.zeros((1, GROUPS, 2))
    sums[0, np.asarray(rows["g"], np.int64), np.asarray(rows["label"], np.int64)] = rows["n"]
    return Counts(CLOCK, sums)


def outcome_counts(
    engine: Any, start: float, end: float, mature: float, targets: Sequence[str], seen: Sequence[str]
) -> Counts:
    """The family ``outcomes`` of the lists that were shown from ``start`` to before ``end``.

    What is taken of a list's user within ``mature`` seconds after it is its truth, whether it was shown or not; for
    a list without a user, what names its request. Windowed popularity is asked the same: the most taken items of the
    week before the list's day, without what the user has had where the scenario leaves that out.

    Args:
        engine: after :func:`joined` and :func:`~.shown.prepared`.
        start: epoch seconds.
        end: epoch seconds; what was shown by then is mature.
        mature: seconds.
        targets: behaviors that count as taken.
        seen: behaviors that take an item off a user's list.

    The lists that are judged are known as ``judged`` from here on, by their ``place``, and those after which anything
    was taken as ``answered``, with their ``ndcg``.
    """
    engine.raw_sql(
        f"""
        CREATE OR REPLACE TEMP TABLE judged AS
        SELECT row_number() OVER (ORDER BY hash(request_id), request_id) - 1 AS place, *
        FROM lists WHERE moment >= to_timestamp({start!r}) AND moment < to_timestamp({end!r})
        ORDER BY place LIMIT {JUDGED}
        """
    ).fetchall()
    truth = engine.raw_sql(
        f"""
        SELECT DISTINCT place, item_id FROM (
            SELECT j.place, a.item_id FROM judged j JOIN acts a ON a.person = j.person
            WHERE a.is_target AND a.moment >= j.moment AND epoch(a.moment) - epoch(j.moment) <= {mature!r}
            UNION ALL
            SELECT j.place, a.item_id FROM judged j JOIN acts a ON a.request_id = j.request_id WHERE a.is_target)
        ORDER BY place, item_id
        """
    ).fetchnumpy()
    groups = engine.raw_sql("SELECT g FROM judged ORDER BY place").fetchnumpy()["g"].astype(np.int64)
    listed = engine.raw_sql(
        f"SELECT place, item_id, s.position FROM judged j JOIN shown s USING (request_id, moment) "
        f"WHERE s.position <= {K}"
    ).fetchnumpy()
    popular = _popular(engine, targets, seen)
    sums = np.zeros((1, GROUPS, len(OUTCOMES)))
    np.add.at(sums[0, :, 0], groups, 1)
    ids = [truth["item_id"], listed["item_id"], popular["item_id"]]
    code = np.unique(np.concatenate(ids).astype(str), return_inverse=True)[1]
    of_truth, of_listed, of_popular = np.split(
        code, np.cumsum([len(truth["item_id"]), len(listed["item_id"])])
    )
    # Only a list after which something was taken has a truth to be judged by.
    answered, begins = np.unique(truth["place"].astype(np.int64), return_index=True)
    size = len(answered)
    cases = Cases(
        users=groups[answered],
        before=np.zeros(size, np.int64),
        now=np.full(size, np.nan),
        ends=np.append(begins, len(of_truth)),
        truth=of_truth.astype(np.int32),
    )
    shown = ranked(answered, len(groups), listed, of_listed)
    rows = [np.ones(size), HitRate(K)(shown, cases), NDCG(K)(shown, cases), HitRate(K)(shown, cases)]
    rows += [MRR(K)(shown, cases), NDCG(K)(ranked(answered, len(groups), popular, of_popular), cases)]
    put(engine, "answered", pa.table({"place": answered, "ndcg": rows[2]}))
    np.add.at(sums[0], groups[answered], np.column_stack([np.zeros(size), *rows]))
    return Counts(OUTCOMES, sums)


def ranked(answered: np.ndarray, lists: int, rows: dict[str, np.ndarray], code: np.ndarray) -> np.ndarray:
    """int64[answered, K] of rows of ``place`` and ``position``, -1 after the last."""
    row = np.full(lists, -1, np.int64)
    row[answered] = np.arange(len(answered))
    place, position = row[rows["place"].astype(np.int64)], rows["position"].astype(np.int64) - 1
    found = np.full((len(answered), K), -1, np.int64)
    found[place[place >= 0], position[place >= 0]] = code[place >= 0]
    # A list may have a hole where its exposures were taken in by hand: the rest moves up.
    order = np.argsort(found < 0, axis=1, kind="stable")
    return np.take_along_axis(found, order, 1)


def _popular(engine: Any, targets: Sequence[str], seen: Sequence[str]) -> dict[str, np.ndarray]:
    """Rows of ``place``, ``item_id`` and ``position``: what was popular before each judged list's day."""
    wanted = ", ".join(map(quoted, targets))
    engine.raw_sql(
        f"""
        CREATE OR REPLACE TEMP TABLE popular AS
        WITH days AS (SELECT DISTINCT date_trunc('day', moment) AS day FROM judged)
        SELECT day, item_id, count(*) AS n FROM days JOIN events e ON e.timestamp < day
            AND epoch(e.timestamp) >= epoch(day) - {POPULAR_DAYS * DAY!r} AND behavior IN ({wanted})
        GROUP BY day, item_id
        QUALIFY row_number() OVER (PARTITION BY day ORDER BY n DESC, hash(item_id)) <= {_MORE * K}
        """
    ).fetchall()
    gone = ", ".join(map(quoted, seen)) or "NULL"
    found: dict[str, np.ndarray] = engine.raw_sql(
        f"""
        WITH had AS (
            SELECT DISTINCT j.place, e.item_id FROM judged j JOIN people p ON p.person = j.person
            JOIN events e ON e.user_id = p.user_id AND e.timestamp < j.moment WHERE e.behavior IN ({gone}))
        SELECT j.place, o.item_id,
            row_number() OVER (PARTITION BY j.place ORDER BY o.n DESC, hash(o.item_id)) AS position
        FROM judged j JOIN popular o ON o.day = date_trunc('day', j.moment)
        ANTI JOIN had h ON h.place = j.place AND h.item_id = o.item_id
        QUALIFY position <= {K}
        """
    ).fetchnumpy()
    return found
