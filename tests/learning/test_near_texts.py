import numpy as np

from swayrec.learning import catalogue, kernels
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.near_texts import near_texts


def texts(items=3000, topics=60, size=32, seed=0):
    """Unit vectors about some topics, and a few items without a text."""
    random = np.random.default_rng(seed)
    center = random.normal(size=(topics, size))
    vectors = center[random.integers(topics, size=items)] + 0.7 * random.normal(size=(items, size))
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    vectors[::100] = 0
    return vectors


def found_again(near, exact):
    """The share of the exact neighbors that are among the near ones."""
    pairs = zip(near.index, near.value, exact.index, exact.value, strict=True)
    shares = [
        np.isin(other[truth > 0], one[value > 0]).mean() for one, value, other, truth in pairs if truth.any()
    ]
    return float(np.mean(shares))


def test_nearly_all_of_the_nearest_texts_are_found():
    vectors = texts()
    assert found_again(near_texts(vectors, 20), kernels.text(vectors, 20)) > 0.97


def test_where_all_clusters_are_compared_the_rows_are_the_exact_ones():
    vectors = texts(400)
    near, exact = near_texts(vectors, 10, probes=20), kernels.text(vectors, 10)
    np.testing.assert_allclose(np.sort(near.value), np.sort(exact.value), atol=1e-6)


def test_an_item_without_a_text_is_like_nothing_and_none_is_like_itself():
    rows = near_texts(texts(), 20)
    assert not rows.value[::100].any()
    assert not (rows.index == np.arange(3000)[:, None])[rows.value > 0].any()
    assert not np.isin(rows.index[rows.value > 0], np.arange(0, 3000, 100)).any()


def test_a_catalogue_without_any_text_has_empty_rows():
    assert not near_texts(np.zeros((5, 3), np.float32), 4).value.any()


def test_a_large_catalogue_is_compared_by_clusters_a_small_one_in_full(monkeypatch):
    vectors = texts(600)
    exact = Catalogue([None] * 600, vectors).alike(10)
    np.testing.assert_array_equal(exact.value, kernels.text(vectors, 10).value)
    monkeypatch.setattr(catalogue, "EXACT", 500)
    near = Catalogue([None] * 600, vectors).alike(10)
    np.testing.assert_array_equal(near.value, near_texts(vectors, 10).value)
