"""Compacted histories: the one way in which a user's past is laid out, for training, batch and serving."""

from dataclasses import dataclass

import numpy as np

from swayrec.tables.log import Log


@dataclass(frozen=True)
class Histories:
    """One row an (item, behavior) of a user's past, newest first, padded to the longest of the batch; where
    the log has a ``period``, one row an (item, behavior, stretch of the calendar).

    ``item`` int32[U, L] and ``behavior`` int32[U, L] are indices of the log's vocabularies (-1 = no row);
    ``time`` float64[U, L] (newest, NaN without a clock), ``order`` int64[U, L] (newest), ``count``
    float32[U, L] (events in the row), ``value`` float32[U, L] (newest). ``now_order`` int64[U] is the
    order of the choice that the history stands before.
    """

    item: np.ndarray
    behavior: np.ndarray
    time: np.ndarray
    order: np.ndarray
    count: np.ndarray
    value: np.ndarray
    now_order: np.ndarray

    def __len__(self) -> int:
        return len(self.item)

    @property
    def lengths(self) -> np.ndarray:
        """int64[U]: how many rows each history has."""
        return (self.item >= 0).sum(axis=1)


def stretch(time: np.ndarray, period: float | None) -> np.ndarray:
    """int64, of the shape of ``time`` (epoch seconds): which stretch of the calendar an event falls into.

    Events of one item and behavior share a history row where this is equal; 0 without a clock or a period.
    """
    time = np.asarray(time, np.float64)
    if period is None:
        return np.zeros(time.shape, np.int64)
    return np.floor(np.where(np.isnan(time), 0.0, time) / period).astype(np.int64)


def history(
    log: Log, users: np.ndarray, before: np.ndarray, length: int, weight: np.ndarray | None = None
) -> Histories:
    """The compacted history of each of ``users`` strictly before its instant.

    Args:
        log: sorted as :class:`~swayrec.tables.log.Log` promises.
        users: int[U], indices of ``log.users``; the same user may stand several times (peeled choices).
        before: int64[U], the order of the choice: only events with a smaller order are used, so nothing
            of the choice's own instant leaks. For logs without order (all 0) pass 1.
        length: at most this many rows, the newest.
        weight: float32[len(log)], how many events each of the log's stands for, where it is made of rows that
            are compacted already; None = one.

    Returns:
        Histories padded to ``min(length, longest)`` (at least 1) rows. Within one instant the order of rows
        is that of (behavior, item), which says nothing about what is chosen next.
    """
    offsets = log.offsets()
    parts = []
    for row, (user, cut) in enumerate(zip(users, before, strict=True)):
        start, stop = offsets[user], offsets[user + 1]
        stop = start + np.searchsorted(log.order[start:stop], cut, side="left")
        parts.append(np.stack([np.full(stop - start, row), np.arange(start, stop)]))
    row, event = np.concatenate(parts, axis=1).astype(np.int64) if parts else np.zeros((2, 0), np.int64)
    return _compact(log, row, event, np.asarray(before, np.int64), length, weight)


def _compact(
    log: Log,
    row: np.ndarray,
    event: np.ndarray,
    now_order: np.ndarray,
    length: int,
    weight: np.ndarray | None,
) -> Histories:
    item, behavior = log.item[event].astype(np.int64), log.behavior[event].astype(np.int64)
    key = (row * len(log.items) + item) * len(log.behaviors) + behavior
    by_key = np.argsort(key, kind="stable")
    key, row, event = key[by_key], row[by_key], event[by_key]
    # Within a key events stand by their order, and so the stretches of the calendar do.
    age = stretch(log.time[event], log.period)
    last = np.append((key[1:] != key[:-1]) | (age[1:] != age[:-1]), True) if len(key) else np.zeros(0, bool)
    ends = np.flatnonzero(last)
    count = np.diff(ends, prepend=-1).astype(np.float32)
    if weight is not None and len(ends):
        count = np.add.reduceat(weight[event], np.append(0, ends[:-1] + 1)).astype(np.float32)
    row, event = row[ends], event[ends]
    newest_first = np.lexsort((log.item[event], log.behavior[event], -log.order[event], row))
    row, event, count = row[newest_first], event[newest_first], count[newest_first]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = place < length
    row, event, count, place = row[kept], event[kept], count[kept], place[kept]
    shape = (len(now_order), int(place.max()) + 1 if len(place) else 1)

    def laid(values: np.ndarray, empty: float, dtype: type) -> np.ndarray:
        table: np.ndarray = np.full(shape, empty, dtype)
        table[row, place] = values
        return table

    return Histories(
        item=laid(log.item[event], -1, np.int32),
        behavior=laid(log.behavior[event], -1, np.int32),
        time=laid(log.time[event], np.nan, np.float64),
        order=laid(log.order[event], 0, np.int64),
        count=laid(count, 0, np.float32),
        value=laid(log.value[event], np.nan, np.float32),
        now_order=now_order,
    )
