"""A batch of histories as the graph reads them: what was done, how long ago, how often."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from swayrec.tables.history import Histories
from swayrec.tables.log import DAY


class Past(NamedTuple):
    """A batch of compacted histories, newest first.

    ``item`` and ``behavior`` int32[B, L] (-1 = none or unknown); ``days`` float32[B, L] since the newest
    event of the row (NaN without a clock); ``steps`` float32[B, L], instants since then; ``count`` and
    ``value`` float32[B, L].
    """

    item: tf.Tensor
    behavior: tf.Tensor
    days: tf.Tensor
    steps: tf.Tensor
    count: tf.Tensor
    value: tf.Tensor

    def newest(self, rows: int) -> "Past":
        """The first ``rows`` rows of every history; with 0 none."""
        return Past(*(part[:, :rows] for part in self)) if rows else self.emptied()

    def emptied(self) -> "Past":
        """As many users without a past."""
        none = tf.fill(tf.shape(self.item[:, :1]), -1)
        zero = tf.zeros(tf.shape(none))
        return Past(none, none, zero, zero, zero, zero)


class Recent(NamedTuple):
    """What everyone did since the tables were made.

    ``item`` int32[B, P] (-1 = none) and ``count`` float32[B, P, T], how many of each behavior.
    """

    item: tf.Tensor
    count: tf.Tensor


def past(
    item: tf.Tensor,
    behavior: tf.Tensor,
    time: tf.Tensor,
    order: tf.Tensor,
    count: tf.Tensor,
    value: tf.Tensor,
    now: tf.Tensor,
    now_order: tf.Tensor,
) -> Past:
    """Ages the rows of a history: from clock and order to days and steps before ``now`` and ``now_order``."""
    days = tf.cast(tf.maximum((now[:, None] - time) / DAY, 0.0), tf.float32)
    days = tf.where(tf.math.is_nan(time) | tf.math.is_nan(now)[:, None], np.float32(np.nan), days)
    steps = tf.cast(tf.maximum(now_order[:, None] - order, 0), tf.float32)
    return Past(item, behavior, days, steps, count, value)


def to_past(histories: Histories, now: np.ndarray) -> Past:
    """Histories aged to the instants ``now`` float64[B]."""
    return past(
        tf.constant(histories.item),
        tf.constant(histories.behavior),
        tf.constant(histories.time),
        tf.constant(histories.order),
        tf.constant(histories.count),
        tf.constant(histories.value),
        tf.constant(now, tf.float64),
        tf.constant(histories.now_order, tf.int64),
    )


def nobody() -> Past:
    """One user without a past."""
    ids, numbers = tf.constant([[-1]]), tf.zeros([1, 1])
    return Past(ids, ids, numbers, numbers, numbers, numbers)
