"""One process or several: how the networks' training is spread over workers, and its switches.

Workers find each other by ``TF_CONFIG``, as TensorFlow says it, each with the same data: every batch is parted among
them and the gradients are added (data parallel, synchronous), so the result is that of one process up to rounding and
dropout.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import keras
import tensorflow as tf

from swayrec.tables.errors import InputError

MIXED, XLA, CHECKPOINTS = "SWAYREC_MIXED_PRECISION", "SWAYREC_XLA", "SWAYREC_CHECKPOINTS"
"""Environment variables: ``1`` computes in float16 where that is safe (for GPUs); ``1`` or ``0`` compiles with XLA or
not (unset: as Keras chooses); a folder or ``s3://BUCKET/KEY`` where checkpoints go."""


@dataclass(frozen=True)
class Switches:
    """How a network computes, and where its checkpoints go ('' = there are none)."""

    mixed: bool = False
    xla: bool | None = None
    checkpoints: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Switches":
        """The switches that the environment sets.

        Raises:
            InputError: one has a value that it cannot have.
        """
        return cls(
            _flag(environment, MIXED) or False, _flag(environment, XLA), environment.get(CHECKPOINTS, "")
        )

    @property
    def compiled(self) -> dict[str, Any]:
        """For ``keras.Model.compile``."""
        return {} if self.xla is None else {"jit_compile": self.xla}

    def optimizer(self, inner: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
        """The optimizer, guarded against gradients that float16 would round to nothing, and graphs rewritten to use it.

        The rewriting is TensorFlow's own, of whole graphs: it knows which operations are safe. A CPU computes in
        bfloat16, which needs no guard.
        """
        if not self.mixed:
            return inner
        gpu = bool(tf.config.list_physical_devices("GPU"))
        name = "auto_mixed_precision" if gpu else "auto_mixed_precision_onednn_bfloat16"
        tf.config.optimizer.set_experimental_options({name: True})
        return keras.optimizers.LossScaleOptimizer(inner) if gpu else inner


@cache
def strategy() -> tf.distribute.Strategy:
    """The strategy of this process: of all workers that ``TF_CONFIG`` names, of all GPUs here, or of one device.

    The first call of several workers must come before TensorFlow computes anything, and waits until all are there.
    """
    if size() > 1:
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def size() -> int:
    """How many workers train."""
    return max(len(_cluster().get("cluster", {}).get("worker", ())), 1)


def is_chief() -> bool:
    """Whether this worker writes what is kept."""
    return int(_cluster().get("task", {}).get("index", 0)) == 0


def _cluster() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(os.environ.get("TF_CONFIG") or "{}")
    except json.JSONDecodeError as error:
        raise InputError(f"TF_CONFIG is no JSON ({error}); it says which workers train") from None
    return found


def _flag(environment: Mapping[str, str], name: str) -> bool | None:
    value = environment.get(name, "")
    if value not in ("", "0", "1"):
        raise InputError(f"{name} is {value!r}; give 1, 0 or nothing")
    return None if value == "" else value == "1"
