"""A dataset's events by parts of its users: what each worker computes on, and what fits into memory at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from swayrec.tables.log import Log, from_events

COLUMNS = ["user_id", "item_id", "behavior", "order", "timestamp", "value"]
"""The columns of the events that a log is made of."""

IDS = 1 << 20
"""Rows whose ids are looked up at a time: each time the whole catalogue is hashed anew."""


class PartOfUsers(Protocol):
    """All events of some users of a log; it can be sent to whoever computes on it."""

    @property
    def first(self) -> int:
        """The number of the part's first user among the users of the whole log."""

    def log(self, items: Sequence[str], behaviors: Sequence[str], period: float | None = None) -> Log:
        """The part's log, over the whole catalogue; its users are numbered from 0."""


@dataclass(frozen=True)
class LogPart:
    """All events of some users: rows ``start`` to ``stop`` of a Parquet file that is sorted by user and order.

    ``first`` is the number of the part's first user among the users of the whole log.
    """

    path: str
    start: int
    stop: int
    first: int

    def events(self) -> pa.Table:
        """The events, in the columns ``COLUMNS``; of the file only the row groups that hold them are read."""
        with pq.ParquetFile(self.path) as file:
            begins = 0
            found = []
            for number in range(file.num_row_groups):
                ends = begins + file.metadata.row_group(number).num_rows
                if begins < self.stop and ends > self.start:
                    group = file.read_row_group(number, columns=COLUMNS)
                    low = max(self.start - begins, 0)
                    found.append(group.slice(low, min(self.stop, ends) - begins - low))
                begins = ends
        return pa.concat_tables(found)

    def log(self, items: Sequence[str], behaviors: Sequence[str], period: float | None = None) -> Log:
        """The part's log, over the whole catalogue; its users are numbered from 0."""
        return from_events(self.events(), items, behaviors, period)


def log_parts(path: Path, items: Sequence[str], rows: int) -> list[LogPart]:
    """Cuts events into parts of about ``rows`` of them, none of which shares a user with another.

    Args:
        path: a dataset's events, by user.
        items: the catalogue: users without an event on it are not numbered.
        rows: how many events a part has at least, but for the last.
    """
    catalogue = pa.array(items, pa.string())
    begins, known = [np.zeros(0, bool)], [np.zeros(0, bool)]
    newest = None
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(IDS, columns=["user_id", "item_id"]):
            user = batch["user_id"]
            same = pc.equal(user[1:], user[:-1]).to_numpy(zero_copy_only=False)
            begins.append(np.append(newest is None or user[0].as_py() != newest, ~same))
            known.append(pc.is_in(batch["item_id"], value_set=catalogue).to_numpy(zero_copy_only=False))
            newest = user[-1].as_py()
    start = np.flatnonzero(np.concatenate(begins))
    if not len(start):
        return []
    on_catalogue = np.concatenate(known)
    number = np.append(0, np.cumsum(np.logical_or.reduceat(on_catalogue, start)))
    chosen = np.unique(np.searchsorted(start, np.arange(0, len(on_catalogue), rows)))
    chosen = chosen[chosen < len(start)]
    stops = np.append(start[chosen[1:]], len(on_catalogue))
    return [
        LogPart(str(path), int(start[user]), int(stop), int(number[user]))
        for user, stop in zip(chosen, stops, strict=True)
    ]


def whole(
    parts: Sequence[LogPart], items: Sequence[str], behaviors: Sequence[str], period: float | None = None
) -> Log:
    """The log of all parts, one beside the other: only numbers are ever held of all of them."""
    size = sum(part.stop - part.start for part in parts)
    arrays: dict[str, np.ndarray] = {
        "user": np.empty(size, np.int32),
        "item": np.empty(size, np.int32),
        "behavior": np.empty(size, np.int16),
        "order": np.empty(size, np.int64),
        "time": np.empty(size, np.float64),
        "value": np.empty(size, np.float32),
    }
    users: list[np.ndarray] = [np.zeros(0, object)]
    filled = 0
    for part in parts:
        log = part.log(items, behaviors, period)
        for name, array in arrays.items():
            found = getattr(log, name)
            array[filled : filled + len(log)] = found + part.first if name == "user" else found
        filled += len(log)
        users.append(log.users)
    return Log(
        users=np.concatenate(users),
        items=np.asarray(items, dtype=object),
        behaviors=tuple(behaviors),
        **{name: array[:filled] for name, array in arrays.items()},
        period=period,
    )
