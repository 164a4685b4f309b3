"""Held out by lot: for logs without an order, where no event is known to have come last."""

import numpy as np

from swayrec.tables.log import Log


def drawn(log: Log, targets: tuple[str, ...], share: float, seed: int, *, least: int = 1) -> np.ndarray:
    """int64[2, pairs]: users and items of some target events of each user, drawn at random, sorted.

    Of n different items that a user took, ``share`` times n are drawn, rounded to the nearest, ``least`` at
    the least; never all that the user did.

    Args:
        log: the events.
        targets: the behaviors whose items are drawn.
        share: of each user's items, between 0 and 1.
        seed: of the draw; another seed draws others.
        least: items of a user, at the least.
    """
    pairs = np.unique(log.where(log.is_behavior(targets)).pairs())
    user, item = np.divmod(pairs, max(len(log.items), 1))
    shuffled = np.lexsort((np.random.default_rng(seed).random(len(pairs)), user))
    user, item = user[shuffled], item[shuffled]
    place = np.arange(len(user)) - np.searchsorted(user, user)
    number = np.bincount(user, minlength=len(log.users))
    wanted = np.maximum(np.rint(number * share).astype(np.int64), least)
    kept = place < np.minimum(wanted, np.bincount(log.user, minlength=len(log.users)) - 1)[user]
    return np.stack(
        np.divmod(np.sort(user[kept] * max(len(log.items), 1) + item[kept]), max(len(log.items), 1))
    )


def without(log: Log, pairs: np.ndarray, targets: tuple[str, ...], *, repeats: bool) -> Log:
    """The log as if the pairs int64[2, P] had not been taken yet.

    Where people take what they touched before (``repeats``) only the target events on them are gone, else
    every event of the user on the item: what else was done with it might have come after.
    """
    held = np.isin(log.pairs(), pairs[0] * len(log.items) + pairs[1])
    return log.where(~(held & log.is_behavior(targets)) if repeats else ~held)
