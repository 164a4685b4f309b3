"""A short vector for every item, as the networks read it: the main components of its text."""

import keras
import numpy as np
import tensorflow as tf

WIDTH = 32
"""Numbers kept of a text vector: its main components over the catalogue."""


class ItemVectors(keras.layers.Layer):
    """int32[...] items (-1 = unknown) to float32[..., width], fixed; zeros where there is no text or no item."""

    def __init__(self, vectors: np.ndarray, components: "Components") -> None:
        """``vectors`` float32[N, D], rows of zeros where there is no text."""
        super().__init__(name="item_vectors")
        short = components.of(vectors)
        self.text = self.add_weight(shape=short.shape, initializer="zeros", trainable=False, name="text")
        self.text.assign(short)

    def call(self, items: tf.Tensor) -> tf.Tensor:
        """float32[..., width]."""
        return tf.gather(self.text, tf.maximum(items, 0)) * tf.cast(items >= 0, tf.float32)[..., None]


def but_items(layer: keras.layers.Layer, items: ItemVectors | None) -> list[keras.Variable]:
    """What a layer learned: its weights without those of its items, which come of their texts."""
    known = set() if items is None else set(map(id, items.weights))
    return [weight for weight in layer.weights if id(weight) not in known]


class Components:
    """The main components of text vectors: fitted once, so that a new item's text finds its place among them.

    ``mean`` float32[D], ``basis`` float32[D, width], scaled so that a component's deviation is about 1 for
    the strongest and less for the others.
    """

    def __init__(self, mean: np.ndarray, basis: np.ndarray) -> None:
        self.mean, self.basis = np.asarray(mean, np.float32), np.asarray(basis, np.float32)

    @classmethod
    def fitted(cls, vectors: np.ndarray) -> "Components":
        """Of float32[N, D]; rows of zeros do not count."""
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
