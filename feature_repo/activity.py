"""What was done by each user, or to each item, in numbers."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from feature_repo.lists import counts
from swayrec.tables.log import Log, distinct


@dataclass(frozen=True)
class Activity:
    """One number an owner (all users of a log, or all its items).

    ``events`` and ``others`` int64[n], its events and the different items (of a user) or users (of an item);
    ``behaviors`` and ``behavior_counts`` parallel lists, what was done and how often; ``first`` and ``last``
    float64[n], epoch seconds (NaN without a clock or events); ``order`` int64[n], the newest (0 = none).
    """

    events: np.ndarray
    others: np.ndarray
    behaviors: pa.ListArray
    behavior_counts: pa.ListArray
    first: np.ndarray
    last: np.ndarray
    order: np.ndarray


def activity(log: Log, of: str) -> Activity:
    """The activity of the log's users or items; ``of`` is "user" or "item"."""
    users, items = (log.user, len(log.users)), (log.item, len(log.items))
    (owner, size), (other, width) = (users, items) if of == "user" else (items, users)
    kinds = len(log.behaviors)
    shown = np.bincount(owner.astype(np.int64) * kinds + log.behavior, minlength=size * kinds)
    names, numbers = counts(shown.reshape(size, kinds), log.behaviors)
    pairs = distinct(owner.astype(np.int64) * max(1, width) + other)
    first, last, order = np.full(size, np.nan), np.full(size, np.nan), np.zeros(size, np.int64)
    np.fmin.at(first, owner, log.time)
    np.fmax.at(last, owner, log.time)
    np.maximum.at(order, owner, log.order)
    return Activity(
        events=np.bincount(owner, minlength=size),
        others=np.bincount(pairs // max(1, width), minlength=size),
        behaviors=names,
        behavior_counts=numbers,
        first=first,
        last=last,
        order=order,
    )
