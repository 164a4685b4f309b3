"""How a serving process is protected: settings that `swayrec serve` hands to its processes in the environment."""

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from serving.admission import Admission
from serving.client_address import Proxies
from serving.rate_limit import RateLimit
from serving.tokens import Tokens
from swayrec.tables.errors import InputError

N = TypeVar("N", int, float)

TOKENS = "SWAYREC_TOKENS"
OPEN_READING = "SWAYREC_OPEN_READING"
RATE_LIMIT = "SWAYREC_RATE_LIMIT"
RATE_BURST = "SWAYREC_RATE_BURST"
TRUSTED_PROXIES = "SWAYREC_TRUSTED_PROXIES"


@dataclass(frozen=True)
class Protection:
    """By default everyone may do everything, which is for loopback.

    Args:
        tokens: the file of `serving.tokens`; None = no token is asked for.
        open_reading: whether questions are answered without a token all the same.
        rate_limit: requests a second that a client may make of a process; None = as many as it likes.
        rate_burst: how many at once; None = those of two seconds.
        trusted_proxies: addresses and networks of the peers whose X-Forwarded-For is believed.
    """

    tokens: Path | None = None
    open_reading: bool = False
    rate_limit: float | None = None
    rate_burst: int | None = None
    trusted_proxies: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings in an environment.

        Raises:
            InputError: a number is none.
        """
        tokens = environment.get(TOKENS)
        return cls(
            tokens=Path(tokens) if tokens else None,
            open_reading=environment.get(OPEN_READING, "") == "1",
            rate_limit=_number(environment, RATE_LIMIT, float),
            rate_burst=_number(environment, RATE_BURST, int),
            trusted_proxies=separated(environment.get(TRUSTED_PROXIES, "")),
        )

    def environment(self) -> dict[str, str]:
        """The variables for a process that is to be protected so; what is not set is ''."""
        return {
            TOKENS: str(self.tokens.resolve()) if self.tokens else "",
            OPEN_READING: "1" if self.open_reading else "",
            RATE_LIMIT: "" if self.rate_limit is None else str(self.rate_limit),
            RATE_BURST: "" if self.rate_burst is None else str(self.rate_burst),
            TRUSTED_PROXIES: ",".join(self.trusted_proxies),
        }

    def admission(self) -> Admission:
        """What decides on requests.

        Raises:
            InputError: a setting or the file of tokens is wrong.
        """
        return Admission(
            tokens=Tokens(self.tokens) if self.tokens else None,
            open_to_all=frozenset({"read"}) if self.open_reading else frozenset(),
            limit=self._limit(),
            proxies=Proxies.of(self.trusted_proxies),
        )

    def _limit(self) -> RateLimit | None:
        if self.rate_limit is None:
            if self.rate_burst is not None:
                raise InputError("a burst of requests is given and no limit; give requests a second too")
            return None
        # Written so that NaN is refused too.
        if not 0 < self.rate_limit < math.inf:
            raise InputError(
                f"the limit is {self.rate_limit:g} requests a second; it must be a number above 0"
            )
        burst = math.ceil(2 * self.rate_limit) if self.rate_burst is None else self.rate_burst
        if burst < 1:
            raise InputError(f"a burst of {burst} requests lets nobody in; it must be at least 1")
        return RateLimit(self.rate_limit, burst)


NONE = Protection()
"""For loopback."""


def separated(text: str) -> tuple[str, ...]:
    """The parts of a list with commas."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _number(environment: Mapping[str, str], name: str, kind: Callable[[str], N]) -> N | None:
    told = environment.get(name, "")
    try:
        return kind(told) if told else None
    except ValueError:
        raise InputError(f"{name} is {told!r}, which is no number that it may be") from None
