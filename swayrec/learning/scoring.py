"""The one place that computes a feature: training rows, scores, shares and the network's inputs."""

import numpy as np
import tensorflow as tf

from swayrec.learning.event_amounts import EventAmounts
from swayrec.learning.everyone import Moment
from swayrec.learning.item_side import ItemSide
from swayrec.learning.layout import Layout
from swayrec.learning.past import Past, Recent
from swayrec.learning.similarities import IDENTITY, TEXT, Similarities
from swayrec.learning.tables import ItemTables
from swayrec.learning.weighing import Weighing


class Scoring(tf.Module):
    """Item tables and weights, and every question that is asked of them.

    score(j) = base(j) + sum over past events e of influence(e -> j), with influence(e -> j) =
    u sum_k w_k phi_k(e) S_k[item(e), j] q_k(j) (METHOD section 1). Shapes: B queries, L history rows,
    M candidates (int32, -1 = none: its numbers mean nothing), N items, d raw columns
    (:class:`~swayrec.learning.layout.Layout`), T behaviors.
    """

    def __init__(self, tables: ItemTables, layout: Layout, weights: np.ndarray | None = None) -> None:
        super().__init__(name="scoring")
        self.layout = layout
        self.size = len(tables.items)
        self.types = len(layout.behaviors)
        self.similar = Similarities(tables.similarity, self.size, tables.vectors)
        self.items = ItemSide(tables, layout)
        self.weighing = self.weighed(np.zeros(layout.size) if weights is None else weights)

    def weighed(self, weights: np.ndarray) -> Weighing:
        """Weights float[d] that :meth:`score` can be told to use in the place of its own, over the same tables."""
        return Weighing(self.items, weights)

    def set_weights(self, weights: np.ndarray) -> None:
        """Puts other weights float[d] in place, and the item-only part of the score with them."""
        self.weighing.put(weights)

    @property
    def weights(self) -> tf.Variable:
        """float32[d]."""
        return self.weighing.weights

    @property
    def static_base(self) -> tf.Variable:
        """float32[N]: the item-only part of the score."""
        return self.weighing.static_base

    def amounts(self, past: Past) -> EventAmounts:
        """What each past event amounts to, kernel by kernel."""
        return EventAmounts(past, self.items.gap)

    def own(self, past: Past, candidates: tf.Tensor) -> tf.Tensor:
        """float32[B, M, T]: the user's own events on each candidate, by behavior."""
        same = self.similar.between(past.item, candidates, IDENTITY)
        return tf.matmul(same, self._events(past), transpose_a=True)

    def _events(self, past: Past) -> tf.Tensor:
        """float32[B, L, T]: how many events each row holds, by behavior."""
        return tf.one_hot(past.behavior, self.types) * past.count[:, :, None]

    def _moved(
        self, past: Past, candidates: tf.Tensor, recent: Recent | None, own: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Everyone's counts of the candidates, by window and in all, as they are for these queries."""
        if not self.layout.leave_own_out:
            own = None
        elif own is None:
            own = self.own(past, candidates)
        added = None
        if recent is not None:
            # Over the whole catalogue, which costs less than each of them beside each candidate.
            added = tf.gather(self._recent(recent), tf.maximum(candidates, 0), batch_dims=1)
        return self.items.moved(tf.maximum(candidates, 0), own, added)

    # Raw columns.

    def features(
        self,
        past: Past,
        candidates: tf.Tensor,
        own: tf.Tensor | None = None,
        recent: Recent | None = None,
        amounts: EventAmounts | None = None,
        moment: Moment | None = None,
    ) -> tf.Tensor:
        """Raw columns float32[B, M, d] of candidates int32[B, M].

        Args:
            past: the histories.
            candidates: -1 = none.
            own: float32[B, M, T], what of everyone's counts is the user's own, where the layout leaves it
                out; computed from the history if absent (training passes the label's events too).
            recent: what everyone did since the tables were made.
            amounts: of this past, where they are known already.
            moment: everyone's counts, ages and which texts were known at the queries' own instants; they take the place
                of what the tables say of their one instant, and of ``own`` and ``recent``.
        """
        if moment is None:
            counts, total = self._moved(past, candidates, recent, own)
        else:
            counts, total = moment.counts, moment.total
        safe = tf.maximum(candidates, 0)
        amounts = amounts or self.amounts(past)
        similar: dict[str, tf.Tensor] = {}
        columns = []
        for kernel in self.layout.kernels:
            name = kernel.table
            if name not in similar and name != IDENTITY:
                similar[name] = self.similar.between(past.item, candidates, name)
                if name == TEXT and moment is not None:
                    similar[name] *= moment.heard[:, :, None] * moment.told[:, None, :]
            part = self._by_candidate(past, candidates, amounts.of(kernel), similar.get(name))
            columns.append(part * self.items.factor(kernel.factor, total, safe)[:, :, None])
        base = self.items.columns(counts, total, safe, None if moment is None else moment.age)
        return tf.concat([*columns, base], axis=-1)

    def _by_candidate(
        self, past: Past, candidates: tf.Tensor, phi: tf.Tensor, similar: tf.Tensor | None
    ) -> tf.Tensor:
        """float32[B, M, D * T]: amounts float32[B, L, D] through a similarity (None = identity)."""
        if similar is None:
            return self.similar.summed_by_candidate(past.item, past.behavior, phi, candidates, self.types)
        by_type = tf.one_hot(past.behavior, self.types)[:, :, None, :]
        batch, length = tf.shape(past.item)[0], tf.shape(past.item)[1]
        phi = tf.reshape(phi[:, :, :, None] * by_type, [batch, length, phi.shape[-1] * self.types])
        return tf.matmul(similar, phi, transpose_a=True)

    # Scores and shares.

    def score(
        self,
        past: Past,
        recent: Recent | None = None,
        amounts: EventAmounts | None = None,
        moment: Moment | None = None,
        by: Weighing | None = None,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Scores of the whole catalogue; ``amounts`` of this past, where they are known already.

        ``moment`` of the whole catalogue takes the place of what the tables say of their one instant, and of
        ``recent``. ``by`` other weights than its own.

        Returns:
            influence float32[B, N] and base float32[B, N]; their sum is the score.
        """
        by = self.weighing if by is None else by
        shift = self._shift(past, recent) if moment is None else None
        total = self.items.total[None] if moment is None else moment.total
        if shift is not None:
            total = tf.maximum(total + shift, 0.0)
        batch = tf.shape(past.item)[0]
        amounts = amounts or self.amounts(past)
        influence = tf.zeros([batch, self.size])
        for name, by_factor in self._folded(amounts, by).items():
            for factor, amount in by_factor.items():
                part = self.similar.spread(past.item, amount, name)
                influence += part * self.items.factor(factor, total)
        if moment is not None:
            columns = self.items.columns(moment.counts, moment.total, None, moment.age)
            return influence, tf.linalg.matvec(columns, by.of_base)
        base = tf.tile(by.static_base[None], [batch, 1])
        if shift is not None:
            changed = past.item if recent is None else tf.concat([past.item, recent.item], axis=1)
            base += self._moved_base(shift, changed, by)
        return influence, base

    def _folded(self, amounts: EventAmounts, by: Weighing) -> dict[str, dict[str, tf.Tensor]]:
        """float32[B, L] by similarity and factor: what each event amounts to, the weights folded in."""
        parts: dict[str, dict[str, list[tf.Tensor]]] = {}
        behavior = tf.maximum(amounts.past.behavior, 0)
        for place, kernel in enumerate(self.layout.kernels):
            by_decay = tf.reshape(by.weights[self.layout.block(place)], [len(kernel.decays), self.types])
            weights = tf.gather(tf.transpose(by_decay), behavior)
            amount = tf.reduce_sum(amounts.of(kernel) * weights, -1)
            parts.setdefault(kernel.table, {}).setdefault(kernel.factor, []).append(amount)
        return {
            name: {factor: tf.add_n(each) for factor, each in by_factor.items()}
            for name, by_factor in parts.items()
        }

    def _shift(self, past: Past, recent: Recent | None) -> tf.Tensor | None:
        """float32[B, N, T]: what everyone's counts are moved by for these queries, or None."""
        parts = []
        if recent is not None:
            parts.append(self._recent(recent))
        if self.layout.leave_own_out:
            events = self._events(past) * tf.cast(past.item >= 0, tf.float32)[:, :, None]
            parts.append(-self.similar.summed(past.item, events))
        return tf.add_n(parts) if parts else None

    def _recent(self, recent: Recent) -> tf.Tensor:
        """float32[B, N, T]: what everyone did lately with each item."""
        kept = recent.count * tf.cast(recent.item >= 0, tf.float32)[:, :, None]
        return self.similar.summed(recent.item, kept)

    def _moved_base(self, shift: tf.Tensor, changed: tf.Tensor, by: Weighing) -> tf.Tensor:
        """float32[B, N]: how base differs from the static one at the items int32[B, Z] that moved."""
        safe = tf.maximum(changed, 0)
        known = tf.cast(changed >= 0, tf.float32)
        counts, total = self.items.moved(safe, None, tf.gather(shift, safe, batch_dims=1))
        columns = self.items.columns(counts, total, safe)
        moved = tf.linalg.matvec(columns, by.of_base)
        delta = (moved - tf.gather(by.static_base, safe)) * known
        times = self.similar.summed(safe, known)
        delta = tf.math.divide_no_nan(delta, tf.gather(times, safe, batch_dims=1))
        return self.similar.summed(safe, delta)

    def base_parts(self, past: Past, candidates: tf.Tensor, recent: Recent | None = None) -> tf.Tensor:
        """float32[B, M, 3]: base by its named parts: popularity, conversion, age."""
        weighted = self._candidate_base(past, candidates, recent) * self.weighing.of_base
        popularity, ages = self.layout.popularity, weighted.shape[-1] - self.layout.ages
        parts = (weighted[:, :, :popularity], weighted[:, :, popularity:ages], weighted[:, :, ages:])
        return tf.stack([tf.reduce_sum(part, -1) for part in parts], -1)

    def base_of(
        self, past: Past, candidates: tf.Tensor, recent: Recent | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Base and what recent events add to it, each float32[B, M], of candidates int32[B, M]."""
        base = tf.linalg.matvec(self._candidate_base(past, candidates, None), self.weighing.of_base)
        if recent is None:
            return base, tf.zeros_like(base)
        moved = tf.linalg.matvec(self._candidate_base(past, candidates, recent), self.weighing.of_base)
        return base, moved - base

    def _candidate_base(self, past: Past, candidates: tf.Tensor, recent: Recent | None) -> tf.Tensor:
        counts, total = self._moved(past, candidates, recent)
        return self.items.columns(counts, total, tf.maximum(candidates, 0))

    def shares(self, past: Past, candidates: tf.Tensor, recent: Recent | None = None) -> tf.Tensor:
        """float32[B, L, M]: what each history row adds to each candidate's score."""
        safe = tf.maximum(candidates, 0)
        _, total = self._moved(past, candidates, recent)
        shares = tf.zeros([tf.shape(past.item)[0], tf.shape(past.item)[1], tf.shape(candidates)[1]])
        for name, by_factor in self._folded(self.amounts(past), self.weighing).items():
            of_event = tf.stack(list(by_factor.values()), axis=2)
            of_item = tf.stack([self.items.factor(factor, total, safe) for factor in by_factor], axis=1)
            shares += tf.matmul(of_event, of_item) * self.similar.between(past.item, candidates, name)
        return shares
