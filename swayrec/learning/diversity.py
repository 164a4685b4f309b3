"""Maximal marginal relevance: a list that does not say the same thing twice."""

from collections.abc import Callable

import tensorflow as tf


def maximal_marginal_relevance(
    score: tf.Tensor, strength: tf.Tensor, alike: Callable[[], tf.Tensor] | None
) -> tf.Tensor:
    """The order of candidates by MMR (Carbonell and Goldstein, SIGIR 1998).

    Each next item has the largest (1 - strength) relevance - strength (largest similarity to those before);
    relevance and similarity are brought to [0, 1] within the list.

    Args:
        score: float32[B, M], -inf = no item (those come last).
        strength: float32[B] in [0, 1]; 0 leaves the order by score alone.
        alike: gives float32[B, M, M], and is only asked where a query wants diversity; None = order by score.

    Returns:
        int32[B, M], places of the candidates, first to last.
    """
    by_score = tf.argsort(score, direction="DESCENDING", stable=True)
    if alike is None:
        return by_score
    return tf.cond(
        tf.reduce_any(strength > 0),
        lambda: tf.where((strength > 0)[:, None], _greedy(score, strength, alike()), by_score),
        lambda: by_score,
    )


def _greedy(score: tf.Tensor, strength: tf.Tensor, alike: tf.Tensor) -> tf.Tensor:
    real = score > -float("inf")
    low = tf.reduce_min(tf.where(real, score, float("inf")), axis=1, keepdims=True)
    high = tf.reduce_max(score, axis=1, keepdims=True)
    relevance = tf.math.divide_no_nan(tf.where(real, score, low) - low, high - low)
    alike = tf.maximum(alike, tf.transpose(alike, [0, 2, 1]))
    alike = tf.math.divide_no_nan(alike, tf.reduce_max(alike, axis=[1, 2], keepdims=True))
    width = tf.shape(score)[1]
    batch = tf.shape(score)[0]
    strength = tf.clip_by_value(strength, 0.0, 1.0)[:, None]

    def step(
        place: tf.Tensor, left: tf.Tensor, nearest: tf.Tensor, order: tf.TensorArray
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.TensorArray]:
        worth = (1 - strength) * relevance - strength * nearest
        worth = tf.where(left, worth, -float("inf")) - tf.where(real, 0.0, 1e6)
        best = tf.argmax(worth, axis=1, output_type=tf.int32)
        left &= tf.range(width)[None, :] != best[:, None]
        nearest = tf.maximum(nearest, tf.gather(alike, best, batch_dims=1))
        return place + 1, left, nearest, order.write(place, best)

    start = (
        tf.constant(0),
        tf.fill([batch, width], True),
        tf.zeros([batch, width]),
        tf.TensorArray(tf.int32, size=width),
    )
    *_, order = tf.while_loop(lambda place, *_: place < width, step, start)
    return tf.transpose(order.stack())
