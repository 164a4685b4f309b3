from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness import (
    Groups,
    Shown,
    Wanted,
    by_position,
    calibration_gaps,
    choice_gaps,
    exposure_against_merit,
    exposure_parity,
    quality_gaps,
)

FEW = Bootstrap(200)
TWO = Groups.of(["a", "a", "b", "b", "b"])


def test_the_gap_is_the_mean_over_cases_against_the_rest():
    found = quality_gaps([1, 0, 1, 0.5, 0, 0.25], np.array([0, 0, 1, 2, 3, 4]), TWO, minimum=2, bootstrap=FEW)
    a, b = found["a"], found["b"]
    assert (a.value.mean, a.other.mean) == pytest.approx((2 / 3, 0.25))
    assert (a.gap.mean, a.ratio.mean) == pytest.approx((2 / 3 - 0.25, 8 / 3))
    assert b.gap.mean == pytest.approx(-a.gap.mean)
    assert found.largest.mean == pytest.approx(a.gap.mean)
    assert (a.users, b.users) == (2, 3)


def test_cases_without_a_value_and_users_without_a_group_are_in_no_number():
    groups = Groups.of(["a", "a", "b", "b", None, ""])
    found = quality_gaps([1, np.nan, 1, 0, 0, 9, 9], np.array([0, 0, 1, 2, 3, 4, 5]), groups, minimum=2)
    assert found["a"].value.mean == 1 and found["b"].value.mean == 0
    assert found.unknown == 2


def test_small_groups_are_named_and_stay_in_the_rest_of_the_others():
    labels = ["a"] * 4 + ["b"] * 4 + ["tiny"] + ["absent"]
    values = [0.0] * 4 + [1.0] * 4 + [5.0]
    found = quality_gaps(values, np.arange(9), Groups.of(labels), minimum=4, bootstrap=FEW)
    assert [each.group for each in found.contrasts] == ["a", "b"]
    assert [(each.group, each.users, each.rest) for each in found.skipped] == [
        ("absent", 0, 9),
        ("tiny", 1, 8),
    ]
    assert found["a"].other.mean == pytest.approx((4 + 5) / 5)
    assert not found.mirrored


def test_a_group_whose_rest_is_too_small_is_named_as_well():
    found = quality_gaps(np.ones(9), np.arange(9), Groups.of(["a"] * 7 + ["b"] * 2), minimum=3)
    assert found.contrasts == () and found.largest is None and found.p == 1
    assert [(each.group, each.users, each.rest) for each in found.skipped] == [("a", 7, 2), ("b", 2, 7)]


def test_one_group_or_no_case_compares_nothing_and_is_no_error():
    alone = quality_gaps(np.ones(5), np.arange(5), Groups.of(["a"] * 5), minimum=2)
    none = quality_gaps(np.zeros(0), np.zeros(0, int), TWO, minimum=2)
    assert alone.contrasts == none.contrasts == ()
    assert [each.group for each in none.skipped] == ["a", "b"]
    with pytest.raises(ValueError, match="from 2 users on"):
        quality_gaps(np.ones(5), np.arange(5), TWO, minimum=1)


def test_equal_values_are_no_gap_and_a_gap_without_spread_is_certain():
    same = quality_gaps(np.full(5, 0.3), np.arange(5), TWO, minimum=2, bootstrap=FEW)
    assert same["a"].p == 1 and same["a"].gap.mean == 0 and same.largest.high == 0
    sure = quality_gaps([1, 1, 0, 0, 0], np.arange(5), TWO, minimum=2, bootstrap=FEW)
    assert sure["a"].p == 0 and (sure["a"].gap.low, sure["a"].gap.high) == (1, 1)
    assert np.isnan(sure["a"].ratio.mean)


def test_calibration_by_hand():
    groups = Groups.of(["a"] * 40 + ["b"] * 40)
    outcome = np.tile([1, 0], 40)
    probability = np.where(np.arange(80) < 40, 0.9, 0.5)
    found = calibration_gaps(probability, outcome, np.arange(80), groups, bootstrap=FEW)
    assert found.bias["a"].gap.mean == pytest.approx(0.4)
    assert found.curves["a"].error == pytest.approx(0.4) and found.curves["b"].error == pytest.approx(0)
    # .4 away with a standard error of .08 is hardly touched by taking chance off, and 0 becomes less than 0.
    assert found.error["a"].value.mean == pytest.approx(0.4, abs=1e-6)
    assert found.error["b"].value.mean < 0


def test_curves_have_the_same_bins_for_all_groups():
    random = np.random.default_rng(0)
    probability = np.concatenate([random.random(200) * 0.5, random.random(200)])
    found = calibration_gaps(
        probability,
        random.random(400) < probability,
        np.arange(400),
        Groups.of(["a"] * 200 + ["b"] * 200),
        bins=4,
    )
    edges = np.quantile(probability, [0.25, 0.5, 0.75])
    assert found.curves["b"].count.tolist() == np.histogram(probability[200:], [0, *edges, 1])[0].tolist()
    assert len(found.curves["a"].count) < 4 or found.curves["a"].count[-1] < found.curves["b"].count[-1]


