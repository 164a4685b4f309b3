"""Rows of the views of items: what was done to them, what they are called, the vectors of their text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feature_repo.lists import counts, lists
from feature_repo.names import STAMP
from feature_repo.stamps import AFTER, clock, stamps
from swayrec.learning.vectors import Vectors
from swayrec.tables.log import Log
from swayrec.tables.schema import TIMESTAMP


def item_features(log: Log) -> pa.Table:
    """One row an item of the log, stamped one microsecond after the newest event on it."""
    size, kinds = len(log.items), len(log.behaviors)
    shown = np.bincount(log.item.astype(np.int64) * kinds + log.behavior, minlength=size * kinds)
    pairs = np.unique(log.item.astype(np.int64) * max(1, len(log.users)) + log.user)
    first, last = np.full(size, np.nan), np.full(size, np.nan)
    np.fmin.at(first, log.item, log.time)
    np.fmax.at(last, log.item, log.time)
    order = np.zeros(size, np.int64)
    np.maximum.at(order, log.item, log.order)
    names, numbers = counts(shown.reshape(size, kinds), log.behaviors)
    events = np.bincount(log.item, minlength=size)
    table = pa.table(
        {
            "item_id": pa.array(log.items, pa.string()),
            "item_events": pa.array(events, pa.int64()),
            "item_users": pa.array(np.bincount(pairs // max(1, len(log.users)), minlength=size), pa.int64()),
            "item_first_time": pa.array(first, pa.float64()),
            "item_last_time": pa.array(last, pa.float64()),
            "item_behaviors": names,
            "item_behavior_counts": numbers,
            STAMP: stamps(clock(log), np.nan_to_num(last), order),
        }
    )
    return table.filter(pa.array(events > 0))


def item_metadata(items: pa.Table) -> pa.Table:
    """One row an item of the canonical table; without ``created_at`` it is known since the epoch."""
    tags = pc.if_else(
        pc.is_null(items["tags"]), pa.scalar([], items.schema.field("tags").type), items["tags"]
    )
    return pa.table(
        {
            "item_id": items["item_id"],
            "title": items["title"],
            "category": items["category"],
            "language": items["language"],
            "item_text": items["text"],
            "tags": tags,
            STAMP: _known_since(items["created_at"]),
        }
    )


def item_vectors(vectors: Vectors, items: pa.Table) -> pa.Table:
    """One row an item of the canonical table that has a vector other than zero (no text, no row)."""
    found = vectors.of(items["item_id"].to_pylist())
    told = np.any(found != 0, axis=1)
    items, found = items.filter(pa.array(told)), found[told]
    return pa.table(
        {
            "item_id": items["item_id"],
            "vector": lists(np.full(len(found), vectors.dimension), pa.array(found.ravel(), pa.float32())),
            STAMP: _known_since(items["created_at"]),
        }
    )


def _known_since(created: pa.ChunkedArray) -> pa.ChunkedArray:
    micros = pc.fill_null(pc.cast(created, pa.int64()), 0)
    return pc.cast(pc.add(micros, AFTER), TIMESTAMP)
