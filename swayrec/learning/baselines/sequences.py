"""A log as sequences of items: what to learn from, and what stood before a moment."""

import numpy as np

from swayrec.tables.log import Log, joined

HELD_OUT = 0.2
"""The share of users whose newest target event is held out."""


class Sequences:
    """The items of a log's events by user and order; those of one instant in an order drawn once.

    (What order the events of one instant have in a file says nothing, or too much.)
    """

    def __init__(self, log: Log, target: np.ndarray, seed: int) -> None:
        """``target`` bool[n] marks the events that are to be foretold; ``seed`` draws the orders."""
        drawn = np.lexsort((np.random.default_rng(seed).random(len(log)), log.instants()[1]))
        self.log, self.item, self.target = log, log.item[drawn] + 1, target[drawn]

    def before(self, users: np.ndarray, before: np.ndarray, length: int) -> np.ndarray:
        """int32[U, length]: the newest items + 1 of ``users`` before their orders, at the right; 0 = none."""
        start, stop = self.log.spans(users, before)
        return self._laid(np.maximum(start, stop - length), stop, length)[0]

    def split(self, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What to learn from, and what is held out: the newest target event of some users.

        Returns:
            int64[users] and int64[users], the events start:stop of each user that come before what is held
            out, and the held-out events int64[H].

        Raises:
            ValueError: too few users have a target event after another event.
        """
        offsets = self.log.offsets()
        event = np.flatnonzero(self.target)
        user = self.log.user[event]
        newest = event[np.append(user[1:] != user[:-1], True)[: len(event)]]
        newest = newest[newest > offsets[self.log.user[newest]]]
        random = np.random.default_rng(seed)
        held = np.sort(random.permutation(newest)[: max(int(len(newest) * HELD_OUT), 1)])
        stop = offsets[1:].copy()
        stop[self.log.user[held]] = held
        if not len(held) or not (stop - offsets[:-1] > 1).any():
            raise ValueError("too few users have a target event after another event to learn sequences from")
        return offsets[:-1], stop, held

    def asked(self, events: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As :meth:`window`, what came before ``events`` int[H], of which alone the last place is foretold."""
        start = self.log.offsets()[self.log.user[events]]
        sequences, _, _ = self._laid(np.maximum(start, events - length), events, length)
        items, weights = np.zeros_like(sequences), np.zeros(sequences.shape, np.float32)
        items[:, -1], weights[:, -1] = self.item[events] - 1, 1
        return sequences, items, weights

    def _laid(
        self, start: np.ndarray, stop: np.ndarray, length: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Spans of at most ``length`` events at the right of int32[S, length], and where each event lies."""
        row, event = joined(start, stop)
        column = length - (stop[row] - event)
        laid = np.zeros((len(start), length), np.int32)
        laid[row, column] = self.item[event]
        return laid, row, column

    def window(
        self, start: np.ndarray, stop: np.ndarray, length: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of spans of at most ``length + 1`` events, whose first is only read and whose last only foretold.

        Returns:
            int32[S, length], items + 1 at the right, 0 = none; int32[S, length], the item that came next;
            float32[S, length], 1 where that was a target event.
        """
        sequences, row, column = self._laid(start, stop - 1, length)
        _, event = joined(start, stop - 1)
        items, weights = np.zeros_like(sequences), np.zeros(sequences.shape, np.float32)
        items[row, column] = self.item[event + 1] - 1
        weights[row, column] = self.target[event + 1]
        return sequences, items, weights
