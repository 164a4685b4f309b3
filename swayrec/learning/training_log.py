"""What a network's training writes down, for TensorBoard to show."""

from pathlib import Path
from typing import Any

import keras
import tensorflow as tf


class TrainingLog(keras.callbacks.Callback):
    """Scalars of every epoch in TensorBoard's files: ``<folder>/train`` and ``<folder>/validation``.

    Keras's own callback needs the package tensorboard to write; this one needs it only to look.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self._writers: dict[str, Any] = {}

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Opens the files."""
        self._writers = {
            part: tf.summary.create_file_writer(str(self.folder / part)) for part in ("train", "validation")
        }

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Writes the epoch's numbers."""
        for name, value in (logs or {}).items():
            part = "validation" if name.startswith("val_") else "train"
            with self._writers[part].as_default(step=epoch):
                _scalar(f"epoch_{name.removeprefix('val_')}", float(value))

    def on_train_end(self, logs: dict | None = None) -> None:
        """Closes the files."""
        for writer in self._writers.values():
            writer.close()


def _scalar(tag: str, value: float) -> None:
    metadata = tf.compat.v1.SummaryMetadata(
        plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"), data_class=1
    )
    tf.summary.write(tag, tf.constant(value, tf.float32), metadata=metadata)
