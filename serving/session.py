"""A session's own events, laid on top of the stored history."""

import math
from collections.abc import Sequence

import numpy as np

from serving.merging import Done, Rows, merged
from serving.question import Event
from swayrec.tables.history import stretch
from swayrec.tables.schema import HISTORY_FIELDS


def with_events(
    history: Rows,
    events: Sequence[Event],
    now: float,
    length: int,
    period: float | None = None,
    behaviors: Sequence[str] = (),
) -> dict[str, list]:
    """The history after the events, compacted as it was stored, newest first, ``length`` rows at most.

    An event that the row already holds (not newer than the row's newest) is not counted again: the intake may
    have stored it meanwhile. Each event without a time comes one instant after the one before it.

    Args:
        history: as stored; an empty mapping = no past.
        events: oldest first.
        now: epoch seconds, the time of an event that names none; NaN where there is no clock.
        length: rows kept, the newest.
        period: seconds of the calendar that share a row (:func:`swayrec.tables.history.stretch`).
        behaviors: the scenario's, in its order.
    """
    rows = {name: list(history.get(name, ())) for name in HISTORY_FIELDS}
    if not events:
        return {name: values[:length] for name, values in rows.items()}
    stretches = stretch(np.array(rows["time"]), period).tolist()
    keys = zip(rows["item"], rows["behavior"], stretches, strict=True)
    newest = dict(zip(keys, zip(rows["time"], rows["value"], strict=True), strict=True))
    order = max(map(int, rows["order"]), default=0)
    done = []
    for event in events:
        time = now if event.time is None else event.time
        key = (event.item_id, event.behavior, int(stretch(np.array(time), period)))
        held, value = newest.get(key, (-math.inf, math.nan))
        if event.time is not None and event.time <= held:
            continue
        order += 1
        newest[key] = (time, value)
        done.append(Done(event.item_id, event.behavior, time, order, value))
    if not done:
        return {name: values[:length] for name, values in rows.items()}
    return merged(rows, done, behaviors, length, period)
