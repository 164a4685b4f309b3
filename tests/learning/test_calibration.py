import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from swayrec.learning.calibration import auc, brier, reliability, squared_errors


def test_auc_agrees_with_scikit_learn_also_on_ties():
    random = np.random.default_rng(0)
    y = random.integers(2, size=500)
    for p in (random.random(500), random.integers(4, size=500) / 4, np.full(500, 0.3)):
        assert auc(y, p) == pytest.approx(roc_auc_score(y, p))


def test_auc_of_one_kind_of_case_is_not_a_number():
    assert np.isnan(auc(np.ones(3), np.arange(3)))
    assert np.isnan(auc(np.zeros(0), np.zeros(0)))


def test_squared_errors_are_averaged_over_targets():
    errors = squared_errors(np.array([[1, 0], [0, 0]]), np.array([[0.5, 0], [0, 1]]))
    assert errors.tolist() == [0.125, 0.5]
    assert brier(np.array([[1, 0], [0, 0]]), np.array([[0.5, 0], [0, 1]])) == 0.3125


def test_reliability_finds_what_is_calibrated_and_what_is_not():
    random = np.random.default_rng(1)
    p = random.random(40_000)
    y = random.random(40_000) < p
    true = reliability(y, p)
    assert true.error < 0.01 and true.count.sum() == 40_000 and len(true.count) == 10
    assert true.count.min() > 3900
    assert reliability(y, p**2).error == pytest.approx(np.mean(p - p**2), abs=0.01)


def test_reliability_of_one_repeated_value_is_one_bin():
    curve = reliability(np.array([0, 1, 1, 1]), np.full(4, 0.5))
    assert (
        curve.count.tolist() == [4] and curve.foretold.tolist() == [0.5] and curve.happened.tolist() == [0.75]
    )


def test_reliability_of_nothing_is_empty():
    assert reliability(np.zeros(0), np.zeros(0)).error == 0
