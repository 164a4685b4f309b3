"""The graph that is served: strings in, ranked strings with reasons out (DESIGN: model signature)."""

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from swayrec.learning.diversity import maximal_marginal_relevance
from swayrec.learning.scoring import Past, Scoring, past
from swayrec.learning.signature import Metadata
from swayrec.learning.tables import ItemTables

REASONS = 3
SOURCES = ("influence", "base", "network", "recent")


class Intent(Protocol):
    """What follows the sequence: intents after each history row."""

    def intents(self, past: Past) -> tf.Tensor:
        """float32[B, L, G], newest first: the intent right after each row; column 0 is now."""


class Network(Protocol):
    """What may only add to the closed form."""

    def adds(self, past: Past, features: tf.Tensor, closed: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """float32[B, M]: what the network adds to the closed scores float32[B, M] of candidates int32[B, M]."""


class Scored(NamedTuple):
    """Parts of the candidates' scores, each float32[B, M]."""

    influence: tf.Tensor
    base: tf.Tensor
    network: tf.Tensor
    recent: tf.Tensor

    @property
    def score(self) -> tf.Tensor:
        """The score."""
        return self.influence + self.base + self.network + self.recent


class Served(tf.Module):
    """A fitted scoring with an intent model and perhaps a network, behind string signatures.

    The instance that training scored with is the one that is saved: there is no second implementation.
    """

    def __init__(
        self,
        tables: ItemTables,
        scoring: Scoring,
        metadata: Metadata,
        intent: Intent,
        network: Network | None = None,
    ) -> None:
        super().__init__(name="served")
        self.metadata, self.scoring, self.intent, self.network = metadata, scoring, intent, network
        self.results = min(metadata.results, len(tables.items))
        self.item_ids = tf.Variable(
            tf.constant([_bytes_of(item) for item in tables.items]), trainable=False, name="items"
        )
        names = [_bytes_of(category) for category in (*tables.categories, "")]
        self.category_names = tf.Variable(tf.constant(names), trainable=False, name="categories")
        self.no_category = len(names) - 1
        self.category = tf.Variable(tables.category, trainable=False, name="category")
        self.version = tf.Variable(metadata.version, dtype=tf.int64, trainable=False, name="version")
        self.items = _lookup(tables.items)
        self.categories = _lookup(np.asarray(tables.categories, object))
        self.behaviors = _lookup(np.asarray(metadata.behaviors, object))
        self.alike = next(
            (n for n in ("text", "ease", "cooccurrence", "category") if n in tables.similarity), None
        )

    def signatures(self) -> dict[str, Callable]:
        """The concrete functions by signature name."""
        shape = self.metadata
        common = {
            "item": tf.TensorSpec([None, shape.history], tf.string, "item"),
            "behavior": tf.TensorSpec([None, shape.history], tf.string, "behavior"),
            "time": tf.TensorSpec([None, shape.history], tf.float64, "time"),
            "order": tf.TensorSpec([None, shape.history], tf.int64, "order"),
            "count": tf.TensorSpec([None, shape.history], tf.float32, "count"),
            "value": tf.TensorSpec([None, shape.history], tf.float32, "value"),
            "now": tf.TensorSpec([None], tf.float64, "now"),
            "now_order": tf.TensorSpec([None], tf.int64, "now_order"),
            "exclude": tf.TensorSpec([None, shape.exclude], tf.string, "exclude"),
            "category": tf.TensorSpec([None, shape.categories], tf.string, "category"),
            "recent_item": tf.TensorSpec([None, shape.recent], tf.string, "recent_item"),
            "recent_count": tf.TensorSpec(
                [None, shape.recent, len(shape.behaviors)], tf.float32, "recent_count"
            ),
            "diversity": tf.TensorSpec([None], tf.float32, "diversity"),
        }
        candidate = {"candidate": tf.TensorSpec([None, shape.candidates], tf.string, "candidate")}
        target = {"target": tf.TensorSpec([None], tf.string, "target")}
        return {
            "recommend": tf.function(self.recommend).get_concrete_function(**common),
            "rank": tf.function(self.rank).get_concrete_function(**common, **candidate),
            "explain": tf.function(self.explain).get_concrete_function(**common, **target),
        }

    def recommend(self, **asked: tf.Tensor) -> dict[str, tf.Tensor]:
        """The best R items of the catalogue."""
        query = self._query(asked)
        influence, base = self.scoring.score(query.past, query.recent_item, query.recent_count)
        hidden = tf.where(self._allowed(asked), 0.0, -np.inf)
        _, candidates = tf.math.top_k(influence + base + hidden, self.results)
        allowed = tf.gather(hidden, candidates, batch_dims=1) == 0
        return self._answer(query, tf.where(allowed, candidates, -1), self.results)

    def rank(self, candidate: tf.Tensor, **asked: tf.Tensor) -> dict[str, tf.Tensor]:
        """The given candidates, best first; unknown, excluded and repeated ones fall out."""
        query = self._query(asked)
        candidates = self.items.lookup(candidate)
        safe = tf.maximum(candidates, 0)
        width = self.metadata.candidates
        same = (candidates[:, :, None] == candidates[:, None, :]) & (
            tf.range(width)[:, None] > tf.range(width)[None, :]
        )
        twice = tf.reduce_any(same, -1)
        kept = tf.gather(self._allowed(asked), safe, batch_dims=1) & (candidates >= 0) & ~twice
        return self._answer(query, tf.where(kept, candidates, -1), width)

    def explain(self, target: tf.Tensor, **asked: tf.Tensor) -> dict[str, tf.Tensor]:
        """Every history row's share in the target's score and the intent after it, and the named rest.

        Shares and rest sum to the score; NaN shares mark an unknown target.
        """
        query = self._query(asked, trimmed=False)
        candidates = self.items.lookup(target)[:, None]
        known = (candidates >= 0)[:, 0]
        scored, shares = self._scored(query, candidates)
        share = shares[:, :, 0]
        parts = self.scoring.base_parts(query.past, candidates, query.recent_item, query.recent_count)
        rest = tf.concat([parts[:, 0], scored.network], axis=-1)
        lost = tf.where(known, 0.0, np.float32(np.nan))
        intents = self.intent.intents(query.past)
        real = tf.cast(query.past.item >= 0, tf.float32)
        return {
            "share": share + lost[:, None],
            "intent": tf.reduce_max(intents, -1) * real,
            "rest": rest + lost[:, None],
            "score": scored.score[:, 0] + lost,
            "model_version": tf.fill([tf.shape(target)[0]], self.version),
        }

    # What is asked, in numbers.

    def _query(self, asked: dict[str, tf.Tensor], *, trimmed: bool = True) -> "_Query":
        item = self.items.lookup(asked["item"])
        behavior = self.behaviors.lookup(asked["behavior"])
        rows = {name: asked[name] for name in ("time", "order", "count", "value")}
        if trimmed:
            used = tf.reduce_any(asked["item"] != "", axis=0)
            longest = tf.maximum(tf.reduce_max(tf.where(used, tf.range(1, self.metadata.history + 1), 0)), 1)
            item, behavior = item[:, :longest], behavior[:, :longest]
            rows = {name: value[:, :longest] for name, value in rows.items()}
        before = past(item, behavior, **rows, now=asked["now"], now_order=asked["now_order"])
        return _Query(
            before, self.items.lookup(asked["recent_item"]), asked["recent_count"], asked["diversity"]
        )

    def _allowed(self, asked: dict[str, tf.Tensor]) -> tf.Tensor:
        """bool[B, N]: what neither `exclude` nor `category` takes away."""
        batch, size = tf.shape(asked["exclude"])[0], self.scoring.size
        gone = self.items.lookup(asked["exclude"])
        ids = tf.range(batch)[:, None] * size + tf.maximum(gone, 0)
        hits = tf.math.unsorted_segment_max(
            tf.reshape(tf.cast(gone >= 0, tf.int32), [-1]), tf.reshape(ids, [-1]), batch * size
        )
        allowed = tf.reshape(hits, [batch, size]) <= 0
        wanted = self.categories.lookup(asked["category"])
        any_wanted = tf.reduce_any(asked["category"] != "", axis=1)
        rows = tf.range(batch)[:, None] * (self.no_category + 2)
        flags = tf.math.unsorted_segment_max(
            tf.reshape(tf.cast(wanted >= 0, tf.int32), [-1]),
            tf.reshape(rows + tf.maximum(wanted, 0), [-1]),
            batch * (self.no_category + 2),
        )
        flags = tf.reshape(flags, [batch, -1])
        of_item = tf.where(self.category >= 0, self.category, self.no_category + 1)
        inside = tf.gather(flags, of_item, axis=1) > 0
        return allowed & (inside | ~any_wanted[:, None])

    # What is answered.

    def _total(self, query: "_Query", candidates: tf.Tensor) -> tf.Tensor:
        return self.scoring.total_now(query.past, candidates, query.recent_item, query.recent_count)

    def _scored(self, query: "_Query", candidates: tf.Tensor) -> tuple[Scored, tf.Tensor]:
        """The parts of the candidates' scores, and the shares float32[B, L, M] that make up the influence."""
        scoring = self.scoring
        shares = scoring.shares(query.past, candidates, self._total(query, candidates))
        influence = tf.reduce_sum(shares, axis=1)
        base, recent = scoring.base_of(query.past, candidates, query.recent_item, query.recent_count)
        added = tf.zeros_like(influence)
        if self.network is not None:
            features = scoring.features(query.past, candidates)
            added = self.network.adds(query.past, features, influence + base, candidates)
        return Scored(influence, base, added, recent), shares

    def _answer(self, query: "_Query", candidates: tf.Tensor, width: int) -> dict[str, tf.Tensor]:
        scored, shares = self._scored(query, candidates)
        real = candidates >= 0
        score = tf.where(real, scored.score, -np.inf)
        alike = None
        if (kernel := self.alike) is not None:
            alike = lambda: self.scoring.similarities(candidates, candidates, kernel)  # noqa: E731
        order = maximal_marginal_relevance(score, query.diversity, alike)

        def placed(values: tf.Tensor) -> tf.Tensor:
            return tf.gather(values, order, batch_dims=1)

        candidates, real = placed(candidates), placed(real)
        safe = tf.maximum(candidates, 0)
        parts = tf.stack(
            [placed(part) for part in (scored.influence, scored.base, scored.network, scored.recent)]
        )
        sources = tf.gather(tf.constant(SOURCES), tf.argmax(parts, axis=0))
        shares = tf.gather(tf.transpose(shares, [0, 2, 1]), order, batch_dims=1)
        missing = tf.maximum(REASONS - tf.shape(shares)[2], 0)
        shares = tf.pad(shares, [[0, 0], [0, 0], [0, missing]])
        share, row = tf.math.top_k(shares, REASONS)
        given = (share > 0) & real[:, :, None]
        batch = tf.shape(candidates)[0]
        category = tf.gather(self.category, safe)
        category = tf.gather(self.category_names, tf.where(category >= 0, category, self.no_category))
        fill = width if width == self.metadata.results else self.metadata.results
        answer = {
            "item": tf.where(real, tf.gather(self.item_ids, safe), ""),
            "score": tf.where(real, placed(score), 0.0),
            "base": tf.where(real, placed(scored.base + scored.recent), 0.0),
            "reason_row": tf.where(given, row, -1),
            "reason_share": tf.where(given, share, 0.0),
            "source": tf.where(real, sources, ""),
            "category": tf.where(real, category, ""),
        }
        empty = {"item": "", "source": "", "category": "", "reason_row": -1}
        answer = {name: _widened(value, fill, empty.get(name, 0.0)) for name, value in answer.items()}
        answer["intent"] = self.intent.intents(query.past)[:, 0]
        answer["model_version"] = tf.fill([batch], self.version)
        return answer


class _Query(NamedTuple):
    past: Past
    recent_item: tf.Tensor
    recent_count: tf.Tensor
    diversity: tf.Tensor


def _widened(values: tf.Tensor, width: int, empty: object) -> tf.Tensor:
    """``values`` [B, M, ...] cut or padded to [B, width, ...]."""
    values = values[:, :width]
    pads = [[0, 0], [0, width - values.shape[1]]] + [[0, 0]] * (len(values.shape) - 2)
    return tf.pad(
        values, pads, constant_values=tf.cast(empty, values.dtype) if values.dtype != tf.string else empty
    )


def _bytes_of(value: object) -> bytes:
    """The bytes of an id."""
    return str(value).encode()


def _lookup(keys: np.ndarray) -> tf.lookup.StaticHashTable:
    """From strings to their place, -1 for the unknown; '' is never known."""
    named = [str(key) for key in keys] or ["\0"]
    return tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(
            tf.constant(named), tf.constant(list(range(len(keys))) or [-1], tf.int32)
        ),
        default_value=-1,
    )
