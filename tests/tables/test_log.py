import numpy as np
import pytest

from swayrec.tables.log import distinct, joined
from tests.small_world import DAY, generated, log

SOME = log(
    [
        (0, 1, "view", 1, 1),
        (0, 2, "view", 1, 1),
        (0, 1, "purchase", 3, 2),
        (2, 0, "view", 2, 1),
        (2, 0, "view", 5, 3),
    ],
    users=4,
    items=3,
)


def test_spans_hold_what_a_user_did_strictly_before_an_order():
    users, before = np.array([0, 0, 0, 0, 1, 2, 2, 3]), np.array([0, 1, 2, 9, 5, 3, 4, 1])
    start, stop = SOME.spans(users, before)
    assert start.tolist() == [0, 0, 0, 0, 3, 3, 3, 5]
    assert (stop - start).tolist() == [0, 0, 2, 3, 0, 1, 2, 0]


def test_spans_of_any_log_are_found_as_by_looking_through_it():
    some, random = generated(6), np.random.default_rng(0)
    users, before = random.integers(len(some.users), size=300), random.integers(0, 30, size=300)
    start, stop = some.spans(users, before)
    expected = [
        ((some.user == user) & (some.order < cut)).sum() for user, cut in zip(users, before, strict=True)
    ]
    assert (stop - start).tolist() == expected
    assert (some.user[start] == users).all()


def test_spans_of_an_empty_log_are_empty():
    start, stop = SOME.where(np.zeros(len(SOME), bool)).spans(np.array([0, 3]), np.array([9, 9]))
    assert start.tolist() == stop.tolist() == [0, 0]


def test_instants_count_what_shares_user_and_order_once():
    first, instant = SOME.instants()
    assert first.tolist() == [0, 2, 3, 4]
    assert instant.tolist() == [0, 0, 1, 2, 3]


def test_users_without_events_have_the_newest_order_0():
    assert SOME.newest_orders().tolist() == [2, 0, 3, 0]


def test_pairs_tell_user_and_item():
    assert SOME.pairs().tolist() == [1, 2, 1, 6, 6]


def test_a_log_ends_just_after_its_newest_event_where_it_has_a_clock():
    assert 5 * DAY < SOME.end == pytest.approx(5 * DAY, abs=1e-3)
    assert np.isnan(log([(0, 0, "view", None, 1)]).end)


def test_spans_are_joined_one_after_the_other():
    span, event = joined(np.array([3, 5, 9]), np.array([5, 5, 10]))
    assert (span.tolist(), event.tolist()) == ([0, 0, 2], [3, 4, 9])


@pytest.mark.parametrize("values", [[], [7], [3, 1, 3, 3, 2, 1]])
def test_distinct_is_each_once_and_ascending(values):
    assert distinct(np.array(values, np.int64)).tolist() == sorted(set(values))
