import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.parts import pooled
from swayrec.tables.errors import InputError
from tests.small_world import DAY, generated, log, scenario

TIME = {"protocol": "time", "cuts": [0.5, 0.75]}
LAST = {"protocol": "last"}


def truths(part):
    return {int(user): part.cases.of(case).tolist() for case, user in enumerate(part.cases.users)}


def purchases(rows, **shape):
    """A log of purchases from (user, item, day); a user's order follows the days."""
    order = {}
    for user in {row[0] for row in rows}:
        days = sorted({day for who, _, day in rows if who == user})
        order.update({(user, day): place + 1 for place, day in enumerate(days)})
    return log([(user, item, "purchase", day, order[user, day]) for user, item, day in rows], **shape)


EIGHT = [(0, 0, 1), (0, 1, 2), (1, 2, 3), (1, 3, 4), (0, 2, 5), (1, 2, 6), (0, 3, 7), (1, 0, 8)]


def test_two_cuts_part_the_log_and_the_instant_of_a_cut_goes_to_the_later_part():
    parts = splits.split(purchases(EIGHT), scenario(split=TIME))
    assert (parts.validation.until, parts.test.until) == (5 * DAY, 7 * DAY)
    assert parts.validation.known.time.max() == 4 * DAY and parts.test.known.time.max() == 6 * DAY
    assert truths(parts.validation) == {0: [2], 1: [2]}
    assert truths(parts.test) == {0: [3], 1: [0]}
    assert parts.later is None


def test_an_item_taken_before_is_truth_only_where_people_take_things_again():
    again = truths(splits.split(purchases(EIGHT), scenario(True, split=TIME)).validation)
    first = truths(splits.split(purchases(EIGHT), scenario(False, split=TIME)).validation)
    assert again == {0: [2], 1: [2]} and first == {0: [2]}


def test_events_of_other_behaviors_are_known_but_never_truth_and_do_not_move_the_cuts():
    known = purchases(EIGHT)
    rows = [(0, 3, "view", 1.5, 9), (1, 1, "view", 5.5, 9), (1, 1, "view", 5.6, 10)]
    extra = log(rows, users=2, items=4)
    both = log(
        [
            (int(u), int(i), ("view", "purchase")[b], t / DAY, int(o))
            for part in (known, extra)
            for u, i, b, t, o in zip(part.user, part.item, part.behavior, part.time, part.order, strict=True)
        ]
    )
    parts = splits.split(both, scenario(split=TIME))
    assert parts.validation.until == 5 * DAY and len(parts.validation.known) == 5
    assert truths(parts.validation) == {0: [2], 1: [2]}


def test_a_horizon_bounds_the_truth_and_the_days_after_it_are_a_later_window():
    rows = [(user, day % 5, day) for user in (0, 1) for day in range(1, 21)]
    parts = splits.split(purchases(rows), scenario(split={**TIME, "horizon_days": 2}))
    assert parts.test.until == 16 * DAY and parts.later.until == 18 * DAY
    assert truths(parts.test) == {0: [1, 2], 1: [1, 2]}  # days 16 and 17
    assert truths(parts.later) == {0: [3, 4], 1: [3, 4]}  # days 18 and 19
    assert parts.later.known.time.max() == 17 * DAY


def test_a_horizon_longer_than_the_validation_part_never_reaches_into_test():
    parts = splits.split(purchases(EIGHT), scenario(split={**TIME, "horizon_days": 30}))
    assert truths(parts.validation) == {0: [2], 1: [2]}
    assert parts.later is None


def test_users_without_enough_past_are_left_out():
    rows = [*EIGHT, (2, 0, 6)]
    assert 2 not in truths(splits.split(purchases(rows), scenario(split=TIME)).validation)
    few = splits.split(purchases(EIGHT), scenario(split=TIME, minimum={"user_events": 2}))
    assert set(truths(few.validation)) == {0, 1}
    with pytest.raises(InputError, match="no user has both a past and a target"):
        splits.split(purchases(EIGHT), scenario(split=TIME, minimum={"user_events": 3}))


@pytest.mark.parametrize("split", [TIME, {**TIME, "horizon_days": 5}, LAST])
def test_nothing_known_of_a_user_is_at_or_after_its_moment(split):
    parts = splits.split(generated(1), scenario(split=split))
    for part in (parts.validation, parts.test):
        offsets = part.known.offsets()
        for user, before, now in zip(part.cases.users, part.cases.before, part.cases.now, strict=True):
            own = slice(offsets[user], offsets[user + 1])
            assert part.known.order[own].max() < before
            assert part.known.time[own].max() < now


