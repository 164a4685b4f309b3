"""A small real SavedModel with the frozen signatures, made by this script in a process of its own.

Its scores can be done in the head: score = base + sum of weight(behavior) x count over the rows of the
history that hold the item itself; base falls with the item's number. Similar are the items of the same
category, the nearer by their number the more.
"""

import sys
from dataclasses import replace
from pathlib import Path

import tensorflow as tf

from swayrec.learning.signature import Metadata

ITEMS = [f"i{number:02d}" for number in range(30)]
CATEGORIES = [("dairy", "bakery", "drinks")[number % 3] for number in range(30)]
WEIGHTS = {"view": 1.0, "buy": 3.0}
SHAPE = Metadata(
    scenario="tiny",
    version=0,
    behaviors=("view", "buy"),
    targets=("buy",),
    seen=(),
    rest=("base", "recent"),
    history=20,
    exclude=5,
    categories=3,
    recent=4,
    candidates=8,
    results=12,
    clock="log",
    until=1_000_000_000.0,
    similar="cooccurrence",
    words={"buy": {"en": "bought", "zh": "购买过"}, "view": {"en": "looked at", "zh": "看过"}},
)


class Tiny(tf.Module):
    """The scoring and its signatures."""

    def __init__(self, version: int, shape: Metadata) -> None:
        super().__init__()
        self.items = tf.constant(ITEMS)
        self.categories = tf.constant(CATEGORIES)
        self.base = tf.Variable(tf.range(30, 0, -1, tf.float32) / 100)
        self.weights = tf.lookup.StaticHashTable(
            tf.lookup.KeyValueTensorInitializer(list(WEIGHTS), list(WEIGHTS.values())), 0.0
        )
        self.version = version
        self.shape = shape

    def parts(self, item, behavior, count, recent_item, recent_count):
        amount = self.weights.lookup(behavior) * count
        shares = amount[:, :, None] * tf.cast(item[:, :, None] == self.items, tf.float32)
        recent = tf.reduce_sum(
            tf.reduce_sum(recent_count, 2)[:, :, None]
            * tf.cast(recent_item[:, :, None] == self.items, tf.float32),
            1,
        )
        return shares, recent / 100, amount

    def ranked(self, allowed, shares, recent, amount, width):
        batch = tf.shape(shares)[0]
        scores = tf.where(allowed, self.base + recent + tf.reduce_sum(shares, 1), -1e9)
        best, place = tf.math.top_k(scores, width)
        there = best > -1e8
        mine = tf.gather(tf.transpose(shares, [0, 2, 1]), place, batch_dims=1)
        share, row = tf.math.top_k(mine, 3)
        return {
            "item": tf.where(there, tf.gather(self.items, place), ""),
            "score": tf.where(there, best, 0),
            "base": tf.gather(tf.broadcast_to(self.base, tf.shape(scores)), place, batch_dims=1),
            "reason_row": tf.where(share > 0, row, -1),
            "reason_share": tf.where(share > 0, share, 0),
            "source": tf.where(
                tf.reduce_sum(mine, 2) > 0,
                "influence",
                tf.where(tf.gather(recent > self.base, place, batch_dims=1), "recent", "base"),
            ),
            "category": tf.where(there, tf.gather(self.categories, place), ""),
            "intent": tf.sigmoid(tf.reduce_sum(amount, 1, keepdims=True) / 10),
            "model_version": tf.fill([batch], tf.constant(self.version, tf.int64)),
        }

    def allowed(self, exclude, category):
        out = tf.reduce_any(exclude[:, :, None] == self.items, 1)
        inside = tf.reduce_any(category[:, :, None] == self.categories, 1)
        free = tf.reduce_all(category == "", 1, keepdims=True)
        return ~out & (inside | free)

    def recommend(self, item, behavior, count, recent_item, recent_count, exclude, category, **_):
        parts = self.parts(item, behavior, count, recent_item, recent_count)
        return self.ranked(self.allowed(exclude, category), *parts, self.shape.results)

    def rank(self, item, behavior, count, recent_item, recent_count, exclude, category, candidate, **_):
        parts = self.parts(item, behavior, count, recent_item, recent_count)
        among = tf.reduce_any(candidate[:, :, None] == self.items, 1)
        return self.ranked(self.allowed(exclude, category) & among, *parts, self.shape.candidates)

    def explain(self, item, behavior, count, recent_item, recent_count, target, **_):
        shares, recent, amount = self.parts(item, behavior, count, recent_item, recent_count)
        hit = tf.cast(target[:, None] == self.items, tf.float32)
        rest = [tf.reduce_sum(hit * self.base, 1), tf.reduce_sum(hit * recent, 1)]
        lost = tf.where(tf.reduce_any(hit > 0, 1, keepdims=True), 0.0, float("nan"))
        return {
            "share": tf.reduce_sum(shares * hit[:, None, :], 2) + lost,
            "intent": tf.sigmoid(amount),
            "rest": tf.stack(rest, 1) + lost,
        }

    def similar(self, item, exclude, category):
        mine = tf.cast(item[:, None] == self.items, tf.int32)
        known = tf.reduce_sum(mine, 1)
        place = tf.argmax(mine, 1, tf.int32)[:, None]
        numbers = tf.range(30)[None, :]
        alike = ((numbers - place) % 3 == 0) & (numbers != place) & (known > 0)[:, None]
        score = 1 / (1 + tf.cast(tf.abs(numbers - place), tf.float32))
        score = tf.where(alike & self.allowed(exclude, category), score, 0)
        best, at = tf.math.top_k(score, self.shape.results)
        return {
            "item": tf.where(best > 0, tf.gather(self.items, at), ""),
            "score": best,
            "category": tf.where(best > 0, tf.gather(self.categories, at), ""),
            "known": known,
            "model_version": tf.fill([tf.shape(item)[0]], tf.constant(self.version, tf.int64)),
        }


