"""How a version is to be let in, and how that ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from swayrec.operations.rollout.rules import Limits
from swayrec.tables.errors import InputError


@dataclass(frozen=True)
class Plan:
    """How a version is let in.

    ``share`` of the users get it first (0 = no canary), for ``minutes``; every ``every`` seconds it is looked how both
    do. A predictor has ``patience`` seconds to become ready. Figures, or the API server, may be away ``gaps`` times
    in a row.
    """

    share: float = 0.1
    minutes: float = 60.0
    every: float = 30.0
    patience: float = 900.0
    gaps: int = 10
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Outcome:
    """Whether the version serves now, and why or why not, in words."""

    promoted: bool
    reasons: tuple[str, ...]

    def check(self, name: str) -> str:
        """Why the version of this name serves.

        Raises:
            InputError: it does not; says why.
        """
        told = "; ".join(self.reasons)
        if not self.promoted:
            raise InputError(f"version {name} does not serve: {told}")
        return told


@dataclass(frozen=True)
class Clock:
    """The time of day in epoch seconds, and how to wait some."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class RefusedError(Exception):
    """The version must not serve; the message says why."""
