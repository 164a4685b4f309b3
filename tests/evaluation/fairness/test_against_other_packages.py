"""Our numbers beside those of fairlearn, scipy and statsmodels on the same data."""

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame, demographic_parity_ratio, selection_rate
from scipy import stats
from statsmodels.stats.multitest import multipletests

from swayrec.evaluation.bootstrap import Bootstrap
from swayrec.evaluation.fairness import (
    Groups,
    Shown,
    Wanted,
    calibration_gaps,
    exposure_against_merit,
    exposure_parity,
    holm,
    quality_gaps,
)
from tests.evaluation.fairness.market import Market, foretold, quality

FEW = Bootstrap(50)
EXACT = {"rel": 0, "abs": 1e-12}


@pytest.fixture(scope="module")
def measured():
    return quality(np.random.default_rng(0), 500, [0.2, 0.3, 0.5])


def test_quality_by_group_and_its_largest_difference_are_those_of_metric_frame(measured):
    values, users, groups = measured
    named = np.array(groups.names)[groups.member[users]]
    frame = MetricFrame(metrics=lambda y, p: p.mean(), y_true=values, y_pred=values, sensitive_features=named)
    found = quality_gaps(values, users, groups, bootstrap=FEW)
    for name, mean in frame.by_group.items():
        assert found[name].value.mean == pytest.approx(mean, **EXACT)
        rest = MetricFrame(
            metrics=lambda y, p: p.mean(), y_true=values, y_pred=values, sensitive_features=named == name
        )
        assert found[name].other.mean == pytest.approx(rest.by_group[False], **EXACT)
        assert abs(found[name].gap.mean) == pytest.approx(rest.difference(), **EXACT)
    assert found.largest.mean == pytest.approx(frame.difference(method="between_groups"), **EXACT)


def test_calibration_by_group_is_that_of_metric_frame():
    probability, outcome, users, groups = foretold(np.random.default_rng(1), 400, [0.3, 0.7], less=0.1)
    found = calibration_gaps(probability, outcome, users, groups, bootstrap=FEW)
    edges = np.quantile(probability, np.linspace(0, 1, 11)[1:-1])

    def error(y, p):
        place = np.searchsorted(edges, p, side="right")
        return sum(abs((p - y)[place == bin].sum()) for bin in range(10)) / len(y)

    frame = MetricFrame(
        metrics={"bias": lambda y, p: (p - y).mean(), "error": error},
        y_true=outcome.astype(float),
        y_pred=probability,
        sensitive_features=np.array(groups.names)[groups.member[users]],
    )
    for name in groups.names:
        assert found.bias[name].value.mean == pytest.approx(frame.by_group["bias"][name], **EXACT)
        assert found.curves[name].error == pytest.approx(frame.by_group["error"][name], **EXACT)
    assert found.bias.largest.mean == pytest.approx(frame.difference()["bias"], **EXACT)


def test_exposure_of_items_by_group_is_that_of_metric_frame():
    market = Market((20, 30, 50))
    shown, wanted, groups = market.draw(np.random.default_rng(2), 300, places=5)
    exposure = np.bincount(shown.item, shown.exposure, 100)
    merit = np.bincount(wanted.item, wanted.weight, 100)
    frame = MetricFrame(
        metrics={
            "exposure": lambda y, p: p.sum(),
            "merit": lambda y, p: y.sum(),
            "mean": lambda y, p: p.mean(),
        },
        y_true=merit,
        y_pred=exposure,
        sensitive_features=np.array(groups.names)[groups.member],
    )
    by, all_ = frame.by_group, frame.overall
    merited = exposure_against_merit(shown, wanted, groups, bootstrap=FEW)
    parity = exposure_parity(shown, groups, bootstrap=FEW)
    for name in groups.names:
        ratio = (by["exposure"][name] / all_["exposure"]) / (by["merit"][name] / all_["merit"])
        assert merited[name].ratio.mean == pytest.approx(ratio, **EXACT)
        assert parity[name].ratio.mean == pytest.approx(by["mean"][name] / all_["mean"], **EXACT)


def test_parity_of_one_place_is_fairlearn_s_demographic_parity():
    random = np.random.default_rng(3)
    groups = Groups.of(["a"] * 40 + ["b"] * 60)
    item = random.permutation(100)[:30]
    found = exposure_parity(Shown(np.arange(30), item, np.ones(30, int)), groups, bootstrap=FEW)
    chosen = np.isin(np.arange(100), item).astype(int)
    named = np.array(groups.names)[groups.member]
    rates = MetricFrame(metrics=selection_rate, y_true=chosen, y_pred=chosen, sensitive_features=named)
    for name in groups.names:
        assert found[name].ratio.mean == pytest.approx(rates.by_group[name] / rates.overall, **EXACT)
    ratios = [found[name].ratio.mean for name in groups.names]
    expected = demographic_parity_ratio(chosen, chosen, sensitive_features=named)
    assert min(ratios) / max(ratios) == pytest.approx(expected, **EXACT)


def test_p_is_the_larger_of_welch_s_and_student_s_over_users():
    random = np.random.default_rng(4)
    groups = Groups.of(["a"] * 60 + ["b"] * 340)
    wide = np.concatenate([random.normal(0.4, 2, 60), random.normal(0, 1, 340)])
    narrow = np.concatenate([random.normal(0.4, 0.1, 60), random.normal(0, 1, 340)])
    for values, equal in ((wide, False), (narrow, True)):
        p = stats.ttest_ind(values[:60], values[60:], equal_var=equal).pvalue
        assert quality_gaps(values, np.arange(400), groups, bootstrap=FEW)["a"].p == pytest.approx(p, **EXACT)


def test_p_of_exposure_is_the_t_test_of_one_value_a_user():
    random = np.random.default_rng(5)
    groups = Groups.of(["a", "b"])
    shown, wanted = random.integers(2, size=(2, 200))
    users, one = np.arange(200), np.ones(200)
    found = exposure_against_merit(
        Shown(users, shown, np.ones(200, int)), Wanted(users, wanted, one), groups, bootstrap=FEW
    )
    difference = (shown == 0).astype(float) - (wanted == 0)
    spread = max(difference.std(ddof=1) / np.sqrt(200), np.sqrt(2 * 0.25 / 200) * 0.999)
    expected = stats.ttest_1samp(difference, 0).pvalue
    assert found["a"].p >= expected - 1e-12
    assert found["a"].p == pytest.approx(2 * stats.t.sf(abs(difference.mean()) / spread, 199), abs=0.01)


def test_holm_is_that_of_statsmodels():
    random = np.random.default_rng(6)
    for size in (1, 2, 7, 50):
        p = random.random(size) ** 3
        assert holm(p) == pytest.approx(multipletests(p, method="holm")[1], **EXACT)
    assert holm(np.zeros(0)).tolist() == []


def test_intervals_are_those_of_scipy_s_bootstrap(measured):
    random = np.random.default_rng(7)
    values = random.exponential(1, 300)
    groups = Groups.of(["a"] * 120 + ["b"] * 180)
    ours = quality_gaps(values, np.arange(300), groups, bootstrap=Bootstrap(4000))["a"].gap
    theirs = stats.bootstrap(
        (values[:120], values[120:]),
        lambda a, b, axis: a.mean(axis=axis) - b.mean(axis=axis),
        n_resamples=4000,
        method="percentile",
        rng=random,
    ).confidence_interval
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs), abs=0.02)
