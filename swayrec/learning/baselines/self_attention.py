"""The network of SASRec: what follows a sequence of items, by causal self-attention."""

from typing import Any

import keras
import tensorflow as tf

from swayrec.learning.built_model import BuiltModel

HEADS = 1
"""As in the paper, which found no gain in more."""


class SelfAttention(BuiltModel):
    """What is known at each place of sequences int32[B, L] (item + 1, 0 = none): states float32[B, L, D].

    Taught by which item came next, int32[B, L], at the places whose weight float32[B, L] is not 0: the loss is
    their mean cross-entropy over the whole catalogue. Sequences end at their right; a place reads itself and what
    lies to its left (Kang and McAuley, ICDM 2018, with its layers normalized before each block). An item has one
    vector, for being read and for being named.
    """

    def __init__(self, items: int, length: int, dimension: int, blocks: int, dropout: float) -> None:
        super().__init__(name="sasrec")
        self.items, self.root = items, dimension**0.5
        narrow = keras.initializers.RandomNormal(stddev=0.02)
        self.item = keras.layers.Embedding(items + 1, dimension, embeddings_initializer=narrow)
        self.place = keras.layers.Embedding(length, dimension, embeddings_initializer=narrow)
        self.drop = keras.layers.Dropout(dropout)
        self.blocks = [_Block(dimension, dropout, f"block_{number}") for number in range(blocks)]
        self.last = keras.layers.LayerNormalization(epsilon=1e-8)
        self.popularity = self.add_weight(shape=(items,), initializer="zeros", name="popularity")

    def call(self, sequences: tf.Tensor, training: bool = False) -> tf.Tensor:
        """float32[B, L, D]."""
        length = tf.shape(sequences)[1]
        real = sequences > 0
        x = self.item(sequences) * self.root + self.place(tf.range(length))[None]
        x = self.drop(x, training=training) * tf.cast(real, tf.float32)[:, :, None]
        seen = tf.linalg.band_part(tf.ones([length, length], tf.bool), -1, 0)[None] & real[:, None, :]
        for block in self.blocks:
            x = block(x, seen, training=training) * tf.cast(real, tf.float32)[:, :, None]
        return self.last(x)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """See ``keras.Model.compute_loss``; logits are computed nowhere else, which is most of the time."""
        told = sample_weight > 0
        logits = self.named(tf.boolean_mask(y_pred, told))
        items = tf.boolean_mask(y, told)
        # A batch in which nothing is foretold teaches nothing.
        return tf.math.divide_no_nan(
            tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(items, logits)),
            tf.cast(tf.size(items), tf.float32),
        )

    def named(self, states: tf.Tensor) -> tf.Tensor:
        """float32[..., I] of states float32[..., D]: the logits of all items."""
        return tf.matmul(states, self.item.embeddings[1:], transpose_b=True) + self.popularity


class _Block(keras.layers.Layer):
    """Attention and a layer of each place on its own, each added to what came in."""

    def __init__(self, dimension: int, dropout: float, name: str) -> None:
        super().__init__(name=name)
        self.before = keras.layers.LayerNormalization(epsilon=1e-8)
        self.attention = keras.layers.MultiHeadAttention(HEADS, dimension // HEADS, dropout=dropout)
        self.between = keras.layers.LayerNormalization(epsilon=1e-8)
        self.inner = keras.layers.Dense(dimension, activation="relu")
        self.outer = keras.layers.Dense(dimension)
        self.drop = keras.layers.Dropout(dropout)

    def call(self, x: tf.Tensor, seen: tf.Tensor, training: bool = False) -> tf.Tensor:
        """float32[B, L, D] of the same; ``seen`` bool[B, L, L], which place reads which."""
        query = self.before(x)
        x = x + self.drop(
            self.attention(query, query, attention_mask=seen, training=training), training=training
        )
        inner = self.drop(self.inner(self.between(x)), training=training)
        return x + self.drop(self.outer(inner), training=training)
