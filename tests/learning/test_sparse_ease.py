"""EASE by blocks: the exact weights where every item is linked with all, close to them where it is not."""

import numpy as np
import pytest
from scipy import sparse

from swayrec.learning import ease, sparse_ease
from swayrec.learning.baselines import BASELINES
from swayrec.learning.kernels import taken
from tests.learning.test_kernels import dense, gram_ease
from tests.small_world import generated, scenario


def approximated(log, ridge, neighbors, **sizes):
    X = taken(log)
    had = np.asarray(X.sum(0)).ravel()
    return sparse_ease.sparse_ease(lambda items: X.T.tocsr()[items] @ X, had, ridge, neighbors, **sizes)


def people(topics=20, items=300, users=1500, seed=2):
    """Users who take from three topics each, and from everywhere now and then."""
    random = np.random.default_rng(seed)
    liked = random.integers(topics, size=(users, 3))
    chosen = np.take_along_axis(liked, random.integers(3, size=(users, 20)), 1)
    within = (items // topics * random.random(chosen.shape) ** 2).astype(int)
    item = np.where(
        random.random(chosen.shape) < 0.8, chosen + topics * within, random.integers(items, size=chosen.shape)
    )
    X = sparse.csr_matrix(
        (np.ones(item.size), (np.repeat(np.arange(users), 20), item.ravel())), (users, items)
    )
    X.data[:] = 1
    return X


def exact(X, ridge):
    inverse = np.linalg.inv((X.T @ X).toarray() + ridge * np.eye(X.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


@pytest.mark.parametrize("head", [4096, 10, 1])
def test_with_as_many_links_as_items_the_weights_are_the_exact_ones(head, monkeypatch):
    monkeypatch.setattr(sparse_ease, "HEAD", head)
    some = generated(3, 60, 40)
    found = dense(approximated(some, 5.0, 40, links=40, width=40))
    assert found == pytest.approx(gram_ease(some, 5.0), abs=2e-4)


def test_with_few_links_most_of_what_the_exact_weights_would_show_first_is_shown(monkeypatch):
    monkeypatch.setattr(sparse_ease, "HEAD", 50)
    X = people()
    had = np.asarray(X.sum(0)).ravel()
    rows = sparse_ease.sparse_ease(lambda items: X.T.tocsr()[items] @ X, had, 50.0, 300, links=40, width=80)
    found, expected = dense(rows), exact(X, 50.0)
    assert not np.diag(found).any()
    # What people who had some of it would be shown first is what it is by the exact weights.
    first = np.argsort(-(X @ found), axis=1)[:, :10]
    truth = np.argsort(-(X @ expected), axis=1)[:, :10]
    shared = np.mean([len(set(one) & set(other)) / 10 for one, other in zip(first, truth, strict=True)])
    assert shared > 0.8


def test_every_item_s_block_holds_it_and_all_of_its_links():
    X = people()
    had = np.asarray(X.sum(0)).ravel()
    linked = sparse_ease._linked(lambda items: (X.T.tocsr()[items] @ X).tocsr(), had, 50.0, 30)
    order = sparse_ease._alike_together(linked, had)
    assert sorted(order.tolist()) == list(range(300))
    solved = []
    for asked, block in sparse_ease._blocks(linked, order, 90):
        solved.extend(asked.tolist())
        for item in asked:
            assert np.isin([item, *linked.index[item][linked.value[item] > 0]], block).all()
        assert len(block) <= 90
    assert sorted(solved) == list(range(300))


def test_an_item_that_nobody_had_with_another_is_like_nothing():
    X = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], float))
    rows = sparse_ease.sparse_ease(
        lambda items: X.T.tocsr()[items] @ X, np.array([2.0, 2, 1]), 1.0, 2, links=1, width=2
    )
    found = dense(rows)
    assert found[2].tolist() == [0, 0, 0] and found[0, 1] == found[1, 0] > 0


@pytest.mark.parametrize(("users", "items"), [(60, 40), (30, 40)])
def test_the_size_alone_decides_which_of_both_the_weights_are(users, items, monkeypatch):
    some = generated(3, users, items)
    monkeypatch.setattr(ease, "LARGEST", 40)
    np.testing.assert_allclose(dense(ease.ease(some, 5.0, 40)), gram_ease(some, 5.0), atol=2e-4)
    monkeypatch.setattr(ease, "LARGEST", 20)
    expected = approximated(some, 5.0, 12)
    np.testing.assert_array_equal(ease.ease(some, 5.0, 12).value, expected.value)
    X = taken(some)
    np.testing.assert_allclose(dense(ease.ease_of((X.T @ X).tocsr(), 5.0, 12)), dense(expected), atol=1e-5)


@pytest.mark.parametrize("users", [60, 30])
def test_the_baseline_runs_whatever_the_size(users, monkeypatch):
    some, asked = generated(3, users, 40), scenario()
    monkeypatch.setattr(ease, "LARGEST", 20)
    kind = BASELINES["ease"]
    assert kind.unfit_because(some, asked) is None
    model = kind.grid(some, asked)[0].fit(some, asked)
    assert not model._by_users and model._weights.shape == (40, 40)
