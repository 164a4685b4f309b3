"""Small logs of known truth in which choices bring their own candidates, and scenarios for them."""

import numpy as np

from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario, parse
from tests.small_world import log

FORMS = {
    "fresh": {"name": "fresh", "windows_days": [0.25, 1], "shares": True, "age": True, "age_hours": True},
    "worded": {
        "name": "worded",
        "windows_days": [0.25, 1],
        "age": True,
        "age_hours": True,
        "kernels": [{"similarity": "text", "norm": "sum", "half_lives": [0]}],
    },
    "headline": {"name": "headline", "conversion": True},
}


def scenario(protocol: str, form: str, **split) -> Scenario:
    """A scenario of the protocol rolling (a purchase is the target) or shown (a view is what was not taken)."""
    shown = {"shown": "view"} if protocol == "shown" else {}
    return parse(
        {
            "name": "listed",
            "title": "Listed",
            "events": [{"name": "log", "path": "log.csv", "user": "u", "item": "i", "behavior": "b"}],
            "behaviors": [{"name": "view", "hand": 1}, {"name": "purchase", "target": True, "hand": 3}],
            "split": {"protocol": protocol, **shown, **split},
            "text": {},
            "influence": {
                "choices": {"kind": protocol, "levels": 2},
                "forms": [FORMS[form]],
                "ridges": [1e-4],
            },
        },
        "listed.toml",
    )


def rolling_log(
    seed: int = 0, people: int = 60, days: int = 40, half_life: float = 0.7, taste: float = 1.0
) -> Log:
    """People take what is new: each day's items are posted by user 0, and fade with a half-life in days.

    Item j has topic j % 2 and user u likes topic u % 2, by the factor ``taste``. Nobody takes an item twice.
    """
    random = np.random.default_rng(seed)
    born = np.sort(random.uniform(0, days, days * 4))
    rows = [(0, item, "view", day) for item, day in enumerate(born)]
    for user in range(1, people):
        met: set[int] = set()
        for day in np.sort(random.uniform(1, days, 30)):
            alive = [item for item in np.flatnonzero((born < day) & (born >= day - 7)) if item not in met]
            if not alive:
                continue
            worth = 2.0 ** (-(day - born[alive]) / half_life) * np.where(
                np.array(alive) % 2 == user % 2, taste, 1
            )
            item = int(random.choice(alive, p=worth / worth.sum()))
            met.add(item)
            rows.append((user, item, "purchase", float(day)))
    place: dict[int, int] = {}
    ordered = []
    for user, item, behavior, day in sorted(rows, key=lambda row: (row[0], row[3])):
        place[user] = place.get(user, 0) + 1
        ordered.append((user, item, behavior, day, place[user]))
    return log(ordered, people, len(born))


def shown_log(seed: int = 0, people: int = 300, items: int = 40, lists: int = 5) -> tuple[Log, np.ndarray]:
    """Lists of five shown at one order, one of them purchased by the items' appeal, float[items], returned too.

    Each user first views two items (order 1) and is shown others.
    """
    random = np.random.default_rng(seed)
    appeal = random.exponential(1, items)
    rows = []
    for user in range(people):
        drawn = random.permutation(items)[: 2 + 5 * lists]
        rows += [(user, int(item), "purchase", None, 1) for item in drawn[:1]]
        for number in range(lists):
            offered = drawn[2 + 5 * number : 7 + 5 * number]
            taken = random.choice(offered, p=appeal[offered] / appeal[offered].sum())
            rows += [
                (user, int(item), "purchase" if item == taken else "view", None, 2 + number)
                for item in offered
            ]
    return log(rows, people, items), appeal
