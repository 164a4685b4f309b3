"""The canonical events as they are written: part by part, so that no log is too long for the memory."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from swayrec.tables import schema
from swayrec.tables.text import each_distinct, normalize

ROWS = 1 << 18
"""Events of a row group: what is in memory at a time, and the least that a reader of some users must read."""


@dataclass
class Written:
    """What was counted while events were written; ``users`` and ``items`` are sorted ids, each once."""

    events: int = 0
    behaviors: Counter = field(default_factory=Counter)
    users: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    items: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    first: datetime | None = None
    last: datetime | None = None


def write_events(path: Path, batches: Iterable[pa.RecordBatch]) -> Written:
    """Writes events in the columns of ``schema.EVENTS``, texts normalized, and counts them.

    Args:
        path: the Parquet file to write.
        batches: the events sorted by user, in parts of any size; the file does not depend on their sizes.
    """
    found = Written()
    users = []
    items = pa.array([], pa.string())
    with pq.ParquetWriter(path, schema.EVENTS, compression="zstd") as writer:
        for part in _of_equal_size(batches):
            table = _normal(part)
            writer.write_table(table, row_group_size=ROWS)
            found.events += len(table)
            for row in pc.value_counts(table["behavior"]).to_pylist():
                found.behaviors[row["values"]] += row["counts"]
            users.append(pc.unique(table["user_id"]))
            items = pc.unique(pa.chunked_array([items, pc.unique(table["item_id"])]))
            span = pc.min_max(table["timestamp"]).as_py()
            found.first = min(filter(None, (found.first, span["min"])), default=None)
            found.last = max(filter(None, (found.last, span["max"])), default=None)
    # A user may end one part and begin the next.
    found.users = _sorted(pc.unique(pa.chunked_array(users, pa.string())))
    found.items = _sorted(items)
    return found


def _of_equal_size(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += len(batch)
        while rows >= ROWS:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, ROWS)
            waiting = table.slice(ROWS).to_batches()
            rows -= ROWS
    if rows:
        yield pa.Table.from_batches(waiting)


def _normal(table: pa.Table) -> pa.Table:
    if table["text"].null_count < len(table):
        place = table.column_names.index("text")
        table = table.set_column(place, "text", each_distinct(table["text"], normalize, pa.string()))
    return table.cast(schema.EVENTS)


def _sorted(ids: pa.Array) -> pa.Array:
    return ids.take(pc.sort_indices(ids))
