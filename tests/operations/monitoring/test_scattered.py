"""Events that chance scatters over what everybody had forgotten, in a shop whose catalogue is large."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec.operations.monitoring import evidence
from swayrec.operations.monitoring.baseline import Usual
from swayrec.operations.monitoring.checks import topics
from swayrec.operations.monitoring.scales import Scales
from swayrec.operations.monitoring.seen_window import SeenWindow
from swayrec.operations.monitoring.tally import RECENT, tables, tally
from swayrec.operations.monitoring.window import Window
from swayrec.tables import schema
from swayrec.tables.scenario_monitoring import CHECKS
from tests.operations.monitoring.world import START, WEEK

WEEKS, USERS, MOVES = 21, 1000, 200
FIRST = 8
"""The first usual week; so many are before it that what was forgotten is known."""
LAST = WEEKS - 1
SCALES = Scales(("buy",), ("buy",), {}, ("*", ""), {})


def shelf():
    """Columns of a log: most is on 400 items in fashion, which moves on by a half every week; one of ten is on anything
    before; and one forgotten item comes back, which up to a quarter of all want that week.
    """
    random = np.random.default_rng(7)
    week = np.repeat(np.arange(WEEKS), USERS * 4)
    size = len(week)
    now, before = MOVES * week + random.integers(2 * MOVES, size=size), random.integers(MOVES * (week + 1))
    back, crowd = random.integers(MOVES, size=WEEKS)[week], random.uniform(0, 0.25, WEEKS)[week]
    draw = random.random(size)
    return {
        "user": random.integers(USERS, size=size),
        "item": np.where(draw < 0.1, before, np.where(draw < 0.1 + crowd, back, now)),
        "time": START + (week + random.random(size)) * WEEK,
        "week": week,
    }


def turned(columns, to, share):
    """A share of the last week's events goes to other items: ``to`` of how many there are and the random source."""
    random = np.random.default_rng(5)
    moved = (columns["week"] == LAST) & (random.random(len(columns["week"])) < share)
    item = columns["item"].copy()
    item[moved] = to(int(moved.sum()), random)
    return {**columns, "item": item}


def p_values(engine, folder, columns):
    """The p-values of ``scattered`` and ``popularity`` in the last week, by the weeks before it."""
    windows = [Window(START + k * WEEK, START + (k + 1) * WEEK) for k in range(FIRST, WEEKS)]
    size = len(columns["item"])
    order = np.lexsort((columns["time"], columns["user"]))
    table = {
        "user_id": [f"u{n}" for n in columns["user"][order]],
        "item_id": [f"i{n}" for n in columns["item"][order]],
        "behavior": ["buy"] * size,
        "order": np.arange(size),
        "timestamp": pa.array((columns["time"][order] * 1e6).astype(np.int64)).cast(schema.TIMESTAMP),
    }
    for name, kind, held in (("events", schema.EVENTS, table), ("items", schema.ITEMS, {})):
        rows = size if held else 0
        made = {each.name: pa.array(held.get(each.name, [None] * rows), each.type) for each in kind}
        pq.write_table(pa.table(made), folder / f"{name}.parquet")
    tables(engine, str(folder / "events.parquet"), str(folder / "items.parquet"))
    usual = tally(engine, SCALES, windows[:-1]).families
    now = tally(engine, SCALES, windows[-1:])
    seen = SeenWindow(
        now.families, {name: Usual.of(counts) for name, counts in usual.items()}, {"users": now.users}, True
    )
    return {
        name: evidence.strongest(check(seen), CHECKS[name].tolerance)[1]
        for name, check in (("scattered", topics.scattered), ("popularity", topics.popularity))
    }


@pytest.fixture
def told(engine, tmp_path):
    return lambda columns: p_values(engine, tmp_path, columns)


def old(count, random):
    """Any item that was in fashion before the last weeks."""
    return random.integers(MOVES * (LAST - RECENT), size=count)


def test_a_fifth_of_the_events_on_any_item_is_found_though_popularity_strays_as_far_by_itself(told):
    found = told(turned(shelf(), old, 0.2))
    assert found["scattered"] < 1e-4 < 0.01 < found["popularity"]


def test_what_comes_back_into_fashion_is_wanted_by_many_and_is_not_scattered(told):
    found = told(turned(shelf(), lambda count, random: random.integers(9, size=count), 0.2))
    assert found["scattered"] > 0.5


def test_a_week_as_usual_is_not_scattered(told):
    assert told(shelf())["scattered"] > 0.2


def test_new_items_are_not_forgotten_ones(told):
    found = told(turned(shelf(), lambda count, _: 100_000 + np.arange(count), 0.3))
    assert found["scattered"] > 0.5
