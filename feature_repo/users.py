"""Rows of the view ``user_features``: what a user did, in numbers."""

import numpy as np
import pyarrow as pa

from feature_repo.lists import counts
from feature_repo.names import STAMP
from feature_repo.stamps import clock, stamps
from swayrec.tables.log import Log


def user_features(log: Log) -> pa.Table:
    """One row a user with events, stamped one microsecond after the newest of them."""
    size, kinds = len(log.users), len(log.behaviors)
    shown = np.bincount(log.user.astype(np.int64) * kinds + log.behavior, minlength=size * kinds)
    pairs = np.unique(log.user.astype(np.int64) * len(log.items) + log.item)
    time, order = np.full(size, np.nan), np.zeros(size, np.int64)
    np.fmax.at(time, log.user, log.time)
    np.maximum.at(order, log.user, log.order)
    names, numbers = counts(shown.reshape(size, kinds), log.behaviors)
    events = np.bincount(log.user, minlength=size)
    table = pa.table(
        {
            "user_id": pa.array(log.users, pa.string()),
            "user_events": pa.array(events, pa.int64()),
            "user_items": pa.array(np.bincount(pairs // max(1, len(log.items)), minlength=size), pa.int64()),
            "user_last_time": pa.array(time, pa.float64()),
            "user_behaviors": names,
            "user_behavior_counts": numbers,
            STAMP: stamps(clock(log), np.nan_to_num(time), order),
        }
    )
    return table.filter(pa.array(events > 0))
