"""Which of the things a user did speak most for a candidate."""

import tensorflow as tf

from swayrec.learning.past import Past

REASONS = 3


def reasons(past: Past, shares: tf.Tensor, real: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """What speaks most for each candidate: an item and what was done with it, over all its rows.

    Args:
        past: the histories.
        shares: float32[B, L, M] of the rows.
        real: bool[B, M], the candidates that are none others.

    Returns:
        The newest history row int32[B, M, 3] of each, and the sum float32[B, M, 3] of its rows' shares, above 0;
        -1 and 0 = none.
    """
    newest, sums = _by_event(past, shares)
    missing = tf.maximum(REASONS - tf.shape(sums)[1], 0)
    by_candidate = tf.transpose(tf.pad(sums, [[0, 0], [0, missing], [0, 0]]), [0, 2, 1])
    share, place = tf.math.top_k(by_candidate, REASONS)
    row = tf.gather(tf.pad(newest, [[0, 0], [0, missing]]), place, batch_dims=1)
    given = (share > 0) & real[:, :, None]
    return tf.where(given, row, -1), tf.where(given, share, 0.0)


def _by_event(past: Past, shares: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Sums shares float32[B, L, M] over the rows of one item and behavior.

    Returns:
        int32[B, L], the newest row of each pair of item and behavior, and float32[B, L, M], its sum; the
        places that no pair needs hold zeros.
    """
    batch, length = tf.shape(past.item)[0], tf.shape(past.item)[1]
    pair = tf.cast(past.item, tf.int64) * 2**31 + tf.cast(past.behavior, tf.int64)
    order = tf.argsort(pair, axis=1, stable=True)
    pair = tf.gather(pair, order, batch_dims=1)
    first = tf.concat([tf.ones([batch, 1], tf.bool), pair[:, 1:] != pair[:, :-1]], 1)
    group = tf.cumsum(tf.cast(first, tf.int32), axis=1) - 1 + tf.range(batch)[:, None] * length
    # Rows stand newest first and the sort is stable, so a pair's first row is its newest.
    newest = tf.math.unsorted_segment_sum(tf.where(first, order, 0), group, batch * length)
    by_row = tf.gather(shares, order, batch_dims=1)
    sums = tf.math.unsorted_segment_sum(by_row, group, batch * length)
    return tf.reshape(newest, [batch, length]), tf.reshape(sums, [batch, length, tf.shape(shares)[2]])
