"""What all lists together look like: how much of the catalogue they show, and how popular it is."""

from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.metrics.popularity import Popularity
from swayrec.tables.log import Log, distinct


@dataclass(frozen=True)
class Lists:
    """Coverage and popularity bias.

    ``coverage``: the share of the catalogue that anyone is shown. ``arp``: the mean number of known users of
    a shown item (mean over lists of the mean over their items). ``arp_ratio``: that over the same mean for
    the (user, item) pairs of the known log, so 1 = as popular as what people chose themselves.
    """

    coverage: float
    arp: float
    arp_ratio: float


def known_users(known: Log) -> np.ndarray:
    """float64[N]: how many users are known to have had each item of the catalogue."""
    items = distinct(known.pairs()) % max(len(known.items), 1)
    return np.bincount(items, minlength=len(known.items)).astype(np.float64)


def lists(ranked: np.ndarray, users: np.ndarray, k: int = 10) -> Lists:
    """The numbers of all lists together.

    Args:
        ranked: int[C, k or more], item indices, -1 = nothing; empty lists are left out of the mean.
        users: of :func:`known_users`, what the recommender knew.
        k: the places that count.
    """
    top = ranked[:, :k]
    listed = top >= 0
    filled = listed.any(axis=1)
    shown = np.unique(top[listed])
    if not users.any() or not filled.any():
        return Lists(coverage=len(shown) / max(len(users), 1), arp=0.0, arp_ratio=0.0)
    arp = float(np.nanmean(Popularity(users, k)(ranked)))
    chosen = float((users**2).sum() / users.sum())
    return Lists(coverage=len(shown) / len(users), arp=arp, arp_ratio=arp / chosen)
