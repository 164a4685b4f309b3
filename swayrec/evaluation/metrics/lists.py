"""What all lists together look like: how much of the catalogue they show, and how popular it is."""

from dataclasses import dataclass

import numpy as np

from swayrec.tables.log import Log


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


def lists(ranked: np.ndarray, known: Log, k: int = 10) -> Lists:
    """The numbers of all lists together.

    Args:
        ranked: int[C, k or more], item indices, -1 = nothing; empty lists are left out of the mean.
        known: what the recommender knew; its items are the catalogue.
        k: the places that count.
    """
    top = ranked[:, :k]
    pairs = np.unique(known.user.astype(np.int64) * len(known.items) + known.item)
    users = np.bincount(pairs % max(len(known.items), 1), minlength=len(known.items)).astype(np.float64)
    listed = top >= 0
    filled = listed.any(axis=1)
    shown = np.unique(top[listed])
    if not len(pairs) or not filled.any():
        return Lists(coverage=len(shown) / max(len(known.items), 1), arp=0.0, arp_ratio=0.0)
    popularity = np.where(listed, users[np.maximum(top, 0)], 0.0)[filled]
    arp = float((popularity.sum(axis=1) / listed[filled].sum(axis=1)).mean())
    chosen = float((users**2).sum() / users.sum())
    return Lists(coverage=len(shown) / len(known.items), arp=arp, arp_ratio=arp / chosen)
