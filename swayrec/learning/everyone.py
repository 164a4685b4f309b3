"""Everyone's events as they stood at any instant: counts, ages and known texts of given candidates."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from swayrec.learning import factors
from swayrec.learning.layout import ALL_TIME
from swayrec.tables.log import DAY, Log


class Moment(NamedTuple):
    """What was known of candidates at the instants of B queries.

    ``counts`` float32[B, M, W * T] and ``total`` float32[B, M, T], everyone's events by window and behavior, strictly
    before the instant; ``age`` float32[B, M], as :func:`swayrec.learning.factors.age`; ``told`` float32[B, M] and
    ``heard`` float32[B, L], 1 where the text of a candidate or of a past event's item was known, else 0.
    """

    counts: tf.Tensor
    total: tf.Tensor
    age: tf.Tensor
    told: tf.Tensor
    heard: tf.Tensor

    def of(self, candidates: tf.Tensor) -> "Moment":
        """The same of some of the items, int32[B, M'], places among the candidates that it was made for."""
        safe = tf.maximum(candidates, 0)
        counts, total, age, told = (
            tf.gather(part, safe, batch_dims=1) for part in (self.counts, self.total, self.age, self.told)
        )
        return Moment(counts, total, age, told, self.heard)


class Everyone:
    """The events of a log, laid out once so that counting at any instant is a matter of two searches."""

    def __init__(self, log: Log, written: np.ndarray | None = None) -> None:
        """Sorts the events by item, behavior and time.

        Args:
            log: with a clock.
            written: float64[items], epoch seconds from which each item's text is known (NaN = always); None = all are.
        """
        self.types = len(log.behaviors)
        self.first = np.full(len(log.items), np.inf)
        np.minimum.at(self.first, log.item, log.time)
        self.written = np.full(len(log.items), np.nan) if written is None else written
        # An instant is told by its rank among all, so that a group and an instant make one whole number.
        self._instants = np.unique(log.time)
        self._room = len(self._instants) + 1
        group = log.item.astype(np.int64) * self.types + log.behavior
        self._keys = np.sort(group * self._room + np.searchsorted(self._instants, log.time))
        groups = len(log.items) * self.types
        self._starts = np.searchsorted(self._keys, np.arange(groups) * self._room)
        by_time = np.argsort(log.time, kind="stable")
        self._times, self._groups = log.time[by_time], group[by_time]

    def counts(self, now: np.ndarray, items: np.ndarray, windows: tuple[float, ...]) -> np.ndarray:
        """float32[B, M, W, T]: events on items int32[B, M] from ``now - window`` on and strictly before ``now``.

        Args:
            now: float64[B], epoch seconds.
            items: -1 = none, whose counts mean nothing.
            windows: in days; 0 = all before now.
        """
        group = np.maximum(items, 0).astype(np.int64)[:, :, None] * self.types + np.arange(self.types)
        upto = self._before(group, now)
        table = np.empty((*items.shape, len(windows), self.types), np.float32)
        for place, window in enumerate(windows):
            start = self._starts[group] if window == ALL_TIME else self._before(group, now - window * DAY)
            table[:, :, place] = upto - start
        return table

    def of_all(self, now: np.ndarray, past: np.ndarray, windows: tuple[float, ...]) -> Moment:
        """As :meth:`at`, of the whole catalogue: a pass over each window's events in the place of searches."""
        size = len(self.first)
        shape = (len(now), size, len(windows), self.types)
        counts, upto = np.empty(shape, np.float32), np.searchsorted(self._times, now)
        for place, window in enumerate(windows):
            starts = np.searchsorted(self._times, now - window * DAY) if window else np.zeros(len(now), int)
            for row, (start, stop) in enumerate(zip(starts, upto, strict=True)):
                found = np.bincount(self._groups[start:stop], minlength=size * self.types)
                counts[row, :, place] = found.reshape(size, self.types)
        everything = np.broadcast_to(np.arange(size), (len(now), size))
        return self._moment(counts, now, everything, past, windows)

    def at(
        self, now: np.ndarray, candidates: np.ndarray, past: np.ndarray, windows: tuple[float, ...]
    ) -> Moment:
        """What was known at ``now`` float64[B] of candidates int32[B, M], and of the items ``past`` int32[B, L]."""
        return self._moment(self.counts(now, candidates, windows), now, candidates, past, windows)

    def _moment(
        self,
        counts: np.ndarray,
        now: np.ndarray,
        candidates: np.ndarray,
        past: np.ndarray,
        windows: tuple[float, ...],
    ) -> Moment:
        since = factors.log_days(now[:, None] - self.first[np.maximum(candidates, 0)])
        return Moment(
            counts=tf.constant(counts.reshape(*candidates.shape, -1)),
            total=tf.constant(counts[:, :, windows.index(ALL_TIME)]),
            age=tf.constant(since),
            told=tf.constant(self._known(candidates, now)),
            heard=tf.constant(self._known(past, now)),
        )

    def _before(self, group: np.ndarray, instant: np.ndarray) -> np.ndarray:
        """int64, of the shape of ``group`` [B, ...]: the events up to each group's that lie before ``instant`` [B]."""
        rank = np.searchsorted(self._instants, instant)
        return np.searchsorted(self._keys, group * self._room + rank[:, None, None])

    def _known(self, items: np.ndarray, now: np.ndarray) -> np.ndarray:
        return (~(self.written[np.maximum(items, 0)] >= now[:, None])).astype(np.float32)
