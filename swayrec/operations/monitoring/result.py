"""What a check found, without a verdict: how far each part of it moved, and how sure that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Way = Literal["up", "both"]


@dataclass(frozen=True)
class Moved:
    """Something that was compared: what it was, and what it is."""

    name: str
    then: float
    now: float


@dataclass(frozen=True)
class Part:
    """One number of a check.

    ``change`` is how far it moved without what mere noise adds to a distance (0, or a little below, where nothing
    moved), with a 95 % interval over users and its standard ``error``; ``seen`` is the change as it was counted, and
    ``usual`` are those of the usual windows, each against the others. ``moved`` says what moved, most first.
    """

    name: str
    seen: float
    change: float
    low: float
    high: float
    error: float
    usual: tuple[float, ...] = ()
    moved: tuple[Moved, ...] = ()

    @classmethod
    def drawn(
        cls,
        name: str,
        seen: float,
        draws: np.ndarray,
        usual: Sequence[float] = (),
        moved: Sequence[Moved] = (),
    ) -> "Part":
        """A part of what was counted and what that was in resamples of the users, float64[draws].

        Noise makes a distance larger, and in a resample once more, by about as much: the interval is the basic one.
        """
        change = 2 * seen - float(draws.mean())
        high, low = 2 * seen - np.percentile(draws, [2.5, 97.5])
        error = float(draws.std(ddof=1))
        return cls(name, seen, change, float(low), float(high), error, tuple(map(float, usual)), tuple(moved))

    @property
    def still(self) -> bool:
        """Whether nothing is known to have moved at all, in no resample either."""
        return self.seen == 0 and self.error == 0


@dataclass(frozen=True)
class Result:
    """One check of one window: its parts, of which one that moved is enough.

    ``way``: whether only a rise counts, or a fall too. ``reference`` names what it was compared with, ``sample``
    says how many of what were looked at.
    """

    check: str
    parts: tuple[Part, ...]
    way: Way
    sample: Mapping[str, int]
    reference: str = "usual windows"

    def to_json(self, part: Part) -> dict[str, Any]:
        """The numbers of one part as JSON knows them, and which of how many it is."""
        return {
            "check": self.check,
            "part": part.name,
            "parts": len(self.parts),
            "seen": part.seen,
            "change": part.change,
            "interval": [part.low, part.high],
            "error": part.error,
            "usual": list(part.usual),
            "reference": self.reference,
            "sample": dict(self.sample),
            "moved": [[each.name, each.then, each.now] for each in part.moved],
        }
