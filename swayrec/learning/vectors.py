"""Vectors of items' texts: which item has which."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from swayrec.tables.errors import InputError

FILE = "vectors.npz"


@dataclass(frozen=True)
class Vectors:
    """One vector an item.

    ``item_id`` str[N] without repeats; ``vector`` float32[N, D], of length 1, or all zeros where the item
    has no text.
    """

    item_id: np.ndarray
    vector: np.ndarray

    def __len__(self) -> int:
        return len(self.item_id)

    @property
    def dimension(self) -> int:
        """D."""
        return self.vector.shape[1]

    def of(self, items: Sequence[str] | np.ndarray) -> np.ndarray:
        """float32[len(items), D]: the vectors in the order of ``items``; zeros for those that have none."""
        place = {item: row for row, item in enumerate(self.item_id.tolist())}
        rows = np.array([place.get(str(item), -1) for item in items], np.int64)
        found = np.zeros((len(rows), self.dimension), np.float32)
        found[rows >= 0] = self.vector[rows[rows >= 0]]
        return found

    def save(self, folder: Path) -> None:
        """Writes ``vectors.npz`` into the folder; a killed process leaves no half of it under that name."""
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f".{FILE}"
        with unfinished.open("wb") as file:
            np.savez(file, item_id=np.asarray(self.item_id, np.str_), vector=self.vector.astype(np.float32))
        unfinished.replace(folder / FILE)

    @classmethod
    def load(cls, folder: Path) -> "Vectors":
        """Reads what :meth:`save` wrote.

        Raises:
            InputError: the folder holds no vectors.
        """
        path = folder / FILE
        if not path.is_file():
            raise InputError(f"{path}: there are no text vectors; run the embed step first")
        with np.load(path, allow_pickle=False) as stored:
            return cls(stored["item_id"], stored["vector"])
