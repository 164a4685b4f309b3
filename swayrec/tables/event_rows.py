"""One source of raw events as canonical events, its bad rows told apart and its left-out rows counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ibis

from swayrec.tables import quarantine
from swayrec.tables.conditions import evaluate
from swayrec.tables.event_columns import AT, POSITION, canonical, check_columns, conditions, joined_text
from swayrec.tables.fates import Bounds, decide, stored
from swayrec.tables.join import partners
from swayrec.tables.quarantine import Quarantine
from swayrec.tables.reading import Raw
from swayrec.tables.rows import ROW
from swayrec.tables.scenario import Scenario
from swayrec.tables.scenario_sources import EventSource


@dataclass(frozen=True)
class Found:
    """A source's good events and its account.

    ``events`` is an Ibis table (None for a source that is left out): user_id, item_id, behavior, at,
    position, value, text, session_id, request_id, event_id, source. All of ``rows`` are left out,
    quarantined, ignored (at or after until) or good; good rows become ``events`` one by one, or more by a
    join, or fewer by merging (``merged`` says how many fewer).
    """

    rows: int
    events: Any = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    quarantined: Mapping[str, int] = field(default_factory=dict)
    ignored: int = 0
    merged: int = 0


def read_events(
    engine: Any,
    source: EventSource,
    raw: Raw,
    joined: Raw | None,
    known_items: Any,
    scenario: Scenario,
    scenario_name: str,
    bounds: Bounds,
    bad: Quarantine,
) -> Found:
    """Reads one source.

    Args:
        engine: an Ibis connection.
        source: which column is what.
        raw: its file.
        joined: the file of its join, if it has one.
        known_items: Ibis table with item_id; None = every id is an item.
        scenario: for behaviors and the share of bad rows that is borne.
        scenario_name: the scenario file's name, for errors.
        bounds: the end of the log.
        bad: where bad rows go.

    Raises:
        InputError: a column is missing, a condition is wrong, or too many rows are bad.
    """
    if source.left_out is not None:
        return Found(rows=raw.rows, left_out={source.left_out: raw.rows})
    check_columns(source, raw, scenario_name)
    flagged = evaluate(engine, raw, conditions(source), scenario_name, scenario.quality.most_bad)
    rows = canonical(source, raw, flagged, scenario)
    pairs = None
    if source.join is not None and joined is not None:
        join_field = f"events.{source.name}.join"
        pairs = partners(engine, source.join, source.item, joined, known_items, join_field, scenario_name)
    fates = decide(engine, source, rows, known_items, pairs.counts if pairs else None, bounds)
    quarantined = bad.add(source.name, raw, fates.faults, _columns_of_reasons(source))
    good = fates.kept
    if pairs is not None:
        good = good.drop("item_id").inner_join(pairs.items, "key")
    events = stored(engine, _merged(source, good) if source.once_per_session else _single(source, good))
    merged = 0
    if source.once_per_session:
        merged = good.count().to_pyarrow().as_py() - events.count().to_pyarrow().as_py()
    return Found(raw.rows, events, fates.left_out, quarantined, fates.ignored, merged)


def _single(source: EventSource, good: Any) -> Any:
    """One event a row (and item, where a join gives several).

    Without an id of its own an event is known by its source and its whole raw row.
    """
    content = [ibis.literal(source.name), good.content]
    given = good.given_id
    if source.join is not None:
        content.append(good.item_id)
        given = given + "/" + good.item_id
    return _events(source, good, ibis.coalesce(given, _id(content)))


def _merged(source: EventSource, good: Any) -> Any:
    """One event a user, session and item; rows without a session stay as they are.

    An event's time is that of its last row: only then is all of it known.
    """
    alone = good.session_id.isnull().ifelse(good[ROW], 0).name("alone")
    one = good.group_by(["user_id", "session_id", "item_id", alone]).aggregate(
        behavior=good.behavior.argmin(good.strength),
        **{AT: good[AT].max(), POSITION: good[POSITION].max()},
        value=good.value.sum(),
        text=good.text.max(),
        request_id=good.request_id.max(),
        given_id=good.given_id.min(),
    )
    session = ibis.coalesce(one.session_id, "row " + one.alone.cast("string"))
    content = [ibis.literal(source.name), one.user_id, session, one.item_id]
    return _events(source, one, ibis.coalesce(one.given_id, _id(content)))


def _events(source: EventSource, table: Any, event_id: Any) -> Any:
    names = ["user_id", "item_id", "behavior", AT, POSITION, "value", "text", "session_id", "request_id"]
    return table.select(*names, event_id=event_id, source=ibis.literal(source.name))


def _id(content: list[Any]) -> Any:
    # 80 bits: among a hundred million events two share an id with probability 4e-9.
    return joined_text(content).hexdigest("md5")[:20]


def _columns_of_reasons(source: EventSource) -> dict[str, str | None]:
    return {
        quarantine.USER: source.user,
        quarantine.ITEM: source.item,
        quarantine.TIME: source.time,
        quarantine.FUTURE: source.time,
        quarantine.ORDER: source.order,
        quarantine.VALUE: source.value,
        quarantine.BEHAVIOR: source.behavior,
        quarantine.DUPLICATE: source.event_id,
    }
