import numpy as np
import pytest

from swayrec.evaluation.metrics import (
    CategoryDiversity,
    LongTail,
    Novelty,
    Popularity,
    VectorDiversity,
    gini,
    item_exposure,
    popularity_lift,
)

RANKED = np.array([[0, 2], [3, -1], [-1, -1]])
USERS = np.array([7.0, 3, 1, 0])  # of 7


def test_novelty_is_the_mean_of_bits_and_finite_for_what_nobody_had():
    assert Novelty(USERS, among=7, k=2)(RANKED) == pytest.approx([(0 + 2) / 2, 3, np.nan], nan_ok=True)


def test_popularity_of_what_is_shown_beside_what_was_taken():
    shown = Popularity(USERS, 2)(RANKED)
    assert shown == pytest.approx([4, 0, np.nan], nan_ok=True)
    taken = Popularity(USERS, 2)(np.array([[1, 2], [3, -1], [0, -1]]))
    assert popularity_lift(shown, taken) == pytest.approx([4 / 2 - 1, np.nan, np.nan], nan_ok=True)


def test_the_head_has_its_share_of_the_pairs_and_the_rest_is_the_tail():
    users = np.array([1, 50, 30, 10, 9])
    assert LongTail(users, 3, head=0.8)(np.array([[1, 2, 3], [0, 3, 4]])).tolist() == pytest.approx(
        [1 / 3, 1]
    )
    assert LongTail(users, 1, head=0.81)(np.array([[3], [4]])).tolist() == [0, 1]
    assert LongTail(np.array([5, 5, 5]), 1)(np.array([[0], [1], [2]])).tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="between 0 and 1"):
        LongTail(users, head=1)


def test_diversity_by_category_counts_pairs_and_leaves_out_what_has_none():
    kinds = np.array([0, 0, 1, 2, -1, -1])
    ranked = np.array([[0, 1, 2, 3], [0, 1, 4, 5], [0, 4, -1, -1], [2, 3, -1, -1]])
    assert CategoryDiversity(kinds, 4)(ranked) == pytest.approx([5 / 6, 0, np.nan, 1], nan_ok=True)


def test_diversity_by_vectors_is_the_mean_over_pairs():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(20, 5)) * random.random((20, 1))
    ranked = np.stack([random.permutation(20)[:4] for _ in range(30)])
    found = VectorDiversity(vectors, 4)(ranked)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for row, value in zip(ranked, found, strict=True):
        cosines = [unit[a] @ unit[b] for a in row for b in row if a < b]
        assert value == pytest.approx(1 - np.mean(cosines), abs=1e-6)


def test_vectors_that_are_all_equal_have_no_diversity_and_zero_ones_are_left_out():
    assert VectorDiversity(np.ones((3, 4)), 3)(np.array([[0, 1, 2]])) == pytest.approx([0], abs=1e-6)
    vectors = np.array([[1.0, 0], [0, 2], [0, 0]])
    found = VectorDiversity(vectors, 3)(np.array([[0, 1, 2], [0, 2, -1]]))
    assert found == pytest.approx([1, np.nan], nan_ok=True)


def test_long_tables_of_lists_are_taken_in_parts(monkeypatch):
    vectors = np.random.default_rng(1).normal(size=(9, 3))
    ranked = np.stack([np.random.default_rng(n).permutation(9)[:5] for n in range(11)])
    whole = VectorDiversity(vectors, 5)(ranked)
    monkeypatch.setattr("swayrec.evaluation.metrics.diversity.ROWS", 4)
    np.testing.assert_array_equal(VectorDiversity(vectors, 5)(ranked), whole)


def test_exposure_of_items_is_discounted_by_place_and_its_gini_is_that_of_all_pairs():
    exposure = item_exposure(np.array([[2, 0, 1], [2, 1, -1]]), 4, k=2)
    assert exposure == pytest.approx([1 / np.log2(3), 1 / np.log2(3), 2, 0])
    pairs = np.abs(exposure[:, None] - exposure[None, :]).sum()
    assert gini(exposure) == pytest.approx(pairs / (2 * 4 * exposure.sum()))
    assert gini(np.full(5, 3.0)) == pytest.approx(0)
    assert np.isnan(gini(np.zeros(3)))


def test_lists_that_cannot_be_right_are_refused():
    with pytest.raises(ValueError, match="after an empty place"):
        Popularity(USERS, 3)(np.array([[0, -1, 2]]))
    with pytest.raises(ValueError, match="twice"):
        Popularity(USERS, 3)(np.array([[0, 1, 0]]))
    with pytest.raises(ValueError, match="one row a list"):
        Popularity(USERS)(np.array([0, 1]))
    with pytest.raises(ValueError, match="at least one place"):
        Popularity(USERS, 0)
