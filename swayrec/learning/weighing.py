"""Weights of the columns: one vector is a handful of numbers, the tables that it is asked over are gigabytes."""

import numpy as np
import tensorflow as tf

from swayrec.learning.item_side import ItemSide


class Weighing(tf.Module):
    """A weight for each column, and the item-only part of the score that comes of it, which is then only read.

    ``weights`` float32[d]; ``static_base`` float32[N]. Several may be asked over the same tables.
    """

    def __init__(self, items: ItemSide, weights: np.ndarray) -> None:
        super().__init__(name="weighing")
        self._items = items
        self.weights = tf.Variable(tf.zeros([items.layout.size]), trainable=False, name="weights")
        self.static_base = tf.Variable(tf.zeros([items.size]), trainable=False, name="base")
        self.put(weights)

    def put(self, weights: np.ndarray) -> None:
        """Other weights float[d] in their place, and the item-only part with them."""
        self.weights.assign(np.asarray(weights, np.float32))
        everyone = self._items.columns(self._items.counts[None], self._items.total[None])[0]
        self.static_base.assign(tf.linalg.matvec(everyone, self.of_base))

    @property
    def of_base(self) -> tf.Tensor:
        """Those of the columns that depend on the item alone."""
        return self.weights[self._items.layout.base_start :]
