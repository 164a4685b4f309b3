"""Similarities of items, each as sparse rows: the largest entries of a row by absolute value."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from swayrec.tables.log import DAY, Log


@dataclass(frozen=True)
class Rows:
    """A sparse item-by-item matrix, K entries a row: ``index`` int32[N, K] and ``value`` float32[N, K].

    Row i holds what an event on item i adds to other items. Unused entries have value 0.
    """

    index: np.ndarray
    value: np.ndarray

    def whole(self) -> np.ndarray:
        """float32[N, N]: the matrix itself."""
        matrix = np.zeros((len(self.index), len(self.index)), np.float32)
        np.add.at(matrix, (np.arange(len(self.index))[:, None], self.index), self.value)
        return matrix


def pruned(blocks: Iterator[np.ndarray], items: int, neighbors: int) -> Rows:
    """The ``neighbors`` largest entries of each row by absolute value, of rows that arrive block by block."""
    width = min(neighbors, items)
    index, value = np.zeros((items, width), np.int32), np.zeros((items, width), np.float32)
    start = 0
    for block in blocks:
        largest = np.argpartition(np.abs(block), items - width, axis=1)[:, items - width :]
        stop = start + len(block)
        index[start:stop] = largest
        value[start:stop] = np.take_along_axis(block, largest, 1)
        start = stop
    return Rows(index, value)


def pruned_sparse(blocks: Iterator[sparse.csr_matrix], items: int, neighbors: int) -> Rows:
    """The same of sparse rows, which never become dense: a row's cost is that of its entries."""
    width = min(neighbors, items)
    index, value = np.zeros((items, width), np.int32), np.zeros((items, width), np.float32)
    start = 0
    for block in blocks:
        row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
        largest = np.lexsort((block.indices, -np.abs(block.data), row))
        place = np.arange(len(row)) - block.indptr[row]
        kept = place < width
        at = (start + row[kept], place[kept])
        index[at], value[at] = block.indices[largest][kept], block.data[largest][kept]
        start += block.shape[0]
    return Rows(index, value)


def faded(log: Log, half_life: float, now: float) -> np.ndarray | None:
    """float64[n]: what each event counts at ``now`` (epoch seconds) where events fade with a half-life in days.

    None where they do not: ``half_life`` is 0, or the log has no clock.
    """
    if not half_life or not log.has_clock:
        return None
    return 0.5 ** ((now - log.time) / (half_life * DAY))


def taken(log: Log, worth: np.ndarray | None = None) -> sparse.csr_matrix:
    """float32[users, items], 1 where a user has any event on an item; or the largest ``worth`` float64[n] of these."""
    return _largest(log.user, len(log.users), log, worth)


def baskets(log: Log, worth: np.ndarray | None = None) -> sparse.csr_matrix:
    """float32[instants, items], 1 where an event of the instant (:meth:`Log.instants`) is on the item.

    With ``worth`` float64[n] the root of it, so that products of two items of an instant count its worth.
    """
    first, instant = log.instants()
    return _largest(instant, len(first), log, None if worth is None else np.sqrt(worth))


def _largest(row: np.ndarray, rows: int, log: Log, value: np.ndarray | None) -> sparse.csr_matrix:
    """float32[rows, items], the largest value float64[n] of the events of a row on an item; None = 1."""
    if value is not None:
        last = np.lexsort((value, log.item, row))
        kept = last[np.append((np.diff(row[last]) != 0) | (np.diff(log.item[last]) != 0), True)]
        entries, at = value[kept].astype(np.float32), (row[kept], log.item[kept])
        return sparse.csr_matrix((entries, at), (rows, len(log.items)))
    matrix = sparse.csr_matrix((np.ones(len(log), np.float32), (row, log.item)), (rows, len(log.items)))
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def cooccurrence(log: Log, neighbors: int, worth: np.ndarray | None = None) -> Rows:
    """Cosine of items taken at the same instant (in one basket, one session); an instant counts its events' worth."""
    return _cosine_rows(baskets(log, worth), neighbors)


def transition(log: Log, neighbors: int, worth: np.ndarray | None = None) -> Rows:
    """How often an item of an instant is followed by another at the user's next instant.

    Row i sums to the share of i's instants that had a next one (before pruning): a conditional frequency,
    divided by the square root of the follower's own frequency so that the popular do not follow everything.
    """
    B = baskets(log, worth)
    return transition_of(followed(log, B), _instants(B), neighbors)


REACH = 10
"""Instants that a sequence looks ahead."""


