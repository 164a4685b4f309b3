"""Novelty."""

import numpy as np

from swayrec.evaluation.metrics.list_metric import ListMetric, mean_over_list


class Novelty(ListMetric):
    """The mean self-information of the shown items in bits: 0 is what everybody had.

    Zhou et al., PNAS 107 (2010); Vargas and Castells, RecSys 2011. An item's probability is its share of known
    users with one added to both sides, so that an item nobody had is worth log2(users + 1) bits and no more.

    Args:
        users: float[N], how many users are known to have had each item, of `known_users`.
        among: how many users are known at all.
        k: the places that count.
    """

    short = "Novelty"

    def __init__(self, users: np.ndarray, among: int, k: int = 10) -> None:
        super().__init__(k)
        self.bits = np.log2((among + 1) / (np.asarray(users, np.float64) + 1))

    def formula(self, top: np.ndarray, listed: np.ndarray) -> np.ndarray:
        """mean over places of -log2((users of the item + 1) / (users + 1))."""
        return mean_over_list(self.bits[top], listed)
