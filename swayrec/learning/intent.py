"""Intent: how ready a user is for a target, followed along the sequence, I_t = sigmoid(w_t' v_t) (METHOD section 2)."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import keras
import numpy as np
import tensorflow as tf

from swayrec.learning.intents import NEWEST
from swayrec.learning.item_vectors import Components, ItemVectors, but_items
from swayrec.learning.past import Past, nobody
from swayrec.learning.sequence import CausalAttention, CausalGRU

READ = ("item", "behavior", "days", "steps", "count")
"""What of a history is read."""

BEHAVIOR_WIDTH = 8


@dataclass(frozen=True)
class IntentShape:
    """What has to be known to build the model again.

    ``kind`` of the encoder, ``behaviors`` T, ``targets`` G, ``width`` of the state, ``dropout`` in training.
    """

    kind: Literal["gru", "attention"]
    behaviors: int
    targets: int
    width: int
    dropout: float = 0.1


class IntentModel(keras.layers.Layer):
    """I_t = sigmoid(w_t' v_t), one a target.

    v_t is the event's vector: its behavior, its item's vector, the gaps in time and instants since the event
    before, its count, its influence, and a constant. w_t comes from a causal encoder of the sequence up to
    t. An event's intent depends on nothing that came later, so it is what the intent was at that moment.
    Reads the newest 50 rows of a history.

    A layer and no ``keras.Model``: Keras gives every Model in a SavedModel a signature of float inputs.
    """

    def __init__(
        self, shape: IntentShape, vectors: np.ndarray, components: Components, influence: np.ndarray
    ) -> None:
        """``vectors`` float32[N, D] of the catalogue's texts (zeros = none); ``influence`` float[T] by behavior."""
        super().__init__(name="intent")
        self.form, self.components = shape, components
        self.items = ItemVectors(vectors, components)
        self.influence = self.add_weight(
            shape=(shape.behaviors + 1,), initializer="zeros", trainable=False, name="influence"
        )
        self.influence.assign(np.append(0.0, np.asarray(influence, np.float32)))
        self.behaviors = keras.layers.Embedding(shape.behaviors + 1, BEHAVIOR_WIDTH, name="behaviors")
        self.event = keras.layers.Dense(shape.width, activation="tanh", name="event")
        self.start = self.add_weight(shape=(shape.width,), initializer="zeros", name="start")
        self.drop = keras.layers.Dropout(shape.dropout)
        self.encoder = (
            CausalGRU(shape.width) if shape.kind == "gru" else CausalAttention(shape.width, NEWEST + 1)
        )
        self.readout = keras.layers.Dense(
            shape.targets * (shape.width + 1),
            kernel_initializer=keras.initializers.RandomNormal(0.02),
            name="readout",
        )
        self(inputs_of(nobody()))

    def call(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """Intents right after each row.

        Args:
            inputs: the parts of a :class:`~swayrec.learning.past.Past` named in ``READ``, each [B, L],
                newest first; a row whose item and behavior are both -1 is none.
            training: whether to drop out.

        Returns:
            float32[B, min(L, 50), G]. Column 0 is now. A row that is none has the intent of the newest row
            older than it; before all rows stands what may be expected of a user without a past.
        """
        return self._read(inputs, training)[0]

    def intents(self, past: Past) -> tf.Tensor:
        """float32[B, L, G], newest first: the intent right after each row, 0 beyond the newest 50."""
        read = self(inputs_of(past))
        return tf.pad(read, [[0, 0], [0, tf.shape(past.item)[1] - tf.shape(read)[1]], [0, 0]])

    def context(self, past: Past) -> tf.Tensor:
        """float32[B, G + width]: the intents now and the state of the sequence, for a network on top."""
        intents, state = self._read(inputs_of(past), training=False)
        return tf.concat([intents[:, 0], state], -1)

    def _read(self, inputs: dict[str, tf.Tensor], training: bool) -> tuple[tf.Tensor, tf.Tensor]:
        rows = {name: inputs[name][:, :NEWEST] for name in READ}
        real = (rows["item"] >= 0) | (rows["behavior"] >= 0)
        batch, length = tf.shape(real)[0], tf.shape(real)[1]
        events = self.event(self._described(rows, real)) * tf.cast(real, tf.float32)[:, :, None]
        start = tf.tile(self.start[None, None], [batch, 1, 1])
        v = self.drop(tf.concat([start, events[:, ::-1]], 1), training=training)
        v = tf.concat([v, tf.ones_like(v[:, :, :1])], -1)
        real = tf.concat([tf.ones([batch, 1], tf.bool), real[:, ::-1]], 1)
        state = self.encoder(v, real)
        w = self.readout(self.drop(state, training=training))
        w = tf.reshape(w, [batch, length + 1, self.form.targets, self.form.width + 1])
        intent = tf.sigmoid(tf.einsum("blgv,blv->blg", w, v))
        newest = _latest(real)
        intent = tf.gather(intent, newest, batch_dims=1)[:, ::-1]
        state = tf.gather(state, newest[:, -1:], batch_dims=1)[:, 0]
        return intent[:, :length], state

    def _described(self, rows: dict[str, tf.Tensor], real: tf.Tensor) -> tf.Tensor:
        """float32[B, L, .]: what is known of each event."""
        behavior = rows["behavior"] + 1
        count = tf.math.log1p(rows["count"])
        numbers = [
            tf.math.log1p(_gap(rows["days"], real)),
            tf.math.log1p(_gap(rows["steps"], real)),
            count,
            tf.gather(self.influence, behavior) * count,
        ]
        return tf.concat([self.behaviors(behavior), self.items(rows["item"]), tf.stack(numbers, -1)], -1)

    def save_folder(self, folder: Path) -> None:
        """Writes the model without its items, whose vectors come of their texts."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "intent.json").write_text(json.dumps(asdict(self.form), indent=2), encoding="utf-8")
        arrays = {f"w{number}": weight.numpy() for number, weight in enumerate(but_items(self, self.items))}
        np.savez(folder / "intent.npz", mean=self.components.mean, basis=self.components.basis, **arrays)

    @classmethod
    def load_folder(cls, folder: Path, vectors: np.ndarray) -> "IntentModel":
        """Reads what `save_folder` wrote, for the catalogue with the texts float32[N, D], which may be another."""
        shape = IntentShape(**json.loads((folder / "intent.json").read_text(encoding="utf-8")))
        with np.load(folder / "intent.npz") as stored:
            components = Components(stored["mean"], stored["basis"])
            model = cls(shape, vectors, components, np.zeros(shape.behaviors))
            for number, weight in enumerate(but_items(model, model.items)):
                weight.assign(stored[f"w{number}"])
        return model


def inputs_of(past: Past) -> dict[str, tf.Tensor]:
    """The parts of a history that the model reads, by name."""
    return {name: getattr(past, name) for name in READ}


def no_text(items: int) -> np.ndarray:
    """float32[items, 16] of zeros: the vectors of a catalogue without a language model."""
    return np.zeros((items, 16), np.float32)


def _gap(age: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
    """float32[B, L]: how much younger each row is than the row before it; 0 where that is not known."""
    gap = tf.pad(tf.maximum(age[:, 1:] - age[:, :-1], 0.0), [[0, 0], [0, 1]])
    both = real & tf.pad(real[:, 1:], [[0, 0], [0, 1]])
    return tf.where(tf.math.is_nan(gap) | ~both, 0.0, gap)


def _latest(real: tf.Tensor) -> tf.Tensor:
    """int32[B, L]: at each step the newest real step not after it (the first always is)."""
    step = tf.where(real, tf.range(tf.shape(real)[1])[None], 0)
    length = tf.shape(step)[1]
    upto = tf.linalg.band_part(tf.ones([length, length], tf.int32), -1, 0)
    return tf.reduce_max(step[:, None, :] * upto[None], -1)