def sequence(log: Log, neighbors: int, worth: np.ndarray | None = None) -> Rows:
    """As :func:`transition`, of what came within the ``REACH`` instants after one, d instants later counting 1/d.

    People skip and come back: what came soon after tells more than what came next alone (sequential rules,
    Kamehkhosh and others, 2017).
    """
    B = baskets(log, worth)
    return transition_of(followed(log, B, REACH), _instants(B), neighbors)


def _instants(B: sparse.csr_matrix) -> np.ndarray:
    """float64[items]: the instants of each item, each by its worth."""
    return np.asarray(B.multiply(B).sum(0), np.float64).ravel()


def followed(log: Log, B: sparse.csr_matrix, reach: int = 1) -> sparse.csr_matrix:
    """float64[items, items]: how often one item was followed by another; an instant counts once, however full.

    What came d instants later, up to ``reach``, counts 1/d.
    """
    unit = (sparse.diags(1 / np.sqrt(np.maximum(np.diff(B.indptr), 1))) @ B).tocsr()
    ahead = linked(log.user[log.instants()[0]], 1 / np.arange(1, reach + 1))
    return (unit.T @ (ahead @ unit)).tocsr()


def linked(user: np.ndarray, counts: np.ndarray) -> sparse.csr_matrix:
    """float64[n, n]: what instants of ``user`` int[n] count for those before them.

    ``counts[d - 1]`` for the one that comes d later, of the same user; 0 for all others.
    """
    ahead = sparse.csr_matrix((len(user), len(user)))
    for step in range(1, min(len(counts), len(user) - 1) + 1):
        same = (user[step:] == user[:-step]) * counts[step - 1]
        ahead = ahead + sparse.diags(same, step, shape=ahead.shape)
    return ahead


def transition_of(follows: sparse.csr_matrix, instants: np.ndarray, neighbors: int) -> Rows:
    """The transition similarity from what :func:`followed` counts and the instants of each item float[items]."""
    total = np.maximum(instants, 1)
    counts = sparse.diags(1 / total) @ follows @ sparse.diags(1 / np.sqrt(total))
    matrix = counts.tocsr().astype(np.float32)
    matrix.setdiag(0)
    matrix.eliminate_zeros()
    return pruned_sparse(iter([matrix]), matrix.shape[0], neighbors)


def category(codes: np.ndarray, log: Log, neighbors: int) -> Rows:
    """Items of one category, each by its share of the category's events; ``codes`` int[N], -1 = none."""
    popularity = np.bincount(log.item, minlength=len(codes)).astype(np.float32)
    index = np.zeros((len(codes), min(neighbors, len(codes))), np.int32)
    value = np.zeros(index.shape, np.float32)
    for code in np.unique(codes[codes >= 0]):
        members = np.flatnonzero(codes == code)
        best = members[np.argsort(-popularity[members], kind="stable")[: index.shape[1]]]
        weight = popularity[best] / max(float(popularity[members].sum()), 1.0)
        index[members, : len(best)] = best
        value[members, : len(best)] = np.where(best[None, :] == members[:, None], 0, weight)
    return Rows(index, value)


def text(vectors: np.ndarray, neighbors: int, at_once: int = 2**25) -> Rows:
    """Cosine of the items' text vectors (float32[N, D], unit length or 0 where there is no text).

    Every item is compared with every other, ``at_once`` pairs at a time: a matter of memory, not of the result.
    """
    items = len(vectors)
    block = max(1, at_once // max(items, 1))

    def blocks() -> Iterator[np.ndarray]:
        for start in range(0, items, block):
            part = vectors[start : start + block] @ vectors.T
            part[np.arange(len(part)), np.arange(start, start + len(part))] = 0
            yield np.maximum(part, 0)

    return pruned(blocks(), items, neighbors)


def _cosine_rows(B: sparse.csr_matrix, neighbors: int, block: int = 1024) -> Rows:
    norms = np.sqrt(np.maximum(np.asarray(B.multiply(B).sum(0)).ravel(), 1))
    unit = (B @ sparse.diags(1 / norms)).tocsr().astype(np.float32)
    across = unit.T.tocsr()
    items = B.shape[1]

    def blocks() -> Iterator[sparse.csr_matrix]:
        for start in range(0, items, block):
            part = (across[start : start + block] @ unit).tocoo()
            other = part.col != part.row + start
            yield sparse.csr_matrix((part.data[other], (part.row[other], part.col[other])), part.shape)

    return pruned_sparse(blocks(), items, neighbors)
