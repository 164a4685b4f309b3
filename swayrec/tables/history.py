"""Compacted histories: the one way in which a user's past is laid out, for training, batch and serving."""

from dataclasses import dataclass

import numpy as np

from swayrec.tables.log import Log, joined


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


class Pasts:
    """The events of a log, laid out once so that compacting a past at any instant is a matter of cutting.

    An event stands for its row of the history (its item, behavior and stretch of the calendar) from its own
    instant until the next event of that row; how many events the row then holds is known beforehand.
    """

    def __init__(self, log: Log, weight: np.ndarray | None = None) -> None:
        """Lays out the events.

        Args:
            log: sorted as :class:`~swayrec.tables.log.Log` promises.
            weight: float32[len(log)], how many events each of the log's stands for, where it is made of rows
                that are compacted already; None = one.
        """
        self.log = log
        kinds = len(log.items) * len(log.behaviors)
        key = log.pairs() * len(log.behaviors) + log.behavior
        by_key = np.argsort(key, kind="stable")
        # Within a key events stand by their order, and so the stretches of the calendar do.
        key, age, order = key[by_key], stretch(log.time[by_key], log.period), log.order[by_key]
        begins = np.ones(len(log), bool)
        begins[1:] = (key[1:] != key[:-1]) | (age[1:] != age[:-1])
        place = np.arange(len(log))
        upto = np.cumsum(np.ones(len(log)) if weight is None else weight[by_key], dtype=np.float64)
        start = np.maximum.accumulate(np.where(begins, place, 0))
        count = upto - np.where(start > 0, upto[start - 1], 0)
        until = np.full(len(log), np.iinfo(np.int64).max)
        until[:-1][~begins[1:]] = order[1:][~begins[1:]]
        # Read backwards, each user's events stand newest first and within an instant by behavior and item.
        backwards = log.instants()[1] * kinds - (log.behavior.astype(np.int64) * len(log.items) + log.item)
        self._event = np.argsort(backwards)
        at = np.empty(len(log), np.int64)
        at[by_key] = place
        self._count, self._until = count[at[self._event]], until[at[self._event]]

    def at(self, users: np.ndarray, before: np.ndarray, length: int) -> Histories:
        """The compacted history of each of ``users`` strictly before its instant.

        Args:
            users: int[U], indices of ``log.users``; the same user may stand several times (peeled choices).
            before: int64[U], the order of the choice: only events with a smaller order are used, so nothing
                of the choice's own instant leaks. For logs without order (all 0) pass 1.
            length: at most this many rows, the newest.

        Returns:
            Histories padded to ``min(length, longest)`` (at least 1) rows. Within one instant the order of
            rows is that of (behavior, item), which says nothing about what is chosen next.
        """
        log, before = self.log, np.asarray(before, np.int64)
        row, place = joined(*log.spans(users, before))
        stands = self._until[place] >= before[row]
        row, place = row[stands], place[stands]
        ends = np.cumsum(np.bincount(row, minlength=len(before)))
        column = ends[row] - 1 - np.arange(len(row))
        kept = column < length
        row, column, place = row[kept], column[kept], place[kept]
        event = self._event[place]
        shape = (len(before), int(column.max(initial=0)) + 1)

        def laid(values: np.ndarray, empty: float, dtype: type) -> np.ndarray:
            table: np.ndarray = np.full(shape, empty, dtype)
            table[row, column] = values
            return table

        return Histories(
            item=laid(log.item[event], -1, np.int32),
            behavior=laid(log.behavior[event], -1, np.int32),
            time=laid(log.time[event], np.nan, np.float64),
            order=laid(log.order[event], 0, np.int64),
            count=laid(self._count[place], 0, np.float32),
            value=laid(log.value[event], np.nan, np.float32),
            now_order=before,
        )


def history(
    log: Log, users: np.ndarray, before: np.ndarray, length: int, weight: np.ndarray | None = None
) -> Histories:
    """The compacted histories of some users, as :meth:`Pasts.at` gives them, where the log is asked but once."""
    offsets, asked = log.offsets(), np.unique(users)
    _, event = joined(offsets[asked], offsets[asked + 1])
    pasts = Pasts(log.where(event), None if weight is None else weight[event])
    return pasts.at(users, before, length)
