"""Similarities of items in the graph: sparse rows or whole matrices, and the few ways in which they are read."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf

from swayrec.learning.kernels import Rows

IDENTITY = "identity"
"""The similarity without a table: an item is like itself."""

TEXT = "text"
"""The similarity of texts, which vectors give in full."""


WHOLE = 0.125
"""Share of a row's entries beyond which the row is kept whole: a product of matrices is then faster than to go through
the entries of each event."""

SIZES = (256, 4_096)
"""Items between which rows may be kept whole: with fewer nothing is won, with more it is above 64 MB a similarity."""


class Similarities(tf.Module):
    """Every similarity S of a catalogue of N items but identity: K entries a row, or all of them where K is many.

    Shapes: B queries, L history rows, M candidates, T behaviors, D decays; items int32, -1 = none.
    """

    def __init__(self, rows: Mapping[str, Rows], size: int, vectors: np.ndarray | None = None) -> None:
        """``rows`` by name of the similarity; ``size`` N; ``vectors`` float32[N, D] of texts, None = their rows do."""
        super().__init__(name="similarities")
        self.size = size
        self._width = {name: each.index.shape[1] for name, each in rows.items()}
        few, many = SIZES
        whole = [name for name, width in self._width.items() if few <= size <= many and width > WHOLE * size]
        self._whole = {
            name: tf.Variable(rows[name].whole(), dtype=tf.float32, trainable=False, name=f"{name}_whole")
            for name in whole
        }
        self._index = {
            name: tf.Variable(each.index, dtype=tf.int32, trainable=False, name=f"{name}_index")
            for name, each in rows.items()
            if name not in whole
        }
        self._value = {
            name: tf.Variable(each.value, dtype=tf.float32, trainable=False, name=f"{name}_value")
            for name, each in rows.items()
            if name not in whole
        }
        self._vectors = None
        if vectors is not None:
            self._vectors = tf.Variable(vectors, dtype=tf.float32, trainable=False, name="vectors")

    def between(self, items: tf.Tensor, candidates: tf.Tensor, name: str) -> tf.Tensor:
        """S float32[B, L, M]: similarity ``name`` of items int32[B, L] to candidates int32[B, M]."""
        if name == IDENTITY:
            same = (items[:, :, None] == candidates[:, None, :]) & (items >= 0)[:, :, None]
            return tf.cast(same, tf.float32)
        if name == TEXT and self._vectors is not None:
            return self._cosine(items, candidates)
        if name in self._whole:
            safe, others = tf.maximum(items, 0)[:, :, None], tf.maximum(candidates, 0)[:, None, :]
            real = (items >= 0)[:, :, None] & (candidates >= 0)[:, None, :]
            flat = tf.reshape(self._whole[name], [-1])
            return tf.gather(flat, safe * self.size + others) * tf.cast(real, tf.float32)
        batch, length = tf.shape(items)[0], tf.shape(items)[1]
        width = tf.shape(candidates)[1]
        place, slots = self._slots(candidates)
        safe = tf.maximum(items, 0)
        value = tf.gather(self._value[name], safe) * tf.cast(items >= 0, tf.float32)[:, :, None]
        at = tf.gather(slots, place[:, :, None] + tf.gather(self._index[name], safe))
        at = tf.where(value != 0, at, width)
        row = tf.reshape(tf.range(batch * length), [batch, length, 1]) * (width + 1)
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(value, [-1]), tf.reshape(row + at, [-1]), batch * length * (width + 1)
        )
        dense = tf.reshape(flat, [batch, length, width + 1])[:, :, :width]
        return dense * tf.cast(candidates >= 0, tf.float32)[:, None, :]

    def _cosine(self, items: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """The text similarity in full: as :func:`swayrec.learning.kernels.text` before it is cut to the nearest."""
        events, others = (tf.gather(self._vectors, tf.maximum(each, 0)) for each in (items, candidates))
        other = items[:, :, None] != candidates[:, None, :]
        real = other & (items >= 0)[:, :, None] & (candidates >= 0)[:, None, :]
        return tf.maximum(tf.matmul(events, others, transpose_b=True), 0.0) * tf.cast(real, tf.float32)

    def nearest(self, items: tf.Tensor, name: str) -> tuple[tf.Tensor, tf.Tensor]:
        """The row of S of each of int32[B] items: other items int32[B, K] and their similarity float32[B, K].

        The rows of -1 are those of item 0: the caller drops them.
        """
        safe = tf.maximum(items, 0)
        if name in self._whole:
            value, index = tf.math.top_k(tf.gather(self._whole[name], safe), self._width[name])
            return index, value
        return tf.gather(self._index[name], safe), tf.gather(self._value[name], safe)

    def spread(self, items: tf.Tensor, amount: tf.Tensor, name: str) -> tf.Tensor:
        """float32[B, N]: amounts float32[B, L] of events on items int32[B, L], each passed on to what is like it."""
        if name == IDENTITY:
            return self.summed(items, amount)
        if name in self._whole:
            return tf.matmul(self.summed(items, amount), self._whole[name])
        safe = tf.maximum(items, 0)
        ids, values = (
            tf.gather(self._index[name], safe),
            amount[:, :, None] * tf.gather(self._value[name], safe),
        )
        batch = tf.shape(items)[0]
        return self.summed(tf.reshape(ids, [batch, -1]), tf.reshape(values, [batch, -1]))

    def summed(self, items: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        """[B, N, ...]: the sums of values [B, Z, ...] at items int32[B, Z]; values at -1 must be 0."""
        batch, inner = tf.shape(items)[0], values.shape[2:]
        ids = tf.range(batch)[:, None] * self.size + tf.maximum(items, 0)
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(values, [-1, *inner]), tf.reshape(ids, [-1]), batch * self.size
        )
        return tf.reshape(flat, [batch, self.size, *inner])

    def summed_by_candidate(
        self, items: tf.Tensor, behaviors: tf.Tensor, phi: tf.Tensor, candidates: tf.Tensor, types: int
    ) -> tf.Tensor:
        """float32[B, M, D * T]: amounts [B, L, D] of the events on each candidate itself, by decay and behavior.

        The identity similarity without its matrix: one pass over the events.
        """
        batch, width, decays = tf.shape(candidates)[0], tf.shape(candidates)[1], phi.shape[-1]
        place, slots = self._slots(candidates)
        at = tf.gather(slots, place + tf.where(items >= 0, items, self.size))
        at = tf.where(items >= 0, at, width)
        row = (tf.range(batch)[:, None] * (width + 1) + at) * types + tf.maximum(behaviors, 0)
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(phi, [-1, decays]), tf.reshape(row, [-1]), batch * (width + 1) * types
        )
        by_type = tf.reshape(flat, [batch, width + 1, types, decays])[:, :width]
        return tf.reshape(tf.transpose(by_type, [0, 1, 3, 2]), [batch, width, decays * types])

    def _slots(self, candidates: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Where each item stands among the candidates: offsets int32[B, 1] into int32[B * (N + 1)], M = nowhere."""
        batch, width = tf.shape(candidates)[0], tf.shape(candidates)[1]
        place = tf.range(batch)[:, None] * (self.size + 1)
        where = place + tf.where(candidates >= 0, candidates, self.size)
        numbers = tf.tile(tf.range(width)[None, :], [batch, 1])
        slots = tf.fill([batch * (self.size + 1)], width)
        return place, tf.tensor_scatter_nd_update(
            slots, tf.reshape(where, [-1, 1]), tf.reshape(numbers, [-1])
        )
