"""A log of looks and choices in which a rule that no sum can say decides what is taken, that tests share."""

import numpy as np

from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario, parse

BEHAVIORS = ("view", "cart", "purchase")
ITEMS = 40
DAY = 86400.0
NOW = 400 * DAY


def looks_scenario(**network) -> Scenario:
    """Purchases after looks: identity kernels that fade at two speeds, the last purchase held out."""
    return parse(
        {
            "name": "looks",
            "title": "Looks",
            "repeats": True,
            "events": [{"name": "log", "path": "log.csv", "user": "u", "item": "i", "behavior": "b"}],
            "behaviors": [
                {"name": "view", "hand": 1},
                {"name": "cart", "hand": 2},
                {"name": "purchase", "target": True, "hand": 3},
            ],
            "split": {"protocol": "last"},
            "influence": {
                "choices": {"kind": "next", "levels": 2, "candidates": ITEMS},
                "ridges": [1e-4],
                "forms": [
                    {"name": "slow", "kernels": [{"similarity": "identity", "half_lives": [20]}]},
                    {"name": "lean", "kernels": [{"similarity": "identity", "half_lives": [2, 0]}]},
                ],
            },
            "model": {"history": 64, "candidates": ITEMS, "results": ITEMS},
            "network": {"intent": "closed", "width": 16, "epochs": 14, **network},
        },
        "looks.toml",
    )


def looks(rule: str, users: int, seed: int, sessions: int = 4) -> Log:
    """Every 30 days a user views some of ten favorites and carts some of them, then takes one.

    ``rule`` "one of both": one that was either viewed or carted just now, not both (19 times of 20);
    "none": any favorite. Old looks decide nothing.
    """
    random = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        favorites, order = random.choice(ITEMS, 10, replace=False), 0
        for session in range(sessions):
            viewed, carted = random.random((2, 10)) < 0.5
            shown = [(0, item) for item in favorites[viewed]] + [(1, item) for item in favorites[carted]]
            wanted = favorites[viewed ^ carted]
            if rule == "none" or not len(wanted) or random.random() < 0.05:
                wanted = favorites
            rows += _session(random, user, session - sessions, order, shown, wanted)
            order = rows[-1][3]
    return _log(rows, users, ITEMS)


HIDDEN = 60
"""Items of the log whose choices a sum can list, but not find."""


def hidden_scenario(**network) -> Scenario:
    """As `looks_scenario`, of more items than are scored again."""
    asked = looks_scenario(**network).with_choices(candidates=HIDDEN)
    model = asked.model.model_copy(update={"history": 250, "results": 20})
    return asked.model_copy(update={"clock": "log", "model": model})


def hidden(users: int, seed: int, sessions: int = 4) -> Log:
    """Every 30 days a user views some items and carts some others, and two are both viewed and carted.

    One time of four one of these two is taken, else one of those that were not looked at. So a look speaks against an
    item in every sum, and two looks the most.
    """
    random = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        order = 0
        for session in range(sessions):
            items = random.permutation(HIDDEN)
            both, viewed, carted, rest = np.split(items, [2, 18, 34])
            shown = [(0, item) for item in (*both, *viewed)] + [(1, item) for item in (*both, *carted)]
            wanted = both if random.random() < 0.25 else rest
            rows += _session(random, user, session - sessions, order, shown, wanted)
            order = rows[-1][3]
    return _log(rows, users, HIDDEN)


def _session(
    random: np.random.Generator, user: int, number: int, order: int, shown: list[tuple], wanted: np.ndarray
) -> list[tuple]:
    """Rows of what was shown, (behavior, item) by lot, and at last of one wanted item that is taken.

    ``number`` of the session, from -1 for the newest; ``order`` of the user's event before it.
    """
    acts = [*(shown[n] for n in random.permutation(len(shown))), (2, random.choice(wanted))]
    return [
        (user, item, behavior, at, NOW + (30 * number + at / 100) * DAY)
        for at, (behavior, item) in enumerate(acts, order + 1)
    ]


def _log(rows: list[tuple], users: int, items: int) -> Log:
    """A log of rows (user, item, behavior, order, time)."""
    user, item, behavior, order, time = map(np.array, zip(*rows, strict=True))
    return Log(
        users=np.array([f"u{n}" for n in range(users)], object),
        items=np.array([f"i{n:02}" for n in range(items)], object),
        behaviors=BEHAVIORS,
        user=user.astype(np.int32),
        item=item.astype(np.int32),
        behavior=behavior.astype(np.int16),
        order=order.astype(np.int64),
        time=time,
        value=np.full(len(user), np.nan, np.float32),
    )
