"""Gradient-boosted trees on top of the closed form, as a layer of the graph that is served."""

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import tensorflow as tf

FILE = "trees.npz"


@dataclass(frozen=True)
class Forest:
    """Trees of at most ``S`` splits each, as arrays; a tree with fewer is padded with splits that lead nowhere.

    ``feature`` int32[T, S] and ``threshold`` float32[T, S]: a row goes left where its feature is below that.
    ``path`` float32[T, S, S + 1]: 1 where a leaf lies left of a split, -1 where it lies right of it, else 0;
    ``left`` float32[T, S + 1]: how many splits a leaf lies left of. ``value`` float32[T, S + 1] of the leaves.
    ``sharpness``: how many of the trees' units a unit of score is worth.
    """

    feature: np.ndarray
    threshold: np.ndarray
    path: np.ndarray
    left: np.ndarray
    value: np.ndarray
    sharpness: float

    @classmethod
    def of(cls, trees: Sequence[str], sharpness: float) -> Self:
        """Of the trees as XGBoost's ``Booster.get_dump(dump_format="json")`` writes them."""
        roots = [json.loads(tree) for tree in trees]
        count, splits = max(len(roots), 1), max([_splits(root) for root in roots] + [1])
        made = cls(
            feature=np.zeros((count, splits), np.int32),
            threshold=np.zeros((count, splits), np.float32),
            path=np.zeros((count, splits, splits + 1), np.float32),
            # No sum of answers is that low: a leaf that there is not is never reached.
            left=np.full((count, splits + 1), -splits - 1, np.float32),
            value=np.zeros((count, splits + 1), np.float32),
            sharpness=sharpness,
        )
        for place, root in enumerate(roots):
            made._plant(place, root, [], itertools.count(), itertools.count())
        return made

    def _plant(
        self,
        tree: int,
        node: dict[str, Any],
        above: list[tuple[int, int]],
        splits: Iterator[int],
        leaves: Iterator[int],
    ) -> None:
        """``above``: the splits on the way to a node, and 1 where it lies left of one, else -1."""
        if "leaf" in node:
            leaf = next(leaves)
            for split, side in above:
                self.path[tree, split, leaf] = side
            self.left[tree, leaf] = sum(side > 0 for _, side in above)
            self.value[tree, leaf] = node["leaf"]
            return
        split, children = next(splits), {child["nodeid"]: child for child in node["children"]}
        self.feature[tree, split] = int(node["split"].removeprefix("f"))
        self.threshold[tree, split] = node["split_condition"]
        self._plant(tree, children[node["yes"]], [*above, (split, 1)], splits, leaves)
        self._plant(tree, children[node["no"]], [*above, (split, -1)], splits, leaves)

    def save_folder(self, folder: Path) -> None:
        """Writes the arrays."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / FILE, **vars(self))

    @classmethod
    def load_folder(cls, folder: Path) -> Self:
        """Reads what `save_folder` wrote."""
        with np.load(folder / FILE) as stored:
            arrays = {name: stored[name] for name in stored.files}
        return cls(**{**arrays, "sharpness": float(arrays["sharpness"])})


def _splits(node: dict[str, Any]) -> int:
    """How many splits there are at a node and below it."""
    return 0 if "leaf" in node else 1 + sum(_splits(child) for child in node["children"])


class Trees(tf.Module):
    """What trees add to the closed scores of candidates, each read alone, as the perceptron does.

    All splits of all trees are asked at once and the leaf of each tree is the one whose way agrees with every answer:
    a product of matrices, which CPU and GPU do alike and which costs the same whatever the trees look like.
    """

    def __init__(self, forest: Forest) -> None:
        super().__init__(name="trees")
        self.forest = forest
        self.feature = tf.constant(forest.feature.ravel())
        self.threshold = tf.constant(forest.threshold.ravel())
        self.path, self.left = tf.constant(forest.path), tf.constant(forest.left)
        self.value = tf.constant(forest.value)

    def __call__(
        self, features: tf.Tensor, closed: tf.Tensor, context: tf.Tensor, candidates: tf.Tensor
    ) -> tf.Tensor:
        """float32[B, M]: what is added to the closed scores, in their unit.

        What the trees say of an item that nothing is known of is taken off, because a number that all of a user's
        candidates share would be in every explanation and in no ranking.

        Args:
            features: float32[B, M, d], raw columns.
            closed: float32[B, M].
            context: float32[B, C] of the user.
            candidates: int32[B, M], -1 = none.
        """
        known = tf.concat([features, closed[:, :, None]], -1)
        known = tf.concat([known, tf.zeros_like(known[:, :1])], 1)
        user = tf.tile(context[:, None], [1, tf.shape(known)[1], 1])
        told = self._told(tf.concat([known, user], -1))
        return (told[:, :-1] - told[:, -1:]) / self.forest.sharpness

    def save_folder(self, folder: Path) -> None:
        """Writes the trees."""
        self.forest.save_folder(folder)

    def _told(self, rows: tf.Tensor) -> tf.Tensor:
        """float32[B, M]: the sum of the leaves that rows float32[B, M, d'] fall into."""
        count, splits = self.forest.feature.shape
        goes_left = tf.cast(tf.gather(rows, self.feature, axis=-1) < self.threshold, tf.float32)
        shape = tf.concat([tf.shape(rows)[:2], [count, splits]], 0)
        # A leaf left of L splits is reached where those L say left and no other on its way does: the sum is L.
        agrees = tf.einsum("bmts,tsl->bmtl", tf.reshape(goes_left, shape), self.path)
        reached = tf.cast(tf.equal(agrees, self.left), tf.float32)
        return tf.einsum("bmtl,tl->bm", reached, self.value)
