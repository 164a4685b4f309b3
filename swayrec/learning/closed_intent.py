"""The closed-form intent: least squares of "the next instant holds a target" on what the sequence was made of."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from swayrec.learning.influence import NormalEquations
from swayrec.learning.intents import NEWEST
from swayrec.learning.past import Past, to_past
from swayrec.tables.history import Pasts
from swayrec.tables.log import Log

HALF_LIVES = (1.0, 4.0, 16.0, 0.0)
"""Decays of the behaviors' shares, in instants; 0 = none."""

RIDGE = 1e-4


@dataclass(frozen=True)
class Moments:
    """Instants to learn intent from: the user, the order of the instant, and which targets it held.

    ``users`` int64[Q], ``before`` int64[Q], ``now`` float64[Q], ``y`` float32[Q, G].
    """

    users: np.ndarray
    before: np.ndarray
    now: np.ndarray
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.users)


def moments(
    log: Log,
    targets: tuple[str, ...],
    most: int,
    seed: int,
    after: float = -np.inf,
    beyond: np.ndarray | None = None,
) -> Moments:
    """Up to ``most`` instants of a log, drawn at random from those that have a past.

    Args:
        log: events in order; without order there is none to draw.
        targets: the behaviors, one column of ``y`` each.
        most: how many at most.
        seed: of the draw.
        after: only instants at or after these epoch seconds (all where there is no clock).
        beyond: int64[users], only instants of a higher order than each user's of these; None = all.
    """
    first, place = log.instants()
    user, order, now = log.user[first].astype(np.int64), log.order[first], np.empty(len(first))
    now[place] = log.time
    y = np.zeros((len(first), len(targets)), np.float32)
    for column, target in enumerate(targets):
        y[place[log.is_behavior([target])], column] = 1
    has_past = np.zeros(len(first), bool)
    has_past[1:] = user[1:] == user[:-1]
    new = True if beyond is None else order > beyond[user]
    usable = np.flatnonzero(has_past & ~(now < after) & new)
    drawn = np.random.default_rng(seed).permutation(usable)[:most]
    return Moments(user[drawn], order[drawn], now[drawn], y[drawn])


class ClosedIntent(tf.Module):
    """Intent as a linear function of the decayed shares of behaviors, clipped to [0, 1]."""

    def __init__(self, weights: np.ndarray, behaviors: int) -> None:
        """``weights`` float[1 + len(HALF_LIVES) * T + 1, G]: constant, shares by decay and behavior, log length."""
        super().__init__(name="closed_intent")
        self.types = behaviors
        self.weights = tf.Variable(np.asarray(weights, np.float32), trainable=False, name="intent_weights")

    def intents(self, past: Past) -> tf.Tensor:
        """float32[B, L, G], newest first: the intent right after each of the newest rows, 0 beyond them."""
        length = tf.shape(past.item)[1]
        newest = past.newest(NEWEST)
        value = tf.einsum("blf,fg->blg", intent_features(newest, self.types), self.weights)
        value = tf.clip_by_value(value, 0.0, 1.0)
        return tf.pad(value, [[0, 0], [0, length - tf.shape(newest.item)[1]], [0, 0]])

    def save(self, folder: Path) -> None:
        """Writes the weights into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "closed_intent.npz", weights=self.weights.numpy(), behaviors=self.types)

    @classmethod
    def load(cls, folder: Path) -> "ClosedIntent":
        """Reads what `save` wrote."""
        with np.load(folder / "closed_intent.npz") as stored:
            return cls(stored["weights"], int(stored["behaviors"]))


def intent_features(past: Past, types: int) -> tf.Tensor:
    """float32[B, L, F]: a constant, the shares of behaviors up to each row by decay, and the log of their number."""
    real = tf.cast(past.behavior >= 0, tf.float32)
    by_type = tf.one_hot(past.behavior, types) * (past.count * real)[:, :, None]
    apart = past.steps[:, None, :] - past.steps[:, :, None]
    row = tf.range(tf.shape(past.item)[1])
    older = tf.cast(row[None, :] >= row[:, None], tf.float32)[None]
    parts = [tf.ones_like(past.count)[:, :, None]]
    total = tf.zeros_like(past.count)
    for half_life in HALF_LIVES:
        fade = older if not half_life else older * tf.exp(apart * np.float32(-np.log(2.0) / half_life))
        sums = tf.matmul(fade + tf.zeros_like(apart), by_type)
        total = tf.reduce_sum(sums, -1)
        parts.append(tf.math.divide_no_nan(sums, total[:, :, None]))
    parts.append(tf.math.log1p(total)[:, :, None])
    return tf.concat(parts, -1)


def fit_closed_intent(log: Log, targets: tuple[str, ...], most: int = 40_000, seed: int = 0) -> ClosedIntent:
    """Least squares over instants of the log; without order, each target's share of all events is its intent."""
    types = len(log.behaviors)
    size = 2 + len(HALF_LIVES) * types
    drawn = moments(log, targets, most, seed)
    if not len(drawn):
        shares = [float(log.is_behavior([target]).mean()) if len(log) else 0.0 for target in targets]
        weights = np.zeros((size, len(targets)))
        weights[0] = shares
        return ClosedIntent(weights, types)
    sums = [NormalEquations.zeros(size) for _ in targets]
    pasts = Pasts(log)
    for start in range(0, len(drawn), 2048):
        part = slice(start, start + 2048)
        past = pasts.at(drawn.users[part], drawn.before[part], NEWEST)
        features = intent_features(to_past(past, drawn.now[part]), types)[:, 0].numpy()
        for column in range(len(targets)):
            sums[column] = sums[column] + NormalEquations.of(features, drawn.y[part, column])
    return ClosedIntent(np.stack([total.solve(RIDGE) for total in sums], 1), types)
