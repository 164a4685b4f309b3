"""How different the items of one list are from each other, by category and by vectors."""

import numpy as np

from swayrec.evaluation.metrics.list_metric import ListMetric

ROWS = 4096


class CategoryDiversity(ListMetric):
    """The share of the pairs of a list whose items are of different categories.

    Intra-list distance (Ziegler et al., WWW 2005) with a distance of 0 within a category and 1 between two.
    ``categories`` int[N], -1 = not known: such items are left out. NaN where fewer than two are left.
    """

    short = "Category diversity"

    def __init__(self, categories: np.ndarray, k: int = 10) -> None:
        super().__init__(k)
        self.categories = np.asarray(categories, np.int64)

    def formula(self, top: np.ndarray, listed: np.ndarray) -> np.ndarray:
        """1 - pairs of one category / pairs."""
        category = np.where(listed, self.categories[top], -1)
        size = (category >= 0).sum(axis=1)
        alike = np.zeros(len(top))
        for place in range(self.k):
            for other in range(place):
                alike += (category[:, place] == category[:, other]) & (category[:, place] >= 0)
        return 1 - alike / (size * (size - 1) / 2)


class VectorDiversity(ListMetric):
    """One minus the mean cosine of the pairs of a list (Ziegler et al., WWW 2005): 0 = all the same.

    ``vectors`` float[N, d], of items' texts, say; items whose vector is zero are left out. NaN where fewer than
    two are left.
    """

    short = "Vector diversity"

    def __init__(self, vectors: np.ndarray, k: int = 10) -> None:
        super().__init__(k)
        vectors = np.asarray(vectors, np.float32)
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        self.vectors = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
        self.known = length[:, 0] > 0

    def formula(self, top: np.ndarray, listed: np.ndarray) -> np.ndarray:
        """1 - (|sum of unit vectors|^2 - n) / (n (n - 1)), which is the mean over pairs without making them."""
        told = listed & self.known[top]
        size = told.sum(axis=1)
        length = np.zeros(len(top))
        for start in range(0, len(top), ROWS):
            rows = slice(start, start + ROWS)
            total = np.einsum("ck,ckd->cd", told[rows].astype(np.float32), self.vectors[top[rows]])
            length[rows] = (total.astype(np.float64) ** 2).sum(axis=1)
        return 1 - (length - size) / (size * (size - 1))
