"""A history that is added to is the history that is made at once."""

import numpy as np
import pytest

from serving.merging import Done, merged
from swayrec.tables.history import history
from swayrec.tables.log import Log

BEHAVIORS = ("view", "buy")
LENGTH = 400


def events(seed, size=300, instants=40):
    """(item, behavior, time, order, value) of one user, oldest first; several share an instant."""
    random = np.random.default_rng(seed)
    order = np.sort(random.integers(1, instants, size))
    order = np.unique(order, return_inverse=True)[1] + 1
    return [
        (f"i{random.integers(12)}", BEHAVIORS[random.integers(2)], 1e9 + place * 7.25, int(place), float(n))
        for n, place in enumerate(order)
    ]


def at_once(done, period):
    items = sorted({event[0] for event in done})
    size = len(done)
    log = Log(
        users=np.array(["u"], object),
        items=np.array(items, object),
        behaviors=BEHAVIORS,
        user=np.zeros(size, np.int32),
        item=np.array([items.index(event[0]) for event in done], np.int32),
        behavior=np.array([BEHAVIORS.index(event[1]) for event in done], np.int16),
        order=np.array([event[3] for event in done], np.int64),
        time=np.array([event[2] for event in done]),
        value=np.array([event[4] for event in done], np.float32),
        period=period,
    )
    made = history(log, np.array([0]), np.array([10**6]), LENGTH)
    return {
        "item": [items[place] for place in made.item[0]],
        "behavior": [BEHAVIORS[place] for place in made.behavior[0]],
        **{name: getattr(made, name)[0].tolist() for name in ("time", "order", "count", "value")},
    }


@pytest.mark.parametrize("period", [None, 60.0])
@pytest.mark.parametrize("seed", range(5))
def test_a_history_that_grows_is_the_one_that_is_made_at_once(seed, period):
    done = events(seed)
    rows = {}
    for start in range(0, len(done), 37):
        rows = merged(rows, [Done(*event) for event in done[start : start + 37]], BEHAVIORS, LENGTH, period)
    assert rows == at_once(done, period)


def test_nothing_on_nothing_is_nothing():
    assert merged({}, [], BEHAVIORS, 5, None)["item"] == []
