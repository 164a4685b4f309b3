from functools import reduce
from operator import add

import numpy as np
import pytest

from swayrec.learning.influence import NormalEquations, fit
from swayrec.learning.layout import layout
from swayrec.tables.scenario_learning import Form, Kernel

TYPES = ("view", "cart", "buy")
FORM = Form(name="plain", kernels=(Kernel(similarity="identity", half_lives=(0,)),), windows_days=(0,))
LAYOUT = layout([FORM], TYPES, ("buy",), leave_own_out=False)
PLANTED = np.array([0.3, 0.6, 1.0])
NOT_BASE = LAYOUT.selected(FORM) & (np.arange(LAYOUT.size) < LAYOUT.base_start)


def rows(seed, size=400, d=6):
    random = np.random.default_rng(seed)
    return random.normal(size=(size, d)), random.normal(size=size), random.random(size)


def test_sums_of_parts_are_the_sum_of_the_whole_in_any_order():
    f, y, c = rows(0)
    whole = NormalEquations.of(f, y, c)
    parts = [NormalEquations.of(f[part], y[part], c[part]) for part in np.array_split(np.arange(400), 7)]
    left = parts[0] + parts[1] + (parts[2] + (parts[3] + parts[4])) + parts[5] + parts[6]
    right = parts[6] + ((parts[5] + parts[4]) + parts[3]) + (parts[2] + parts[1] + parts[0])
    for name in ("A", "b", "s", "n"):
        assert getattr(left, name) == pytest.approx(getattr(whole, name), rel=1e-9, abs=1e-9)
        assert getattr(left, name) == pytest.approx(getattr(right, name), rel=1e-9, abs=1e-9)
    assert left.A.dtype == np.float64


def test_a_user_that_is_taken_out_leaves_the_sums_of_the_others():
    f, y, c = rows(1)
    without = NormalEquations.of(f, y, c) - NormalEquations.of(f[:50], y[:50], c[:50])
    others = NormalEquations.of(f[50:], y[50:], c[50:])
    assert without.solve(1e-3) == pytest.approx(others.solve(1e-3), abs=1e-9)


def test_solution_is_that_of_ridge_regression_by_stacked_rows():
    f, y, c = rows(2)
    ridge, n = 0.05, c.sum()
    stacked = np.vstack([f * np.sqrt(c)[:, None], np.sqrt(ridge * n) * np.eye(6)])
    expected = np.linalg.lstsq(stacked, np.append(y * np.sqrt(c), np.zeros(6)), rcond=None)[0]
    assert NormalEquations.of(f, y, c).solve(ridge) == pytest.approx(expected, abs=1e-9)


def test_no_rows_cannot_be_solved():
    with pytest.raises(ValueError, match="no rows"):
        NormalEquations.zeros(3).solve(1e-3)


def choices(seed, users=300, spread=0.5):
    """Sums by user of choices drawn by softmax with slopes that differ from user to user (METHOD section 4)."""
    random = np.random.default_rng(seed)
    slopes = PLANTED * np.exp(spread * random.normal(size=(users, 1)))
    counts = random.poisson(0.7, size=(users, 8, 20, 3)).astype(float)
    utility = 1.5 * np.einsum("ucmt,ut->ucm", counts, slopes) + random.gumbel(size=counts.shape[:3])
    y = utility == utility.max(-1, keepdims=True)
    f = np.concatenate([counts - counts.mean(2, keepdims=True), np.zeros((*counts.shape[:3], 3))], -1)
    y = y - y.mean(-1, keepdims=True)
    return NormalEquations.of(f.reshape(users, -1, 6), y.reshape(users, -1))


def solved(sums, ridge=1e-4):
    return fit(sums, NOT_BASE, LAYOUT.sharing([1, 2, 3]), ridge, 0.2)


def test_planted_order_and_signs_come_back():
    right = [np.all(np.diff(np.append(0, solved(choices(seed)).w[:3])) > 0) for seed in range(20)]
    assert np.mean(right) >= 0.95


def test_intervals_clustered_by_user_cover_what_least_squares_estimates():
    # What is to be covered is least squares' own coefficient on a million fresh choices.
    fresh = (choices(10_000 + part, users=20_000) for part in range(7))
    many = solved(reduce(add, fresh)).w[:3]
    covered = []
    for seed in range(1000):
        solution = solved(choices(seed))
        for place in range(3):
            _, low, high = solution.interval(np.eye(6)[place])
            covered.append(low <= many[place] <= high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_clustered_interval_is_the_bootstrap_over_users():
    sums, random = choices(3), np.random.default_rng(0)
    draws = []
    for _ in range(300):
        count = np.bincount(random.integers(300, size=300), minlength=300)
        again = NormalEquations(
            sums.A * count[:, None, None], sums.b * count[:, None], sums.s * count, sums.n * count
        )
        draws.append(solved(again).w[2])
    value, low, high = solved(sums).interval(np.eye(6)[2])
    assert (high - low) / 2 / 1.96 == pytest.approx(np.std(draws), rel=0.15)
    assert low < value < high


def test_a_type_seen_rarely_is_pulled_to_the_shared_weight():
    sums = choices(4)
    weak, strong = (fit(sums, NOT_BASE, LAYOUT.sharing([1, 1, 1]), 0.3, shrink).w[:3] for shrink in (1, 0.02))
    assert np.ptp(strong) < np.ptp(weak) / 3


def test_columns_that_a_form_leaves_out_have_no_weight():
    solution = solved(choices(5))
    assert not solution.w[~NOT_BASE].any()
    assert not solution.covariance[~NOT_BASE].any()
