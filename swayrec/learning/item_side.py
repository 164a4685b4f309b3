"""What depends on the item alone: everyone's counts, and the factors and base columns that come of them."""

import numpy as np
import tensorflow as tf

from swayrec.learning.layout import ALL_TIME, Layout
from swayrec.learning.tables import CONVERSION_PRIOR, ItemTables


class ItemSide(tf.Module):
    """Everyone's counts of N items by window and behavior, and what else is known of an item.

    Counts of a query may be moved: by what everyone did since the tables were made, and, where the layout
    says so, by the user's own events, which are left out. Shapes: B queries, M candidates, T behaviors,
    W windows.
    """

    def __init__(self, tables: ItemTables, layout: Layout) -> None:
        super().__init__(name="item_side")
        self.layout = layout
        self.size = len(tables.items)
        total = tables.counts[:, layout.windows.index(ALL_TIME)]
        self.counts = _table(tables.counts.reshape(self.size, -1), "counts")
        self.total = _table(total, "total")
        self.age = _table(tables.age, "age")
        self.repeat_rate = _table(tables.repeat_rate, "repeat_rate")
        self.gap = _table(tables.gap, "gap")
        self.prior_rate = float(total[:, self._targets].sum() / max(total.sum(), 1.0))

    @property
    def _targets(self) -> list[int]:
        return [self.layout.behaviors.index(name) for name in self.layout.targets]

    def moved(
        self, items: tf.Tensor, own: tf.Tensor | None, recent: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Counts float32[B, M, W * T] and all of them float32[B, M, T] of items int32[B, M], as a query has them.

        ``own`` and ``recent`` float32[B, M, T] are the user's own events and those since the tables were
        made; None = none.
        """
        counts, total = tf.gather(self.counts, items), tf.gather(self.total, items)
        shift = recent
        if own is not None:
            shift = -own if shift is None else shift - own
        if shift is None:
            return counts, total
        counts = tf.maximum(counts + tf.tile(shift, [1, 1, len(self.layout.windows)]), 0.0)
        return counts, tf.maximum(total + shift, 0.0)

    def columns(
        self,
        counts: tf.Tensor,
        total: tf.Tensor,
        items: tf.Tensor | None = None,
        age: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """Base columns float32[B, M, .] in the layout's order, of items with these (moved) counts.

        ``items`` int32[B, M], None = the whole catalogue; ``age`` float32[B, M], None = that of the tables.
        """
        columns = [tf.math.log1p(counts)]
        if self.layout.shares:
            events = tf.reduce_sum(total, -1, keepdims=True)
            columns.append(tf.math.divide_no_nan(total, events))
        if self.layout.conversion:
            columns.append(self._conversion(total)[:, :, None])
        if self.layout.ages:
            age = _at(self.age, items) if age is None else age
            if self.layout.age_hours:
                columns.append(tf.math.log1p(24.0 * tf.math.expm1(age))[:, :, None])
            if self.layout.age:
                columns.append(age[:, :, None])
        return tf.concat(columns, axis=-1)

    def factor(self, name: str, total: tf.Tensor, items: tf.Tensor | None = None) -> tf.Tensor:
        """q float32[B, M] of items int32[B, M], None = the whole catalogue; ``total`` float32[B, M, T]."""
        if name == "repeat_rate":
            return _at(self.repeat_rate, items)
        if name == "conversion":
            return self._conversion(total)
        return tf.ones_like(total[:, :, 0])

    def _conversion(self, total: tf.Tensor) -> tf.Tensor:
        targets = tf.gather(total, self._targets, axis=-1)
        others = tf.reduce_sum(total, -1)
        return (tf.reduce_sum(targets, -1) + CONVERSION_PRIOR * self.prior_rate) / (others + CONVERSION_PRIOR)


def _at(table: tf.Variable, items: tf.Tensor | None) -> tf.Tensor:
    """A table [N] at items int32[B, M]; None = [1, N], all of it."""
    return table[None] if items is None else tf.gather(table, items)


def _table(values: np.ndarray, name: str) -> tf.Variable:
    return tf.Variable(values, dtype=tf.float32, trainable=False, name=name)
