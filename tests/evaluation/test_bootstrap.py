import numpy as np
import pytest

from swayrec.evaluation.bootstrap import Bootstrap


def test_the_spread_is_that_of_theory():
    values = np.repeat([0.0, 1.0], 200)[:, None]
    samples = Bootstrap(4000).samples(values, np.arange(400))
    assert samples.std() == pytest.approx(0.5 / np.sqrt(400), rel=0.05)
    assert samples.mean() == pytest.approx(0.5, abs=0.002)


def test_the_interval_holds_the_mean_and_the_seed_fixes_it():
    values = np.random.default_rng(0).random((300, 2))
    first, second = (Bootstrap(500, seed=4).estimates(values, np.arange(300)) for _ in range(2))
    assert first == second
    assert first != Bootstrap(500, seed=5).estimates(values, np.arange(300))
    for column, estimate in enumerate(first):
        assert estimate.mean == pytest.approx(values[:, column].mean())
        assert estimate.low < estimate.mean < estimate.high


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(300):
        (estimate,) = Bootstrap(300).estimates(random.exponential(1, (150, 1)), np.arange(150))
        covered += estimate.low <= 1 <= estimate.high
    assert 0.88 < covered / 300 < 0.98


def test_cases_of_one_user_are_drawn_together():
    values = np.repeat(np.random.default_rng(0).random(100), 10)[:, None]
    apart = Bootstrap(1000).samples(values, np.arange(1000)).std()
    together = Bootstrap(1000).samples(values, np.repeat(np.arange(100), 10)).std()
    assert together == pytest.approx(apart * np.sqrt(10), rel=0.15)


def test_a_small_but_steady_difference_is_seen_by_pairing():
    base = np.random.default_rng(0).random(500)
    better = base + 0.01
    difference = Bootstrap(500).difference(better, base, np.arange(500))
    assert difference.above_zero and difference.mean == pytest.approx(0.01)
    assert not Bootstrap(500).difference(base, base, np.arange(500)).above_zero
    assert Bootstrap(500).difference(base, better, np.arange(500)).below_zero


def test_many_users_are_drawn_in_parts_without_changing_the_draws(monkeypatch):
    values, users = np.random.default_rng(0).random((50, 1)), np.arange(50)
    whole = Bootstrap(40).samples(values, users)
    monkeypatch.setattr("swayrec.evaluation.bootstrap.CHUNK", 50 * 7)
    np.testing.assert_allclose(Bootstrap(40).samples(values, users), whole)


def test_no_cases_are_refused():
    with pytest.raises(ValueError, match="no case"):
        Bootstrap().estimates(np.zeros((0, 1)), np.zeros(0, int))


def test_users_with_many_cases_weigh_by_their_cases():
    users = np.array([0, 0, 0, 0, 1])
    assert (Bootstrap(50).samples(np.ones((5, 1)), users) == 1).all()
    drawn = set(Bootstrap(200).samples(np.array([[0.0], [0], [0], [0], [1]]), users).ravel().round(6))
    assert drawn == {0.0, 0.2, 1.0}  # user 0 twice, both, user 1 twice
