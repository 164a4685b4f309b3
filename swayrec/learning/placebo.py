"""A log whose times tell nothing: what is learned from it is correlation, not what came before what."""

from dataclasses import replace

import numpy as np

from swayrec.tables.log import Log


def shuffled_times(log: Log, seed: int = 0) -> Log:
    """The log with each user's events dealt anew to the user's instants.

    Everyone still does the same things with the same items, as often, at the same instants; but what came before what
    is drawn by lot. Influence that is learned from such a log as well as from the true one was none of the order: it is
    what kinds of people and items go together.

    Args:
        log: with an order.
        seed: of the draw.
    """
    drawn = np.lexsort((np.random.default_rng(seed).random(len(log)), log.user))
    return replace(log, item=log.item[drawn], behavior=log.behavior[drawn], value=log.value[drawn])
