"""A user's history as it is now: what was published, and on top of it what the log has since."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feature_repo.published import Known
from serving.event_log import Entry
from serving.merging import Done, Rows, merged
from swayrec.learning.signature import Metadata
from swayrec.tables.schema import HISTORY_FIELDS


@dataclass(frozen=True)
class Published:
    """A user's history as a publication has it.

    ``rows`` is empty for a user whom it does not have; ``known`` is what it has of the log.
    """

    rows: Rows = field(default_factory=dict)
    known: Known = field(default_factory=Known)


def overlaid(base: Published, entries: Sequence[Entry], shape: Metadata) -> dict[str, list]:
    """The user's whole history, compacted; the same whenever it is made of the same.

    What the publication has is not laid on it again. Events stand by their time; one that comes late moves those
    after it up, and events of one instant share its order.

    Args:
        base: what was published.
        entries: the log's events of this user.
        shape: the model's metadata.
    """
    newest = max((time for time in base.rows.get("time", ()) if not math.isnan(time)), default=-math.inf)
    fresh = [
        (instant, entry)
        for entry in entries
        if not base.known.event(entry.stamp, instant := _instant(entry), newest)
    ]
    if not fresh:
        return {name: list(base.rows.get(name, ())) for name in HISTORY_FIELDS}
    order = _orders(base.rows, {instant for instant, _ in fresh})
    rows = {**base.rows, "order": order.old}
    done = [
        Done(
            item=entry.content["item_id"],
            behavior=entry.content["behavior"],
            time=math.nan if shape.until is None else instant,
            order=order.new[instant],
            value=math.nan if entry.content["value"] is None else float(entry.content["value"]),
        )
        for instant, entry in fresh
    ]
    return merged(rows, done, shape.behaviors, shape.history, shape.period)


@dataclass(frozen=True)
class _Orders:
    """The order of each published row, and that of each new instant."""

    old: list[int]
    new: Mapping[float, int]


def _orders(rows: Rows, instants: Collection[float]) -> _Orders:
    """The dense ranks of old and new instants together, as far as the published rows know the old ones.

    Rows without a clock lie before everything new.
    """
    old = [
        (-math.inf if math.isnan(time) else time, int(order))
        for time, order in zip(rows.get("time", ()), rows.get("order", ()), strict=True)
    ]
    known = {time for time, _ in old}
    added = sorted(set(instants) - known)
    moved = [order + bisect_left(added, time) for time, order in old]
    by_time = sorted(zip((time for time, _ in old), moved, strict=True))
    times = [time for time, _ in by_time]
    highest = [0]
    for _, order in by_time:
        highest.append(max(highest[-1], order))
    new: dict[float, int] = {}
    latest = 0
    for instant in sorted(instants):
        before = highest[bisect_right(times, instant)]
        latest = before if instant in known else max(before, latest) + 1
        new[instant] = latest
    return _Orders(moved, new)


def _instant(entry: Entry) -> float:
    return datetime.fromisoformat(entry.content["timestamp"]).timestamp()
