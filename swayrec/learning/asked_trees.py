"""Boosted trees asked of the library that boosted them, many settings together: to choose among them."""

from collections.abc import Iterator, Mapping

import numpy as np
import tensorflow as tf
import xgboost

from swayrec.learning.past import Past
from swayrec.learning.tree_training import Boosted, TreeSettings


class AskedTrees:
    """The first so many trees of some, as their settings say.

    All read the same rows: laying them out costs as much as asking a few trees, so it is done once.
    """

    def __init__(self, asked: Mapping[TreeSettings, Boosted]) -> None:
        """``asked``: at least one; all of the same retrieval, and know the user by the same context."""
        one = next(iter(asked.values()))
        self._asked, self._context, self.plain = asked, one.context, one.plain

    def __len__(self) -> int:
        return len(self._asked)

    def adds(
        self, past: Past, features: tf.Tensor, closed: np.ndarray, candidates: np.ndarray
    ) -> Iterator[np.ndarray]:
        """float32[B, M] by each: what is added to the closed scores, in their unit, but for a constant of each user.

        Args:
            past: the histories.
            features: float32[B, M, d], raw columns.
            closed: float32[B, M].
            candidates: int32[B, M], which trees do not read.
        """
        return self.told(np.asarray(features), closed, self._context(past).numpy())

    def told(self, features: np.ndarray, closed: np.ndarray, context: np.ndarray) -> Iterator[np.ndarray]:
        """The same, of users whose context float32[B, C] is known."""
        user = np.broadcast_to(context[:, None], (*closed.shape, context.shape[1]))
        columns = np.concatenate([features, closed[:, :, None], user], -1).reshape(closed.size, -1)
        rows = xgboost.DMatrix(columns, base_margin=np.zeros(len(columns), np.float32), nthread=1)
        for settings, boosted in self._asked.items():
            told = boosted.made.predict(rows, output_margin=True, iteration_range=(0, settings.count))
            yield (told.reshape(closed.shape) / boosted.sharpness).astype(np.float32)
