"""A short vector for every item, as the networks read it: from its text, else learned."""

import keras
import numpy as np
import tensorflow as tf

WIDTH = 32
"""Numbers kept of a text vector: its main components over the catalogue."""

PRIOR = 2e-3
"""Ridge on learned rows."""


class ItemVectors(keras.layers.Layer):
    """int32[...] items (-1 = unknown) to float32[..., width].

    Items with text: the main components of their text vectors, fixed. Items without: a learned row each
    (``learned``), or zeros. An unknown item has a row of its own.
    """

    def __init__(self, vectors: np.ndarray, components: "Components", *, learned: bool) -> None:
        """``vectors`` float32[N, D], rows of zeros where there is no text."""
        super().__init__(name="item_vectors")
        short = components.of(vectors)
        bare = ~np.asarray(vectors, bool).any(axis=1)
        slots = np.where(bare & learned, np.cumsum(bare), 0)
        self.width = short.shape[1]
        self.text = self.add_weight(shape=short.shape, initializer="zeros", trainable=False, name="text")
        self.slot = self.add_weight(
            shape=slots.shape, initializer="zeros", dtype="int32", trainable=False, name="slot"
        )
        self.learned = self.add_weight(
            shape=(int(slots.max(initial=0)) + 1, self.width),
            initializer="zeros",
            # A row is seen a few times only: without a prior it learns its owners by heart.
            regularizer=keras.regularizers.L2(PRIOR) if learned else None,
            trainable=learned,
            name="learned",
        )
        self.text.assign(short)
        self.slot.assign(slots)

    def call(self, items: tf.Tensor) -> tf.Tensor:
        """float32[..., width]."""
        known = items >= 0
        safe = tf.maximum(items, 0)
        slot = tf.where(known, tf.gather(self.slot, safe), 0)
        fixed = tf.gather(self.text, safe) * tf.cast(known, tf.float32)[..., None]
        own = tf.cast(~known | (slot > 0), tf.float32)[..., None]
        return fixed + tf.gather(self.learned, slot) * own


class Components:
    """The main components of text vectors: fitted once, so that a new item's text finds its place among them.

    ``mean`` float32[D], ``basis`` float32[D, width], scaled so that a component's deviation is about 1 for
    the strongest and less for the others.
    """

    def __init__(self, mean: np.ndarray, basis: np.ndarray) -> None:
        self.mean, self.basis = np.asarray(mean, np.float32), np.asarray(basis, np.float32)

    @classmethod
    def fitted(cls, vectors: np.ndarray) -> "Components":
        """Of float32[N, D]; rows of zeros do not count. Without any text, D learned numbers stay as they are."""
        real = np.asarray(vectors, np.float64)
        real = real[real.any(axis=1)]
        width = min(WIDTH, vectors.shape[1])
        if not len(real):
            return cls(np.zeros(vectors.shape[1]), np.eye(vectors.shape[1], width))
        mean = real.mean(0)
        values, axes = np.linalg.eigh(np.cov(real - mean, rowvar=False, bias=True).reshape([len(mean)] * 2))
        largest = axes[:, ::-1][:, :width]
        # eigh leaves signs open; fixing them makes two fits of the same texts equal.
        largest = largest * np.where(largest[np.abs(largest).argmax(0), np.arange(width)] < 0, -1, 1)
        return cls(mean, largest / np.sqrt(max(float(values[-1]), 1e-12)))

    def of(self, vectors: np.ndarray) -> np.ndarray:
        """float32[N, width]; zeros stay zeros."""
        real = np.atleast_1d(np.asarray(vectors, bool).any(axis=1))
        return ((vectors - self.mean) @ self.basis * real[:, None]).astype(np.float32)
