"""Lists of popular items that are shown to a log's real users when they really came, kept as serving keeps them."""

from collections.abc import Sequence
from pathlib import Path

from swayrec.operations.exposures import Exposure, ExposureFiles
from swayrec.operations.monitoring.sql import quoted
from swayrec.operations.monitoring.tally import tables
from swayrec.operations.monitoring.window import Window, time
from swayrec.tables.dataset import EVENTS, ITEMS, Dataset
from swayrec.tables.engine import connect
from swayrec.tables.log import DAY

PLACES = 12
VISITS = 800
"""Lists a window, at most: always the same visits."""

POPULAR_DAYS = 7
FIRST = 60.0
"""Seconds between a list and the event that its user came for."""


def show(
    folder: Path,
    dataset: Dataset,
    targets: Sequence[str],
    window: Window,
    secret: bytes,
    hidden: str | None = None,
    visits: int = VISITS,
) -> int:
    """Shows a list at the begin of a user's day: what was taken most in the week before it, by category of the user.

    Half of the places are of what is popular among all, half of what is popular in the category that the user took
    most of in that week, so that lists differ. ``hidden`` is a category that a bug leaves out.

    Returns:
        How many lists were shown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    engine = connect(folder)
    try:
        tables(engine, str(dataset.folder / EVENTS), str(dataset.folder / ITEMS))
        rows = engine.raw_sql(_query(targets, window, hidden, visits)).fetchall()
    finally:
        engine.disconnect()
    files = ExposureFiles(folder, secret)
    for number, (user, at, items) in enumerate(rows):
        asked = f"{window.name}-{number}"
        scores = [1 / place for place in range(1, len(items) + 1)]
        files.append([Exposure(asked, user, items, scores, int(window.start), "full", ())], at)
    files.close()
    return len(rows)


def _query(targets: Sequence[str], window: Window, hidden: str | None, visits: int) -> str:
    wanted = ", ".join(map(quoted, targets))
    start, end = time(window.start), time(window.end)
    kept = "" if hidden is None else f"WHERE category IS DISTINCT FROM {quoted(hidden)}"
    return f"""
    WITH recent AS (
        SELECT user_id, item_id, category, behavior, timestamp FROM events LEFT JOIN items USING (item_id)
        WHERE timestamp >= TIMESTAMPTZ '{start}' - INTERVAL {POPULAR_DAYS} DAY AND timestamp < TIMESTAMPTZ '{end}'
    ), visits AS (
        SELECT user_id, date_trunc('day', timestamp) AS day, min(timestamp) AS came FROM recent
        WHERE timestamp >= TIMESTAMPTZ '{start}' GROUP BY user_id, date_trunc('day', timestamp) ORDER BY hash(user_id, day) LIMIT {visits}
    ), days AS (SELECT DISTINCT day FROM visits
    ), taken AS (
        SELECT day, item_id, category, count(*) AS n FROM days JOIN (SELECT * FROM recent {kept}) r
        ON r.timestamp < day AND r.timestamp >= day - INTERVAL {POPULAR_DAYS} DAY AND behavior IN ({wanted}) GROUP BY ALL
    ), ranked AS (
        SELECT *, row_number() OVER (PARTITION BY day ORDER BY n DESC, hash(item_id)) AS of_all,
            row_number() OVER (PARTITION BY day, category ORDER BY n DESC, hash(item_id)) AS of_category FROM taken
    ), tastes AS (
        SELECT v.user_id, v.day, arg_max(r.category, r.n) AS category FROM visits v JOIN (
            SELECT d.day, user_id, category, count(*) AS n FROM days d JOIN (SELECT * FROM recent {kept}) x
            ON x.timestamp < d.day AND x.timestamp >= d.day - INTERVAL {POPULAR_DAYS} DAY GROUP BY ALL
        ) r ON r.user_id = v.user_id AND r.day = v.day GROUP BY ALL
    ), listed AS (
        SELECT v.user_id, v.day, came, item_id, of_all,
            CASE WHEN r.category = t.category AND of_category <= {PLACES // 2} THEN of_category - 0.5 ELSE of_all END AS place
        FROM visits v JOIN ranked r ON r.day = v.day LEFT JOIN tastes t ON t.user_id = v.user_id AND t.day = v.day
        WHERE of_all <= {PLACES} OR (r.category = t.category AND of_category <= {PLACES // 2})
    )
    SELECT user_id, epoch(came) - {FIRST!r} AS shown_at, (list(item_id ORDER BY place, of_all))[1:{PLACES}] FROM listed
    GROUP BY user_id, day, came ORDER BY shown_at, user_id
    """
