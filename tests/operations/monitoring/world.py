"""A small shop over weeks, whose users differ from each other, and the faults that are planted in it."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa

from swayrec.tables import schema
from swayrec.tables.dataset import Dataset, write
from swayrec.tables.scenario import Scenario, parse

WEEK = 7 * 86400.0
START = datetime(2025, 1, 6, tzinfo=UTC).timestamp()
"""A Monday."""
ITEMS, USERS = 60, 250
LEARNED = 12
"""Weeks that a training has learned from."""
WORDS = {
    "en": "milk,bread,cheese,butter,apple,orange,coffee,tea,sugar,honey,rice,pasta,onion,garlic,tomato,pepper",
    "zh": "牛奶,面包,奶酪,黄油,苹果,橙子,咖啡,茶叶,白糖,蜂蜜,大米,面条,洋葱,大蒜,番茄,胡椒",
}
SCENARIO = """
name = "shop"
title = "Shop"
languages = ["en", "zh"]
clock = "log"
repeats = true
events = [{ name = "log", path = "log.csv", user = "u", item = "i", behavior = "b", time = "t" }]
behaviors = [{ name = "view" }, { name = "cart" }, { name = "buy", target = true }]
split = { protocol = "last" }
[influence]
choices = { kind = "next" }
forms = [{ name = "lean", kernels = [{ similarity = "identity", half_lives = [0] }] }]
"""


def scenario(more: str = "") -> Scenario:
    return parse(tomllib.loads(SCENARIO + more), "shop.toml")


def text(item: int) -> tuple[str, str]:
    """An item's text and its language."""
    language = "en" if item % 2 else "zh"
    words = [WORDS[language].split(",")[(item * step) % 16] for step in (1, 3, 7)]
    return (" ".join(words) if language == "en" else "，".join(words)), language


def log(weeks: int, seed: int = 0, users: int = USERS) -> dict[str, np.ndarray]:
    """Columns of events of so many weeks from ``START`` on."""
    random = np.random.default_rng(seed)
    rate = random.gamma(3, 1, users) + 0.5
    favorite = random.integers(ITEMS, size=users)
    habit = random.dirichlet([6, 2, 3], users)
    hour = random.normal(15, 2, users)
    parts = []
    for week in range(weeks):
        count = random.poisson(rate * 2)
        user = np.repeat(np.arange(users), count)
        size = len(user)
        day = random.integers(7, size=size)
        second = (np.clip(random.normal(hour[user], 3), 0, 23.99) * 3600).astype(int) + random.random(size)
        item = np.where(
            random.random(size) < 0.5, favorite[user], np.minimum(random.geometric(0.06, size) - 1, ITEMS - 1)
        )
        parts.append(
            {
                "user": user,
                "item": item,
                "behavior": (random.random(size)[:, None] > habit[user].cumsum(1)[:, :2]).sum(1),
                "time": START + week * WEEK + day * 86400 + second,
                "value": np.exp(random.normal(1, 0.3, size) + item / ITEMS),
            }
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def dataset(folder: Path, columns: dict[str, np.ndarray]) -> Dataset:
    """The canonical tables of such a log; users whose group is 'new' are the odd ones."""
    order = np.lexsort((columns["time"], columns["user"]))
    columns = {name: values[order] for name, values in columns.items()}
    size, user, time = len(order), columns["user"], columns["time"]
    begins = np.append(True, (user[1:] != user[:-1]) | (time[1:] != time[:-1]))
    first = np.maximum.accumulate(np.where(np.append(True, user[1:] != user[:-1]), np.arange(size), 0))
    ranks = np.cumsum(begins)
    table = {
        "event_id": [f"e{n}" for n in range(size)],
        "user_id": [f"u{n}" for n in user],
        "item_id": [f"i{n}" for n in columns["item"]],
        "behavior": [("view", "cart", "buy")[n] for n in columns["behavior"]],
        "order": ranks - ranks[first] + 1,
        "timestamp": pa.array((time * 1e6).astype(np.int64)).cast(schema.TIMESTAMP),
        "value": columns["value"],
        "source": ["log"] * size,
        "request_id": columns.get("request", np.full(size, None)),
    }
    texts = [text(item) for item in range(ITEMS)]
    described = {
        "item_id": [f"i{n}" for n in range(ITEMS)],
        "title": [told for told, _ in texts],
        "text": [told for told, _ in texts],
        "language": [language for _, language in texts],
        "category": [f"c{n % 5}" for n in range(ITEMS)],
    }
    folder.mkdir(parents=True, exist_ok=True)
    people = pa.table({"user_id": sorted(set(table["user_id"]))})
    return write(folder, _table(schema.EVENTS, table), _table(schema.ITEMS, described), people, {})


def _table(kind: pa.Schema, columns: dict) -> pa.Table:
    size = len(next(iter(columns.values())))
    return pa.table(
        [pa.array(columns.get(name, [None] * size), kind.field(name).type) for name in kind.names], kind
    )
