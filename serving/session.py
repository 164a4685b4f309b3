"""A session's own events, laid on top of the stored history."""

from collections.abc import Mapping, Sequence

import numpy as np

from serving.question import Event
from swayrec.tables.history import stretch

Rows = Mapping[str, Sequence]
"""A compacted history: parallel lists by the names of ``signature.HISTORY``, newest first."""


def with_events(
    history: Rows, events: Sequence[Event], now: float, length: int, period: float | None = None
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
    """
    rows: dict[tuple[str, str, int], dict[str, float | int]] = {}
    for place in range(len(history.get("item", ()))):
        key = (
            history["item"][place],
            history["behavior"][place],
            _stretch(history["time"][place], period),
        )
        rows[key] = {name: history[name][place] for name in ("time", "order", "count", "value")}
    order = max((int(row["order"]) for row in rows.values()), default=0)
    for event in events:
        time = now if event.time is None else event.time
        key = (event.item_id, event.behavior, _stretch(time, period))
        row = rows.get(key)
        if row is not None and event.time is not None and event.time <= row["time"]:
            continue
        order += 1
        rows[key] = {
            "time": time,
            "order": order,
            "count": 1.0 if row is None else row["count"] + 1,
            "value": float("nan") if row is None else row["value"],
        }
    newest = sorted(rows.items(), key=lambda entry: -entry[1]["order"])[:length]
    merged: dict[str, list] = {
        "item": [item for (item, _, _), _ in newest],
        "behavior": [behavior for (_, behavior, _), _ in newest],
    }
    for name in ("time", "order", "count", "value"):
        merged[name] = [row[name] for _, row in newest]
    return merged


def _stretch(time: float, period: float | None) -> int:
    return int(stretch(np.array(time), period))