def test_the_last_target_of_each_user_is_test_and_the_one_before_validation():
    rows = [
        (0, 0, "purchase", 1, 1),
        (0, 1, "purchase", 2, 2),
        (0, 2, "purchase", 3, 3),
        (0, 3, "view", 4, 4),
        (1, 0, "purchase", 1, 1),
    ]
    parts = splits.split(log(rows), scenario(split=LAST))
    assert truths(parts.test) == {0: [2]} and truths(parts.validation) == {0: [1]}
    assert parts.test.cases.before.tolist() == [3] and parts.test.cases.now.tolist() == [3 * DAY]
    # What user 0 did at or after the choice is unknown; user 1 has no choice with a past and keeps all.
    assert sorted(zip(parts.test.known.user.tolist(), parts.test.known.item.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (1, 0),
    ]


def test_rounds_hold_out_one_target_after_the_other_and_validation_lies_before_them_all():
    rows = [(0, 0, 1), (0, 1, 2), (0, 2, 3), (0, 3, 4), (0, 4, 5), (1, 0, 1), (1, 1, 2)]
    parts = splits.split(purchases(rows), scenario(split={**LAST, "rounds": 3}))
    assert [truths(part) for part in parts.rounds] == [{0: [4], 1: [1]}, {0: [3]}, {0: [2]}]
    assert truths(parts.validation) == {0: [1]}
    assert [part.known.item[part.known.user == 0].tolist() for part in parts.rounds] == [
        [0, 1, 2, 3],
        [0, 1, 2],
        [0, 1],
    ]
    whole = pooled(parts.rounds)
    assert [whole.cases.of(case).tolist() for case in range(4)] == [[4], [1], [3], [2]]
    assert whole.cases.users.tolist() == [0, 1, 0, 0] and whole.cases.before.tolist() == [5, 2, 4, 3]
    # All that every round may know is what the earliest does.
    assert len(whole.known) == 5 and len(whole.before) == 3


def test_rounds_of_another_protocol_are_refused():
    with pytest.raises(ValueError, match="rounds are for protocol last"):
        scenario(split={**TIME, "rounds": 2})


def test_what_is_known_without_a_cut_ends_with_its_newest_event():
    parts = splits.split(generated(1), scenario(split=LAST))
    for part in (parts.validation, parts.test):
        assert part.until == pytest.approx(part.known.time.max(), abs=1e-3)
        assert part.until > part.known.time.max()
    timeless = log([(0, item, "purchase", None, item + 1) for item in range(4)])
    assert np.isnan(splits.split(timeless, scenario(split=LAST)).test.until)


def test_what_shares_the_instant_of_the_last_target_is_not_known():
    rows = [
        (0, 0, "purchase", 1, 1),
        (0, 1, "purchase", 2, 2),
        (0, 2, "purchase", 3, 3),
        (0, 3, "view", 3, 3),
    ]
    parts = splits.split(log(rows), scenario(split=LAST))
    assert parts.test.known.item.tolist() == [0, 1]


def test_last_without_an_order_and_time_without_a_clock_are_refused():
    orderless = log([(0, 0, "purchase", None, 0), (0, 1, "purchase", None, 0)])
    with pytest.raises(InputError, match="needs an order"):
        splits.split(orderless, scenario(split=LAST))
    with pytest.raises(InputError, match="have no time"):
        splits.split(orderless, scenario(split=TIME))


def test_one_instant_or_no_target_is_one_sentence():
    with pytest.raises(InputError, match="both a past and a target"):
        splits.split(purchases([(0, 0, 1), (1, 1, 1)]), scenario(split=TIME))
    with pytest.raises(InputError, match="no event is a target"):
        splits.split(log([(0, 0, "view", 1, 1)]), scenario(split=TIME))


def test_the_catalogue_counts_target_events_before_the_training_cut():
    one = scenario(split=TIME, minimum={"item_events": 1})
    assert splits.catalogue(purchases(EIGHT), one).tolist() == [True, True, True, True]
    rows = [*EIGHT[:3], (1, 3, 6), *EIGHT[4:]]
    assert splits.catalogue(purchases(rows), one).tolist() == [True, True, True, False]


def test_a_published_test_file_is_the_test_and_validation_holds_out_one_target_a_user(tmp_path):
    random = np.random.default_rng(0)
    rows = {
        (int(u), int(i), ("view", "purchase")[b])
        for u, i, b in random.integers((0, 0, 0), (20, 15, 2), (300, 3))
    }
    known = log([(user, item, behavior, None, 0) for user, item, behavior in sorted(rows)], 20, 15)
    path = tmp_path / "test.csv"
    path.write_text("user_id,item_id\nu3,i4\nu5,i6\nnobody,i1\nu7,nothing\n")
    published = {"protocol": "published", "test": str(path)}
    parts = splits.split(known, scenario(False, ("purchase",), split=published))
    assert truths(parts.test) == {3: [4], 5: [6]} and len(parts.test.known) == len(known)
    held = truths(parts.validation)
    bought = {(u, i) for u, i, behavior in rows if behavior == "purchase"}
    assert {(user, items[0]) for user, items in held.items()} <= bought
    assert all(len(items) == 1 for items in held.values())
    assert len(parts.validation.known) == len(known) - len(held)
    path.write_text("user,item_id\nu3,i4\n")
    with pytest.raises(InputError, match="no column user_id"):
        splits.split(known, scenario(False, split=published))


def test_items_that_the_minimum_leaves_out_do_not_move_the_cuts():
    rare = [(0, 2 + day, day) for day in range(6)]
    often = [(1, day % 2, day) for day in range(10)]
    asked = scenario(split=TIME, minimum={"item_events": 2})
    found = splits.split(purchases(rare + often), asked)
    assert (found.validation.until, found.test.until) == (4 * DAY, 6 * DAY)
    assert len(found.test.known.items) == 2


def test_by_lot_a_tenth_of_everyones_targets_is_asked_and_nothing_of_it_is_known():
    random = np.random.default_rng(3)
    rows = [
        (user, int(item), "purchase", None, 0)
        for user in range(50)
        for item in random.choice(40, 20, replace=False)
    ]
    asked = scenario(repeats=False, split={"protocol": "random", "cuts": [0.8, 0.9]})
    parts = splits.split(log(rows, 50, 40), asked)
    for part, left in ((parts.test, 18), (parts.validation, 16)):
        assert np.diff(part.cases.ends).tolist() == [2] * 50
        assert np.bincount(part.known.user).tolist() == [left] * 50
        owner = np.repeat(part.cases.users, np.diff(part.cases.ends))
        assert not np.isin(owner * 40 + part.cases.truth, part.known.pairs()).any()
    assert np.isin(parts.validation.known.pairs(), parts.test.known.pairs()).all(), (
        "test stays unknown to validation"
    )
