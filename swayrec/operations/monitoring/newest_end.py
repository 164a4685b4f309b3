"""Where an archived log ends, though a clock may have jumped."""

from dataclasses import dataclass
from typing import Any

from swayrec.operations.monitoring import notes
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.tables.errors import InputError
from swayrec.tables.log import DAY

HOLE = 2.0
"""Windows without an event that a jump leaves behind it, at least."""

FEW = 0.02
"""A jump concerns at most this share of the events of a usual window; more is a pause of the log itself."""


@dataclass(frozen=True)
class End:
    """The instant after the newest event that can be believed, epoch seconds, and what is to be told of others."""

    until: float
    told: tuple[Sentence, ...] = ()


def log_end(engine: Any, days: float) -> End:
    """The end of the events that a connection knows.

    Args:
        engine: a connection with the table ``events``.
        days: a window's length.

    Raises:
        InputError: no event has a time.
    """
    rows = engine.raw_sql(
        "SELECT timestamp::DATE AS day, count(*) AS n, epoch(min(timestamp)) AS first, epoch(max(timestamp)) AS last "
        "FROM events WHERE timestamp IS NOT NULL GROUP BY day ORDER BY day"
    ).fetchall()
    if not rows:
        raise InputError(
            "no event has a time, so there are no windows to look at; name the column in the events' `time`"
        )
    after, newest = 0, float(rows[-1][3])
    usual = sum(count for _, count, _, _ in rows) / len(rows) * days
    for (_, _, _, before), (_, count, first, _) in zip(reversed(rows[:-1]), reversed(rows[1:]), strict=True):
        after += count
        if after > FEW * usual:
            break
        if first - before > HOLE * days * DAY:
            return End(before + 1e-6, (notes.clock_jumped(after, newest, before),))
    return End(newest + 1e-6)
