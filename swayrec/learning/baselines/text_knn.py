"""Text kNN: items whose texts read like what the user did lately."""

from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import numpy as np

from swayrec.learning.baselines.amounts import amounts, usable
from swayrec.learning.baselines.baseline import Baseline, Moments
from swayrec.learning.baselines.personal_frequency import WEIGHTS
from swayrec.learning.catalogue import Catalogue
from swayrec.learning.layout import Decay
from swayrec.tables.log import Log
from swayrec.tables.scenario import Scenario

DECAYS = (
    Decay("days", 0),
    Decay("days", 30),
    Decay("days", 7),
    Decay("days", 1),
    Decay("steps", 32),
    Decay("steps", 8),
    Decay("steps", 2),
)


@dataclass
class TextKNN(Baseline):
    """Score = cosine of the item's text vector with the user's: the mean of the vectors of past items.

    A past event weighs what ``decay`` left of it, times its behavior's hand weight where ``weights`` is
    hand. What an item shares with all others is taken out first: vectors are centered over the catalogue.
    An item without a text scores 0, as one that has nothing to do with the user.
    """

    decay: Decay = DECAYS[0]
    weights: Literal["equal", "hand"] = "equal"
    title: ClassVar[str] = "Text kNN"

    @classmethod
    def grid(cls, log: Log, scenario: Scenario) -> tuple[Self, ...]:
        """Every decay with equal and with hand weights."""
        weights = WEIGHTS if len(scenario.behaviors) > 1 else WEIGHTS[:1]
        return tuple(cls(decay, weight) for decay in usable(DECAYS, log) for weight in weights)

    @classmethod
    def unfit_because(cls, log: Log, scenario: Scenario, items: Catalogue | None = None) -> str | None:
        """Texts must have vectors."""
        if items is None or items.vectors is None:
            return "the items have no text vectors: the scenario has no [text], or it is not embedded"
        if not items.vectors.any():
            return "no item of the catalogue has a text"
        return None

    def fit(self, log: Log, scenario: Scenario, items: Catalogue | None = None) -> Self:
        """Centers the vectors of the items that have a text and brings them to length 1.

        Raises:
            ValueError: there are no vectors.
        """
        if items is None or items.vectors is None:
            raise ValueError("text kNN needs the vectors of the items' texts")
        self._log = log
        self._hand = np.array([behavior.hand for behavior in scenario.behaviors])
        told = np.asarray(items.vectors.any(1))
        centered = np.where(told[:, None], items.vectors - items.vectors[told].mean(0), 0)
        self._vectors = _of_length_one(centered.astype(np.float32))
        return self

    def scores(self, moments: Moments, rows: slice) -> np.ndarray:
        """Cosines, between -1 and 1."""
        weights = self._hand if self.weights == "hand" else None
        past = amounts(self._log, moments, rows, self.decay, weights=weights)
        return _of_length_one(past @ self._vectors) @ self._vectors.T

    @property
    def catalogue(self) -> int:
        """I, the number of items."""
        return len(self._vectors)


def _of_length_one(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
