from dataclasses import replace

import numpy as np
import pytest

from swayrec.tables.history import Pasts, history
from tests.small_world import DAY, generated, log

ROWS = [
    (0, 1, "view", 1, 1),
    (0, 1, "view", 3, 2),
    (0, 2, "purchase", 3, 2),
    (0, 1, "purchase", 5, 3),
    (1, 2, "view", 2, 1),
]


def test_rows_of_an_item_and_behavior_are_one_with_count_and_newest_time():
    found = history(log(ROWS), np.array([0]), np.array([4]), 10)
    assert found.item[0].tolist() == [1, 1, 2]
    assert found.behavior[0].tolist() == [1, 0, 1]
    assert found.count[0].tolist() == [1, 2, 1]
    assert found.time[0].tolist() == [5 * DAY, 3 * DAY, 3 * DAY]
    assert found.order[0].tolist() == [3, 2, 2]


def test_rows_do_not_reach_over_a_stretch_of_the_calendar_where_the_log_has_a_period():
    days = [0, 6.9, 7, 20, 21]
    some = log([(0, 1, "view", day, order) for order, day in enumerate(days, start=1)])
    found = history(replace(some, period=7 * DAY), np.array([0]), np.array([9]), 10)
    assert found.count[0].tolist() == [1, 1, 1, 2]
    assert found.time[0].tolist() == [21 * DAY, 20 * DAY, 7 * DAY, 6.9 * DAY]
    without_clock = log([(0, 1, "view", None, order) for order in range(1, 4)])
    assert history(replace(without_clock, period=7 * DAY), np.array([0]), np.array([9]), 9).lengths[0] == 1


def test_nothing_of_the_instant_itself_is_in_the_history():
    found = history(log(ROWS), np.array([0, 0, 1]), np.array([2, 1, 1]), 10)
    assert found.lengths.tolist() == [1, 0, 0]
    assert found.count[0, 0] == 1


def test_too_long_a_history_keeps_its_newest_rows():
    whole = history(generated(), np.array([3]), np.array([99]), 100)
    short = history(generated(), np.array([3]), np.array([99]), 5)
    assert short.item[0].tolist() == whole.item[0, :5].tolist()
    assert (np.diff(short.order[0]) <= 0).all()


def test_compacting_loses_no_event():
    some = generated()
    found = history(some, np.arange(len(some.users)), np.full(len(some.users), 99), 1000)
    assert found.count.sum() == len(some)


@pytest.mark.parametrize("length", [1, 3])
def test_without_order_everything_is_the_past(length):
    flat = log([(0, item, "view", None, 0) for item in range(3)])
    found = history(flat, np.array([0]), np.array([1]), length)
    assert found.lengths.tolist() == [length]
    assert np.isnan(found.time).all()


def compacted(log_, user, before, length):
    """Rows (item, behavior, newest time, newest order, count), newest first, event by event."""
    rows = {}
    for event in np.flatnonzero((log_.user == user) & (log_.order < before)):
        stretch_ = None if log_.period is None else int(log_.time[event] // log_.period)
        key = (int(log_.item[event]), int(log_.behavior[event]), stretch_)
        count = rows[key][2] + 1 if key in rows else 1
        rows[key] = (float(log_.time[event]), int(log_.order[event]), count)
    told = [(item, behavior, *row) for (item, behavior, _), row in rows.items()]
    return sorted(told, key=lambda row: (-row[3], row[1], row[0]))[:length]


@pytest.mark.parametrize("period", [None, 7 * DAY])
def test_pasts_at_any_instant_are_what_counting_event_by_event_gives(period):
    random = np.random.default_rng(4)
    rows = []
    for user in range(12):
        for order in range(1, 15):
            for _ in range(random.integers(1, 4)):
                rows.append(
                    (
                        user,
                        int(random.integers(6)),
                        ("view", "purchase")[random.integers(2)],
                        2 * order,
                        order,
                    )
                )
    some = replace(log(rows, users=13), period=period)
    users, before = random.integers(13, size=200), random.integers(0, 17, size=200)
    for length in (4, 99):
        for found in (Pasts(some).at(users, before, length), history(some, users, before, length)):
            assert found.now_order.tolist() == before.tolist()
            for case, (user, cut, size) in enumerate(zip(users, before, found.lengths, strict=True)):
                told = [
                    getattr(found, name)[case, :size]
                    for name in ("item", "behavior", "time", "order", "count")
                ]
                assert list(zip(*(part.tolist() for part in told), strict=True)) == compacted(
                    some, user, cut, length
                )


def test_pasts_of_an_empty_log_are_empty():
    nothing = log(ROWS).where(np.zeros(len(ROWS), bool))
    assert Pasts(nothing).at(np.array([0, 1]), np.array([9, 9]), 5).item.tolist() == [[-1], [-1]]
