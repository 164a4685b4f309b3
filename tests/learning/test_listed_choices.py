import numpy as np
import pytest

from swayrec.learning import listed_choices
from swayrec.learning.choices import levels
from swayrec.learning.listed_choices import ALL_TAKEN, NO_PAST, NO_TARGET, NOT_ALIVE
from swayrec.tables.errors import InputError
from swayrec.tables.log import DAY
from tests.listed_world import rolling_log, scenario, shown_log
from tests.small_world import log


def test_candidates_are_what_is_alive_and_new_to_the_person_the_truth_among_them():
    some, asked = rolling_log(), scenario("rolling", "fresh")
    listed = listed_choices.rolling(some, asked)
    assert len(listed) > 500
    candidates = listed.listing.of(np.arange(len(listed)))
    for choice in range(0, len(listed), 37):
        user, now = listed.users[choice], listed.now[choice]
        plain = set()
        for item in range(len(some.items)):
            times = some.time[some.item == item]
            met = some.time[(some.item == item) & (some.user == user)]
            if len(times) and now - 7 * DAY <= times.min() < now and not (met < now).any():
                plain.add(item)
        found = candidates[choice][candidates[choice] >= 0].tolist()
        assert len(found) == len(set(found)) and set(found) == plain
        assert listed.chosen[choice] in plain
    assert candidates.shape[1] <= listed.listing.width


def test_what_was_not_alive_or_met_before_is_no_choice_and_is_counted():
    rows = [
        (0, 0, "view", 0, 1),
        (0, 1, "view", 1, 2),
        (1, 0, "view", 2, 1),
        (1, 0, "purchase", 3, 2),  # met before
        (1, 1, "purchase", 9, 3),  # born on day 1: not alive
        (1, 2, "purchase", 10, 4),  # the item's very first event
        (2, 2, "purchase", 11, 1),  # nothing before
        (3, 3, "view", 11, 1),
        (3, 2, "purchase", 12, 2),
    ]
    listed = listed_choices.rolling(log(rows), scenario("rolling", "fresh"))
    assert listed.users.tolist() == [3] and listed.chosen.tolist() == [2]
    assert listed.left_out == {NOT_ALIVE: 2, NO_PAST: 1}
    again = scenario("rolling", "fresh").model_copy(update={"repeats": True})
    assert listed_choices.rolling(log(rows), again).chosen.tolist() == [0, 2]


def test_the_newest_choices_are_kept_and_each_stretch_meets_tables_from_before_it():
    some, asked = rolling_log(), scenario("rolling", "fresh")
    every = listed_choices.rolling(some, asked)
    made = list(levels(some, some.end, asked.with_choices(newest=100)))
    assert sorted(np.concatenate([level.times for level in made])) == pytest.approx(sorted(every.now)[-100:])
    assert made[0].times.min() >= made[1].times.max()
    for level in made:
        assert (level.tables_log.time < level.times.min()).all()
        part = np.arange(len(level))
        y = level.labels(part, level.listed.of(part))
        assert (y.sum(1) == 1).all()
        past = level.histories(part, 99)
        assert (past.time[past.item >= 0] < np.repeat(level.times, past.lengths)).all()


def test_a_list_is_what_was_shown_together_and_something_of_it_taken():
    rows = [
        (0, 0, "purchase", None, 1),
        *((0, item, "view", None, 2) for item in (1, 2)),
        (0, 3, "purchase", None, 2),
        *((0, item, "view", None, 3) for item in (4, 5)),  # nothing taken
        (1, 0, "view", None, 1),  # a list before which nothing was
        (1, 1, "purchase", None, 1),
        (1, 2, "purchase", None, 2),  # no list: nothing was shown and passed over
        (1, 4, "view", None, 3),  # shown and taken: all of it
        (1, 4, "purchase", None, 3),
    ]
    listed = listed_choices.shown(log(rows), scenario("shown", "headline"))
    assert (listed.users.tolist(), listed.before.tolist(), listed.chosen.tolist()) == ([0], [2], [3])
    assert listed.listing.of(np.array([0])).tolist() == [[1, 2, 3]]
    assert listed.left_out == {NO_TARGET: 1, ALL_TAKEN: 1, NO_PAST: 1}


def test_rows_of_lists_meet_tables_of_other_users():
    some, _ = shown_log()
    made = list(levels(some, some.end, scenario("shown", "headline")))
    assert len(made) == 2 and sum(map(len, made)) == 300 * 5
    for level in made:
        assert level.apart and not set(level.users) & set(level.tables_log.user)
        part = np.arange(len(level))[::-1]
        candidates = level.listed.of(part)
        y = level.labels(part, candidates)
        assert (y.sum(1) == 1).all()
        assert (candidates[y > 0] == level.chosen[part]).all()


def test_one_part_of_the_users_cannot_have_tables_of_others():
    asked = scenario("shown", "headline").with_choices(levels=1)
    with pytest.raises(InputError, match="give 2 or more"):
        list(levels(shown_log()[0], float("nan"), asked))


def test_the_hash_of_users_spreads_them_evenly_and_a_salt_spreads_them_anew():
    users = np.array([f"u{number}" for number in range(4000)], object)
    one, other = listed_choices.shares(users, "split"), listed_choices.shares(users, "choices")
    assert np.histogram(one, 4, (0, 1))[0] == pytest.approx([1000] * 4, abs=100)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05
