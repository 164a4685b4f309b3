import numpy as np
import pytest

from swayrec.tables.drawn import drawn, without
from tests import small_world


def world(users=40, items=12, seed=0):
    random = np.random.default_rng(seed)
    rows = []
    for user in range(users):
        bought = random.choice(items, 2 + user % 8, replace=False)
        rows += [(user, int(item), "purchase", None, 0) for item in bought]
        rows += [(user, int(item), "view", None, 0) for item in bought[:2]]
    return small_world.log(rows, users, items)


def test_a_share_of_each_users_targets_is_drawn_one_at_the_least():
    log = world()
    user, item = drawn(log, ("purchase",), 0.3, seed=0)
    number = np.bincount(user, minlength=40)
    assert number.tolist() == [max(round(0.3 * (2 + u % 8)), 1) for u in range(40)]
    bought = set(log.where(log.is_behavior(("purchase",))).pairs().tolist())
    assert set((user * 12 + item).tolist()) <= bought
    assert len(set((user * 12 + item).tolist())) == len(user)


def test_one_seed_draws_the_same_and_another_draws_others():
    log = world()
    first, again, other = (drawn(log, ("purchase",), 0.3, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_never_everything_that_a_user_did_is_drawn():
    log = small_world.log(
        [(0, 0, "purchase", None, 0), (1, 0, "purchase", None, 0), (1, 1, "purchase", None, 0)]
    )
    user, _ = drawn(log, ("purchase",), 0.99, seed=0)
    assert user.tolist() == [1]


@pytest.mark.parametrize("repeats", [True, False])
def test_what_is_held_out_has_not_been_taken_yet(repeats):
    log = world()
    pairs = drawn(log, ("purchase",), 0.3, seed=0)
    left = without(log, pairs, ("purchase",), repeats=repeats)
    held = pairs[0] * 12 + pairs[1]
    target = left.is_behavior(("purchase",))
    assert not np.isin(left.pairs()[target], held).any()
    views = np.isin(left.pairs()[~target], held).any()
    assert views == repeats, "a view of what was held out stays only where people take what they viewed"
    assert len(left) < len(log)
