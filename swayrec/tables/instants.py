"""The rank of an event's instant within its user, over all sources."""

from collections.abc import Sequence
from typing import Any

import ibis

from swayrec.tables.errors import InputError
from swayrec.tables.scenario_sources import EventSource


def ranked(parts: Sequence[tuple[EventSource, Any]], scenario: str) -> Any:
    """All sources in one Ibis table, with ``order`` in place of ``position``.

    ``order`` is the dense rank, from 1, of the instant within the user (DESIGN: tables): by the sources'
    order columns, else by time. Events of a source that has neither have order 0: they lie before all others.

    Args:
        parts: sources and their events, as ``event_rows.Found`` has them.
        scenario: the scenario file's name, for errors.

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
    events = parts[0][1]
    for _, further in parts[1:]:
        events = events.union(further)
    instant = events.position if by_order else events["at"]
    if not by_order and not by_time:
        return events.drop("position").mutate(order=ibis.literal(0, "int64"))
    rank = ibis.dense_rank().over(group_by=events.user_id, order_by=instant.asc()) + 1
    if all(source.order if by_order else source.time for source, _ in parts):
        return events.mutate(order=rank).drop("position")
    # Where some events have no instant, they make one rank of their own, which does not count.
    rank = ibis.dense_rank().over(group_by=[events.user_id, instant.isnull()], order_by=instant.asc()) + 1
    return events.mutate(order=instant.isnull().ifelse(0, rank)).drop("position")
