"""EASE: item weights of a linear autoencoder without self-similarity, exact up to a size and sparse beyond."""

from collections.abc import Iterator

import numpy as np
from scipy import linalg, sparse

from swayrec.learning.kernels import Rows, pruned, taken
from swayrec.learning.sparse_ease import sparse_ease
from swayrec.tables.log import Log

LARGEST = 40_000
"""Items (or users, where there are fewer) up to which EASE is exact: the matrix to be inverted is dense, 6.4 GB of this
many, and the time grows with their third power."""


def ease(log: Log, ridge: float, neighbors: int, worth: np.ndarray | None = None, block: int = 1024) -> Rows:
    """EASE (Steck, WWW 2019) of a log's items.

    ``worth`` float64[n]: what each event counts (a user's mark on an item is that of the event that counts most);
    None = one.

    With fewer users than items the inverse comes from the users' side (Woodbury), in blocks of columns that
    are pruned at once; otherwise from a Cholesky factor of the Gram matrix. Where there are more than ``LARGEST`` of
    both, the weights are those of :func:`~swayrec.learning.sparse_ease.sparse_ease`.
    """
    X = taken(log, worth)
    X = X[np.diff(X.indptr) > 0]
    users, items = X.shape
    if min(users, items) > LARGEST:
        across = X.T.tocsr()
        had = np.asarray(X.sum(0)).ravel()
        return sparse_ease(lambda asked: across[asked] @ X, had, ridge, neighbors)
    if users < items:
        gram = (X @ X.T).toarray().astype(np.float32)
        gram[np.diag_indices(users)] += ridge
        factor = linalg.cholesky(gram, lower=True, overwrite_a=True)
        half = linalg.solve_triangular(factor, X.toarray(), lower=True, overwrite_b=True)
        diagonal = (1 - np.einsum("ui,ui->i", half, half)) / ridge

        def blocks() -> Iterator[np.ndarray]:
            for start in range(0, items, block):
                part = half[:, start : start + block].T @ half
                part /= ridge * diagonal
                part[np.arange(len(part)), np.arange(start, start + len(part))] = 0
                yield part

        return pruned(blocks(), items, neighbors)
    return ease_of(X.T @ X, ridge, neighbors, block)


def ease_of(gram: sparse.csr_matrix, ridge: float, neighbors: int, block: int = 1024) -> Rows:
    """EASE from ``gram`` [items, items]: how many users had both of two items; sparse beyond ``LARGEST`` items."""
    items = gram.shape[0]
    if items > LARGEST:
        return sparse_ease(lambda asked: gram[asked], gram.diagonal(), ridge, neighbors)
    gram = gram.toarray().astype(np.float32)
    gram[np.diag_indices(items)] += ridge
    inverse, _ = linalg.lapack.spotri(
        linalg.cholesky(gram, lower=True, overwrite_a=True), lower=1, overwrite_c=1
    )
    upper = np.triu_indices(items, 1)
    inverse[upper] = inverse.T[upper]
    diagonal = inverse.diagonal().copy()
    inverse /= -diagonal
    inverse[np.diag_indices(items)] = 0
    return pruned((inverse[start : start + block] for start in range(0, items, block)), items, neighbors)
