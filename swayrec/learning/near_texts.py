"""Texts that are alike in a catalogue too large to compare each with every other: only near clusters are compared."""

import numpy as np

from swayrec.learning.kernels import Rows

PROBES = 24
"""Clusters that the items of a cluster are compared with, its own and the nearest."""

SAMPLE = 64
"""Items a cluster that the centers are found from."""

PASSES = 8
AT_ONCE = 2**25


def near_texts(
    vectors: np.ndarray, neighbors: int, probes: int = PROBES, clusters: int | None = None, seed: int = 0
) -> Rows:
    """As :func:`swayrec.learning.kernels.text`, but of the pairs only those within near clusters of texts.

    The centers are those of spherical k-means on a sample; the root of the number of items of them balances
    finding clusters against comparing within them, so that the work grows with the power 1.5 of the catalogue.

    Args:
        vectors: float32[N, D], unit length or 0 where there is no text.
        neighbors: entries a row.
        probes: more = nearer to the exact rows, and slower in proportion.
        clusters: None = the root of N.
        seed: of the sample.
    """
    items = len(vectors)
    index = np.zeros((items, min(neighbors, items)), np.int32)
    value = np.zeros(index.shape, np.float32)
    known = np.flatnonzero(vectors.any(axis=1))
    if not len(known):
        return Rows(index, value)
    centers = _centers(vectors, known, clusters or max(1, int(len(known) ** 0.5)), seed)
    own = _nearest(vectors, known, centers)
    by_cluster = np.argsort(own, kind="stable")
    members = np.split(known[by_cluster], np.searchsorted(own[by_cluster], np.arange(1, len(centers))))
    beside = np.argsort(-(centers @ centers.T), axis=1, kind="stable")[:, :probes]
    for cluster, asked in enumerate(members):
        others = np.concatenate([members[place] for place in beside[cluster]])
        block = max(1, AT_ONCE // max(len(others), 1))
        for start in range(0, len(asked), block):
            part = asked[start : start + block]
            alike = np.maximum(vectors[part] @ vectors[others].T, 0)
            alike[others[None, :] == part[:, None]] = 0
            width = min(index.shape[1], len(others))
            best = np.argpartition(alike, len(others) - width, axis=1)[:, len(others) - width :]
            index[part, :width] = others[best]
            value[part, :width] = np.take_along_axis(alike, best, 1)
    return Rows(index, value)


def _centers(vectors: np.ndarray, known: np.ndarray, count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    sample = random.permutation(known)[: count * SAMPLE]
    centers = vectors[sample[:count]]
    for _ in range(PASSES):
        own = _nearest(vectors, sample, centers)
        total = np.zeros_like(centers)
        np.add.at(total, own, vectors[sample])
        length = np.linalg.norm(total, axis=1, keepdims=True)
        # A center that nobody is near to stays where it is.
        centers = np.where(length > 0, total / np.maximum(length, 1e-30), centers)
    return centers


def _nearest(vectors: np.ndarray, asked: np.ndarray, centers: np.ndarray) -> np.ndarray:
    block = max(1, AT_ONCE // len(centers))
    parts = [
        (vectors[asked[start : start + block]] @ centers.T).argmax(axis=1)
        for start in range(0, len(asked), block)
    ]
    return np.concatenate(parts)
