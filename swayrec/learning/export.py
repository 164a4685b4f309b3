"""Models on disk: writing the served graph and asking it again, as batch, evaluation and serving do."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from swayrec.learning import warm_up
from swayrec.learning.exports import SAVED_MODEL, newest
from swayrec.learning.learned import Learned
from swayrec.learning.served import Served
from swayrec.learning.signature import Metadata, Query, pad, pad_similar, texts
from swayrec.tables.intact import intact


def export(served: Served, folder: Path, learned: Learned | None = None) -> Path:
    """Writes `folder/<version>/saved_model.pb` with the signatures recommend, rank, explain and similar.

    The version folder appears under its name only when it is whole, with warm-up records for who serves it, and
    with what was learned, where that is given: new tables can be put under it later.

    Returns:
        The version folder.
    """
    version = folder / str(served.metadata.version)
    half = folder / f".{served.metadata.version}.half"
    shutil.rmtree(half, ignore_errors=True)
    tf.saved_model.save(served, str(half), signatures=served.signatures())
    served.metadata.write(half)
    if learned is not None:
        learned.save(half)
    known = served.vocabulary.item_ids[: max(served.metadata.history, served.metadata.candidates)]
    warm_up.write(served.metadata, [item.decode() for item in known.numpy()], half)
    shutil.rmtree(version, ignore_errors=True)
    half.rename(version)
    return version


class ExportedModel:
    """A SavedModel and its metadata; every question goes through the signatures that TF Serving would call."""

    def __init__(self, version_folder: Path) -> None:
        self.metadata = Metadata.read(version_folder)
        self._folder = version_folder
        with intact(version_folder, tf.errors.OpError):
            self._loaded = tf.saved_model.load(str(version_folder))

    @classmethod
    def load(cls, folder: Path) -> "ExportedModel":
        """Loads a version folder, or the newest version of a model folder."""
        return cls(folder if (folder / SAVED_MODEL).exists() else newest(folder))

    def recommend(self, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        """The signature `recommend`: arrays by output name, strings as str."""
        return self._ask("recommend", queries)

    def rank(self, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        """The signature `rank`; every query needs ``candidate``."""
        return self._ask("rank", queries)

    def explain(self, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        """The signature `explain`; every query needs ``target``."""
        return self._ask("explain", queries)

    def similar(
        self, items: Sequence[str], exclude: Sequence[Sequence[str]], category: Sequence[Sequence[str]]
    ) -> dict[str, np.ndarray]:
        """The signature `similar`: what is most like each item; only where the metadata names a similarity."""
        return self._run("similar", pad_similar(items, exclude, category, self.metadata))

    def _ask(self, signature: str, queries: Sequence[Query]) -> dict[str, np.ndarray]:
        return self._run(signature, pad(queries, self.metadata))

    def _run(self, signature: str, batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        tensors = {name: tf.constant(values) for name, values in batch.items()}
        answer = self._loaded.signatures[signature](**tensors)
        return {name: texts(values.numpy()) for name, values in answer.items()}
