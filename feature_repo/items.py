"""Rows of the views of items: what was done to them, what they are called, the vectors of their text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from feature_repo.activity import activity
from feature_repo.lists import lists
from feature_repo.names import STAMP
from feature_repo.stamps import AFTER, clock, stamps
from swayrec.learning.vectors import Vectors
from swayrec.tables.epoch import seconds
from swayrec.tables.log import Log
from swayrec.tables.schema import TIMESTAMP


def item_features(log: Log) -> pa.Table:
    """One row an item of the log, stamped one microsecond after the newest event on it."""
    done = activity(log, "item")
    table = pa.table(
        {
            "item_id": pa.array(log.items, pa.string()),
            "item_events": pa.array(done.events, pa.int64()),
            "item_users": pa.array(done.others, pa.int64()),
            "item_first_time": pa.array(done.first, pa.float64()),
            "item_last_time": pa.array(done.last, pa.float64()),
            "item_behaviors": done.behaviors,
            "item_behavior_counts": done.behavior_counts,
            STAMP: stamps(clock(log), np.nan_to_num(done.last), done.order),
        }
    )
    return table.filter(pa.array(done.events > 0))


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
            "sensitive": items["sensitive"],
            "available_from": pc.fill_null(seconds(items["available_from"]), np.nan),
            "available_until": pc.fill_null(seconds(items["available_until"]), np.nan),
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
