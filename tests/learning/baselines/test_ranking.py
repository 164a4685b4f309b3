import numpy as np

from swayrec.learning.baselines.ranking import best


def random(seed=0):
    return np.random.default_rng(seed)


def test_the_best_k_come_first_and_short_rows_end_in_minus_one():
    scores = np.array([[0.1, 0.9, 0.5], [-np.inf, 2.0, -np.inf]])
    assert best(scores, 2, None, random()).tolist() == [[1, 2], [1, -1]]


def test_excluded_items_are_never_listed():
    scores = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]])
    ranked = best(scores, 3, [np.array([0], np.int32), np.array([], np.int32)], random())
    assert ranked.tolist() == [[1, 2, -1], [0, 1, 2]]


def test_equal_scores_come_in_an_order_drawn_for_each_row():
    ranked = best(np.zeros((4000, 5)), 2, None, random())
    first = np.bincount(ranked[:, 0], minlength=5) / 4000
    assert np.abs(first - 1 / 5).max() < 0.03
    assert (ranked[:, 0] != ranked[:, 1]).all()


def test_ties_at_the_edge_are_drawn_while_the_clear_winner_stays():
    scores = np.tile(np.array([5.0, 1.0, 1.0, 1.0, 0.0]), (3000, 1))
    ranked = best(scores, 2, None, random())
    assert (ranked[:, 0] == 0).all()
    shares = np.bincount(ranked[:, 1], minlength=5) / 3000
    assert np.abs(shares[1:4] - 1 / 3).max() < 0.04 and shares[4] == 0


def test_the_same_seed_draws_the_same_order():
    assert (best(np.zeros((9, 9)), 4, None, random(3)) == best(np.zeros((9, 9)), 4, None, random(3))).all()
    assert (best(np.zeros((9, 9)), 4, None, random(3)) != best(np.zeros((9, 9)), 4, None, random(4))).any()


def test_k_beyond_the_catalogue_and_no_rows_are_answered():
    assert best(np.array([[1.0, 2.0]]), 4, None, random()).tolist() == [[1, 0, -1, -1]]
    assert best(np.zeros((0, 3)), 2, None, random()).shape == (0, 2)
