import numpy as np

from swayrec.learning import kernels
from swayrec.learning.placebo import shuffled_times
from tests.small_world import log


def test_everyone_does_the_same_as_often_and_what_came_before_what_is_lost():
    rows = [
        (user, item, "purchase" if item % 2 else "view", item + 1, item)
        for user in range(200)
        for item in range(6)
    ]
    some = log(rows)
    found = shuffled_times(some, seed=1)
    whole = found.pairs() * 2 + found.behavior
    assert np.array_equal(np.sort(whole), np.sort(some.pairs() * 2 + some.behavior))
    assert np.array_equal(found.user, some.user)
    assert np.array_equal(found.order, some.order)
    before, after = (kernels.transition(each, 6) for each in (some, found))
    assert before.value.max() > 4 * after.value.max(), "a chain is one no more"
