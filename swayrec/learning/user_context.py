"""What a network knows of the user beside the features: intents, and what the newest history was made of."""

from typing import Protocol

import tensorflow as tf

from swayrec.learning.closed_intent import NEWEST, intent_features
from swayrec.learning.scoring import Past


class Intent(Protocol):
    """Closed form or sequence model; the latter has a ``context`` float32[B, .] too."""

    def intents(self, past: Past) -> tf.Tensor:
        """float32[B, L, G], newest first; column 0 is now."""


class UserContext(tf.Module):
    """float32[B, C] of a history: the intents now (with the state of the sequence where the intent model has
    one), then the shares of behaviors by decay and the log of how many events there are.

    Reads the newest 50 rows; the same for padded and trimmed histories.
    """

    def __init__(self, intent: Intent, behaviors: int) -> None:
        """``behaviors`` T."""
        super().__init__(name="user_context")
        self.intent, self.types = intent, behaviors
        self.width = int(self(_nobody()).shape[-1])

    def __call__(self, past: Past) -> tf.Tensor:
        """float32[B, C]."""
        newest = Past(*(part[:, :NEWEST] for part in past))
        pooled = intent_features(newest, self.types)[:, 0]
        context = getattr(self.intent, "context", None)
        followed = context(newest) if context is not None else self.intent.intents(newest)[:, 0]
        return tf.concat([followed, pooled], -1)


def _nobody() -> Past:
    """One user without a past."""
    ids, numbers = tf.constant([[-1]]), tf.zeros([1, 1])
    return Past(ids, ids, numbers, numbers, numbers, numbers)
