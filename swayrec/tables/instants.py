"""The rank of an event's instant within its user, over all sources."""

from collections.abc import Sequence
from typing import Any

import ibis

from swayrec.tables.errors import InputError
from swayrec.tables.scenario_sources import EventSource

_LATE = "late"


def ranked(parts: Sequence[tuple[EventSource, Any]], scenario: str, posted: Any = None) -> Any:
    """All sources in one Ibis table, with ``order`` in place of ``position``.

    ``order`` is the dense rank, from 1, of the instant within the user (DESIGN: tables): by the sources'
    order columns, else by time (and row, where a source tells ties apart). Events of a source that has neither
    have order 0: they lie before all others. Posted events are ranked by their time too; where order columns rank
    the others, after all of these. In a log without order they have none, and in one without a clock no time.

    Args:
        parts: sources and their events, as ``event_rows.Found`` has them.
        scenario: the scenario file's name, for errors.
        posted: the events that were posted, as those of a source; None = none.

    Raises:
        InputError: some sources have an order column and others only a time: such instants do not compare.
    """
    by_order = [source.name for source, _ in parts if source.order]
    by_time = [source.name for source, _ in parts if source.time and not source.order]
    if by_order and by_time:
        raise InputError(
            f"{scenario}: events.{by_order[0]} is ordered by a column and events.{by_time[0]} by time, "
            "which do not compare; give `order` to all sources or to none"
        )
    tables = [(events, False) for _, events in parts] + ([] if posted is None else [(posted, True)])
    events, *others = (table.mutate(**{_LATE: ibis.literal(late)}) for table, late in tables)
    for further in others:
        events = events.union(further)
    return _ranked(events, parts, bool(by_order), bool(by_time)).drop("position", _LATE)


def _ranked(events: Any, parts: Sequence[tuple[EventSource, Any]], by_order: bool, by_time: bool) -> Any:
    late, clock = events[_LATE], any(source.time for source, _ in parts)
    if not by_order and not by_time:
        return _timed(events.mutate(order=ibis.literal(0, "int64")), clock)
    if by_order:
        # Nothing says where among the ordered events a posted one stands, but that it is newer.
        keys = [late, events.position, late.ifelse(events["at"], None)]
        placed = late | events.position.notnull()
    else:
        # The rows of sources whose events of one time are together are not numbered.
        keys, placed = [events["at"], events.position.fill_null(0)], events["at"].notnull()
    order_by = [key.asc() for key in keys]
    if all(source.order if by_order else source.time for source, _ in parts):
        rank = ibis.dense_rank().over(group_by=events.user_id, order_by=order_by) + 1
        return _timed(events.mutate(order=rank), clock)
    # Where some events have no instant, they make one rank of their own, which does not count.
    rank = ibis.dense_rank().over(group_by=[events.user_id, placed], order_by=order_by) + 1
    return _timed(events.mutate(order=placed.ifelse(rank, 0)), clock)


def _timed(events: Any, clock: bool) -> Any:
    return events if clock else events.mutate(at=ibis.null(events["at"].type()))
