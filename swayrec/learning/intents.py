"""What an intent model answers, closed form or sequence."""

from typing import Protocol

import tensorflow as tf

from swayrec.learning.past import Past

NEWEST = 50
"""History rows that intents read (DESIGN: history)."""


class Intent(Protocol):
    """What follows the sequence; a sequence model has a ``context`` float32[B, .] too."""

    def intents(self, past: Past) -> tf.Tensor:
        """float32[B, L, G], newest first: the intent right after each history row; column 0 is now."""
