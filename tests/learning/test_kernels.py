import numpy as np
import pytest
from scipy import sparse

from swayrec.learning import factors, kernels
from swayrec.learning.ease import ease
from tests.small_world import DAY, generated, log


def dense(rows):
    whole = np.zeros((len(rows.index), len(rows.index)), np.float32)
    np.add.at(whole, (np.arange(len(rows.index))[:, None], rows.index), rows.value)
    return whole


def gram_ease(log_, ridge):
    X = kernels.taken(log_).toarray().astype(float)
    inverse = np.linalg.inv(X.T @ X + ridge * np.eye(X.shape[1]))
    B = -inverse / np.diag(inverse)[None, :]
    np.fill_diagonal(B, 0)
    return B


@pytest.mark.parametrize(("users", "items"), [(20, 35), (60, 12)])
def test_ease_is_its_closed_form_with_few_users_and_with_many(users, items):
    some = generated(3, users, items)
    found = dense(ease(some, 5.0, items))
    assert found == pytest.approx(gram_ease(some, 5.0), abs=2e-4)


def test_pruning_keeps_the_largest_by_absolute_value():
    rows = kernels.pruned(iter([np.array([[0.1, -0.9, 0.5, 0.2]], np.float32)]), 4, 2)
    assert sorted(rows.index[0].tolist()) == [1, 2]


def test_cooccurrence_is_the_cosine_of_baskets():
    rows = [
        (0, 0, "purchase", 1, 1),
        (0, 1, "purchase", 1, 1),
        (0, 0, "purchase", 2, 2),
        (1, 1, "purchase", 1, 1),
    ]
    found = dense(kernels.cooccurrence(log(rows), 2))
    assert found == pytest.approx(np.array([[0, 0.5], [0.5, 0]]), abs=1e-6)


def test_transition_goes_from_an_instant_to_the_next_only():
    rows = [(0, 0, "view", 1, 1), (0, 1, "view", 2, 2), (0, 2, "view", 3, 3)]
    found = dense(kernels.transition(log(rows), 3))
    assert (found > 0).tolist() == [[False, True, False], [False, False, True], [False, False, False]]


def test_text_is_the_cosine_without_itself_and_nothing_where_there_is_no_text():
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 0]], np.float32)
    assert dense(kernels.text(vectors, 3)) == pytest.approx(
        np.array([[0, 0.6, 0], [0.6, 0, 0], [0, 0, 0]]), abs=1e-6
    )


def test_category_shares_what_the_category_takes_without_the_item_itself():
    rows = [(0, 0, "view", 1, 1), (0, 1, "view", 2, 2), (1, 1, "view", 3, 1), (1, 2, "view", 4, 2)]
    found = dense(kernels.category(np.array([0, 0, -1]), log(rows), 3))
    assert found == pytest.approx(np.array([[0, 2 / 3, 0], [1 / 3, 0, 0], [0, 0, 0]]), abs=1e-6)


def test_repeat_rate_is_the_share_that_takes_it_again_within_a_week_shrunk_to_all():
    rows = [(user, 0, "purchase", day, day) for user in range(9) for day in (1, 8, 15)]
    rows += [(user, 1, "purchase", 1, 2) for user in range(9)]
    found = factors.repeat_rate(log(sorted(rows)), np.array([-1, -1]), 21.0 * DAY, 12)
    assert found[0] > 0.6 > 0.4 > found[1] > 0


@pytest.mark.parametrize(("weeks", "until"), [(1, 60), (3, 75), (12, 40)])
def test_repeat_rate_counts_who_took_it_again_at_every_week_end(weeks, until):
    some = generated(7, steps=40)
    week = np.floor((until * DAY - some.time) / (7 * DAY))
    had, again = np.zeros(40), np.zeros(40)
    for end in range(weeks):
        before = set(some.pairs()[(week > end) & (week <= end + weeks)].tolist())
        for pair in before:
            had[pair % 40] += 1
            again[pair % 40] += pair in some.pairs()[week == end]
    rate = (again + 10 * again.sum() / max(had.sum(), 1)) / (had + 10)
    assert again.sum() > 0
    assert factors.repeat_rate(some, np.full(40, -1), until * DAY, weeks) == pytest.approx(rate)


