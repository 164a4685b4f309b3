"""How long one request may still take, known wherever it waits for somebody else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_UNTIL: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is awaited inside the block has ``seconds`` in all; an earlier end that holds already stays."""
    until = time.monotonic() + seconds
    before = _UNTIL.get()
    token = _UNTIL.set(until if before is None else min(until, before))
    try:
        yield
    finally:
        _UNTIL.reset(token)


def left(at_most: float) -> float:
    """Seconds left, ``at_most`` where no end is set; not above 0 = none."""
    until = _UNTIL.get()
    return at_most if until is None else min(at_most, until - time.monotonic())


def fair(given: float, whole: float) -> bool:
    """Whether a part that was ``given`` so many seconds, of the ``whole`` that it should have, failed by being late.

    A caller in a hurry says nothing of the part, and must not have it spared for everyone else.
    """
    return given >= whole / 2
