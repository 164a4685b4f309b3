from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from swayrec.learning import kernels, similarities
from swayrec.learning.past import to_past
from swayrec.learning.scoring import Scoring
from swayrec.learning.similarities import Similarities
from swayrec.tables.history import history
from tests.learning.planted import NOW, made


@pytest.fixture(scope="module")
def vectors():
    drawn = np.random.default_rng(0).normal(size=(40, 8)).astype(np.float32)
    drawn[7] = 0
    return drawn / np.maximum(np.linalg.norm(drawn, axis=1, keepdims=True), 1e-9)


def test_texts_in_full_are_what_their_rows_are_before_they_are_cut(vectors):
    rows = {"text": kernels.text(vectors, 40)}
    items, candidates = tf.constant([[3, 7, -1], [0, 1, 2]]), tf.constant([[3, 9, 7, -1], [2, 39, 5, 1]])
    cut = Similarities({"text": kernels.text(vectors, 2)}, 40).between(items, candidates, "text")
    whole = Similarities(rows, 40).between(items, candidates, "text").numpy()
    full = Similarities(rows, 40, vectors).between(items, candidates, "text").numpy()
    assert full == pytest.approx(whole, abs=1e-6)
    assert (full > 0).sum() > (cut.numpy() > 0).sum()


def test_scores_of_given_candidates_compare_texts_in_full_in_training_and_in_serving(vectors):
    log, columns, tables, scoring, _ = made()
    full = Scoring(replace(tables, vectors=vectors), columns, scoring.weights.numpy())
    before = to_past(history(log, np.array([5]), np.array([20]), 64), np.array([NOW]))
    candidates = tf.constant([[30, 2, 11, 4]])
    trained = full.features(before, candidates).numpy()[0] @ full.weights.numpy()
    served = tf.reduce_sum(full.shares(before, candidates), 1) + full.base_of(before, candidates)[0]
    assert served.numpy()[0] == pytest.approx(trained, abs=2e-4)
    cut = scoring.features(before, candidates).numpy()[0] @ full.weights.numpy()
    assert np.abs(trained - cut).max() > 1e-3


def test_rows_that_are_kept_whole_answer_as_their_entries_do(monkeypatch):
    random = np.random.default_rng(3)
    dense = np.where(random.random((300, 300)) < 0.3, random.normal(size=(300, 300)), 0).astype(np.float32)
    np.fill_diagonal(dense, 0)
    rows = {"ease": kernels.pruned(iter([dense]), 300, 60)}
    items, candidates = (
        tf.constant([[3, 7, 3, -1], [0, 299, 2, 9]]),
        tf.constant([[3, 9, 7, -1, 5], [2, 39, 5, 1, 0]]),
    )
    amount = tf.constant([[1.0, -2.0, 0.5, 0.0], [0.1, 3.0, 1.0, 0.2]])
    whole = Similarities(rows, 300)
    monkeypatch.setattr(similarities, "WHOLE", 1.0)
    sparse = Similarities(rows, 300)
    assert len(whole.variables) == 1 and len(sparse.variables) == 2
    for one, other in (
        (whole.between(items, candidates, "ease"), sparse.between(items, candidates, "ease")),
        (whole.spread(items, amount, "ease"), sparse.spread(items, amount, "ease")),
    ):
        assert one.numpy() == pytest.approx(other.numpy(), abs=1e-5)
    (index, value), (places, values) = (each.nearest(tf.constant([3, 7]), "ease") for each in (whole, sparse))
    for row in range(2):
        near = {int(n): v for n, v in zip(index[row], value[row].numpy(), strict=True) if v > 0}
        kept = {int(n): v for n, v in zip(places[row], values[row].numpy(), strict=True) if v > 0}
        assert near == pytest.approx(kept)
