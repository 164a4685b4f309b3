"""The network on top of the closed form: what it adds to a candidate's score (METHOD section 3, R = f(I))."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from swayrec.learning.item_vectors import Components, ItemVectors, but_items
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

    def __init__(
        self, shape: RecommenderShape, vectors: np.ndarray | None, components: Components | None = None
    ) -> None:
        """``vectors`` float32[N, D], texts of the catalogue (zeros = none); None = texts are not read.

        ``components`` of texts; None = those of these vectors.
        """
        super().__init__(name="addition")
        self.form = shape
        self.inverse = self.add_weight(
            shape=(shape.columns + 1,), initializer="ones", trainable=False, name="inverse"
        )
        self.log_sharpness = self.add_weight(shape=(), initializer="zeros", name="log_sharpness")
        self.components = components
        if components is None and vectors is not None:
            self.components = Components.fitted(vectors)
        self.items = None
        if vectors is not None:
            assert self.components is not None
            self.items = ItemVectors(vectors, self.components)
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

    def save_folder(self, folder: Path) -> None:
        """Writes the layer without its items, whose vectors come of their texts."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "network.json").write_text(json.dumps(asdict(self.form), indent=2), encoding="utf-8")
        arrays = {f"w{number}": weight.numpy() for number, weight in enumerate(but_items(self, self.items))}
        if self.components is not None:
            arrays |= {"mean": self.components.mean, "basis": self.components.basis}
        np.savez(folder / "network.npz", **arrays)

    @classmethod
    def load_folder(cls, folder: Path, vectors: np.ndarray | None) -> "Addition":
        """Reads what `save_folder` wrote, for the catalogue with the texts float32[N, D], which may be another."""
        shape = RecommenderShape(**json.loads((folder / "network.json").read_text(encoding="utf-8")))
        with np.load(folder / "network.npz") as stored:
            components = Components(stored["mean"], stored["basis"]) if "mean" in stored else None
            addition = cls(shape, None if components is None else vectors, components)
            for number, weight in enumerate(but_items(addition, addition.items)):
                weight.assign(stored[f"w{number}"])
        return addition

    def _told(self, mixed: tf.Tensor, training: bool) -> tf.Tensor:
        hidden = self.drop(keras.activations.gelu(mixed), training=training)
        return self.last(self.hidden(hidden))[:, :, 0]


class Adds(Protocol):
    """What is added to the closed scores, told of the candidates and the user alone (:meth:`Addition.call`)."""

    def __call__(
        self, features: tf.Tensor, closed: tf.Tensor, context: tf.Tensor, candidates: tf.Tensor
    ) -> tf.Tensor:
        """float32[B, M]."""

    def save_folder(self, folder: Path) -> None:
        """Writes what was learned."""


class Recommender(tf.Module):
    """The network as the served graph asks it (``served.Network``)."""

    def __init__(self, addition: Adds, context: UserContext, plain: np.ndarray | None = None) -> None:
        """``addition``: a perceptron or trees; ``plain`` float[d]: weights that pick half of what it is asked of
        (:mod:`.retrieval`), None = the closed form picks all.
        """
        super().__init__(name="recommender")
        self.addition, self.context, self.plain = addition, context, plain

    def adds(self, past: Past, features: tf.Tensor, closed: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """float32[B, M]: what the network adds to the closed scores float32[B, M] of candidates int32[B, M]."""
        return self.addition(features, closed, self.context(past), candidates)
