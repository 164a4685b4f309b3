"""Teaching the network by the choices that the closed form was fitted on: which candidates were taken."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from swayrec.learning import distribution
from swayrec.learning.built_model import BuiltModel
from swayrec.learning.checkpoints import Checkpoints
from swayrec.learning.held_out import held_out
from swayrec.learning.recommender import Addition, Recommender, RecommenderShape
from swayrec.learning.recommender_rows import ChoiceRows
from swayrec.learning.training_log import TrainingLog
from swayrec.learning.user_context import UserContext

BATCH = 64
PATIENCE = 2


@dataclass(frozen=True)
class TrainedRecommender:
    """The network of the best epoch, and the listwise loss on held-out users before and after each epoch."""

    network: Recommender
    curve: tuple[float, ...]


def fit_recommender(
    learned: ChoiceRows,
    context: UserContext,
    *,
    width: int,
    vectors: np.ndarray | None = None,
    epochs: int = 5,
    seed: int = 0,
    log_dir: Path | None = None,
    verbose: int = 0,
    progress: Callable[[str], None] = lambda line: None,
    name: str = "recommender",
) -> TrainedRecommender:
    """Softmax cross-entropy over the candidates of a choice; stops when held-out users gain no more.

    Each item that was taken counts once, times its choice's weight, as in least squares. The closed score
    enters the logits times one learned sharpness.

    Args:
        learned: the choices.
        context: what their ``context`` was made by.
        width: of the hidden layers.
        vectors: float32[N, D], texts of the catalogue; None = texts are not read.
        epochs: passes over the choices, at most.
        seed: of who is held out, the weights and the order of batches.
        log_dir: where TensorBoard's files go.
        verbose: Keras's progress: 0 none, 1 a bar, 2 a line an epoch.
        progress: told of every epoch.
        name: what its checkpoints are called.

    Raises:
        ValueError: too few users have a choice to learn from.
    """
    held = held_out(learned.user, seed)
    if held.all() or not held.any():
        raise ValueError("too few users have a choice, so there is no network to learn")
    keras.utils.set_random_seed(seed)
    shape = RecommenderShape(learned.features.shape[2], learned.context.shape[1], width)
    train, rest = _Batches(learned, ~held, seed), _Batches(learned, held, None)
    switches = distribution.Switches.of()
    with distribution.strategy().scope():
        addition = Addition(shape, vectors)
        addition.scale(learned.deviations())
        addition.log_sharpness.assign(learned.log_sharpness())
        listwise = _Listwise(addition)
        listwise({part: value[:1] for part, value in rest[0][0].items()})
        optimizer = keras.optimizers.AdamW(1e-3, weight_decay=1e-3, clipnorm=1.0)
        listwise.compile(optimizer=switches.optimizer(optimizer), loss=_taken, **switches.compiled)
        stop = Checkpoints.of(switches, name, (shape, seed), learned.y, PATIENCE)
    before = float(listwise.evaluate(rest, verbose=0))
    with distribution.strategy().scope():
        stop.take_up(listwise)
    # Every epoch has an order of its own, also where one that was killed goes on.
    for _ in range(stop.first_epoch):
        train.on_epoch_end()
    told = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: progress(
            f"epoch {epoch + 1}: loss on held-out users {logs['val_loss']:.4f}, {before:.4f} at the start"
        )
    )
    listwise.fit(
        train,
        validation_data=rest,
        epochs=stop.first_epoch if stop.over else epochs,
        initial_epoch=stop.first_epoch,
        callbacks=[stop, told, *([TrainingLog(log_dir)] if log_dir else [])],
        verbose=verbose,
    )
    return TrainedRecommender(Recommender(addition, context), (before, *stop.history))


class _Listwise(BuiltModel):
    """The logits float32[B, M] of the candidates, which is what is trained."""

    def __init__(self, addition: Addition) -> None:
        super().__init__(name="listwise")
        self.addition = addition

    def call(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """float32[B, M]."""
        added = self.addition(**inputs, training=training)
        logits = (inputs["closed"] + added) * self.addition.sharpness
        return tf.where(inputs["candidates"] >= 0, logits, -1e9)


def _taken(y: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """float32[B]: minus the log likelihood of every item that was taken."""
    return -tf.reduce_sum(y * tf.nn.log_softmax(logits), -1)


class _Batches(keras.utils.PyDataset):
    """Some of the choices in batches, in another order each epoch (``seed`` None: as they come)."""

    def __init__(self, learned: ChoiceRows, which: np.ndarray, seed: int | None) -> None:
        super().__init__()
        self.learned, self.index = learned, np.flatnonzero(which)
        self.weight = learned.weight / learned.weight.mean()
        self.random = None if seed is None else np.random.default_rng(seed)
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.index) // BATCH)

    def __getitem__(self, place: int) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
        part = np.sort(self.index[place * BATCH : (place + 1) * BATCH])
        rows = self.learned
        names = ("features", "closed", "context", "candidates")
        return {name: getattr(rows, name)[part] for name in names}, rows.y[part], self.weight[part]

    def on_epoch_end(self) -> None:
        """Shuffles."""
        if self.random is not None:
            self.random.shuffle(self.index)
