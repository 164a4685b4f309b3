"""Popularity of lists, and how far it lies from what people take themselves."""

import numpy as np

from swayrec.evaluation.metrics.list_metric import ListMetric, mean_over_list


class Popularity(ListMetric):
    """The mean number of known users of the shown items: ARP (Yin et al., VLDB 2012).

    ``users`` float[N], of `known_users`.
    """

    short = "ARP"

    def __init__(self, users: np.ndarray, k: int = 10) -> None:
        super().__init__(k)
        self.users = np.asarray(users, np.float64)

    def formula(self, top: np.ndarray, listed: np.ndarray) -> np.ndarray:
        """mean over places of the users of the item."""
        return mean_over_list(self.users[top], listed)


class LongTail(ListMetric):
    """The share of the shown items that lie in the long tail: APLT (Abdollahpouri et al., FLAIRS 2019).

    The head is made of the most popular items that together have ``head`` of all (user, item) pairs, items as
    popular as the last of them included; the tail is the others.

    Args:
        users: float[N], of `known_users`.
        k: the places that count.
        head: the share of the pairs that the head has.
    """

    short = "APLT"

    def __init__(self, users: np.ndarray, k: int = 10, head: float = 0.8) -> None:
        super().__init__(k)
        if not 0 < head < 1:
            raise ValueError(f"head is {head}; it is a share between 0 and 1")
        users = np.asarray(users, np.float64)
        ordered = np.sort(users)[::-1]
        last = np.searchsorted(np.cumsum(ordered), head * users.sum())
        self.tail = users < ordered[min(int(last), len(users) - 1)]

    def formula(self, top: np.ndarray, listed: np.ndarray) -> np.ndarray:
        """mean over places of being in the tail."""
        return mean_over_list(self.tail[top].astype(np.float64), listed)


def popularity_lift(shown: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """float64[C]: by which part the shown items are more popular than what the same user took.

    Abdollahpouri et al., "The unfairness of popularity bias in recommendation" (RMSE at RecSys 2019), a user at
    a time: 0 = as popular, 1 = twice as popular. NaN where either has no value or nothing popular was taken.

    Args:
        shown: float[C], `Popularity` of the lists.
        taken: float[C], `Popularity` of what the users took, as lists.
    """
    taken = np.where(np.asarray(taken) > 0, taken, np.nan)
    return np.asarray(shown, np.float64) / taken - 1
