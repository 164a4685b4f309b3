"""The nearest neighbors of items: the largest entries of each row of a sparse matrix."""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

BLOCK = 1024
"""Rows that are held whole at a time."""


def nearest(blocks: Iterator[sparse.csr_matrix], *neighbors: int) -> list[sparse.csr_matrix]:
    """The largest entries of each row, of a non-negative matrix that arrives block by block.

    Rows are cut where they are sparse: partitioning whole rows with their many zeros takes ten times as long.

    Returns:
        One matrix for each number of ``neighbors``.
    """
    cut = [[_largest(block, each) for each in neighbors] for block in blocks]
    return [sparse.vstack(parts, format="csr") for parts in zip(*cut, strict=True)]


def _largest(block: sparse.csr_matrix, neighbors: int) -> sparse.csr_matrix:
    kept = [np.zeros(0, np.int64)]
    for start, stop in zip(block.indptr[:-1], block.indptr[1:], strict=True):
        if stop - start <= neighbors:
            kept.append(np.arange(start, stop))
        else:
            kept.append(
                start + np.argpartition(block.data[start:stop], stop - start - neighbors)[-neighbors:]
            )
    entries = np.concatenate(kept)
    ends = np.append(0, np.cumsum([len(part) for part in kept[1:]]))
    return sparse.csr_matrix((block.data[entries], block.indices[entries], ends), block.shape)
