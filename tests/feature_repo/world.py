"""A small canonical dataset with clocks exact to the microsecond, for the tests of the feature store."""

import tomllib
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from swayrec.tables import schema
from swayrec.tables.dataset import Dataset, write
from swayrec.tables.scenario import Scenario, parse

START = datetime(2024, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
BEHAVIORS = ("view", "buy")
LENGTH = 6


TEXT = """
name = "{name}"
title = "Small"
events = [{{ name = "log", path = "log.csv", user = "u", item = "i", behavior = "b" }}]
behaviors = [{{ name = "view" }}, {{ name = "buy", target = true }}]
split = {{ protocol = "last" }}
model = {{ history = {length} }}
[influence]
choices = {{ kind = "next" }}
forms = [{{ name = "lean", kernels = [{{ similarity = "identity", half_lives = [0] }}] }}]
"""


def text(name="small", length=LENGTH) -> str:
    """The scenario as its file."""
    return TEXT.format(name=name, length=length)


def scenario(name="small", length=LENGTH) -> Scenario:
    return parse(tomllib.loads(text(name, length)), "small.toml")


def rows(users=12, items=9, instants=7, seed=3):
    """Events (user, item, behavior, order, time, value): some items an instant, gaps from 1 us up."""
    random = np.random.default_rng(seed)
    made = []
    for user in range(users):
        time = START + timedelta(microseconds=int(random.integers(10**9)))
        for order in range(1, instants + 1):
            time += timedelta(microseconds=int(10 ** random.uniform(0, 11)))
            for item in random.choice(items, random.integers(1, 4), replace=False):
                value = float(random.integers(100)) if random.random() < 0.7 else None
                made.append(
                    (f"u{user}", f"i{item}", BEHAVIORS[int(random.random() < 0.4)], order, time, value)
                )
    return made


def dataset(folder, events, items=9, clock=True) -> Dataset:
    events = sorted(events, key=lambda row: (row[0], row[3]))
    size = len(events)
    user, item, behavior, order, time, value = zip(*events, strict=True)
    table = _table(
        schema.EVENTS,
        size,
        event_id=[f"e{n}" for n in range(size)],
        user_id=user,
        item_id=item,
        behavior=behavior,
        order=order,
        timestamp=time if clock else [None] * size,
        value=value,
        source=["log"] * size,
    )
    described = _table(
        schema.ITEMS,
        items,
        item_id=[f"i{n}" for n in range(items)],
        title=[f"Item {n}" if n % 2 else "牛奶" for n in range(items)],
        category=["milk"] * items,
        language=["en" if n % 2 else "zh" for n in range(items)],
        tags=[["a", "b"] if n == 1 else None for n in range(items)],
        created_at=[START if n == 1 else None for n in range(items)],
    )
    folder.mkdir(parents=True, exist_ok=True)
    return write(folder, table, described, pa.table({"user_id": sorted(set(user))}), {})


def _table(kind: pa.Schema, size: int, **columns) -> pa.Table:
    return pa.table(
        [pa.array(columns.get(name, [None] * size), kind.field(name).type) for name in kind.names],
        schema=kind,
    )
