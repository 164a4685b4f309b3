"""What was shown to whom, and where; and what people wanted."""

from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.metrics.places import discount, first_places


@dataclass(frozen=True)
class Shown:
    """Placements: item ``item`` int64[n] stood at ``position`` int64[n] (1 = first) of a list for ``user``
    int64[n].
    """

    user: np.ndarray
    item: np.ndarray
    position: np.ndarray

    @classmethod
    def of_lists(cls, ranked: np.ndarray, users: np.ndarray, k: int = 10) -> "Shown":
        """The placements of the first ``k`` places of ``ranked`` int[C, any] (-1 = nothing) for ``users`` int[C]."""
        top = first_places(np.asarray(ranked), k)
        case, place = np.nonzero(top >= 0)
        return cls(np.asarray(users, np.int64)[case], top[case, place], place + 1)

    @property
    def exposure(self) -> np.ndarray:
        """float64[n]: what each placement is worth, 1 / log2(1 + position)."""
        return discount(self.position)


@dataclass(frozen=True)
class Wanted:
    """What people wanted: ``user`` int64[n] and ``item`` int64[n] with a ``weight`` float64[n] (a click, a target
    event, a relevance).

    Best of all events, shown before or not: clicks on lists alone are no yardstick for who is on the lists.
    """

    user: np.ndarray
    item: np.ndarray
    weight: np.ndarray
