"""How much of each item a user's past holds at a moment: counts or single marks that fade."""

from typing import Literal

import numpy as np
from scipy import sparse

from swayrec.learning.baselines.baseline import Moments
from swayrec.learning.layout import Decay
from swayrec.tables.log import DAY, Log, joined

Counts = Literal["every", "newest"]
"""every = all events of a user on an item are added up; newest = only the newest one counts."""


def amounts(
    log: Log,
    moments: Moments,
    rows: slice,
    decay: Decay,
    counts: Counts = "every",
    weights: np.ndarray | None = None,
) -> sparse.csr_matrix:
    """The faded past of some moments' users.

    An event of age a weighs ``2 ** (-a / half_life)``, a in days before now or in instants of the user
    (the newest instant has step 0).

    Args:
        log: what is known.
        moments: who is asked when.
        rows: which of the moments.
        decay: in days (needs a clock) or in steps (needs an order); half-life 0 = nothing fades.
        counts: whether all events on an item are added up or the newest stands for them.
        weights: float[T], what an event of each behavior weighs; None = all the same.

    Returns:
        float32[rows, I].
    """
    users, before, now = moments.users[rows], moments.before[rows], moments.now[rows]
    row, event = joined(*log.spans(users, before))
    if not decay.half_life:
        amount = np.ones(len(event))
    elif decay.unit == "days":
        amount = np.exp2(-np.maximum(now[row] - log.time[event], 0) / (DAY * decay.half_life))
    elif decay.unit == "steps":
        amount = np.exp2(-np.maximum(before[row] - 1 - log.order[event], 0) / decay.half_life)
    else:
        raise ValueError(f"a baseline's past fades in days or steps, not in {decay.unit}")
    if weights is not None:
        amount = amount * weights[log.behavior[event]]
    shape = (len(users), len(log.items))
    if counts == "newest":
        # Sorting by amount lets the largest (newest) of each (row, item) be the last that is written.
        key = row * len(log.items) + log.item[event]
        order = np.lexsort((amount, key))
        key, amount = key[order], amount[order]
        last = np.append(key[1:] != key[:-1], True)[: len(key)]
        row, item = np.divmod(key[last], max(len(log.items), 1))
        return sparse.csr_matrix((amount[last].astype(np.float32), (row, item)), shape)
    return sparse.csr_matrix((amount.astype(np.float32), (row, log.item[event])), shape)


def usable(decays: tuple[Decay, ...], log: Log) -> tuple[Decay, ...]:
    """The decays that a log can carry: none in days without a clock, none in steps without an order."""
    has = {"days": log.has_clock, "steps": log.has_order}
    return tuple(decay for decay in decays if not decay.half_life or has.get(decay.unit, False))
