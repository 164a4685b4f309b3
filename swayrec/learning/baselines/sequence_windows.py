"""Sequences cut into windows, batch by batch, for a network to learn from."""

from typing import Any

import keras
import numpy as np

from swayrec.learning.baselines.sequences import Sequences
from swayrec.tables.log import joined

BATCH = 32


class SequenceWindows(keras.utils.PyDataset):
    """Every user's events start:stop in windows, so that each but the first is foretold once an epoch.

    Each epoch cuts elsewhere, so that no event is always the first of its window, and in another order.
    """

    def __init__(
        self, sequences: Sequences, start: np.ndarray, stop: np.ndarray, length: int, seed: int
    ) -> None:
        super().__init__()
        self.sequences, self.length, self.random = sequences, length, np.random.default_rng(seed)
        two = stop - start > 1
        self.start, self.stop = start[two], stop[two]
        self.on_epoch_end()
        self.batches = -(-len(self.first) // BATCH)

    def __len__(self) -> int:
        # Every epoch has a few windows more or less, and Keras wants as many batches as the first had.
        return self.batches

    def __getitem__(self, place: int) -> Any:
        part = slice(place, None, self.batches)
        return self.sequences.window(self.first[part], self.last[part], self.length)

    def on_epoch_end(self) -> None:
        """Cuts anew and shuffles."""
        newest = self.random.integers(1, self.length + 1, len(self.start))
        older = -(-np.maximum(self.stop - self.start - 1 - newest, 0) // self.length)
        # Neighbors share an event: the one foretells it, the other reads it first.
        user, place = joined(np.zeros(len(older), np.int64), older + 1)
        last = np.where(place, self.stop[user] - newest[user] - (place - 1) * self.length, self.stop[user])
        size = np.where(place, self.length, newest[user])
        order = self.random.permutation(len(user))
        self.first = np.maximum(last - size - 1, self.start[user])[order]
        self.last = last[order]
