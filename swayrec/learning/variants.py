"""Closed forms with a part of the method taken away: what each part is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from swayrec.learning.influence import NormalEquations, Solution, fit
from swayrec.learning.layout import Layout, Sharing

Events = Literal["all", "strongest", "none"]


@dataclass(frozen=True)
class Variant:
    """How a closed form is fitted: which of its columns count, and how behaviors share their weights.

    Args:
        name: what results are stored under.
        title: what people read.
        sharing: what a behavior's weight is made of (:meth:`Layout.sharing`).
        events: whose influence counts: of all behaviors, of the one that the scenario's hand order puts first,
            or of none (what is left depends on the item alone).
        text: whether the text kernel counts.
    """

    name: str
    title: str
    sharing: Sharing = ("equal", "hand", "own")
    events: Events = "all"
    text: bool = True

    def applies(self, layout: Layout, hand: Sequence[float]) -> bool:
        """Whether it differs from the whole form on such columns."""
        if not self.text:
            return any(kernel.similarity == "text" for kernel in layout.kernels)
        if self.sharing == ("hand",):
            return bool(np.ptp(hand) > 0)
        return self.events == "none" or len(layout.behaviors) > 1

    def columns(self, layout: Layout, used: np.ndarray, hand: Sequence[float]) -> np.ndarray:
        """bool[d]: those of a form's columns bool[d] that count."""
        kept = used.copy()
        influence = slice(0, layout.base_start)
        if self.events == "none":
            kept[influence] = False
        elif self.events == "strongest":
            kind = np.arange(layout.base_start) % len(layout.behaviors)
            kept[influence] &= kind == int(np.argmax(hand))
        if not self.text:
            for place, kernel in enumerate(layout.kernels):
                if kernel.similarity == "text":
                    kept[layout.block(place)] = False
        return kept

    def fitted(
        self,
        groups: NormalEquations,
        layout: Layout,
        used: np.ndarray,
        hand: Sequence[float],
        ridge: float,
        shrink: float,
    ) -> Solution:
        """The weights by the sums of :func:`swayrec.learning.rows.sums`, for the columns bool[d] of a form."""
        return fit(
            groups, self.columns(layout, used, hand), layout.sharing(hand, self.sharing), ridge, shrink
        )


LEARNED = Variant("learned", "learned, shrunk to equal and hand-set weights")
VARIANTS = (
    LEARNED,
    Variant("equal", "all behaviors alike", sharing=("equal",)),
    Variant("hand", "hand-set weights of behaviors", sharing=("hand",)),
    Variant("strongest", "the strongest behavior alone", sharing=("own",), events="strongest"),
    Variant("wordless", "without text", text=False),
    Variant("everyone", "without the user's own past", events="none"),
)
"""What is compared in every benchmark, the whole method first."""
