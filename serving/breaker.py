"""Spares a part that fails: after some failures in a row it is not asked for a while, then by one call at a time."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeVar, get_args

from prometheus_client import Counter, Gauge

from serving import deadline

T = TypeVar("T")

State = Literal["closed", "open", "half-open"]

_STATE = Gauge("swayrec_breaker_state", "1 at the state that a part's breaker is in", ["part", "state"])
_OPENS = Counter("swayrec_breaker_opens", "Times that a part began to be spared", ["part"])
_REFUSED = Counter("swayrec_breaker_refused", "Calls that a part was spared", ["part"])


class SparedError(Exception):
    """The part failed and is not asked just now."""


class Attempt:
    """One call that was let through; whoever makes it says how it went.

    What is not said counts neither way: the caller has gone, or had too little time to blame the part.
    """

    def __init__(self, era: int, probe: bool) -> None:
        self.era, self.probe = era, probe
        self.went: bool | None = None

    def worked(self) -> None:
        """The part has answered."""
        self.went = True

    def failed(self) -> None:
        """The part has not answered, or not as it should."""
        self.went = False


class Breaker:
    """Closed, it lets every call through; open, none; half-open, one at a time, and an answer closes it.

    Lives in one event loop.

    Args:
        part: what is spared, in metrics and in the log.
        failures: how many in a row open it.
        rest: seconds until it is half-open.
        clock: seconds, never going back.
    """

    def __init__(
        self, part: str, failures: int = 3, rest: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._part, self._most, self._rest, self._clock = part, failures, rest, clock
        self._log = logging.getLogger(f"{__name__}.{part}")
        self._failures = 0
        self._until = 0.0
        self._probing = False
        self._era = 0
        self.state: State = "closed"
        _OPENS.labels(part)
        _REFUSED.labels(part)
        self._become("closed")

    @contextmanager
    def attempt(self) -> Iterator[Attempt]:
        """A call of the part; tell the :class:`Attempt` how it went before the block ends.

        Raises:
            SparedError: the part is not to be called now.
        """
        if self.state == "open" and self._clock() >= self._until:
            self._become("half-open")
        if self.state == "open" or (self.state == "half-open" and self._probing):
            _REFUSED.labels(self._part).inc()
            raise SparedError(f"the {self._part} is spared: it failed {self._failures} times in a row")
        attempt = Attempt(self._era, probe=self.state == "half-open")
        self._probing = attempt.probe
        try:
            yield attempt
        finally:
            self._settle(attempt)

    async def ask(self, question: Callable[[], Awaitable[T]], left: float, patience: float) -> T:
        """The part's answer; one that fails, or is late though it had its time, counts against the part.

        Args:
            question: asks the part.
            left: seconds that it may take now.
            patience: seconds that it has where nobody is in a hurry.

        Raises:
            SparedError: the part is not to be called now.
            TimeoutError: it did not answer in time.
        """
        with self.attempt() as attempt:
            try:
                async with asyncio.timeout(left):
                    answer = await question()
            except Exception as error:
                if not isinstance(error, TimeoutError) or deadline.fair(left, patience):
                    attempt.failed()
                raise
            attempt.worked()
            return answer

    def _settle(self, attempt: Attempt) -> None:
        if attempt.probe:
            self._probing = False
        if attempt.era != self._era:
            return  # It began in an earlier state, and says nothing of the part as it is now.
        if attempt.went:
            self._failures = 0
            if attempt.probe:
                self._become("closed")
                self._log.warning("the %s answers again", self._part)
        elif attempt.went is False:
            self._failures += 1
            if attempt.probe or self._failures >= self._most:
                self._until = self._clock() + self._rest
                if not attempt.probe:
                    _OPENS.labels(self._part).inc()
                    self._log.error(
                        "the %s failed %s times in a row; it is tried again every %g s",
                        self._part,
                        self._failures,
                        self._rest,
                    )
                self._become("open")

    def _become(self, state: State) -> None:
        self.state = state
        self._era += 1
        for each in get_args(State):
            _STATE.labels(self._part, each).set(each == state)
