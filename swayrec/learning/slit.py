"""SLIT: item weights by least squares from what was done lately to what came next."""

import itertools
from collections.abc import Iterator

import numpy as np
from scipy import linalg, sparse

from swayrec.learning.kernels import Rows, baskets, linked, pruned
from swayrec.tables.log import Log

LARGEST = 6_000
"""Items that have weights, at most, the most frequent: the matrix to be solved is dense, and time grows with the third
power of this."""

HALF_LIFE = 8.0
"""Instants after which a past one counts half. Picked on validation of MovieLens-100k, where the weights alone, asked
with the same decay, give NDCG@10 .1243; .1195 with 3 instants and .1138 with one."""

REACH = 32
"""Instants that the past goes back."""

AT_ONCE = 20_000
"""Instants that are laid out at once, about: a matter of memory, not of the result."""

DENSE = 0.1
"""Share of the items in a past beyond which products of dense matrices are faster than those of sparse ones."""


def slit(log: Log, ridge: float, neighbors: int, worth: np.ndarray | None = None) -> Rows:
    """The session-aware linear item transition model (Choi and others, WWW 2021) of a log's items.

    ``W = (SᵀS + λI)⁻¹ SᵀT``: a row of S is a user's past at an instant, fading by instants, and that of T what the user
    took at it. EASE does not know what came first, and a transition knows nothing of what else was there.

    Args:
        log: with an order.
        ridge: λ.
        neighbors: entries kept of a row.
        worth: float64[n], what each event counts; None = one.
    """
    frequent = np.argsort(-np.bincount(log.item, minlength=len(log.items)), kind="stable")[:LARGEST]
    frequent = np.sort(frequent)
    squares = np.zeros((len(frequent), len(frequent)), np.float32)
    products = np.zeros_like(squares)
    for past, taken in _instants(log, frequent, worth):
        if past.nnz > DENSE * past.shape[0] * past.shape[1]:
            S = past.toarray()
            squares += S.T @ S
            products += S.T @ taken
        else:
            squares += (past.T @ past).toarray()
            products += (past.T @ taken).toarray()
    squares[np.diag_indices(len(frequent))] += ridge
    factor = linalg.cho_factor(squares, lower=True, overwrite_a=True, check_finite=False)
    weights = linalg.cho_solve(factor, products, overwrite_b=True, check_finite=False)
    weights[np.diag_indices(len(frequent))] = 0
    kept = pruned(iter([weights]), len(frequent), neighbors)
    index = np.zeros((len(log.items), kept.index.shape[1]), np.int32)
    value = np.zeros(index.shape, np.float32)
    index[frequent], value[frequent] = frequent[kept.index], kept.value
    return Rows(index, value)


def _instants(
    log: Log, items: np.ndarray, worth: np.ndarray | None
) -> Iterator[tuple[sparse.csr_matrix, sparse.csr_matrix]]:
    """By parts of the users: the pasts at their instants and what was taken at them, float32[instants, items]."""
    first, _ = log.instants()
    user, taken = log.user[first], baskets(log)[:, items].tocsr()
    # A past counts what the instant that it precedes is worth, not what its own events are: their decay is in S.
    root = np.sqrt(np.ones(len(first)) if worth is None else worth[first]).astype(np.float32)
    fades = 0.5 ** (np.arange(REACH, dtype=np.float32) / HALF_LIFE)
    ends = np.append(np.flatnonzero(np.append(True, user[1:] != user[:-1])), len(user))
    cuts = np.unique(ends[np.searchsorted(ends, np.append(np.arange(0, len(user), AT_ONCE), len(user)))])
    for start, stop in itertools.pairwise(cuts):
        part, scale = taken[start:stop], sparse.diags(root[start:stop])
        past = linked(user[start:stop], fades).T @ part
        yield (scale @ past).tocsr().astype(np.float32), (scale @ part).tocsr()
