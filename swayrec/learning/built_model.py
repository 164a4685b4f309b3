"""A Keras model that is whole before it is taught, so that several workers can teach it together.

Keras 3.15 does not train on several workers as it is, for two reasons, both met here: before the first step it takes
the mean of a batch over the workers, which TensorFlow refuses for batches that are dictionaries; and after each step
the mean of scalars over their first axis, which they have not.
"""

from typing import Any

import keras
import tensorflow as tf

from swayrec.learning import distribution


class BuiltModel(keras.Model):
    """To be called once on some inputs, and compiled, before ``fit``; makes its optimizer's variables then."""

    def compile(self, *args: Any, **options: Any) -> None:
        """See ``keras.Model.compile``."""
        super().compile(*args, **options)
        self.optimizer.build(self.trainable_variables)

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """See ``keras.Model.train_step``; an epoch's figures are the metrics' own, which add up over the workers."""
        return _told(super().train_step(data))

    def test_step(self, data: Any) -> dict[str, tf.Tensor]:
        """See ``keras.Model.test_step``."""
        return _told(super().test_step(data))

    def _maybe_symbolic_build(self, iterator: Any = None, data_batch: Any = None) -> None:
        """Nothing is left to build."""


def _told(figures: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """A step's figures, with the axis that several workers take the mean over."""
    if distribution.size() == 1:
        return figures
    return {name: tf.reshape(value, [1]) for name, value in figures.items()}
