"""The graph that is served: strings in, ranked strings with reasons out (DESIGN: model signature)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np
import tensorflow as tf

from swayrec.learning.diversity import maximal_marginal_relevance
from swayrec.learning.intents import Intent
from swayrec.learning.past import Past
from swayrec.learning.reasons import reasons
from swayrec.learning.retrieval import halved_in_graph
from swayrec.learning.scoring import Scoring
from swayrec.learning.signature import HISTORY, Metadata
from swayrec.learning.tables import ALIKE, ItemTables
from swayrec.learning.vocabulary import Asked, Vocabulary
from swayrec.learning.weighing import Weighing

SOURCES = ("influence", "base", "network", "recent")


class Network(Protocol):
    """What may only add to the closed form; ``plain`` float[d]: weights that pick half of what it is asked of."""

    plain: np.ndarray | None

    def adds(self, past: Past, features: tf.Tensor, closed: tf.Tensor, candidates: tf.Tensor) -> tf.Tensor:
        """float32[B, M]: what the network adds to the closed scores float32[B, M] of candidates int32[B, M]."""


class Scored(NamedTuple):
    """Parts of the candidates' scores, each float32[B, M], in the order of ``SOURCES``."""

    influence: tf.Tensor
    base: tf.Tensor
    network: tf.Tensor
    recent: tf.Tensor

    @property
    def score(self) -> tf.Tensor:
        """The score."""
        return self.influence + self.base + self.network + self.recent

    @property
    def largest(self) -> tf.Tensor:
        """int64[B, M]: which part is the largest; base where no other says anything."""
        parts = tf.stack([part if part is self.base else tf.where(part != 0, part, -np.inf) for part in self])
        return tf.argmax(parts, axis=0)


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
        self.alike = next((name for name in ALIKE if name in tables.similarity), None)
        self.metadata = replace(metadata, similar=self.alike)
        self.scoring, self.intent, self.network = scoring, intent, network
        plain = None if network is None else network.plain
        self.also = None if plain is None else scoring.weighed(plain)
        self.results = min(metadata.results, len(tables.items))
        self.vocabulary = Vocabulary(tables, metadata.behaviors)
        self.version = tf.Variable(metadata.version, dtype=tf.int64, trainable=False, name="version")

    def signatures(self) -> dict[str, Callable]:
        """The concrete functions by signature name."""
        shape = self.metadata
        history = {
            name: tf.TensorSpec([None, shape.history], tf.string if dtype is object else dtype, name)
            for name, (dtype, _) in HISTORY.items()
        }
        common = {
            **history,
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
        made = {
            "recommend": _graph(self.recommend).get_concrete_function(**common),
            "rank": _graph(self.rank).get_concrete_function(**common, **candidate),
            "explain": _graph(self.explain).get_concrete_function(**common, **target),
        }
        if self.alike is not None:
            made["similar"] = _graph(self.similar).get_concrete_function(
                item=tf.TensorSpec([None], tf.string, "item"),
                exclude=common["exclude"],
                category=common["category"],
            )
        return made

    def recommend(self, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """The best R items of the catalogue; where the network says so, half of them are those of its plain weights."""
        asked = self.vocabulary.asked(inputs)
        amounts = self.scoring.amounts(asked.past)
        hidden = tf.where(asked.allowed, 0.0, -np.inf)

        def scored(by: Weighing | None = None) -> tf.Tensor:
            influence, base = self.scoring.score(asked.past, asked.recent, amounts, by=by)
            return influence + base + hidden

        picked = scored()
        if self.also is not None:
            picked = halved_in_graph(picked, scored(self.also), self.results)
        _, candidates = tf.math.top_k(picked, self.results)
        allowed = tf.gather(asked.allowed, candidates, batch_dims=1)
        return self._answer(asked, tf.where(allowed, candidates, -1))

    def rank(self, candidate: tf.Tensor, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """The given candidates, best first; unknown, excluded and repeated ones fall out."""
        asked = self.vocabulary.asked(inputs)
        candidates = self.vocabulary.items.lookup(candidate)
        width = self.metadata.candidates
        same = (candidates[:, :, None] == candidates[:, None, :]) & (
            tf.range(width)[:, None] > tf.range(width)[None, :]
        )
        twice = tf.reduce_any(same, -1)
        allowed = tf.gather(asked.allowed, tf.maximum(candidates, 0), batch_dims=1)
        return self._answer(asked, tf.where(allowed & (candidates >= 0) & ~twice, candidates, -1))

    def explain(self, target: tf.Tensor, **inputs: tf.Tensor) -> dict[str, tf.Tensor]:
        """Every history row's share in the target's score and the intent after it, and the named rest.

        Shares and rest sum to the score; NaN shares mark an unknown target.
        """
        asked = self.vocabulary.asked(inputs, trimmed=False)
        candidates = self.vocabulary.items.lookup(target)[:, None]
        scored, shares = self._scored(asked, candidates)
        parts = self.scoring.base_parts(asked.past, candidates, asked.recent)
        rest = tf.concat([parts[:, 0], scored.network], axis=-1)
        lost = tf.where(candidates[:, 0] >= 0, 0.0, np.float32(np.nan))
        real = tf.cast(asked.past.item >= 0, tf.float32)
        return {
            "share": shares[:, :, 0] + lost[:, None],
            "intent": tf.reduce_max(self.intent.intents(asked.past), -1) * real,
            "rest": rest + lost[:, None],
            "score": scored.score[:, 0] + lost,
            "model_version": tf.fill([tf.shape(target)[0]], self.version),
        }

    def similar(self, item: tf.Tensor, exclude: tf.Tensor, category: tf.Tensor) -> dict[str, tf.Tensor]:
        """What is most like an item, by the model's first similarity of ``ALIKE``.

        ``item`` string[B]. Out: ``item`` string[B, R], ``score`` float32[B, R] above 0 (the similarity),
        ``category`` string[B, R], ``known`` int32[B] (0 = no such item), ``model_version`` int64[B].
        """
        assert self.alike is not None
        places = self.vocabulary.items.lookup(item)
        near, value = self.scoring.similar.nearest(places, self.alike)
        allowed = tf.gather(self.vocabulary.allowed(exclude, category), near, batch_dims=1)
        fit = allowed & (value > 0) & (near != places[:, None]) & (places >= 0)[:, None]
        width = min(self.metadata.results, near.shape[1])
        score, at = tf.math.top_k(tf.where(fit, value, -np.inf), width)
        found = tf.where(score > 0, tf.gather(near, at, batch_dims=1), -1)
        wide = self.metadata.results
        return {
            "item": _widened(self.vocabulary.ids_of(found), wide, ""),
            "score": _widened(tf.where(found >= 0, score, 0.0), wide, 0.0),
            "category": _widened(self.vocabulary.categories_of(found), wide, ""),
            "known": tf.cast(places >= 0, tf.int32),
            "model_version": tf.fill([tf.shape(item)[0]], self.version),
        }

    def _scored(self, asked: Asked, candidates: tf.Tensor) -> tuple[Scored, tf.Tensor]:
        """The parts of the candidates' scores, and the shares float32[B, L, M] that make up the influence."""
        scoring = self.scoring
        shares = scoring.shares(asked.past, candidates, asked.recent)
        influence = tf.reduce_sum(shares, axis=1)
        base, recent = scoring.base_of(asked.past, candidates, asked.recent)
        added = tf.zeros_like(influence)
        if self.network is not None:
            features = scoring.features(asked.past, candidates)
            added = self.network.adds(asked.past, features, influence + base, candidates)
        return Scored(influence, base, added, recent), shares

    def _answer(self, asked: Asked, candidates: tf.Tensor) -> dict[str, tf.Tensor]:
        scored, shares = self._scored(asked, candidates)
        score = tf.where(candidates >= 0, scored.score, -np.inf)
        order = maximal_marginal_relevance(score, asked.diversity, self._resemblance(candidates))

        def placed(values: tf.Tensor) -> tf.Tensor:
            return tf.gather(values, order, batch_dims=1)

        row, share = (placed(part) for part in reasons(asked.past, shares, candidates >= 0))
        candidates, scored = placed(candidates), Scored(*(placed(part) for part in scored))
        real = candidates >= 0
        sources = tf.gather(tf.constant(SOURCES), scored.largest)
        lists = {
            "item": self.vocabulary.ids_of(candidates),
            "score": tf.where(real, scored.score, 0.0),
            "base": tf.where(real, scored.base + scored.recent, 0.0),
            "reason_row": row,
            "reason_share": share,
            "source": tf.where(real, sources, ""),
            "category": self.vocabulary.categories_of(candidates),
        }
        empty = {"item": "", "source": "", "category": "", "reason_row": -1}
        width = self.metadata.results
        return {
            **{name: _widened(values, width, empty.get(name, 0.0)) for name, values in lists.items()},
            "intent": self.intent.intents(asked.past)[:, 0],
            "model_version": tf.fill([tf.shape(candidates)[0]], self.version),
        }

    def _resemblance(self, candidates: tf.Tensor) -> Callable[[], tf.Tensor] | None:
        """Gives float32[B, M, M], how alike the candidates are; None where the model cannot tell."""
        name = self.alike
        if name is None:
            return None

        def alike() -> tf.Tensor:
            return self.scoring.similar.between(candidates, candidates, name)

        return alike


def _graph(function: Callable) -> Any:
    # All control flow is TensorFlow's own: looking for Python's would take longer than all else does.
    return tf.function(function, autograph=False)


def _widened(values: tf.Tensor, width: int, empty: object) -> tf.Tensor:
    """``values`` [B, M, ...] cut or padded to [B, width, ...]."""
    values = values[:, :width]
    pads = [[0, 0], [0, width - values.shape[1]]] + [[0, 0]] * (len(values.shape) - 2)
    return tf.pad(
        values, pads, constant_values=tf.cast(empty, values.dtype) if values.dtype != tf.string else empty
    )
