"""The network on top of the closed form: what it adds to a candidate's score (METHOD section 3, R = f(I))."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from swayrec.learning.item_vectors import Components, ItemVectors
from swayrec.learning.past import Past
from swayrec.learning.user_context import UserContext


@dataclass(frozen=True)
class RecommenderShape:
    """``columns`` d of the raw features, ``context`` C of the user, ``width`` of the hidden layers."""

    columns: int
    context: int
    width: int
    dropout: float = 0.1


class Addition(keras.layers.Layer):
    """A multi-layer perceptron over one candidate and its user; its last layer starts at zero.

    A candidate is read alone, never against the others: it has one score, in whatever list it is asked for.
    What the network says of an item that nothing is known of is taken off, because a number that all of a
    user's candidates share would be in every explanation and in no ranking.

    A layer and no ``keras.Model``: Keras gives every Model in a SavedModel a signature of float inputs.
    """

    def __init__(self, shape: RecommenderShape, vectors: np.ndarray | None) -> None:
        """``vectors`` float32[N, D], texts of the catalogue (zeros = none); None = texts are not read."""
        super().__init__(name="addition")
        self.form = shape
        self.inverse = self.add_weight(
            shape=(shape.columns + 1,), initializer="ones", trainable=False, name="inverse"
        )
        self.log_sharpness = self.add_weight(shape=(), initializer="zeros", name="log_sharpness")
        self.items = None if vectors is None else ItemVectors(vectors, Components.fitted(vectors))
        self.of_item = keras.layers.Dense(shape.width, name="of_item")
        self.of_user = keras.layers.Dense(shape.width, use_bias=False, name="of_user")
        self.drop = keras.layers.Dropout(shape.dropout)
        self.hidden = keras.layers.Dense(max(shape.width // 2, 1), activation="gelu", name="hidden")
        self.last = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="last")
        ids = tf.constant([[-1]])
        self(tf.zeros([1, 1, shape.columns]), tf.zeros([1, 1]), tf.zeros([1, shape.context]), ids)

    def scale(self, deviation: np.ndarray) -> None:
        """Takes the deviations float[d + 1] of the columns and of the closed score; 0 switches a column off."""
        self.inverse.assign(np.where(deviation > 0, 1 / np.maximum(deviation, 1e-12), 0))

    @property
    def sharpness(self) -> tf.Tensor:
        """How many logits a unit of score is worth, above 0: 1 / temperature."""
        return tf.exp(self.log_sharpness)

    def call(
        self,
        features: tf.Tensor,
        closed: tf.Tensor,
        context: tf.Tensor,
        candidates: tf.Tensor,
        training: bool = False,
    ) -> tf.Tensor:
        """float32[B, M]: what is added to the closed scores, in their unit.

        Args:
            features: float32[B, M, d], raw columns.
            closed: float32[B, M].
            context: float32[B, C] of the user.
            candidates: int32[B, M], -1 = none.
            training: whether to drop out.
        """
        known = tf.concat([features, closed[:, :, None]], -1) * self.inverse
        # Counts and decayed sums have long tails, in which a perceptron would see little else.
        known = tf.sign(known) * tf.math.log1p(tf.abs(known))
        if self.items is not None:
            known = tf.concat([known, self.items(candidates)], -1)
        user = self.of_user(context)[:, None]
        something = self._told(self.of_item(known) + user, training)
        nothing = self._told(self.of_item(tf.zeros_like(known[:, :1])) + user, training)
        return (something - nothing) / self.sharpness

    def _told(self, mixed: tf.Tensor, training: bool) -> tf.Tensor:
        hidden = self.drop(keras.activations.gelu(mixed), training=training)
        return self.last(self.hidden(hidden))[:, :, 0]


class Recommender(tf.Module):
    """The network as the served graph asks it (``served.Network``)."""

    def __init__(self, addition: Addition, context: UserContext) -> None:
        super().__init__(name="recommender")
        self.addition, self.context = addition, context

    def adds(self, past: Past, features: tf.Tensor, closed: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """float32[B, M]: what the network adds to the closed scores float32[B, M] of candidates int32[B, M]."""
        return self.addition(features, closed, self.context(past), candidates)
