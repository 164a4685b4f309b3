"""The one place that computes a feature: training rows, scores, shares and the network's inputs."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from swayrec.learning.layout import Decay, KernelColumns, Layout
from swayrec.learning.tables import CONVERSION_PRIOR, ItemTables


class Past(NamedTuple):
    """A batch of compacted histories, as the graph reads them.

    ``item`` and ``behavior`` int32[B, L] (-1 = none or unknown); ``days`` float32[B, L] since the newest
    event of the row (NaN without a clock); ``steps`` float32[B, L], instants since then; ``count`` and
    ``value`` float32[B, L].
    """

    item: tf.Tensor
    behavior: tf.Tensor
    days: tf.Tensor
    steps: tf.Tensor
    count: tf.Tensor
    value: tf.Tensor


def past(
    item: tf.Tensor,
    behavior: tf.Tensor,
    time: tf.Tensor,
    order: tf.Tensor,
    count: tf.Tensor,
    value: tf.Tensor,
    now: tf.Tensor,
    now_order: tf.Tensor,
) -> Past:
    """Ages the rows of a history: from clock and order to days and steps before ``now`` and ``now_order``."""
    days = tf.cast(tf.maximum((now[:, None] - time) / 86400.0, 0.0), tf.float32)
    days = tf.where(tf.math.is_nan(time) | tf.math.is_nan(now)[:, None], np.float32(np.nan), days)
    steps = tf.cast(tf.maximum(now_order[:, None] - order, 0), tf.float32)
    return Past(item, behavior, days, steps, count, value)


class Scoring(tf.Module):
    """Item tables and weights, and every question that is asked of them.

    score(j) = base(j) + sum over past events e of influence(e -> j), with influence(e -> j) =
    u sum_k w_k phi_k(e) S_k[item(e), j] q_k(j) (METHOD section 1). Shapes: B queries, L history rows,
    M candidates, N items, d raw columns (:class:`~swayrec.learning.layout.Layout`), T behaviors.
    """

    def __init__(self, tables: ItemTables, layout: Layout, weights: np.ndarray | None = None) -> None:
        super().__init__(name="scoring")
        self.layout = layout
        self.size = len(tables.items)
        self.types = len(layout.behaviors)
        self._index = {n: _table(r.index, tf.int32, f"{n}_index") for n, r in tables.similarity.items()}
        self._value = {n: _table(r.value, tf.float32, f"{n}_value") for n, r in tables.similarity.items()}
        self.repeat_rate = _table(tables.repeat_rate, tf.float32, "repeat_rate")
        self.gap = _table(tables.gap, tf.float32, "gap")
        self.counts = _table(tables.counts.reshape(self.size, -1), tf.float32, "counts")
        self.age = _table(tables.age, tf.float32, "age")
        self.total = _table(tables.counts[:, _all_time(layout)], tf.float32, "total")
        conversions = tables.counts[:, _all_time(layout)]
        hits = conversions[:, _places(layout.targets, layout.behaviors)].sum()
        self.prior_rate = float(hits / max(conversions.sum(), 1.0))
        start = np.zeros(layout.size, np.float32) if weights is None else np.asarray(weights, np.float32)
        self.weights = tf.Variable(start, trainable=False, name="weights")
        self.static_base = tf.Variable(tf.zeros([self.size]), trainable=False, name="base")
        self.set_weights(start)

    def set_weights(self, weights: np.ndarray) -> None:
        """Puts other weights float[d] in place, and the item-only part of the score with them."""
        self.weights.assign(np.asarray(weights, np.float32))
        everyone = self._base_columns(self.counts[None], self.total[None], self.age[None])[0]
        self.static_base.assign(tf.linalg.matvec(everyone, self.weights[self.layout.base_start :]))

    # What an event amounts to, and how items resemble each other.

    def amounts(self, past: Past, kernel: KernelColumns) -> tf.Tensor:
        """phi float32[B, L, D]: count x decay of the newest, one a decay of the kernel; 0 for unknown rows."""
        known = tf.cast((past.item >= 0) & (past.behavior >= 0), tf.float32)
        count = past.count
        if kernel.counts == "log":
            count = tf.math.log1p(count)
        elif kernel.counts == "one":
            count = tf.ones_like(count)
        phi = tf.stack([self._decayed(past, decay) for decay in kernel.decays], axis=-1)
        phi = phi * (count * known)[:, :, None]
        if kernel.norm == "sum":
            phi = tf.math.divide_no_nan(phi, tf.reduce_sum(phi, axis=1, keepdims=True))
        return phi

    def _decayed(self, past: Past, decay: Decay) -> tf.Tensor:
        if not decay.half_life:
            return tf.ones_like(past.count)
        if decay.unit == "steps":
            age = past.steps
        else:
            age = past.days
            if decay.unit == "gaps":
                age = age / tf.gather(self.gap, tf.maximum(past.item, 0))
        faded = tf.exp(age * np.float32(-np.log(2.0) / decay.half_life))
        return tf.where(tf.math.is_nan(faded), 0.0, faded)

    def similarities(self, items: tf.Tensor, candidates: tf.Tensor, name: str) -> tf.Tensor:
        """S float32[B, L, M]: similarity ``name`` of items int32[B, L] to candidates int32[B, M] (-1 = none)."""
        if name == "identity":
            same = (items[:, :, None] == candidates[:, None, :]) & (items >= 0)[:, :, None]
            return tf.cast(same, tf.float32)
        batch, length = tf.shape(items)[0], tf.shape(items)[1]
        width = tf.shape(candidates)[1]
        place, slots = self._slots(candidates)
        safe = tf.maximum(items, 0)
        value = tf.gather(self._value[name], safe) * tf.cast(items >= 0, tf.float32)[:, :, None]
        at = tf.gather(slots, place[:, :, None] + tf.gather(self._index[name], safe))
        at = tf.where((place[:, :, None] >= 0) & (value != 0), at, width)
        row = tf.reshape(tf.range(batch * length), [batch, length, 1]) * (width + 1)
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(value, [-1]), tf.reshape(row + at, [-1]), batch * length * (width + 1)
        )
        dense = tf.reshape(flat, [batch, length, width + 1])[:, :, :width]
        return dense * tf.cast(candidates >= 0, tf.float32)[:, None, :]

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

    def _summed_by_item(self, past: Past, phi: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """float32[B, M, D * T]: amounts [B, L, D] of the events on each candidate itself, by decay and behavior.

        The identity similarity without its matrix: one pass over the events.
        """
        batch, width, decays = tf.shape(candidates)[0], tf.shape(candidates)[1], phi.shape[-1]
        place, slots = self._slots(candidates)
        at = tf.gather(slots, place + tf.where(past.item >= 0, past.item, self.size))
        at = tf.where(past.item >= 0, at, width)
        row = (tf.range(batch)[:, None] * (width + 1) + at) * self.types + tf.maximum(past.behavior, 0)
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(phi, [-1, decays]), tf.reshape(row, [-1]), batch * (width + 1) * self.types
        )
        by_type = tf.reshape(flat, [batch, width + 1, self.types, decays])[:, :width]
        return tf.reshape(tf.transpose(by_type, [0, 1, 3, 2]), [batch, width, decays * self.types])

    def own(self, past: Past, candidates: tf.Tensor) -> tf.Tensor:
        """float32[B, M, T]: the user's own events on each candidate, by behavior."""
        same = self.similarities(past.item, candidates, "identity")
        return tf.matmul(same, self._by_type(past) * past.count[:, :, None], transpose_a=True)

    def _by_type(self, past: Past) -> tf.Tensor:
        return tf.one_hot(past.behavior, self.types)

    # Raw columns.

    def features(
        self, past: Past, candidates: tf.Tensor, own: tf.Tensor | None = None, recent: tf.Tensor | None = None
    ) -> tf.Tensor:
        """Raw columns float32[B, M, d] of candidates int32[B, M].

        Args:
            past: the histories.
            candidates: -1 = none (its columns mean nothing).
            own: float32[B, M, T], what of everyone's counts is the user's own, where the layout leaves it
                out; computed from the history if absent (training passes the label's events too).
            recent: float32[B, M, T], events since the tables were made.
        """
        batch, length, width = tf.shape(past.item)[0], tf.shape(past.item)[1], tf.shape(candidates)[1]
        by_type = self._by_type(past)
        if self.layout.leave_own_out and own is None:
            own = self.own(past, candidates)
        safe = tf.maximum(candidates, 0)
        counts, total = self._moved(tf.gather(self.counts, safe), tf.gather(self.total, safe), own, recent)
        columns = []
        for name in dict.fromkeys(kernel.similarity for kernel in self.layout.kernels):
            similar = None if name == "identity" else self.similarities(past.item, candidates, name)
            for kernel in self.layout.kernels:
                if kernel.similarity != name:
                    continue
                phi = self.amounts(past, kernel)
                if similar is None:
                    part = self._summed_by_item(past, phi, candidates)
                else:
                    phi = phi[:, :, :, None] * by_type[:, :, None, :]
                    phi = tf.reshape(phi, [batch, length, len(kernel.decays) * self.types])
                    part = tf.matmul(similar, phi, transpose_a=True)
                columns.append((kernel, part * self._factor(kernel, safe, total)[:, :, None]))
        in_order = [
            part for kernel in self.layout.kernels for own_kernel, part in columns if own_kernel is kernel
        ]
        base = self._base_columns(counts, total, tf.gather(self.age, safe))
        base = tf.reshape(base, [batch, width, len(self.layout.base_names)])
        return tf.concat([*in_order, base], axis=-1)

    def _moved(
        self, counts: tf.Tensor, total: tf.Tensor, own: tf.Tensor | None, recent: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Counts with recent events added and, where the layout says so, the user's own taken off."""
        shift = recent
        if self.layout.leave_own_out and own is not None:
            shift = -own if shift is None else shift - own
        if shift is None:
            return counts, total
        if counts.shape[-1]:
            counts = tf.maximum(counts + tf.tile(shift, [1, 1, len(self.layout.windows)]), 0.0)
        return counts, tf.maximum(total + shift, 0.0)

    def _base_columns(self, counts: tf.Tensor, total: tf.Tensor, age: tf.Tensor) -> tf.Tensor:
        columns = [tf.math.log1p(counts)] if self.layout.windows else []
        if self.layout.conversion:
            columns.append(self._conversion(total)[:, :, None])
        if self.layout.age:
            columns.append(age[:, :, None])
        return tf.concat(columns, axis=-1) if columns else tf.zeros([*total.shape[:2], 0])

    def _conversion(self, total: tf.Tensor) -> tf.Tensor:
        targets = tf.gather(total, _places(self.layout.targets, self.layout.behaviors), axis=-1)
        others = tf.reduce_sum(total, -1)
        return (tf.reduce_sum(targets, -1) + CONVERSION_PRIOR * self.prior_rate) / (others + CONVERSION_PRIOR)

    def _factor(self, kernel: KernelColumns, items: tf.Tensor, total: tf.Tensor) -> tf.Tensor:
        if kernel.factor == "repeat_rate":
            return tf.gather(self.repeat_rate, items)
        if kernel.factor == "conversion":
            return self._conversion(total)
        return tf.ones_like(items, tf.float32)

    # Scores and shares.

    def event_weights(self, past: Past, place: int) -> tf.Tensor:
        """float32[B, L]: the amount of each event under kernel ``place``, its weights folded in."""
        kernel = self.layout.kernels[place]
        by_decay = tf.reshape(self.weights[self.layout.block(place)], [len(kernel.decays), self.types])
        folded = tf.gather(tf.transpose(by_decay), tf.maximum(past.behavior, 0))
        return tf.reduce_sum(self.amounts(past, kernel) * folded, -1)

    def score(
        self, past: Past, recent_item: tf.Tensor | None = None, recent_count: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Scores of the whole catalogue.

        Args:
            past: the histories.
            recent_item: int32[B, P] (-1 = none), items with events since the tables were made.
            recent_count: float32[B, P, T], how many of each behavior.

        Returns:
            influence float32[B, N] and base float32[B, N]; their sum is the score.
        """
        batch = tf.shape(past.item)[0]
        shift = self._shift(past, recent_item, recent_count)
        total = self.total[None] if shift is None else tf.maximum(self.total[None] + shift, 0.0)
        influence = tf.zeros([batch, self.size])
        for place, kernel in enumerate(self.layout.kernels):
            amount = self.event_weights(past, place)
            part = self._spread(past.item, amount, kernel.similarity)
            if kernel.factor == "repeat_rate":
                part *= self.repeat_rate[None]
            elif kernel.factor == "conversion":
                part *= self._conversion(total)
            influence += part
        base = tf.tile(self.static_base[None], [batch, 1])
        if shift is not None:
            changed = tf.concat([ids for ids in (past.item, recent_item) if ids is not None], axis=1)
            base += self._moved_base(shift, changed)
        return influence, base

    def _spread(self, items: tf.Tensor, amount: tf.Tensor, name: str) -> tf.Tensor:
        batch = tf.shape(items)[0]
        place = tf.range(batch)[:, None] * self.size
        safe = tf.maximum(items, 0)
        if name == "identity":
            ids, values = place + safe, amount
        else:
            ids = place[:, :, None] + tf.gather(self._index[name], safe)
            values = amount[:, :, None] * tf.gather(self._value[name], safe)
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(values, [-1]), tf.reshape(ids, [-1]), batch * self.size
        )
        return tf.reshape(flat, [batch, self.size])

    def _shift(
        self, past: Past, recent_item: tf.Tensor | None, recent_count: tf.Tensor | None
    ) -> tf.Tensor | None:
        """float32[B, N, T]: what everyone's counts are moved by for this query, or None."""
        batch = tf.shape(past.item)[0]
        parts = []
        if recent_item is not None and recent_count is not None:
            kept = recent_count * tf.cast(recent_item >= 0, tf.float32)[:, :, None]
            parts.append(self._scattered(recent_item, kept, batch))
        if self.layout.leave_own_out:
            events = (
                self._by_type(past) * past.count[:, :, None] * tf.cast(past.item >= 0, tf.float32)[:, :, None]
            )
            parts.append(-self._scattered(past.item, events, batch))
        return tf.add_n(parts) if parts else None

    def _scattered(self, items: tf.Tensor, rows: tf.Tensor, batch: tf.Tensor) -> tf.Tensor:
        ids = tf.range(batch)[:, None] * self.size + tf.maximum(items, 0)
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(rows, [-1, self.types]), tf.reshape(ids, [-1]), batch * self.size
        )
        return tf.reshape(flat, [batch, self.size, self.types])

    def _moved_base(self, shift: tf.Tensor, changed: tf.Tensor) -> tf.Tensor:
        """float32[B, N]: how base differs from the static one at the items int32[B, Z] that moved."""
        batch = tf.shape(changed)[0]
        safe = tf.maximum(changed, 0)
        known = tf.cast(changed >= 0, tf.float32)
        moved = self._moved(
            tf.gather(self.counts, safe),
            tf.gather(self.total, safe),
            None,
            tf.gather(shift, safe, batch_dims=1),
        )
        now = tf.linalg.matvec(
            self._base_columns(*moved, tf.gather(self.age, safe)), self.weights[self.layout.base_start :]
        )
        delta = (now - tf.gather(self.static_base, safe)) * known
        times = self._sum_at(safe, known, batch)
        delta = tf.math.divide_no_nan(delta, tf.gather(times, safe, batch_dims=1))
        return self._sum_at(safe, delta, batch)

    def _sum_at(self, items: tf.Tensor, values: tf.Tensor, batch: tf.Tensor) -> tf.Tensor:
        ids = tf.range(batch)[:, None] * self.size + items
        flat = tf.math.unsorted_segment_sum(
            tf.reshape(values, [-1]), tf.reshape(ids, [-1]), batch * self.size
        )
        return tf.reshape(flat, [batch, self.size])

    def total_now(
        self,
        past: Past,
        candidates: tf.Tensor,
        recent_item: tf.Tensor | None = None,
        recent_count: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """float32[B, M, T]: everyone's events on each candidate, moved by the query."""
        own = self.own(past, candidates) if self.layout.leave_own_out else None
        recent = self._recent(candidates, recent_item, recent_count)
        total = tf.gather(self.total, tf.maximum(candidates, 0))
        return self._moved(tf.zeros_like(total)[:, :, :0], total, own, recent)[1]

    def _recent(
        self, candidates: tf.Tensor, item: tf.Tensor | None, count: tf.Tensor | None
    ) -> tf.Tensor | None:
        """float32[B, M, T]: the recent counts of the candidates."""
        if item is None or count is None:
            return None
        same = self.similarities(item, candidates, "identity")
        return tf.matmul(same, count, transpose_a=True)

    def base_parts(
        self,
        past: Past,
        candidates: tf.Tensor,
        recent_item: tf.Tensor | None = None,
        recent_count: tf.Tensor | None = None,
    ) -> tf.Tensor:
        """float32[B, M, 3]: base by its named parts: popularity, conversion, age."""
        columns = self._candidate_base(past, candidates, recent_item, recent_count)
        weighted = columns * self.weights[self.layout.base_start :]
        windows = len(self.layout.windows) * self.types
        zero = tf.zeros_like(weighted[:, :, 0])
        conversion = weighted[:, :, windows] if self.layout.conversion else zero
        age = weighted[:, :, -1] if self.layout.age else zero
        return tf.stack([tf.reduce_sum(weighted[:, :, :windows], -1), conversion, age], -1)

    def _candidate_base(
        self,
        past: Past,
        candidates: tf.Tensor,
        recent_item: tf.Tensor | None,
        recent_count: tf.Tensor | None,
    ) -> tf.Tensor:
        safe = tf.maximum(candidates, 0)
        own = self.own(past, candidates) if self.layout.leave_own_out else None
        recent = self._recent(candidates, recent_item, recent_count)
        counts, total = self._moved(tf.gather(self.counts, safe), tf.gather(self.total, safe), own, recent)
        return self._base_columns(counts, total, tf.gather(self.age, safe))

    def base_of(
        self,
        past: Past,
        candidates: tf.Tensor,
        recent_item: tf.Tensor | None = None,
        recent_count: tf.Tensor | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Base and what recent events add to it, each float32[B, M], of candidates int32[B, M]."""
        weights = self.weights[self.layout.base_start :]
        base = tf.linalg.matvec(self._candidate_base(past, candidates, None, None), weights)
        if recent_item is None:
            return base, tf.zeros_like(base)
        moved = tf.linalg.matvec(self._candidate_base(past, candidates, recent_item, recent_count), weights)
        return base, moved - base

    def shares(self, past: Past, candidates: tf.Tensor, total: tf.Tensor | None = None) -> tf.Tensor:
        """float32[B, L, M]: what each history row adds to each candidate's score."""
        safe = tf.maximum(candidates, 0)
        if total is None:
            total = tf.gather(self.total, safe)
        shares = tf.zeros([tf.shape(past.item)[0], tf.shape(past.item)[1], tf.shape(candidates)[1]])
        for name in dict.fromkeys(kernel.similarity for kernel in self.layout.kernels):
            amounts: dict[str, list[tf.Tensor]] = {}
            factors: dict[str, tf.Tensor] = {}
            for place, kernel in enumerate(self.layout.kernels):
                if kernel.similarity == name:
                    amounts.setdefault(kernel.factor, []).append(self.event_weights(past, place))
                    factors[kernel.factor] = self._factor(kernel, safe, total)
            of_event = tf.stack([tf.add_n(parts) for parts in amounts.values()], axis=2)
            of_item = tf.stack([factors[factor] for factor in amounts], axis=1)
            shares += tf.matmul(of_event, of_item) * self.similarities(past.item, candidates, name)
        return shares


def _table(values: np.ndarray, dtype: tf.DType, name: str) -> tf.Variable:
    return tf.Variable(tf.convert_to_tensor(values, dtype), trainable=False, name=name)


def _places(names: tuple[str, ...], among: tuple[str, ...]) -> list[int]:
    return [among.index(name) for name in names]


def _all_time(layout: Layout) -> int:
    """The window that holds all events, else the longest."""
    return layout.windows.index(0) if 0 in layout.windows else int(np.argmax(layout.windows))
