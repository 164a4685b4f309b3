"""Many draws of a known truth: intervals cover it as often as they say, and no gap raises no more alarms."""

import numpy as np
import pytest

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness import (
    Shown,
    calibration_gaps,
    choice_gaps,
    exposure_against_merit,
    one_family,
    quality_gaps,
)
from swayrec.evaluation.fairness.calibration import distance
from tests.evaluation.fairness.market import QUALITY, Market, foretold, groups, quality

DRAWS = 160
BOOTSTRAP = Bootstrap(150)
ALARMS = 0.05 + 3 * np.sqrt(0.05 * 0.95 / DRAWS)
"""The level and three standard errors of counting it."""
MARKET = Market((20, 20, 60))


def many(compare):
    return [compare(np.random.default_rng(seed)) for seed in range(DRAWS)]


def covered(found, truth):
    return np.mean([each["g0"].gap.low <= truth <= each["g0"].gap.high for each in found])


def alarms(found):
    return np.mean([each.p <= 0.05 for each in found])


def test_a_planted_quality_gap_is_covered_and_found():
    found = many(
        lambda random: quality_gaps(*quality(random, 600, [0.3, 0.7], less=0.5), bootstrap=BOOTSTRAP)
    )
    assert 0.9 <= covered(found, -0.5 * QUALITY) <= 0.99
    assert alarms(found) > 0.95
    assert np.mean([each.largest.low <= 0.5 * QUALITY <= each.largest.high for each in found]) >= 0.9


@pytest.mark.parametrize("shares", [(0.15, 0.15, 0.2, 0.5), (0.3, 0.7)])
def test_without_a_quality_gap_the_family_raises_no_more_alarms_than_its_level(shares):
    found = many(lambda random: quality_gaps(*quality(random, 400, shares), bootstrap=BOOTSTRAP))
    assert alarms(found) <= ALARMS
    assert np.mean([each.largest.low > 0 for each in found]) <= ALARMS


def test_two_groups_are_one_hypothesis_and_its_alarms_come_at_the_level():
    found = many(lambda random: quality_gaps(*quality(random, 200, (0.5, 0.5)), bootstrap=BOOTSTRAP))
    assert all(each["g0"].adjusted == each["g0"].p == each["g1"].adjusted for each in found)
    assert alarms(found) >= 0.01


def test_several_results_in_one_family_raise_no_more_alarms_than_the_level():
    def both(random):
        return one_family(
            [
                quality_gaps(*quality(random, 200, (0.3, 0.3, 0.4)), bootstrap=BOOTSTRAP),
                exposure_against_merit(*MARKET.draw(random, 100), bootstrap=BOOTSTRAP),
            ]
        )

    assert np.mean([min(each.p for each in pair) <= 0.05 for pair in many(both)]) <= ALARMS


def test_a_planted_calibration_gap_is_covered_and_found():
    gaps = many(
        lambda random: calibration_gaps(*foretold(random, 300, [0.3, 0.7], less=0.15), bootstrap=BOOTSTRAP)
    )
    for found in ([each.bias for each in gaps], [each.error for each in gaps]):
        assert 0.9 <= covered(found, 0.15) <= 0.99
        assert alarms(found) > 0.95


def test_well_calibrated_groups_raise_no_alarm_though_one_is_small_and_foretold_otherwise():
    gaps = many(
        lambda random: calibration_gaps(*foretold(random, 400, [0.15, 0.85], shift=0.1), bootstrap=BOOTSTRAP)
    )
    for found in ([each.bias for each in gaps], [each.error for each in gaps]):
        assert alarms(found) <= ALARMS
        assert covered(found, 0) >= 0.9
    plain = [each.curves["g0"].error - each.curves["g1"].error for each in gaps]
    taken_off = [each.error["g0"].gap.mean for each in gaps]
    assert np.mean(plain) > 0.03  # what would be read as a gap
    assert abs(np.mean(taken_off)) < 0.006


def test_distance_is_what_halving_the_users_gives_and_0_on_average_where_nothing_is():
    random = np.random.default_rng(0)
    values = random.normal(0.1, 1, 400)
    error = values.std() * np.sqrt(400)
    half = random.random((20_000, 400)).argsort(axis=1)[:, :200]
    one = values[half].sum(axis=1)
    other = values.sum() - one
    halved = (np.sign(one) * other + np.sign(other) * one).mean()
    found, slope = distance(np.array([values.sum()]), np.array([error]))
    assert found[0] == pytest.approx(halved, abs=0.02 * error)
    near, _ = distance(np.array([values.sum() + 1e-4]), np.array([error]))
    assert (near - found)[0] / 1e-4 == pytest.approx(slope[0], rel=1e-3)
    assert distance(random.normal(size=200_000), np.ones(200_000))[0].mean() == pytest.approx(0, abs=0.01)


def test_a_group_hidden_at_a_known_rate_is_covered_and_found():
    due, got = MARKET.due(hidden=0.6)
    found = many(
        lambda random: exposure_against_merit(*MARKET.draw(random, 200, hidden=0.6), bootstrap=BOOTSTRAP)
    )
    assert 0.9 <= covered(found, (got - due)[0]) <= 0.99
    ratio = (got / due)[0]
    assert 0.9 <= np.mean([one["g0"].ratio.low <= ratio <= one["g0"].ratio.high for one in found]) <= 0.99
    assert alarms(found) > 0.8


def test_lists_drawn_by_merit_raise_no_more_alarms_than_the_level():
    found = many(lambda random: exposure_against_merit(*MARKET.draw(random, 200), bootstrap=BOOTSTRAP))
    assert alarms(found) <= ALARMS
    assert covered(found, 0) >= 0.9


def narrow(random, users, shares, how):
    """Lists of five of 100 items; those of g0 keep to the popular ones the more, the larger ``how``."""
    of = groups(random, users, shares)
    taste = -np.log(np.arange(1, 101)) * np.where(of.member == 0, 0.8 * (1 + how), 0.8)[:, None]
    ranked = np.argsort(-taste - random.gumbel(size=(users, 100)), axis=1)[:, :5]
    return Shown.of_lists(ranked, np.arange(users), 5), 100, of


def test_a_planted_gap_of_choice_is_covered_and_found():
    truth = choice_gaps(*narrow(np.random.default_rng(9), 20_000, [0.3, 0.7], 1.0), bootstrap=Bootstrap(2))
    found = many(
        lambda random: choice_gaps(*narrow(random, 250, [0.3, 0.7], 1.0), bootstrap=BOOTSTRAP).coverage
    )
    assert 0.9 <= covered(found, truth.coverage["g0"].gap.mean) <= 0.99
    assert alarms(found) > 0.95


def test_a_small_group_with_the_same_choice_raises_no_more_alarms_than_the_level():
    found = many(
        lambda random: choice_gaps(*narrow(random, 300, [0.2, 0.8], 0.0), bootstrap=BOOTSTRAP).coverage
    )
    assert alarms(found) <= ALARMS
    assert covered(found, 0) >= 0.9
