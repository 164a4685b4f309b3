"""Lists of popular items that are shown to a log's real users when they really came, kept as serving keeps them."""

from pathlib import Path

from swayrec.operations.exposures import Exposure
from swayrec.operations.monitoring.sql import quoted
from swayrec.operations.monitoring.tally import tables
from swayrec.operations.monitoring.window import Window, time
from swayrec.tables.dataset import EVENTS, ITEMS, Dataset
from swayrec.tables.engine import connect
from swayrec.tables.scenario import Scenario
from tests.benchmarks.kept_lists import keep

PLACES = 12
VISITS = 800
"""Lists a window, at most: always the same visits."""

POPULAR_DAYS, OWN_DAYS = 7, 28
OWN = 8
"""Places of what a user takes most often, where people take the same again."""

FIRST = 1.0
"""Seconds between a list and the event that its user came for."""


def show(
    folder: Path,
    dataset: Dataset,
    scenario: Scenario,
    window: Window,
    secret: bytes,
    hidden: str | None = None,
    visits: int = VISITS,
) -> int:
    """Shows a list when a user comes, the first time of a day: what was taken most in the week before the day.

    Where people take the same thing again, what the user took most often stands before it. ``hidden`` is a category
    that a bug leaves out.

    Returns:
        How many lists were shown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(folder)
    try:
        tables(engine, str(dataset.folder / EVENTS), str(dataset.folder / ITEMS))
        rows = engine.raw_sql(_query(scenario, window, hidden, visits)).fetchall()
    finally:
        engine.disconnect()
    shown = []
    for number, (user, at, items) in enumerate(rows):
        asked = f"{window.name}-{number}"
        scores = [1 / place for place in range(1, len(items) + 1)]
        shown.append((at, Exposure(asked, user, items, scores, int(window.start), "full", ())))
    keep(folder, secret, shown)
    return len(rows)


def _query(scenario: Scenario, window: Window, hidden: str | None, visits: int) -> str:
    wanted = ", ".join(map(quoted, scenario.targets))
    start, end = time(window.start), time(window.end)
    kept = "true" if hidden is None else f"category IS DISTINCT FROM {quoted(hidden)}"
    return f"""
    WITH past AS (
        SELECT user_id, item_id, timestamp, behavior IN ({wanted}) AND {kept} AS shows
        FROM events LEFT JOIN items USING (item_id)
        WHERE timestamp >= TIMESTAMPTZ '{start}' - INTERVAL {OWN_DAYS} DAY AND timestamp < TIMESTAMPTZ '{end}'
    ), visits AS (
        SELECT user_id, day, min(timestamp) AS came FROM (SELECT *, date_trunc('day', timestamp) AS day FROM past)
        WHERE timestamp >= TIMESTAMPTZ '{start}' GROUP BY user_id, day ORDER BY hash(user_id, day) LIMIT {visits}
    ), taken AS (
        SELECT day, item_id, count(*) AS n FROM (SELECT DISTINCT day FROM visits) d JOIN past p
        ON p.shows AND p.timestamp < d.day AND p.timestamp >= d.day - INTERVAL {POPULAR_DAYS} DAY GROUP BY day, item_id
        QUALIFY row_number() OVER (PARTITION BY day ORDER BY n DESC, hash(item_id)) <= {PLACES}
    ), own AS (
        SELECT v.user_id, v.day, item_id, count(*) AS n FROM visits v JOIN past p
        ON p.user_id = v.user_id AND p.shows AND p.timestamp < v.day AND {str(scenario.repeats).lower()}
        GROUP BY v.user_id, v.day, item_id
        QUALIFY row_number() OVER (PARTITION BY v.user_id, v.day ORDER BY n DESC, hash(item_id)) <= {OWN}
    ), listed AS (
        SELECT user_id, day, came, item_id, max(own) AS own, max(n) AS n FROM (
            SELECT v.*, item_id, 0 AS own, n FROM visits v JOIN taken t ON t.day = v.day
            UNION ALL
            SELECT v.*, item_id, 1 AS own, n FROM visits v JOIN own o ON o.user_id = v.user_id AND o.day = v.day)
        GROUP BY user_id, day, came, item_id
    )
    SELECT user_id, epoch(came) - {FIRST!r} AS shown_at,
        (list(item_id ORDER BY own DESC, n DESC, hash(item_id)))[1:{PLACES}]
    FROM listed GROUP BY user_id, day, came ORDER BY shown_at, user_id
    """