def test_repeat_rate_without_a_clock_is_the_share_that_has_it_at_several_instants():
    rows = [(user, 0, "purchase", None, order) for user in range(40) for order in (1, 2)]
    rows += [(user, 1, "purchase", None, 1) for user in range(40)]
    found = factors.repeat_rate(log(rows), np.array([-1, -1]), np.nan, 12)
    assert found == pytest.approx([(40 + 10 * 0.5) / 50, 10 * 0.5 / 50])


def test_gap_is_the_usual_time_between_two_purchases():
    rows = [(user, 0, "purchase", 7 * n + 1, n + 1) for user in range(30) for n in range(5)]
    assert factors.gap(log(rows))[0] == pytest.approx(7, rel=0.01)


def test_counts_look_back_over_their_windows():
    rows = [(0, 0, "view", 1, 1), (0, 0, "purchase", 9, 2), (0, 1, "view", 10, 3)]
    found = factors.counts(log(rows), (2.0, 0.0), 10.5 * DAY)
    assert found[:, 0].tolist() == [[0, 1], [1, 0]]
    assert found[:, 1].tolist() == [[1, 1], [1, 0]]


@pytest.mark.parametrize("neighbors", [1, 3, 40])
def test_rows_that_never_become_dense_are_pruned_as_dense_ones_are(neighbors):
    random = np.random.default_rng(4)
    matrix = np.where(random.random((40, 40)) < 0.1, random.normal(size=(40, 40)), 0).astype(np.float32)
    blocks = [matrix[:7], matrix[7:8], matrix[8:]]
    rows = kernels.pruned_sparse(iter([sparse.csr_matrix(block) for block in blocks]), 40, neighbors)
    assert np.array_equal(dense(rows), dense(kernels.pruned(iter(blocks), 40, neighbors)))


def test_a_sequence_looks_further_ahead_and_what_came_sooner_counts_more():
    rows = [(0, 0, "view", 1, 1), (0, 1, "view", 2, 2), (0, 2, "view", 3, 3), (1, 3, "view", 1, 1)]
    found = dense(kernels.sequence(log(rows), 4))
    assert found[0] == pytest.approx([0, 1, 1 / 2, 0], abs=1e-6)
    assert found[1] == pytest.approx([0, 0, 1, 0], abs=1e-6)
    assert not found[2:].any(), "nothing follows the last, and another user's past is another's"


LATELY = [
    (0, 0, "view", 1, 1),
    (0, 1, "view", 1, 1),
    (1, 0, "view", 11, 1),
    (1, 2, "view", 11, 1),
    (2, 0, "view", 1, 1),
    (2, 1, "view", 2, 2),
    (3, 0, "view", 10, 1),
    (3, 2, "view", 11, 2),
]


@pytest.mark.parametrize(
    "similarity",
    [
        lambda log_, worth: ease(log_, 0.1, 3, worth),
        lambda log_, worth: kernels.cooccurrence(log_, 3, worth),
        lambda log_, worth: kernels.transition(log_, 3, worth),
        lambda log_, worth: kernels.sequence(log_, 3, worth),
    ],
    ids=["ease", "cooccurrence", "transition", "sequence"],
)
def test_what_goes_together_lately_counts_more_where_events_fade(similarity):
    """Item 1 went with item 0 ten days ago, item 2 does now."""
    some = log(LATELY)
    now = 12 * DAY
    alike, lately = dense(similarity(some, None)), dense(similarity(some, kernels.faded(some, 2.0, now)))
    assert alike[0, 1] == pytest.approx(alike[0, 2], abs=1e-6)
    assert lately[0, 2] > 2 * lately[0, 1] > 0


def test_the_marks_of_ease_fade_to_the_newest_event_of_a_user_on_an_item():
    some = log([(0, 0, "view", 2, 1), (0, 0, "view", 4, 2), (0, 1, "view", 2, 1)])
    worth = kernels.faded(some, 2.0, 4 * DAY)
    assert kernels.taken(some, worth).toarray() == pytest.approx(np.array([[1.0, 0.5]]))
    assert kernels.faded(some, 0.0, 4 * DAY) is None, "without a half-life nothing fades"
