"""What becomes of each raw row: left out, ignored, bad for a reason, or kept."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from swayrec.tables import columns, quarantine
from swayrec.tables.event_columns import AT, POSITION
from swayrec.tables.rows import REASON, ROW
from swayrec.tables.scenario_sources import EventSource
from swayrec.tables.schema import LONGEST_ID

_LEFT_OUT, _IGNORED, _BAD = "left out:", "ignored:", "bad:"
FATE = "fate"


@dataclass(frozen=True)
class Bounds:
    """Which events are wanted: from ``since`` on and before ``until`` (None = all); a time after ``now`` is wrong."""

    until: datetime | None
    now: datetime
    since: datetime | None = None


@dataclass(frozen=True)
class Fates:
    """``kept`` is an Ibis table of the good rows; ``faults`` has ROW and REASON of the bad ones.

    ``left_out`` counts rows by reason, ``ignored`` those before since, or at or after until.
    """

    kept: Any
    faults: Any
    left_out: Mapping[str, int]
    ignored: int


def decide(
    engine: Any, source: EventSource, rows: Any, known_items: Any, counts: Any, bounds: Bounds
) -> Fates:
    """Decides what becomes of each row; the first reason counts.

    Args:
        engine: an Ibis connection.
        source: what its columns are.
        rows: as `event_columns.canonical` makes them.
        known_items: Ibis table with item_id; None = every id is an item.
        counts: of the join's keys, as `join.Partners` has them; None without a join.
        bounds: the end of the log.
    """
    if counts is not None:
        rows = rows.left_join(counts, "key").drop("key_right")
        no_item = rows.known_partners.fill_null(0) == 0
    elif known_items is not None:
        rows = rows.left_join(known_items.mutate(is_item=True), "item_id").drop("item_id_right")
        no_item = rows.is_item.isnull()
    else:
        no_item = rows.item_id.isnull()
    fates = [*_set_aside(source, rows, bounds), *_faults(source, rows, no_item, bounds)]
    decided = stored(engine, rows.mutate(fate=ibis.cases(*fates, else_=ibis.null("string"))))
    repeated = _repeated(source, decided)
    if repeated is not None:
        again = stored(engine, repeated).mutate(again=True)
        decided = decided.left_join(again, ROW).drop(f"{ROW}_right")
        fate = decided.again.notnull().ifelse(f"{_BAD}{quarantine.DUPLICATE}", decided.fate)
        decided = stored(engine, decided.mutate(fate=fate).drop("again"))
    found = decided.group_by(FATE).aggregate(rows=decided.count()).to_pyarrow().to_pylist()
    by_fate = {row[FATE]: row["rows"] for row in found if row[FATE] is not None}
    bad = decided.filter(decided.fate.startswith(_BAD))
    return Fates(
        kept=decided.filter(decided.fate.isnull()),
        faults=bad.select(ROW, **{REASON: bad.fate[len(_BAD) :]}),
        left_out={
            fate.removeprefix(_LEFT_OUT): count
            for fate, count in sorted(by_fate.items())
            if fate.startswith(_LEFT_OUT)
        },
        ignored=by_fate.get(_IGNORED, 0),
    )


def stored(engine: Any, expression: Any) -> Any:
    """A temporary table with what an expression gives, so that it is computed once."""
    return engine.create_table(f"stored_{uuid.uuid4().hex}", expression, temp=True)


def _set_aside(source: EventSource, rows: Any, bounds: Bounds) -> list[tuple[Any, str]]:
    found = []
    if source.where:
        found.append((~rows.is_wanted, f"{_LEFT_OUT}fails {source.where}"))
    if bounds.until is not None:
        # Before anything is judged: what comes after the end must not sway what is said about the rest.
        found.append((rows[AT] >= ibis.literal(bounds.until).cast(columns.INSTANT), _IGNORED))
    if bounds.since is not None:
        found.append((rows[AT] < ibis.literal(bounds.since).cast(columns.INSTANT), _IGNORED))
    if source.join is not None and source.join.maximum is not None:
        reason = f"{', '.join(source.join.on)} concerns {source.join.maximum} items or more"
        found.append((rows.partners.fill_null(0) >= source.join.maximum, f"{_LEFT_OUT}{reason}"))
    return found


def _faults(source: EventSource, rows: Any, no_item: Any, bounds: Bounds) -> list[tuple[Any, str]]:
    too_long = (rows.user_id.length() > LONGEST_ID) | (rows.item_id.length() > LONGEST_ID)
    reasons = [
        (rows.user_id.isnull(), quarantine.USER),
        (too_long, quarantine.LONG_ID),
        (no_item, quarantine.ITEM),
    ]
    if source.time:
        now = ibis.literal(bounds.now).cast(columns.INSTANT)
        reasons += [(rows[AT].isnull(), quarantine.TIME), (rows[AT] > now, quarantine.FUTURE)]
    if source.order:
        reasons.append((rows[POSITION].isnull(), quarantine.ORDER))
    reasons += [(rows.wrong_value, quarantine.VALUE), (rows.behavior.isnull(), quarantine.BEHAVIOR)]
    return [(holds, f"{_BAD}{reason}") for holds, reason in reasons]


def _repeated(source: EventSource, decided: Any) -> Any:
    """ROW of the good rows that say again what an earlier good one said; None where there are none."""
    good = decided.filter(decided.fate.isnull())
    same = good.given_id if source.event_id else good.content
    table = good.select(ROW, same=same).filter(ibis._.same.notnull())
    # Counting is much cheaper than ranking, and most files repeat nothing.
    if (table.count() - table.same.hash().nunique()).to_pyarrow().as_py() == 0:
        return None
    place = ibis.row_number().over(group_by=table.same, order_by=table[ROW])
    return table.select(ROW, place=place).filter(ibis._.place > 0).select(ROW)
