"""EASE of a catalogue too large to invert: every item from the few that it goes with, by small dense blocks."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy import linalg, sparse

from swayrec.learning.kernels import Rows, pruned_sparse

LINKS = 100
"""Items that each item's weights are at least solved over: those that it goes with most."""

WIDTH = 1000
"""Items of a block, about: its matrix is dense, and takes the time of its third power."""

HEAD = 4096
"""Items with the most users, whose counts together are kept dense: nearly every block asks for some of them."""

AT_ONCE = 1 << 24
"""Counts of pairs held at a time, about."""

Counts = Callable[[np.ndarray], sparse.csr_matrix]
"""Rows of the Gram matrix: for items int[M], how many users had both, [M, N]."""


def sparse_ease(
    counts: Counts,
    users: np.ndarray,
    ridge: float,
    neighbors: int,
    links: int = LINKS,
    width: int = WIDTH,
) -> Rows:
    """As :func:`swayrec.learning.ease.ease`, each item's weights solved over a block of items instead of all.

    EASE solves a ridge regression an item, on all others. Most of its weights are next to nothing where two items
    hardly ever meet, so here an item is regressed on those that it goes with most and on what else is in its block
    (Steck, NeurIPS 2019, "Markov Random Fields for Collaborative Filtering", solves for a sparse inverse likewise).
    Items with the same partners share a block, and with it one Cholesky factor. With as many links as items the
    weights are the exact ones.

    Args:
        counts: rows of the Gram matrix.
        users: float[N], how many users had each item.
        ridge: EASE's penalty.
        neighbors: entries a row.
        links: of each item.
        width: of a block; one of a single item may be wider.
    """
    items = len(users)
    linked = _linked(counts, users, ridge, min(links, items))
    pairs = _Pairs(counts, users)
    kept = min(2 * neighbors, items)
    index, value = np.zeros((items, kept), np.int32), np.zeros((items, kept), np.float32)
    for asked, block in _blocks(linked, _alike_together(linked, users), max(width, links)):
        gram = pairs.among(block)
        gram[np.diag_indices(len(block))] += ridge
        factor = linalg.cho_factor(gram, lower=True, overwrite_a=True, check_finite=False)
        own = np.searchsorted(block, asked)
        unit = np.zeros((len(block), len(asked)), gram.dtype)
        unit[own, np.arange(len(asked))] = 1
        inverse = linalg.cho_solve(factor, unit, overwrite_b=True, check_finite=False)
        weights = (inverse / -inverse[own, np.arange(len(asked))]).T
        weights[np.arange(len(asked)), own] = 0
        size = min(kept, len(block))
        best = np.argpartition(np.abs(weights), len(block) - size, axis=1)[:, len(block) - size :]
        index[asked, :size] = block[best]
        value[asked, :size] = np.take_along_axis(weights, best, 1)
    ends = np.arange(0, items * kept + 1, kept)
    into = sparse.csr_matrix((value.ravel(), index.ravel(), ends), (items, items))
    into.eliminate_zeros()
    return pruned_sparse(iter([into.T.tocsr()]), items, neighbors)


def _linked(counts: Counts, users: np.ndarray, ridge: float, links: int) -> Rows:
    """What each item goes with most: by the cosine of their users, rare items damped as the ridge damps them."""
    scale = 1 / np.sqrt(users + ridge)
    items = len(users)

    index, value = np.zeros((items, links), np.int32), np.zeros((items, links), np.float32)
    rows = max(1, AT_ONCE // items)
    for start in range(0, items, rows):
        part = counts(np.arange(start, min(start + rows, items)))
        for row in range(part.shape[0]):
            item = start + row
            span = slice(part.indptr[row], part.indptr[row + 1])
            other = part.indices[span]
            # The scale of the item itself changes nothing within its row.
            strength = part.data[span] * scale[other] * (other != item)
            best = np.arange(len(other))
            if len(other) > links:
                best = np.argpartition(strength, len(other) - links)[len(other) - links :]
            index[item, : len(best)] = other[best]
            value[item, : len(best)] = strength[best] * scale[item]
    return Rows(index, value)


def _alike_together(linked: Rows, users: np.ndarray) -> np.ndarray:
    """int64[N]: the items in an order in which those that share partners stand beside each other.

    Each follows the item that it goes with most of those with more users: a walk through these trees.
    """
    items = len(users)
    rank = np.empty(items, np.int64)
    rank[np.argsort(-users, kind="stable")] = np.arange(items)
    above = (rank[linked.index] < rank[:, None]) & (linked.value > 0)
    strongest = np.where(above, linked.value, 0).argmax(axis=1)
    leader = np.where(above.any(axis=1), linked.index[np.arange(items), strongest], -1)
    by_leader = np.lexsort((rank, leader))
    ends = np.searchsorted(leader[by_leader], np.arange(-1, items + 1))
    order: list[int] = []
    waiting = by_leader[: ends[1]][::-1].tolist()
    while waiting:
        item = waiting.pop()
        order.append(item)
        waiting.extend(by_leader[ends[item + 1] : ends[item + 2]][::-1].tolist())
    return np.array(order)


def _blocks(linked: Rows, order: np.ndarray, width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Items to be solved for, int64[A], and the ascending items of their block, int64[W]: they and their links."""
    inside = np.zeros(len(order), bool)
    asked: list[int] = []
    size = 0
    for item in order:
        own = np.append(linked.index[item][linked.value[item] > 0], item)
        new = own[~inside[own]]
        if asked and size + len(new) > width:
            yield np.array(asked), np.flatnonzero(inside)
            inside[:] = False
            asked, size, new = [], 0, own
        inside[new] = True
        size += len(new)
        asked.append(int(item))
    if asked:
        yield np.array(asked), np.flatnonzero(inside)


class _Pairs:
    """How many users had both of two items, for any block of items."""

    def __init__(self, counts: Counts, users: np.ndarray) -> None:
        self._counts = counts
        head = np.sort(np.argsort(-users, kind="stable")[:HEAD])
        self._place = np.full(len(users), -1)
        self._place[head] = np.arange(len(head))
        rows = max(1, AT_ONCE // len(users))
        parts = [counts(head[start : start + rows])[:, head] for start in range(0, len(head), rows)]
        self._head = np.concatenate([part.toarray().astype(np.float32) for part in parts])

    def among(self, block: np.ndarray) -> np.ndarray:
        """float32[W, W], in Fortran order, for ascending items int64[W]."""
        gram = np.zeros((len(block), len(block)), np.float32, order="F")
        place = self._place[block]
        known, rare = np.flatnonzero(place >= 0), np.flatnonzero(place < 0)
        gram[np.ix_(known, known)] = self._head[np.ix_(place[known], place[known])]
        if len(rare):
            part = self._counts(block[rare]).tocoo()
            column = np.searchsorted(block, part.col)
            within = block[np.minimum(column, len(block) - 1)] == part.col
            row, column, found = rare[part.row[within]], column[within], part.data[within]
            gram[row, column] = found
            gram[column, row] = found
        return gram
