"""Faults as bugs would make them, planted into the raw events of a log from one instant to another, as SQL."""

from collections.abc import Callable, Mapping

from swayrec.operations.monitoring.sql import quoted
from swayrec.operations.monitoring.window import Window, time
from swayrec.tables.log import DAY
from tests.benchmarks.monitoring_logs import Log

RAMP = 0.125
"""A slow drift of popularity moves so large a share of the events in its first week, and as much more in each next."""

SKEW = "8 HOUR"

Plant = Callable[[Log, Window], str]
"""The SQL of the raw events with a fault from a window's start to its end; "" = this log cannot carry it."""


def logged_twice(log: Log, span: Window, later: str = "0 SECOND") -> str:
    """Every event of one behavior once more."""
    query = log.files[log.events]
    again = f"SELECT * REPLACE ({log.time} + INTERVAL {later} AS {log.time}) FROM ({query}) WHERE {within(log, span)}"
    return f"SELECT * FROM ({query}) UNION ALL {again} AND ({log.doubled})"


def logged_again_later(log: Log, span: Window) -> str:
    """Every event of one behavior once more, a second later."""
    return logged_twice(log, span, "1 SECOND")


def in_cents(log: Log, span: Window) -> str:
    """Values a hundred times as large."""
    return _replaced(log, span, log.value, f"{log.value} * 100") if log.value else ""


def language_lost(log: Log, span: Window) -> str:
    """No event of one language comes any more."""
    if not log.lost:
        return ""
    return f"SELECT * FROM ({log.files[log.events]}) WHERE NOT ({within(log, span)} AND ({log.lost}))"


def popularity_drifts(log: Log, span: Window) -> str:
    """Week by week more of the events are on any item of those that had an event before, drawn evenly."""
    query = log.files[log.events]
    start = f"TIMESTAMP {quoted(_stamp(span.start))}"
    week = f"1 + floor((epoch({log.time}) - {span.start!r}) / {7 * DAY!r})"
    draw = f"hash({log.user}, {log.item}, {log.time})"
    moved = f"{within(log, span)} AND {draw} % 10000 < 10000 * least(1, {RAMP} * ({week}))"
    return f"""
        WITH raw AS ({query}), old AS (
            SELECT {log.item} AS drawn, row_number() OVER (ORDER BY {log.item}) - 1 AS n
            FROM (SELECT DISTINCT {log.item} FROM raw WHERE {log.time} < {start})
        ), size AS (SELECT count(*) AS s FROM old)
        SELECT r.* REPLACE (coalesce(drawn, {log.item}) AS {log.item}) FROM raw r CROSS JOIN size
        LEFT JOIN old ON {moved} AND n = ({draw} // 10000) % s
        """


def clock_skewed(log: Log, span: Window) -> str:
    """The collector's clock is hours behind."""
    return _replaced(log, span, log.time, f"{log.time} - INTERVAL {SKEW}")


PLANTS: Mapping[str, Plant] = {
    "a behavior logged twice": logged_twice,
    "the same, a second later": logged_again_later,
    "a unit changed (cents)": in_cents,
    "one language lost": language_lost,
    "popularity drifts slowly": popularity_drifts,
    "a clock 8 hours off": clock_skewed,
}
"""The faults of raw events, by name."""


def within(log: Log, span: Window) -> str:
    """The SQL condition of the raw events within a span."""
    start, end = quoted(_stamp(span.start)), quoted(_stamp(span.end))
    return f"{log.time} >= TIMESTAMP {start} AND {log.time} < TIMESTAMP {end}"


def _replaced(log: Log, span: Window, column: str, by: str) -> str:
    new = f"CASE WHEN {within(log, span)} THEN {by} ELSE {column} END AS {column}"
    return f"SELECT * REPLACE ({new}) FROM ({log.files[log.events]})"


def _stamp(instant: float) -> str:
    return time(instant).strftime("%Y-%m-%d %H:%M:%S")
