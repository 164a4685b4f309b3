"""Strings to numbers and back: ids, behaviors and categories of a question, as the graph computes with them."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import tensorflow as tf

from swayrec.learning.categories import SEPARATOR, parts
from swayrec.learning.past import Past, Recent, past
from swayrec.learning.signature import HISTORY
from swayrec.learning.tables import ItemTables


class Asked(NamedTuple):
    """Questions in numbers: the past, what everyone did lately, ``diversity`` float32[B], ``allowed`` bool[B, N]."""

    past: Past
    recent: Recent
    diversity: tf.Tensor
    allowed: tf.Tensor


class Vocabulary(tf.Module):
    """The ids of N items, the categories and the behaviors of a model; the inputs are those of its signatures."""

    def __init__(self, tables: ItemTables, behaviors: tuple[str, ...]) -> None:
        super().__init__(name="vocabulary")
        self.size = len(tables.items)
        self.items, self.behaviors = _places(tables.items), _places(behaviors)
        members = [(place, part) for place, name in enumerate(tables.categories) for part in parts(name)]
        self.part_names = tuple(dict.fromkeys(part for _, part in members))
        self.parts = _places(self.part_names)
        number = {part: place for place, part in enumerate(self.part_names)}
        self.member_category = _numbers([place for place, _ in members], "member_category")
        self.member_part = _numbers([number[part] for _, part in members], "member_part")
        self.item_ids = _strings(tables.items, "items")
        self.category_names = _strings((*tables.categories, ""), "categories")
        self.category = tf.Variable(tables.category, trainable=False, name="category")
        self.no_category = len(tables.categories)

    def asked(self, inputs: Mapping[str, tf.Tensor], *, trimmed: bool = True) -> Asked:
        """The questions in numbers; ``trimmed``: lists without the places that are padding in all of them."""
        rows = {name: inputs[name] for name in HISTORY}
        recent_item, recent_count = inputs["recent_item"], inputs["recent_count"]
        if trimmed:
            longest = _longest(rows["item"])
            rows = {name: values[:, :longest] for name, values in rows.items()}
            longest = _longest(recent_item)
            recent_item, recent_count = recent_item[:, :longest], recent_count[:, :longest]
        rows["item"] = self.items.lookup(rows["item"])
        rows["behavior"] = self.behaviors.lookup(rows["behavior"])
        return Asked(
            past(**rows, now=inputs["now"], now_order=inputs["now_order"]),
            Recent(self.items.lookup(recent_item), recent_count),
            inputs["diversity"],
            self.allowed(inputs["exclude"], inputs["category"]),
        )

    def allowed(self, exclude: tf.Tensor, category: tf.Tensor) -> tf.Tensor:
        """bool[B, N]: what neither ids string[B, E] nor wanted categories string[B, C] take away.

        A wanted category that joins several (``Action|Comedy``) keeps the items that are in all of them.
        """
        left = ~_marked(self.items.lookup(exclude), self.size)
        any_wanted = tf.reduce_any(category != "", axis=1)

        def inside() -> tf.Tensor:
            wanted = tf.pad(self._wanted(category), [[0, 0], [0, 1]])
            of_item = tf.where(self.category >= 0, self.category, self.no_category)
            return left & (tf.gather(wanted, of_item, axis=1) | ~any_wanted[:, None])

        # Most questions want all categories; looking for theirs costs a tenth of the answer.
        return tf.cond(tf.reduce_any(any_wanted), inside, lambda: left)

    def _wanted(self, category: tf.Tensor) -> tf.Tensor:
        """bool[B, categories]: those that hold every part of at least one of the wanted string[B, C]."""
        batch = tf.shape(category)[0]
        named = tf.strings.strip(tf.strings.split(tf.reshape(category, [-1]), SEPARATOR).to_tensor(""))
        places = self.parts.lookup(named)
        unknown = tf.reduce_any((named != "") & (places < 0), axis=1)
        asked = tf.cast(_marked(places, max(len(self.part_names), 1)), tf.int32)
        needed = tf.reduce_sum(asked, axis=1)
        held = tf.math.unsorted_segment_sum(
            tf.transpose(tf.gather(asked, self.member_part, axis=1)), self.member_category, self.no_category
        )
        whole = (held == needed[None, :]) & (needed > 0)[None, :] & ~unknown[None, :]
        each = tf.reshape(whole, [self.no_category, batch, category.shape[1]])
        return tf.transpose(tf.reduce_any(each, axis=2))

    def ids_of(self, items: tf.Tensor) -> tf.Tensor:
        """string[B, M]: the ids of items int32[B, M]; '' at -1."""
        return tf.where(items >= 0, tf.gather(self.item_ids, tf.maximum(items, 0)), "")

    def categories_of(self, items: tf.Tensor) -> tf.Tensor:
        """string[B, M]: the categories of items int32[B, M]; '' at -1 and where an item has none."""
        category = tf.gather(self.category, tf.maximum(items, 0))
        named = tf.where((items >= 0) & (category >= 0), category, self.no_category)
        return tf.gather(self.category_names, named)


def _longest(ids: tf.Tensor) -> tf.Tensor:
    """int32, 1 at least: how many places of string[B, Z] any row uses."""
    used = tf.reduce_any(ids != "", axis=0)
    return tf.maximum(tf.reduce_max(tf.where(used, tf.range(1, ids.shape[1] + 1), 0)), 1)


def _marked(places: tf.Tensor, size: int) -> tf.Tensor:
    """bool[B, size]: which places int32[B, Z] (-1 = none) are named."""
    batch = tf.shape(places)[0]
    ids = tf.range(batch)[:, None] * size + tf.maximum(places, 0)
    hits = tf.math.unsorted_segment_max(
        tf.reshape(tf.cast(places >= 0, tf.int32), [-1]), tf.reshape(ids, [-1]), batch * size
    )
    return tf.reshape(hits, [batch, size]) > 0


def _strings(values: Iterable[object], name: str) -> tf.Variable:
    return tf.Variable([str(value).encode() for value in values], trainable=False, name=name)


def _numbers(values: list[int], name: str) -> tf.Variable:
    return tf.Variable(tf.constant(values, tf.int32, [len(values)]), trainable=False, name=name)


def _places(keys: Iterable[object]) -> tf.lookup.StaticHashTable:
    """From strings to their place, -1 for the unknown; '' is never known."""
    named = [str(key) for key in keys]
    # A table needs at least one key.
    places = list(range(len(named))) or [-1]
    initial = tf.lookup.KeyValueTensorInitializer(tf.constant(named or ["\0"]), tf.constant(places, tf.int32))
    return tf.lookup.StaticHashTable(initial, default_value=-1)
