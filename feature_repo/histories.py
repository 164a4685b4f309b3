"""Rows of the view ``user_history``: the compacted history as it stood at an instant."""

import numpy as np
import pyarrow as pa

from feature_repo.lists import lists
from feature_repo.names import STAMP
from feature_repo.stamps import clock, stamps
from swayrec.tables.history import history
from swayrec.tables.log import Log


def histories(log: Log, users: np.ndarray, before: np.ndarray, length: int) -> pa.Table:
    """The histories of ``users`` as a table of the view's columns, without those that are empty.

    Args:
        log: all events.
        users: int[n], indices of ``log.users``; a user may stand several times.
        before: int64[n], the order that each history stands before (:func:`swayrec.tables.history.history`).
        length: rows kept of a history, the newest.

    Returns:
        One row a history, stamped one microsecond after the newest event in it.
    """
    past = history(log, users, before, length)
    some = past.lengths > 0
    filled = (past.item >= 0)[some]
    lengths = past.lengths[some]

    def column(values: np.ndarray, kind: pa.DataType) -> pa.ListArray:
        return lists(lengths, pa.array(values[some][filled], kind))

    def named(values: np.ndarray, names: pa.Array) -> pa.ListArray:
        return lists(lengths, names.take(pa.array(values[some][filled])))

    kind = clock(log)
    newest = np.where(filled, past.time[some], -np.inf).max(axis=1, initial=-np.inf)
    return pa.table(
        {
            "user_id": pa.array(log.users[np.asarray(users)[some]], pa.string()),
            "item": named(past.item, pa.array(log.items, pa.string())),
            "behavior": named(past.behavior, pa.array(log.behaviors, pa.string())),
            "time": column(past.time, pa.float64()),
            "order": column(past.order, pa.int64()),
            "count": column(past.count, pa.float32()),
            "value": column(past.value, pa.float32()),
            "clock": pa.array([kind] * int(some.sum()), pa.string()),
            STAMP: stamps(kind, newest, past.order[some].max(axis=1, initial=0)),
        }
    )
