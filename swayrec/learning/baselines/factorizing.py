"""What the baselines by the library implicit share: its threads, what it factorizes."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from scipy import sparse
from threadpoolctl import threadpool_limits

from swayrec.tables.log import Log


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread of BLAS: the library's own threads and those of BLAS wait for one another."""
    with threadpool_limits(1, "blas"):
        yield


def weighed(log: Log, weights: np.ndarray) -> sparse.csr_matrix:
    """float32[users, items]: the events of each user on each item, each as much as its behavior weighs.

    ``weights`` float[T]; a behavior of weight 0 leaves no entry.
    """
    amount = weights[log.behavior].astype(np.float32)
    matrix = sparse.csr_matrix((amount, (log.user, log.item)), (len(log.users), len(log.items)))
    matrix.eliminate_zeros()
    return matrix
