import numpy as np
import pytest

from swayrec.evaluation.metrics import METRICS, MRR, NDCG, HitFirst, HitRate, Recall, known_users, lists
from swayrec.evaluation.parts import Cases
from tests.small_world import log


def cases(*truths):
    ends = np.append(0, np.cumsum([len(truth) for truth in truths]))
    size = len(truths)
    return Cases(
        users=np.arange(size),
        before=np.ones(size, np.int64),
        now=np.zeros(size),
        ends=ends,
        truth=np.array([item for truth in truths for item in sorted(truth)], np.int32),
    )


RANKED = np.array([[7, 3, 9], [1, 2, -1], [-1, -1, -1]], np.int32)
TRUTH = cases([3, 9, 8], [4], [1])


def test_values_by_hand():
    dcg = 1 / np.log2(3) + 1 / np.log2(4)
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert HitRate(3)(RANKED, TRUTH).tolist() == [1, 0, 0]
    assert Recall(3)(RANKED, TRUTH).tolist() == pytest.approx([2 / 3, 0, 0])
    assert NDCG(3)(RANKED, TRUTH).tolist() == pytest.approx([dcg / ideal, 0, 0])
    assert MRR(3)(RANKED, TRUTH).tolist() == [1 / 2, 0, 0]


def test_only_the_first_k_places_count_and_the_ideal_is_cut_there():
    assert HitRate(1)(RANKED, TRUTH).tolist() == [0, 0, 0]
    assert NDCG(2)(RANKED, TRUTH)[0] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))


def test_a_list_shorter_than_k_is_filled_with_nothing():
    assert NDCG(10)(np.array([[3]]), cases([3])).tolist() == [1]


@pytest.mark.parametrize("metric", METRICS.values())
def test_a_perfect_list_scores_one_and_the_config_rebuilds_the_metric(metric):
    again = metric.from_config(metric(2).get_config())
    assert again(np.array([[4, 6]]), cases([4, 6])).tolist() == [1]
    assert again.k == 2 and again.name.endswith("@1" if metric is HitFirst else "@2")


def test_lists_that_cannot_be_right_are_refused():
    with pytest.raises(ValueError, match="one row for each of 3 cases"):
        NDCG(3)(RANKED[:2], TRUTH)
    with pytest.raises(ValueError, match="after an empty place"):
        NDCG(3)(np.array([[1, -1, 2]]), cases([1]))
    with pytest.raises(ValueError, match="twice"):
        NDCG(3)(np.array([[1, 2, 1]]), cases([1]))
    with pytest.raises(ValueError, match="at least one place"):
        NDCG(0)


@pytest.mark.parametrize("metric", METRICS.values())
def test_numbering_the_items_otherwise_changes_nothing(metric):
    random = np.random.default_rng(0)
    ranked = np.stack([random.permutation(30)[:10] for _ in range(50)])
    truths = [random.choice(30, random.integers(1, 6), replace=False) for _ in range(50)]
    number = random.permutation(30)
    np.testing.assert_array_equal(
        metric(10)(ranked, cases(*truths)), metric(10)(number[ranked], cases(*[number[t] for t in truths]))
    )


def test_coverage_and_popularity_bias_by_hand():
    known = log(
        [
            (0, 0, "view", 1, 1),
            (0, 0, "view", 2, 2),
            (1, 0, "view", 1, 1),
            (2, 0, "view", 1, 1),
            (0, 1, "view", 3, 3),
        ],
        items=4,
    )
    found = lists(np.array([[2], [1], [-1]]), known_users(known), 1)
    assert found.coverage == 2 / 4
    assert found.arp == 0.5  # item 2 has no user, item 1 has one; the empty list is left out
    assert found.arp_ratio == pytest.approx(0.5 / ((3 * 3 + 1 * 1) / 4))


def test_no_list_at_all_covers_nothing():
    known = log([(0, 0, "view", 1, 1)])
    assert lists(np.full((2, 3), -1), known_users(known), 3).coverage == 0


def test_the_hit_of_the_first_place_is_no_hit_of_a_later_one():
    ranked = np.array([[4, 6], [6, 4], [-1, -1]])
    assert HitFirst(2)(ranked, cases([4], [4], [4])).tolist() == [1, 0, 0]
