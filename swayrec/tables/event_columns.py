"""The columns of a raw event as those of a canonical one, before anything is said about good and bad."""

from dataclasses import replace
from typing import Any

import ibis

from swayrec.tables import columns
from swayrec.tables.join import key
from swayrec.tables.reading import Raw, require
from swayrec.tables.rows import ROW
from swayrec.tables.scenario import Scenario
from swayrec.tables.scenario_sources import EventSource

AT, POSITION = "at", "position"
"""The instant of an event, and its place by the source's order column or, where ties are told apart by them, its row.
"""

POSITION_TYPE = "decimal(38, 9)"
"""Exact for ids of 19 digits and for fractions of a second."""

WANTED = "is_wanted"
"""Whether a row holds to `where`."""


def check_columns(source: EventSource, raw: Raw, scenario: str) -> None:
    """Checks that the file has the columns that the source names.

    Raises:
        InputError: it has not.
    """
    field = f"events.{source.name}"
    names = ["user", "behavior", "time", "order", "event_id", "value", "text", "session", "request"]
    if source.join is None:
        names.append("item")
    else:
        require(raw, [(f"{field}.join.on", name) for name in source.join.on], scenario)
    require(raw, [(f"{field}.{name}", getattr(source, name)) for name in names], scenario)


def conditions(source: EventSource) -> dict[str, tuple[str, str]]:
    """The source's SQL conditions: name of a boolean column -> (field of the scenario, condition)."""
    field = f"events.{source.name}"
    found = {WANTED: (f"{field}.where", source.where)} if source.where else {}
    for place, rule in enumerate(source.behavior_rules):
        if rule.when is not None:
            found[f"rule_{place}"] = (f"{field}.behavior_rules.{place}.when", rule.when)
    return found


def canonical(source: EventSource, raw: Raw, flagged: Any, scenario: Scenario) -> Any:
    """An Ibis table with the canonical columns of every raw row.

    A value is null where the raw one is missing or means nothing. Beside the canonical columns: ``ROW``;
    ``strength`` of the behavior within a session (0 = strongest); ``wrong_value`` where the value is no
    number; ``given_id``; ``key`` of the join; ``content``, a hash of the whole raw row.

    Args:
        source: which column is what.
        raw: its file.
        flagged: the file's table with the columns that `conditions` names.
        scenario: for the behaviors.
    """
    on = source.join.on if source.join else ()
    item = () if on else (source.item,)
    wanted = [source.user, *item, source.event_id, source.session, source.request, *on]
    ids = columns.identifiers(replace(raw, table=flagged), [name for name in wanted if name])
    nothing, number = ibis.null("string"), ibis.null("float64")
    behavior, strength = _behavior(source, flagged, scenario)
    found = {
        ROW: flagged[ROW],
        "user_id": ids[source.user],
        "item_id": nothing if on else ids[source.item],
        "behavior": behavior,
        "strength": strength,
        AT: _instant(source, flagged),
        POSITION: _position(source, flagged),
        "value": columns.number(flagged[source.value]) if source.value else number,
        "wrong_value": _wrong_number(flagged[source.value]) if source.value else ibis.literal(False),
        "text": columns.text(flagged[source.text]) if source.text else nothing,
        "session_id": ids[source.session] if source.session else nothing,
        "request_id": ids[source.request] if source.request else nothing,
        "given_id": ids[source.event_id] if source.event_id else nothing,
        "is_wanted": flagged[WANTED] if source.where else ibis.literal(True),
    }
    if on:
        found["key"] = key([ids[name] for name in on])
    whole = joined_text([flagged[name].cast("string") for name in raw.columns])
    # Merged events are not known by their rows, so a cheap hash does: it need only tell repeated rows.
    found["content"] = whole.hash().cast("string") if source.once_per_session else whole.hexdigest("md5")
    return flagged.select(**found)


def joined_text(parts: list[Any]) -> Any:
    """Values as one text that differs where any of them differs (null is no empty text)."""
    return ibis.literal("\x1f").join([part.fill_null("\x00") for part in parts])


def _behavior(source: EventSource, table: Any, scenario: Scenario) -> tuple[Any, Any]:
    if source.behavior_is:
        return ibis.literal(source.behavior_is), ibis.literal(0)
    if source.behavior:
        shown = columns.text(table[source.behavior])
        strongest = sorted(scenario.behaviors, key=lambda behavior: -behavior.hand)
        ranks = [(shown == behavior.name, rank) for rank, behavior in enumerate(strongest)]
        known = shown.isin(scenario.behavior_names).ifelse(shown, None)
        return known, ibis.cases(*ranks, else_=len(ranks))
    names, ranks = [], []
    for rank, rule in enumerate(source.behavior_rules):
        holds = table[f"rule_{rank}"] if rule.when is not None else ibis.literal(True)
        names.append((holds, rule.behavior))
        ranks.append((holds, rank))
    return ibis.cases(*names, else_=ibis.null("string")), ibis.cases(*ranks, else_=len(ranks))


def _instant(source: EventSource, table: Any) -> Any:
    if source.time is None:
        return ibis.null(columns.INSTANT)
    return columns.instant(table[source.time], source.time_unit, source.time_zone)


def _position(source: EventSource, table: Any) -> Any:
    if source.order:
        return columns.position(table[source.order]).cast(POSITION_TYPE)
    return table[ROW].cast(POSITION_TYPE) if source.ties == "rows" else ibis.null(POSITION_TYPE)


def _wrong_number(column: Any) -> Any:
    given = columns.text(column).notnull()
    if column.type().is_floating():
        # NaN is how programs write that there is no value.
        given = given & ~column.isnan()
    return given & columns.number(column).isnull()