def specs(shape: Metadata) -> dict[str, tf.TensorSpec]:
    L, E, C, P, T = shape.history, shape.exclude, shape.categories, shape.recent, len(shape.behaviors)
    dims = {
        "item": ([L], tf.string),
        "behavior": ([L], tf.string),
        "time": ([L], tf.float64),
        "order": ([L], tf.int64),
        "count": ([L], tf.float32),
        "value": ([L], tf.float32),
        "now": ([], tf.float64),
        "now_order": ([], tf.int64),
        "exclude": ([E], tf.string),
        "category": ([C], tf.string),
        "recent_item": ([P], tf.string),
        "recent_count": ([P, T], tf.float32),
        "diversity": ([], tf.float32),
        "candidate": ([shape.candidates], tf.string),
        "target": ([], tf.string),
    }
    return {name: tf.TensorSpec([None, *size], kind, name=name) for name, (size, kind) in dims.items()}


def save(folder: Path, version: int, history: int) -> None:
    shape = replace(SHAPE, history=history, version=version)
    tiny = Tiny(version, shape)
    every = specs(shape)
    asked = {name: spec for name, spec in every.items() if name not in ("candidate", "target")}
    signatures = {
        "recommend": tf.function(tiny.recommend).get_concrete_function(**asked),
        "rank": tf.function(tiny.rank).get_concrete_function(**asked, candidate=every["candidate"]),
        "explain": tf.function(tiny.explain).get_concrete_function(**asked, target=every["target"]),
        "similar": tf.function(tiny.similar).get_concrete_function(
            item=tf.TensorSpec([None], tf.string, "item"),
            exclude=every["exclude"],
            category=every["category"],
        ),
    }
    tf.saved_model.save(tiny, str(folder / str(version)), signatures)
    shape.write(folder / str(version))


if __name__ == "__main__":
    save(Path(sys.argv[1]), int(sys.argv[2]), int((sys.argv[3:] or [SHAPE.history])[0]))
