"""Which items what is on top scores again: the best by the closed form, or by halves, also by the plain weights.

A sum that lists well need not find well: on some data the item that is taken is not among the best that the closed
form lists, and the plain weights (:func:`swayrec.learning.picking.plain_weights`) find it. Half by each is no more
items to score again.
"""

import numpy as np
import tensorflow as tf

CLOSED, BOTH = "closed", "both"
RETRIEVALS = (CLOSED, BOTH)


def first(most: int) -> int:
    """How many of so many the closed form picks."""
    return (most + 1) // 2


def halved(closed: np.ndarray, plain: np.ndarray, most: int) -> np.ndarray:
    """float[B, N] whose ``most`` largest are the items to score again, and no others: by the plain scores float[B, N],
    but infinite at the first half, the best by the closed scores float[B, N]. What must not be picked is -inf in both.
    """
    half = min(first(most), closed.shape[1])
    best = np.argpartition(-closed, half - 1, axis=1)[:, :half]
    allowed = np.take_along_axis(closed, best, 1) > -np.inf
    found = plain.copy()
    np.put_along_axis(found, best, np.where(allowed, np.inf, -np.inf), axis=1)
    return found


def halved_in_graph(closed: tf.Tensor, plain: tf.Tensor, most: int) -> tf.Tensor:
    """:func:`halved` of float32[B, N] in the graph that is served."""
    score, best = tf.math.top_k(closed, min(first(most), closed.shape[1]), sorted=False)
    row = tf.broadcast_to(tf.range(tf.shape(best)[0])[:, None], tf.shape(best))
    endless = tf.where(score > -np.inf, np.float32(np.inf), np.float32(-np.inf))
    return tf.tensor_scatter_nd_update(plain, tf.stack([row, best], -1), endless)
