"""SASRec: what follows what somebody did, by a network that reads the whole sequence."""

import itertools
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.sequences import Sequences
from swayrec.learning.catalogue import Catalogue
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

LENGTHS = (50,)
DROPOUTS = (0.2, 0.5)
DIMENSION = 64
BLOCKS = 2
EPOCHS = 60
PATIENCE = 4
RATE = 1e-3
SEED = 0

LARGEST = 20_000
"""Items up to which every step's softmax goes over the whole catalogue."""

MOMENTS = 256
"""Moments that are scored at once."""


@dataclass
class SASRec(Baseline):
    """Self-attentive sequential recommendation (Kang and McAuley, ICDM 2018), 2 blocks of 64 units.

    It reads the items of the user's newest ``length`` events of every behavior; it is taught by which item
    each target event was on, by softmax over the whole catalogue (Klenitskiy and Vasilev, RecSys 2023: what
    makes it strong). It stops by the loss on the newest target event of a fifth of the users, which is taken
    out of what they teach, and keeps the best epoch.
    """

    length: int = LENGTHS[0]
    dropout: float = DROPOUTS[0]
    title: ClassVar[str] = "SASRec"
    fitted_by: ClassVar[tuple[str, ...]] = ("length", "dropout")

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every length and dropout."""
        return tuple(cls(*setting) for setting in itertools.product(LENGTHS, DROPOUTS))

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """Sequences need an order, and the softmax a catalogue that is not too large."""
        if not log.has_order:
            return "the log has no order, so there are no sequences"
        if len(log.items) > LARGEST:
            return f"its softmax would go over {len(log.items):,} items, more than {LARGEST:,}"
        return None

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Trains from a fixed seed.

        Raises:
            ValueError: too few users have two events to learn from.
        """
        import keras

        from swayrec.learning.baselines.self_attention import SelfAttention
        from swayrec.learning.baselines.sequence_windows import SequenceWindows

        self._sequences = Sequences(log, log.is_behavior(scenario.targets), SEED)
        self._items = len(log.items)
        start, stop, held = self._sequences.split(SEED)
        teaching = SequenceWindows(self._sequences, start, stop, self.length, SEED)
        keras.utils.set_random_seed(SEED)
        network = SelfAttention(self._items, self.length, DIMENSION, BLOCKS, self.dropout)
        network(np.zeros((1, self.length), np.int32))
        network.compile(optimizer=keras.optimizers.Adam(RATE, clipnorm=5.0), jit_compile=False)
        patience = keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)
        asked = self._sequences.asked(held, self.length)
        network.fit(teaching, validation_data=asked, epochs=EPOCHS, callbacks=[patience], verbose=0)
        self._network = network
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """The logits after the user's newest events; without any, what comes of an empty sequence."""
        asked = self._sequences.before(moments.users[rows], moments.before[rows], self.length)
        scores = np.empty((len(asked), self._items), np.float32)
        for start in range(0, len(asked), MOMENTS):
            part = slice(start, start + MOMENTS)
            scores[part] = self._after(asked[part])
        return scores

    def _after(self, sequences: np.ndarray) -> Any:
        return self._network.named(self._network(sequences)[:, -1]).numpy()

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return self._items
