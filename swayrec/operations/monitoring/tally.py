"""A window in numbers: every family's counts by group of users, computed where the data are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from swayrec.operations.monitoring.families import families
from swayrec.operations.monitoring.scales import STRATA, Scales
from swayrec.operations.monitoring.sql import laid, quoted
from swayrec.operations.monitoring.window import Window, time

GROUPS = 256
"""Groups of users: events of one user are alike, so whole users are resampled, and groups of them just as well."""

USER_DAYS = "user days"

RECENT = 4
"""Windows before each one that tell how popular an item is."""

AGAIN = 60
"""Seconds within which an event that says the same as another is the same once more: a client that tried again."""


@dataclass(frozen=True)
class Counts:
    """A family's sums: float64[K, G, labels], by window and group of users."""

    labels: tuple[str, ...]
    sums: np.ndarray


@dataclass(frozen=True)
class Tally:
    """K windows that follow each other in numbers: families by name, and how many events and users there were."""

    windows: tuple[Window, ...]
    families: Mapping[str, Counts]
    events: int
    users: int


def tables(engine: Any, events: str, items: str) -> None:
    """Makes a dataset's Parquet files known to a connection, as ``events`` and ``items``."""
    for name, path in (("events", events), ("items", items)):
        engine.raw_sql(
            f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM read_parquet({quoted(path)})"
        ).fetchall()


def tally(engine: Any, scales: Scales, windows: Sequence[Window]) -> Tally:
    """Counts windows of one length that follow each other.

    Args:
        engine: a connection that :func:`tables` was called with.
        scales: the labels.
        windows: oldest first.
    """
    _prepare(engine, windows)
    found: dict[str, Counts] = {}
    for family in families(scales):
        rows = engine.raw_sql(
            f"SELECT k, g, label, sum(amount) AS n FROM (SELECT k, g, {family.place} AS label, "
            f"{family.amount} AS amount FROM prepared) WHERE label IS NOT NULL GROUP BY ALL"
        ).fetchnumpy()
        found[family.name] = Counts(family.labels, laid(rows, len(windows), GROUPS, len(family.labels)))
    rows = engine.raw_sql(
        "SELECT k, g, 0 AS label, count(DISTINCT (user_id, moment::DATE)) AS n FROM prepared GROUP BY ALL"
    ).fetchnumpy()
    found[USER_DAYS] = Counts((USER_DAYS,), laid(rows, len(windows), GROUPS, 1))
    [(events, users)] = engine.raw_sql("SELECT count(*), count(DISTINCT user_id) FROM prepared").fetchall()
    return Tally(tuple(windows), found, int(events), int(users))


def _prepare(engine: Any, windows: Sequence[Window]) -> None:
    """The table ``prepared``: the windows' events with all that a label is told by.

    What came before counts too: the gap since a user's event before, whether an item was ever seen, how popular it was.
    And what goes on beside: whether anybody else has an event on the item in the same window.
    """
    start, end = windows[0].start, windows[-1].end
    length = windows[0].end - start
    _strata(engine, windows)
    engine.raw_sql(
        f"""
        CREATE OR REPLACE TEMP TABLE prepared AS
        WITH now AS (
            SELECT * FROM events WHERE timestamp >= '{time(start)}' AND timestamp < '{time(end)}'
        ), theirs AS (
            SELECT * FROM now
            UNION ALL
            SELECT e.* FROM events e SEMI JOIN now n ON e.user_id = n.user_id AND e."order" = n."order" - 1
            WHERE e.timestamp < '{time(start)}'
        ), ordered AS (
            SELECT floor((epoch(timestamp) - {start!r}) / {length!r})::INT AS k,
                user_id, item_id, behavior, timestamp AS moment, value, text IS NULL AS no_text,
                value IS NULL AS no_value, session_id IS NULL AS no_session_id, request_id IS NULL AS no_request_id,
                epoch(timestamp) - max(epoch(timestamp)) OVER past AS gap,
                1.0 / count(*) OVER (PARTITION BY k, user_id) AS share,
                coalesce(epoch(timestamp) - lag(epoch(timestamp)) OVER (
                    PARTITION BY user_id, item_id, behavior, value ORDER BY timestamp) <= {AGAIN}, false) AS is_again
            FROM theirs
            WINDOW past AS (
                PARTITION BY user_id ORDER BY "order" RANGE BETWEEN 1 PRECEDING AND 1 PRECEDING)
        ), firsts AS (
            SELECT item_id, min(timestamp) AS first_seen FROM events GROUP BY item_id
        ), crowds AS (
            SELECT k, item_id, min(user_id) = max(user_id) AS is_lone FROM ordered
            WHERE moment >= '{time(start)}' GROUP BY ALL
        )
        SELECT o.* REPLACE (CASE WHEN gap >= 0 THEN gap END AS gap), coalesce(gap < 0, false) AS is_backward,
            i.category, i.language, s.stratum, (hash(user_id) % {GROUPS})::INT AS g,
            f.first_seen >= to_timestamp({start!r} + k * {length!r}) AS is_new, c.is_lone
        FROM ordered o LEFT JOIN items i USING (item_id) LEFT JOIN strata s USING (k, item_id)
            JOIN firsts f USING (item_id) JOIN crowds c USING (k, item_id)
        WHERE moment >= '{time(start)}'
        """
    ).fetchall()


def _strata(engine: Any, windows: Sequence[Window]) -> None:
    """The table ``strata``: each window's items by how popular they were in the windows right before it.

    Each stratum had about as many events then (0 = the most popular items). Where topics turn over, what was popular
    at a training is forgotten soon; how many go for what was popular just before is as usual.
    """
    start, length = windows[0].start, windows[0].end - windows[0].start
    engine.raw_sql(
        f"""
        CREATE OR REPLACE TEMP TABLE strata AS
        WITH counted AS (
            SELECT floor((epoch(timestamp) - {start!r}) / {length!r})::INT AS held, item_id, count(*) AS n FROM events
            WHERE timestamp >= '{time(start - RECENT * length)}' AND timestamp < '{time(windows[-1].end)}'
            GROUP BY ALL
        ), recent AS (
            SELECT k, item_id, sum(n) AS n FROM counted JOIN range({len(windows)}) AS r (k)
            ON k > held AND k <= held + {RECENT} GROUP BY ALL
        )
        SELECT k::INT AS k, item_id, least((sum(n) OVER falling - n) * {STRATA} // sum(n) OVER (PARTITION BY k),
            {STRATA - 1})::INT AS stratum
        FROM recent WINDOW falling AS (
            PARTITION BY k ORDER BY n DESC, hash(item_id), item_id ROWS UNBOUNDED PRECEDING)
        """
    ).fetchall()
