"""Teaching the intent model by what users did next, and asking any intent model the same questions."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from swayrec.learning import distribution
from swayrec.learning.built_model import BuiltModel
from swayrec.learning.checkpoints import Checkpoints
from swayrec.learning.closed_intent import Moments, moments
from swayrec.learning.held_out import held_out
from swayrec.learning.intent import IntentModel, IntentShape, inputs_of, no_text
from swayrec.learning.intents import NEWEST, Intent
from swayrec.learning.item_vectors import Components
from swayrec.learning.past import to_past
from swayrec.learning.training_log import TrainingLog
from swayrec.tables.history import Pasts
from swayrec.tables.log import Log

BATCH = 128
PATIENCE = 4


@dataclass(frozen=True)
class TrainedIntent:
    """The model of the best epoch, and the cross-entropy on held-out users after each epoch."""

    model: IntentModel
    curve: tuple[float, ...]


def fit_intent(
    log: Log,
    targets: tuple[str, ...],
    shape: IntentShape,
    *,
    vectors: np.ndarray | None = None,
    influence: np.ndarray | None = None,
    epochs: int = 5,
    most: int = 20_000,
    seed: int = 0,
    log_dir: Path | None = None,
    verbose: int = 0,
    name: str = "intent",
) -> TrainedIntent:
    """Cross-entropy on which targets the next instant held; stops when held-out users gain no more.

    Args:
        log: all events that may be trained on.
        targets: the behaviors that intents are wanted for, as many as ``shape`` says.
        shape: kind of encoder and sizes.
        vectors: float32[N, D], texts of the log's items; None = items are learned from the log alone.
        influence: float[T], how much each behavior sways, of the closed form; None = zeros.
        epochs: passes over the instants, at most.
        most: instants drawn from the log, at most.
        seed: of the draw, the weights and the order of batches.
        log_dir: where TensorBoard's files go.
        verbose: Keras's progress: 0 none, 1 a bar, 2 a line an epoch.
        name: what its checkpoints are called.

    Raises:
        ValueError: the log has no instant with a past to learn from, as where there is no order.
    """
    drawn = moments(log, targets, most, seed)
    held = held_out(drawn.users, seed)
    if held.all() or not held.any():
        raise ValueError("too few users have a second instant, so there is no intent to learn")
    keras.utils.set_random_seed(seed)
    texts = no_text(len(log.items)) if vectors is None else vectors
    swayed = np.zeros(shape.behaviors) if influence is None else influence
    inputs, switches = _inputs(log, drawn), distribution.Switches.of()
    with distribution.strategy().scope():
        model = IntentModel(shape, texts, Components.fitted(texts), swayed)
        _start_from(model, drawn.y[~held].mean(0))
        now = _Now(model)
        now({name: value[:1] for name, value in inputs.items()})
        optimizer = keras.optimizers.AdamW(3e-3, weight_decay=1e-4, clipnorm=1.0)
        now.compile(
            optimizer=switches.optimizer(optimizer),
            loss=keras.losses.BinaryCrossentropy(),
            **switches.compiled,
        )
        stop = Checkpoints.of(switches, name, (shape, seed), drawn.y, PATIENCE)
        stop.take_up(now)
    now.fit(
        {name: value[~held] for name, value in inputs.items()},
        drawn.y[~held],
        validation_data=({name: value[held] for name, value in inputs.items()}, drawn.y[held]),
        epochs=stop.first_epoch if stop.over else epochs,
        initial_epoch=stop.first_epoch,
        batch_size=BATCH,
        callbacks=[stop, *([TrainingLog(log_dir)] if log_dir else [])],
        verbose=verbose,
    )
    return TrainedIntent(model, tuple(stop.history))


def foretell(intent: Intent, log: Log, asked: Moments) -> np.ndarray:
    """float32[Q, G]: the intents right before the instants ``asked``, of a closed form or a network."""
    parts, pasts = [np.zeros((0, asked.y.shape[1]), np.float32)], Pasts(log)
    for start in range(0, len(asked), 2048):
        part = slice(start, start + 2048)
        past = to_past(pasts.at(asked.users[part], asked.before[part], NEWEST), asked.now[part])
        parts.append(intent.intents(past)[:, 0].numpy())
    return np.concatenate(parts)


def _inputs(log: Log, drawn: Moments) -> dict[str, np.ndarray]:
    past = to_past(Pasts(log).at(drawn.users, drawn.before, NEWEST), drawn.now)
    return {name: value.numpy() for name, value in inputs_of(past).items()}


def _start_from(model: IntentModel, rate: np.ndarray) -> None:
    """Lets every intent begin at how often its target happens."""
    rate = np.clip(rate, 1e-4, 1 - 1e-4)
    bias = np.zeros((model.form.targets, model.form.width + 1), np.float32)
    bias[:, -1] = np.log(rate / (1 - rate))
    model.readout.bias.assign(bias.ravel())


class _Now(BuiltModel):
    """The intents now, which is what is trained."""

    def __init__(self, model: IntentModel) -> None:
        super().__init__(name="now")
        self.model = model

    def call(self, inputs: dict[str, tf.Tensor], training: bool = False) -> tf.Tensor:
        """float32[B, G]."""
        return self.model(inputs, training=training)[:, 0]
