"""A log of any length, the same every time: ids of 64 bits as text, few items and people that do most."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

AT_ONCE = 1_000_000
"""Events in memory at a time."""

FIRST, DAYS = 1_700_000_000, 180
BEHAVIORS = (("view", 0.8), ("cart", 0.15), ("buy", 0.05))
PER_USER = 25
"""Events of a user, on average."""

SCENARIO = """
name = "generated"
title = "A generated log"
[[events]]
name = "log"
path = "{path}"
user = "user"
item = "item"
behavior = "behavior"
time = "time"
event_id = "id"
value = "price"
[[behaviors]]
name = "view"
hand = 1
[[behaviors]]
name = "cart"
hand = 2
[[behaviors]]
name = "buy"
hand = 3
target = true
[split]
protocol = "time"
horizon_days = 7
[influence.choices]
kind = "window"
levels = 4
[[influence.forms]]
name = "lean"
kernels = [{{ similarity = "identity", half_lives = [7] }}]
"""


def users_and_items(events: int) -> tuple[int, int]:
    """How many people and items a log of so many events is drawn from: 10 times the events, 3 times the items."""
    return max(1, events // PER_USER), max(100, int(30 * events**0.5))


def generate(path: Path, events: int, seed: int = 0) -> Path:
    """Writes a Parquet log by time: user, item, behavior, time, id and price. Memory does not grow with it."""
    users, items = users_and_items(events)
    writer = None
    for start in range(0, events, AT_ONCE):
        rows = min(AT_ONCE, events - start)
        random = np.random.default_rng((seed, start))
        # The density of the place falls like a power law: a tenth of the items has about two thirds of the events.
        item = (items * random.random(rows) ** 6).astype(np.uint64)
        user = (users * random.random(rows) ** 2).astype(np.uint64)
        seconds = FIRST + DAYS * 86400 * ((start + np.sort(random.random(rows)) * rows) / events)
        names, shares = zip(*BEHAVIORS, strict=True)
        table = pa.table(
            {
                "user": pa.array(_scattered(user, 1)).cast(pa.string()),
                "item": pa.array(_scattered(item, 2)).cast(pa.string()),
                "behavior": pa.DictionaryArray.from_arrays(
                    pa.array(random.choice(len(names), rows, p=shares), pa.int8()), pa.array(names)
                ).cast(pa.string()),
                "time": pa.array((seconds * 1e6).astype(np.int64)).cast(pa.timestamp("us")),
                "id": pa.array(_scattered(np.arange(start, start + rows, dtype=np.uint64), 3)).cast(
                    pa.string()
                ),
                "price": pa.array(random.integers(1, 400, rows) / 4),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return path


def _scattered(number: np.ndarray, salt: int) -> np.ndarray:
    """Numbers as others of 64 bits, each once (splitmix64)."""
    with np.errstate(over="ignore"):
        z = number + np.uint64(salt) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))
