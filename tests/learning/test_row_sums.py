import numpy as np
import pytest

from swayrec.learning.influence import NormalEquations
from swayrec.learning.row_sums import RowSums


def test_rows_that_are_added_choice_by_choice_are_the_sums_of_their_groups():
    random = np.random.default_rng(4)
    f, y, weight = random.normal(size=(9, 5, 6)), random.normal(size=(9, 5)), random.random(9)
    count = random.integers(1, 6, 9)
    real = np.arange(5) < count[:, None]
    f, y = f * real[:, :, None], y * real
    group = np.array([0, 1, 0, 2, 1, 1, 0, 2, 2])
    added = RowSums(6, 3)
    for part in (slice(0, 4), slice(4, 9)):
        added.add(group[part], f[part], y[part], weight[part], count[part])
    found = added.sums()
    for place in range(3):
        of = real & (group == place)[:, None]
        expected = NormalEquations.of(f[of], y[of], np.broadcast_to(weight[:, None], of.shape)[of])
        for name in ("A", "b", "s", "n"):
            assert getattr(found, name)[place] == pytest.approx(getattr(expected, name), rel=1e-9, abs=1e-9)


def test_what_is_added_after_the_sums_were_asked_for_counts_too():
    added = RowSums(1, 1)
    one = (np.array([0]), np.ones((1, 2, 1)), np.ones((1, 2)), np.ones(1), np.array([2]))
    added.add(*one)
    first = added.sums()
    added.add(*one)
    assert (first.n.tolist(), added.sums().n.tolist()) == ([2.0], [4.0])
    assert added.sums().A.tolist() == [[[4.0]]]
