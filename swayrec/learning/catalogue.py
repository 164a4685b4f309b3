"""What is known of a catalogue's items beside what happened to them: their categories and their texts."""

from collections.abc import Sequence

import numpy as np

from swayrec.learning import kernels
from swayrec.learning.kernels import Rows
from swayrec.learning.near_texts import near_texts

EXACT = 100_000
"""Items up to which every text is compared with every other: the pairs grow with their square."""


class Catalogue:
    """Categories and text vectors of N items; which texts are alike is found once, since no event changes it.

    ``category`` int32[N] (-1 = none) indexes ``categories``; ``vectors`` float32[N, D], zeros where there is
    no text, or None without a language model; ``written`` float64[N], epoch seconds from which a text is known (NaN =
    always), or None where all are.
    """

    def __init__(
        self,
        categories: Sequence[str | None],
        vectors: np.ndarray | None = None,
        written: np.ndarray | None = None,
    ) -> None:
        """``categories`` of each item, None = none."""
        self.written = written
        self.categories = tuple(sorted({word for word in categories if word is not None}))
        number = {word: place for place, word in enumerate(self.categories)}
        self.category = np.array([-1 if word is None else number[word] for word in categories], np.int32)
        self.vectors = vectors
        self._alike: dict[int, Rows] = {}

    def alike(self, neighbors: int) -> Rows:
        """The text similarity, ``neighbors`` entries a row; of more than ``EXACT`` items an approximation.

        Raises:
            ValueError: there are no text vectors.
        """
        if self.vectors is None:
            raise ValueError("the text similarity needs text vectors")
        if neighbors not in self._alike:
            near = kernels.text if len(self.vectors) <= EXACT else near_texts
            self._alike[neighbors] = near(self.vectors, neighbors)
        return self._alike[neighbors]
