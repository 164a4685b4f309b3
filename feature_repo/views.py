"""The feature views: which features there are, of which type, from which Parquet file.

Every row is stamped one microsecond after the instant that it describes, so that Feast's point-in-time join,
which takes rows at or before the asked instant, means strictly before.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feast import Entity, FeatureView, Field, FileSource, PushSource
from feast.data_source import DataSource
from feast.types import Array, Float32, Float64, Int64, String

from feature_repo.entities import ITEM, USER
from feature_repo.names import HISTORY, HISTORY_PUSH, ITEMS, METADATA, STAMP, USERS, VECTORS

SCHEMAS: Mapping[str, tuple[Entity, Mapping[str, Any]]] = {
    # The compacted history, newest first, in the names and types of the model signature.
    HISTORY: (
        USER,
        {
            "item": Array(String),
            "behavior": Array(String),
            "time": Array(Float64),
            "order": Array(Int64),
            "count": Array(Float32),
            "value": Array(Float32),
            "clock": String,
        },
    ),
    # Parallel lists where names depend on the scenario: `behaviors[i]` happened `behavior_counts[i]` times.
    USERS: (
        USER,
        {
            "user_events": Int64,
            "user_items": Int64,
            "user_last_time": Float64,
            "user_behaviors": Array(String),
            "user_behavior_counts": Array(Int64),
        },
    ),
    ITEMS: (
        ITEM,
        {
            "item_events": Int64,
            "item_users": Int64,
            "item_first_time": Float64,
            "item_last_time": Float64,
            "item_behaviors": Array(String),
            "item_behavior_counts": Array(Int64),
        },
    ),
    METADATA: (
        ITEM,
        {
            "title": String,
            "category": String,
            "language": String,
            "item_text": String,
            "tags": Array(String),
            "sensitive": String,
            "available_from": Float64,
            "available_until": Float64,
        },
    ),
    # By itself, because SQLite reads all of a view's features whatever is asked for.
    VECTORS: (ITEM, {"vector": Array(Float32)}),
}
"""Entity and features of each view, by its name."""


def views(
    offline: str | Path, names: tuple[str, ...] = tuple(SCHEMAS), store: str = "duckdb"
) -> list[FeatureView]:
    """The views of the given names over Parquet files ``<offline>/<name>.parquet``.

    ``store`` is the ``type`` of the offline store: Spark's reads none but its own kind of source.
    ``user_history`` has a push source beside its file: who appends an event pushes the whole compacted row.
    """
    return [_view(name, f"{offline}/{name}.parquet", store) for name in names]


def _view(name: str, path: str, store: str) -> FeatureView:
    entity, features = SCHEMAS[name]
    file: DataSource
    if store == "spark":
        # Needs PySpark, which is an extra.
        from feast.infra.offline_stores.contrib.spark_offline_store.spark_source import SparkSource

        file = SparkSource(name=f"{name}_file", path=path, file_format="parquet", timestamp_field=STAMP)
    else:
        file = FileSource(name=f"{name}_file", path=path, timestamp_field=STAMP)
    return FeatureView(
        name=name,
        entities=[entity],
        ttl=None,
        schema=[Field(name=entity.join_key, dtype=String)]
        + [Field(name=feature, dtype=kind) for feature, kind in features.items()],
        source=PushSource(name=HISTORY_PUSH, batch_source=file) if name == HISTORY else file,
    )
