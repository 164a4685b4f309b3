"""A session's own events, laid on top of the stored history."""

from collections.abc import Mapping, Sequence

from serving.question import Event

Rows = Mapping[str, Sequence]
"""A compacted history: parallel lists by the names of ``signature.HISTORY``, newest first."""


def with_events(history: Rows, events: Sequence[Event], now: float, length: int) -> dict[str, list]:
    """The history after the events: one row an (item, behavior), newest first, ``length`` rows at most.

    An event that the row already holds (not newer than the row's newest) is not counted again: the intake may
    have stored it meanwhile. Each event without a time comes one instant after the one before it.

    Args:
        history: as stored; an empty mapping = no past.
        events: oldest first.
        now: epoch seconds, the time of an event that names none; NaN where there is no clock.
        length: rows kept, the newest.
    """
    rows: dict[tuple[str, str], dict[str, float | int]] = {}
    for place in range(len(history.get("item", ()))):
        key = (history["item"][place], history["behavior"][place])
        rows[key] = {name: history[name][place] for name in ("time", "order", "count", "value")}
    order = max((int(row["order"]) for row in rows.values()), default=0)
    for event in events:
        row = rows.get((event.item_id, event.behavior))
        if row is not None and event.time is not None and event.time <= row["time"]:
            continue
        order += 1
        rows[event.item_id, event.behavior] = {
            "time": now if event.time is None else event.time,
            "order": order,
            "count": 1.0 if row is None else row["count"] + 1,
            "value": float("nan") if row is None else row["value"],
        }
    newest = sorted(rows.items(), key=lambda entry: -entry[1]["order"])[:length]
    merged: dict[str, list] = {
        "item": [key[0] for key, _ in newest],
        "behavior": [key[1] for key, _ in newest],
    }
    for name in ("time", "order", "count", "value"):
        merged[name] = [row[name] for _, row in newest]
    return merged
