"""Rows of choices into the sums of least squares, as they come: one product a choice, and nothing else is kept."""

import numpy as np
from scipy.linalg import blas
from threadpoolctl import ThreadpoolController

from swayrec.learning.influence import NormalEquations

_BLAS = ThreadpoolController()


class RowSums:
    """Sums of groups of users that rows are added to; memory is that of the sums, however many rows there are.

    Beside the columns of a row stands its label, so that one symmetric product gives A, b and s at once; BLAS
    adds it to the group's in place, to one triangle alone.
    """

    def __init__(self, size: int, groups: int) -> None:
        """For rows of ``size`` columns."""
        self._size = size
        self._products = np.zeros((groups, size + 1, size + 1))
        self._n = np.zeros(groups)

    def add(
        self, group: np.ndarray, f: np.ndarray, y: np.ndarray, weight: np.ndarray, count: np.ndarray
    ) -> None:
        """Adds choices.

        Args:
            group: int[choices], the group of each one's user.
            f: float[choices, rows, d], 0 where there is no row.
            y: float[choices, rows], 0 where there is no row.
            weight: float64[choices], of each row of a choice.
            count: int[choices], how many rows there really are.
        """
        rows = np.empty((y.shape[1], self._size + 1))
        # Products this small gain nothing from a second thread, and beside busy neighbors wait for it far
        # longer than they take.
        with _BLAS.limit(limits=1, user_api="blas"):
            for choice, place in enumerate(group):
                rows[:, :-1], rows[:, -1] = f[choice], y[choice]
                # BLAS reads the transpose of what NumPy writes: both are symmetric.
                blas.dsyrk(weight[choice], rows.T, beta=1.0, c=self._products[place].T, overwrite_c=True)
        np.add.at(self._n, group, weight * count)

    def sums(self) -> NormalEquations:
        """What was added so far, by group."""
        lower = np.tril(self._products)
        whole = lower + np.tril(lower, -1).swapaxes(-1, -2)
        return NormalEquations(whole[:, :-1, :-1], whole[:, :-1, -1], whole[:, -1, -1], self._n.copy())
