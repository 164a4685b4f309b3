"""Which group everyone, or every item, is of."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa


@dataclass(frozen=True)
class Groups:
    """A partition of users or of items: ``names``, and ``member`` int64[n] that indexes them, -1 = not known."""

    names: tuple[str, ...]
    member: np.ndarray

    @classmethod
    def of(cls, labels: Sequence[str | None]) -> "Groups":
        """The groups of labels, one a user or an item; None and '' are not known.

        >>> Groups.of(["b", None, "a", ""]).member.tolist()
        [1, -1, 0, -1]
        """
        encoded = pa.array(labels, pa.string(), from_pandas=True).dictionary_encode()
        found = encoded.dictionary.to_pylist()
        names = tuple(sorted(name for name in found if name))
        number = {name: place for place, name in enumerate(names)}
        place = np.array([number.get(name, -1) for name in found] + [-1], np.int64)
        indices = encoded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False).astype(np.int64)
        return cls(names, place[indices])

    @property
    def unknown(self) -> int:
        """How many have no group."""
        return int((self.member < 0).sum())

    @property
    def sizes(self) -> np.ndarray:
        """int64[groups]: how many each has."""
        return np.bincount(self.member[self.member >= 0], minlength=len(self.names))
