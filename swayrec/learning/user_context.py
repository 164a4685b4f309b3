"""What a network knows of the user beside the features: intents, and what the newest history was made of."""

import tensorflow as tf

from swayrec.learning.closed_intent import intent_features
from swayrec.learning.intents import NEWEST, Intent
from swayrec.learning.past import Past, nobody


class UserContext(tf.Module):
    """float32[B, C] of a history: the intents now (with the state of the sequence where the intent model has
    one), then the shares of behaviors by decay and the log of how many events there are.

    Reads the newest 50 rows; the same for padded and trimmed histories.
    """

    def __init__(self, intent: Intent, behaviors: int) -> None:
        """``behaviors`` T."""
        super().__init__(name="user_context")
        self.intent, self.types = intent, behaviors
        self.width = int(self(nobody()).shape[-1])

    def __call__(self, past: Past) -> tf.Tensor:
        """float32[B, C]."""
        newest = past.newest(NEWEST)
        pooled = intent_features(newest, self.types)[:, 0]
        context = getattr(self.intent, "context", None)
        followed = context(newest) if context is not None else self.intent.intents(newest)[:, 0]
        return tf.concat([followed, pooled], -1)
