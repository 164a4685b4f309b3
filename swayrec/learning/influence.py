"""Influence is least squares: the sums it needs, their solution and how sure one may be of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from threadpoolctl import ThreadpoolController

_BLAS = ThreadpoolController()


@dataclass(frozen=True)
class NormalEquations:
    """The sums of weighted least squares: ``A = sum c f f'``, ``b = sum c f y``, ``s = sum c y^2``, ``n = sum c``.

    A float64[..., d, d], b float64[..., d], s and n float64[...]. Leading dimensions hold independent sums
    side by side (one a group of users). Sums of parts add up to the sum of the whole, and a part can be
    taken out again.
    """

    A: np.ndarray
    b: np.ndarray
    s: np.ndarray
    n: np.ndarray

    @classmethod
    def zeros(cls, size: int, groups: int | None = None) -> "NormalEquations":
        """Empty sums of ``size`` columns, for one or for ``groups`` groups."""
        lead = () if groups is None else (groups,)
        return cls(np.zeros((*lead, size, size)), np.zeros((*lead, size)), np.zeros(lead), np.zeros(lead))

    @classmethod
    def of(cls, f: np.ndarray, y: np.ndarray, c: np.ndarray | None = None) -> "NormalEquations":
        """The sums of rows f [..., rows, d], labels y [..., rows] and weights c [..., rows] >= 0 (1 if absent)."""
        f, y = np.asarray(f), np.asarray(y, np.float64)
        c = np.ones_like(y) if c is None else np.asarray(c, np.float64)
        lead, size = y.shape[:-1], f.shape[-1]
        root = np.sqrt(c)
        A, b = np.empty((*lead, size, size)), np.empty((*lead, size))
        # Products this small gain nothing from a second thread, and beside busy neighbors wait for it far
        # longer than they take.
        with _BLAS.limit(limits=1, user_api="blas"):
            for place in np.ndindex(lead):
                rows = f[place] * root[place][:, None]
                A[place], b[place] = rows.T @ rows, (root[place] * y[place]) @ rows
        return cls(A, b, (c * y * y).sum(-1), c.sum(-1))

    def __add__(self, other: "NormalEquations") -> "NormalEquations":
        return NormalEquations(self.A + other.A, self.b + other.b, self.s + other.s, self.n + other.n)

    def __sub__(self, other: "NormalEquations") -> "NormalEquations":
        return NormalEquations(self.A - other.A, self.b - other.b, self.s - other.s, self.n - other.n)

    def total(self) -> "NormalEquations":
        """The sum over the groups."""
        return NormalEquations(self.A.sum(0), self.b.sum(0), self.s.sum(0), self.n.sum(0))

    def into(self, T: np.ndarray) -> "NormalEquations":
        """The sums of the columns f T, for T float64[d, d']."""
        return NormalEquations(T.T @ self.A @ T, self.b @ T, self.s, self.n)

    def solve(self, ridge: float) -> np.ndarray:
        """w float64[d] = (A/n + ridge I)^-1 b/n.

        Raises:
            ValueError: there are no rows.
        """
        if not self.n > 0:
            raise ValueError("there are no rows to solve for")
        size = len(self.b)
        return np.linalg.solve(self.A / self.n + ridge * np.eye(size), self.b / self.n)


@dataclass(frozen=True)
class Solution:
    """Weights of raw columns and how sure they are.

    ``w`` float64[d]; ``covariance`` float64[d, d]: the sandwich clustered by group of users; 0 for columns
    that the form leaves out.
    """

    w: np.ndarray
    covariance: np.ndarray

    def only(self, columns: Sequence[int]) -> "Solution":
        """The same for some of the columns."""
        return Solution(self.w[columns], self.covariance[np.ix_(columns, columns)])

    def interval(self, direction: np.ndarray, z: float = 1.959964) -> tuple[float, float, float]:
        """``direction . w`` with its 95 % interval (low and high)."""
        value = float(direction @ self.w)
        half = z * float(np.sqrt(max(direction @ self.covariance @ direction, 0.0)))
        return value, value - half, value + half


def fit(
    groups: NormalEquations,
    used: np.ndarray,
    sharing: tuple[np.ndarray, np.ndarray],
    ridge: float,
    shrink: float,
) -> Solution:
    """Solves for the columns of one form, types shrunk to shared weights, with intervals clustered by users.

    Columns are brought to deviation 1 over the rows, deviations of single types then scaled by ``shrink``,
    so that the ridge pulls them to the shared weight; the constants are folded back into ``w``.

    Args:
        groups: sums by group of users, of features and labels centered within the choice.
        used: bool[d], the raw columns of the form.
        sharing: of :meth:`swayrec.learning.layout.Layout.sharing`.
        ridge: the penalty on scaled columns.
        shrink: the scale of a type's own deviation.
    """
    C, deviation = sharing
    kept = (np.abs(C[used]) > 0).any(0) & ~(np.abs(C[~used]) > 0).any(0)
    T = C[:, kept].copy()
    whole = groups.total()
    spread = np.sqrt(np.maximum(np.einsum("ij,ik,kj->j", T, whole.A, T) / whole.n, 0))
    alive = spread > 1e-9 * max(float(spread.max(initial=0.0)), 1e-30)
    T = T[:, alive] / spread[alive]
    T[:, deviation[kept][alive]] *= shrink
    shared = whole.into(T)
    w = T @ shared.solve(ridge)
    bread = T @ np.linalg.solve(shared.A / whole.n + ridge * np.eye(T.shape[1]), T.T) / whole.n
    g = groups.b - groups.A @ w
    g = g - g.mean(0)
    count = len(g)
    meat = g.T @ g * (count / max(count - 1, 1))
    return Solution(w, bread @ meat @ bread.T)
