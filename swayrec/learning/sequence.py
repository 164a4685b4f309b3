"""Causal encoders of a sequence: what may be known at each step, from that step and those before it."""

import keras
import numpy as np
import tensorflow as tf

HEADS = 2


class CausalGRU(keras.layers.Layer):
    """A gated recurrent unit (Cho et al., 2014): x float32[B, L, W] oldest first, real bool[B, L] -> [B, L, W].

    A step that is not real leaves the state as it was.
    """

    def __init__(self, width: int) -> None:
        super().__init__(name="gru")
        # cuDNN's kernel would be written into the SavedModel of a GPU and could not be served on a CPU.
        self.gru = keras.layers.GRU(width, return_sequences=True, use_cudnn=False)

    def call(self, x: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
        """The state after each step."""
        return self.gru(x, mask=real)


class CausalAttention(keras.layers.Layer):
    """One block of causal self-attention (Vaswani et al., 2017), shapes as of :class:`CausalGRU`.

    Positions enter as a learned bias by distance in real steps, so a step's state does not depend on how much
    came after it nor on padding.
    """

    def __init__(self, width: int, longest: int) -> None:
        super().__init__(name="attention")
        self.width = HEADS * max(width // HEADS, 1)
        self.longest = longest
        self.enter = keras.layers.Dense(self.width)
        self.before = keras.layers.LayerNormalization()
        self.query_key_value = keras.layers.Dense(3 * self.width)
        self.leave = keras.layers.Dense(self.width)
        self.between = keras.layers.LayerNormalization()
        self.wide = keras.layers.Dense(2 * self.width, activation="gelu")
        self.narrow = keras.layers.Dense(self.width)
        self.after = keras.layers.LayerNormalization()
        self.distance = self.add_weight(shape=(longest, HEADS), initializer="zeros", name="distance")
        # Heads start near and far (ALiBi, Press et al., 2022): from all alike, the order of the newest two is
        # found late or not at all.
        self.distance.assign(-np.arange(longest)[:, None] * 4.0 / 2.0 ** np.arange(HEADS)[None])

    def call(self, x: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
        """The state after each step."""
        x = self.enter(x)
        length = tf.shape(x)[1]
        step = tf.range(length)
        seen = (step[:, None] >= step[None, :])[None] & (
            real[:, None, :] | (step[:, None] == step[None, :])[None]
        )
        place = tf.cumsum(tf.cast(real, tf.int32), axis=1)
        back = tf.clip_by_value(place[:, :, None] - place[:, None, :], 0, self.longest - 1)
        q, k, v = (self._heads(part) for part in tf.split(self.query_key_value(self.before(x)), 3, axis=-1))
        weight = tf.matmul(q, k, transpose_b=True) * np.float32(1 / np.sqrt(self.width // HEADS))
        weight += tf.transpose(tf.gather(self.distance, back), [0, 3, 1, 2])
        weight = tf.nn.softmax(tf.where(seen[:, None], weight, np.float32(-1e9)))
        mixed = tf.transpose(tf.matmul(weight, v), [0, 2, 1, 3])
        x += self.leave(tf.reshape(mixed, [-1, length, self.width]))
        x += self.narrow(self.wide(self.between(x)))
        return self.after(x)

    def _heads(self, x: tf.Tensor) -> tf.Tensor:
        parted = tf.reshape(x, [-1, tf.shape(x)[1], HEADS, self.width // HEADS])
        return tf.transpose(parted, [0, 2, 1, 3])
