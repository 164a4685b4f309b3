"""A small log, and a scenario for it, that the baselines' tests share."""

from dataclasses import dataclass

import numpy as np

from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario, parse

DAY = 86400.0


def scenario(repeats=True, seen=(), hand=(1.0, 3.0), split=None, minimum=None) -> Scenario:
    return parse(
        {
            "name": "small",
            "title": "Small",
            "repeats": repeats,
            "events": [{"name": "log", "path": "log.csv", "user": "u", "item": "i", "behavior": "b"}],
            "behaviors": [
                {"name": "view", "hand": hand[0], "seen": "view" in seen},
                {"name": "purchase", "target": True, "hand": hand[1], "seen": "purchase" in seen},
            ],
            "split": split or {"protocol": "time"},
            "minimum": minimum or {},
            "influence": {
                "choices": {"kind": "next"},
                "forms": [{"name": "lean", "kernels": [{"similarity": "identity", "half_lives": [0]}]}],
            },
        },
        "small.toml",
    )


def log(rows, users=None, items=None) -> Log:
    """A log from rows (user, item, behavior, day or None, order)."""
    rows = sorted(rows, key=lambda row: (row[0], row[4]))
    count_users = users or max(row[0] for row in rows) + 1
    count_items = items or max(row[1] for row in rows) + 1
    return Log(
        users=np.array([f"u{n}" for n in range(count_users)], object),
        items=np.array([f"i{n}" for n in range(count_items)], object),
        behaviors=("view", "purchase"),
        user=np.array([row[0] for row in rows], np.int32),
        item=np.array([row[1] for row in rows], np.int32),
        behavior=np.array([("view", "purchase").index(row[2]) for row in rows], np.int16),
        order=np.array([row[4] for row in rows], np.int64),
        time=np.array([np.nan if row[3] is None else row[3] * DAY for row in rows], np.float64),
        value=np.full(len(rows), np.nan, np.float32),
    )


@dataclass(frozen=True)
class At:
    """Moments of some users."""

    users: np.ndarray
    before: np.ndarray
    now: np.ndarray


def at(users, day, before=10**6) -> At:
    size = len(users)
    now = np.nan if day is None else day * DAY
    return At(np.array(users, np.int64), np.full(size, before, np.int64), np.full(size, now))


def generated(seed=0, users=60, items=40, steps=25) -> Log:
    """A log with a clock in which people come back to favorites."""
    random = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        favorites = random.choice(items, 8, replace=False)
        day = random.uniform(0, 5)
        for order in range(1, steps + 1):
            day += random.exponential(3)
            item = random.choice(favorites) if random.random() < 0.7 else random.integers(items)
            rows.append((user, int(item), "purchase" if random.random() < 0.6 else "view", day, order))
    return log(rows, users, items)
