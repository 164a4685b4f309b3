"""A language model of the BERT family whose vector of a text is the mean over the text's tokens."""

import os
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

TOKENS = 4096
"""Tokens of a batch: enough to keep the cores busy, few enough to stay in their caches."""


class PooledEncoder(ABC):
    """The mean over a text's tokens, brought to length 1 (Reimers and Gurevych, 2019).

    Weights are read when the first text is encoded, so that a run whose texts are all cached loads nothing.
    """

    @property
    @abstractmethod
    def name(self) -> str:
        """A stable id of model and settings; changes whenever the vectors would."""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """D, the length of a vector."""

    @abstractmethod
    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text's tokens, those that mark its start and end among them."""

    @abstractmethod
    def _backbone(self) -> Any:
        """keras-hub's ``BertBackbone`` with the weights."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32[len(texts), D], each of length 1; all zeros for a text without a word."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        words = [place for place, text in enumerate(texts) if text.strip()]
        if not words:
            return vectors
        ids = self.tokens([texts[place] for place in words])
        by_length = sorted(range(len(words)), key=lambda place: len(ids[place]))
        for batch in _batches([len(ids[place]) for place in by_length]):
            part = by_length[batch]
            tokens = np.zeros((len(part), len(ids[part[-1]])), np.int32)
            mask = np.zeros_like(tokens)
            for row, place in enumerate(part):
                tokens[row, : len(ids[place])] = ids[place]
                mask[row, : len(ids[place])] = 1
            vectors[[words[place] for place in part]] = self._pooled(tokens, mask).numpy()
        return vectors

    @cached_property
    def _pooled(self) -> Any:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        import tensorflow as tf

        backbone = self._backbone()

        @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)] * 2)
        def pooled(tokens: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
            inputs = {"token_ids": tokens, "padding_mask": mask, "segment_ids": tf.zeros_like(tokens)}
            states = backbone(inputs, training=False)["sequence_output"]
            total = tf.reduce_sum(states * tf.cast(mask, tf.float32)[:, :, None], axis=1)
            return tf.math.l2_normalize(total, axis=1)

        return pooled


def _batches(lengths: Sequence[int]) -> list[slice]:
    """Slices of ascending lengths whose padded size stays below ``TOKENS``, each at least one text."""
    slices, start = [], 0
    for stop in range(1, len(lengths) + 1):
        if stop == len(lengths) or (stop + 1 - start) * lengths[stop] > TOKENS:
            slices.append(slice(start, stop))
            start = stop
    return slices