def test_choice_is_compared_at_the_same_number_of_users():
    # Two of a: {0}, {0}; four of b: {0}, {1}, {2}, {0, 3}. Half of the minimum of 2 is one user.
    shown = Shown(np.array([0, 1, 2, 3, 4, 5, 5]), np.array([0, 0, 0, 1, 2, 0, 3]), np.ones(7, int))
    found = choice_gaps(shown, 8, Groups.of(list("aabbbb")), minimum=2, bootstrap=FEW)
    assert found.among == 1 and found.shown == {"a": 1, "b": 4}
    assert found.coverage["a"].value.mean == pytest.approx(1 / 8)
    assert found.coverage["b"].value.mean == pytest.approx((1 + 1 + 1 + 2) / 4 / 8)


def test_rarefaction_is_the_mean_over_all_draws_of_users():
    random = np.random.default_rng(3)
    user, item = np.nonzero(random.random((14, 12)) < 0.3)
    shown = Shown(user, item, np.ones(len(user), int))
    found = choice_gaps(shown, 12, Groups.of(["a"] * 7 + ["b"] * 7), minimum=6, bootstrap=FEW)
    for name, members in (("a", range(7)), ("b", range(7, 14))):
        sets = [set(item[user == one].tolist()) for one in members]
        sizes = [len(set().union(*some)) for some in combinations([each for each in sets if each], 3)]
        assert found.coverage[name].value.mean == pytest.approx(np.mean(sizes) / 12, abs=1e-12)


def test_exposure_is_discounted_and_held_to_the_share_of_what_is_wanted():
    groups = Groups.of(["a", "a", "b", None])
    shown = Shown.of_lists(np.array([[0, 2, 3], [2, 1, -1]]), np.array([0, 1]), 3)
    wanted = Wanted(np.array([0, 1, 1, 1]), np.array([2, 2, 2, 3]), np.array([1.0, 1, 1, 5]))
    second = 1 / np.log2(3)
    share = (1 + second) / (2 + 2 * second)
    found = exposure_against_merit(shown, wanted, groups, minimum=1, bootstrap=FEW)
    assert (found["a"].value.mean, found["a"].other.mean) == pytest.approx((share, 0))
    assert (found["b"].gap.mean, found["b"].ratio.mean) == pytest.approx((share - 1, share))
    assert np.isnan(found["a"].ratio.mean) and found.unknown == 1 and found.mirrored
    parity = exposure_parity(shown, groups, minimum=1, bootstrap=FEW)
    assert parity["a"].ratio.mean == pytest.approx(share / (2 / 3))
    other = exposure_parity(shown, groups, catalogue={"a": 1, "b": 8, "c": 1}, minimum=1, bootstrap=FEW)
    assert other["a"].other.mean == pytest.approx(0.1) and not other.mirrored


def test_each_position_is_looked_at_alone():
    groups = Groups.of(["a", "b"])
    shown = Shown.of_lists(np.array([[0, 1]] * 4), np.arange(4), 2)
    wanted = Wanted(np.arange(4), np.array([0, 0, 1, 1]), np.ones(4))
    first, second, third = by_position(shown, wanted, groups, k=3, minimum=2, bootstrap=FEW)
    assert exposure_against_merit(shown, wanted, groups, minimum=2)["a"].ratio.mean == pytest.approx(
        1.2263, abs=1e-4
    )
    assert (first.merit["a"].ratio.mean, first.merit["b"].ratio.mean) == (2, 0)
    assert (second.merit["a"].ratio.mean, second.parity["b"].ratio.mean) == (0, 2)
    own = first.merit["a"]
    assert 2 * own.p < 1 and own.adjusted == pytest.approx(2 * own.p)  # two positions are looked at
    assert third.position == 3 and [each.group for each in third.merit.skipped] == ["a", "b"]


def test_a_group_that_is_never_shown_but_wanted_is_found_and_one_that_is_small_is_named():
    users = 60
    groups = Groups.of(["hidden", "shown", "rare"])
    shown = Shown(np.arange(users), np.ones(users, int), np.ones(users, int))
    wanted = Wanted(np.arange(users), np.where(np.arange(users) < 20, 0, 1), np.ones(users))
    found = exposure_against_merit(shown, wanted, groups, minimum=20, bootstrap=FEW)
    assert found["hidden"].ratio.mean == 0 and found["hidden"].adjusted < 0.001
    assert [(each.group, each.users) for each in found.skipped] == [("rare", 0)]
    assert exposure_parity(shown, groups, minimum=20, bootstrap=FEW)["rare"].value.mean == 0


def test_a_share_of_few_things_wanted_is_not_sure_though_every_user_is_the_same():
    users = np.arange(30)
    shown = Shown(np.repeat(users, 10), np.tile([1] + [0] * 9, 30), np.ones(300, int))
    wanted = Wanted(users, np.zeros(30, int), np.ones(30))
    found = exposure_against_merit(shown, wanted, Groups.of(["a", "b"]), bootstrap=FEW)["b"]
    assert (found.gap.low, found.gap.high) == pytest.approx((0.1, 0.1))
    error = np.sqrt(0.05 * 0.95 * (1 / 300 + 1 / 30))
    assert found.p == pytest.approx(2 * stats.t.sf(0.1 / error, 29))
