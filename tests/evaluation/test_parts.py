import numpy as np

from swayrec.evaluation.parts import Cases, Part
from tests.small_world import generated


def part(users=60):
    """Two cases of every user, the second of which took two items: told by user and place."""
    who = np.repeat(np.arange(users), 2)
    sizes = np.tile([1, 2], users)
    ends = np.append(0, np.cumsum(sizes))
    truth = np.repeat(who, sizes).astype(np.int32)
    orders, now = np.arange(len(who)), np.arange(len(who)) * 10.0
    return Part("validation", generated(users=users), Cases(who, orders, now, ends, truth), 1e9)


def test_the_cases_of_some_users_are_all_of_theirs_with_what_they_took():
    whole = part()
    some = whole.of_some(7, seed=3)
    drawn, count = np.unique(some.cases.users, return_counts=True)
    assert len(drawn) == 7 and (count == 2).all()
    assert some.known is whole.known
    for case, user in enumerate(some.cases.users):
        assert some.cases.of(case).tolist() == [user] * (1 + case % 2)
        assert some.cases.before[case] == 2 * user + case % 2
        assert some.cases.now[case] == 10.0 * some.cases.before[case]


def test_the_same_users_are_drawn_each_time_and_others_by_another_seed():
    whole = part()
    again = [whole.of_some(7, seed).cases.users.tolist() for seed in (3, 3, 4)]
    assert again[0] == again[1] != again[2]


def test_a_part_of_few_users_is_what_it_is():
    whole = part()
    assert whole.of_some(60, seed=3) is whole
