"""Messages that no client would send, and many of them under way at once."""

import random
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import grpc

_UNDER_WAY = 64


def resident(process: int) -> float:
    """Memory in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.choice([0, 1, 3, 20, 300]))


def mangled(chance: random.Random, whole: bytes) -> bytes:
    """A right message with bytes changed, cut out, put in, or its end missing."""
    sent = bytearray(whole)
    for _ in range(chance.choice([1, 1, 2, 8])):
        place = chance.randrange(len(sent)) if sent else 0
        change = chance.randrange(4)
        if change == 0 and sent:
            sent[place] = chance.randrange(256)
        elif change == 1:
            del sent[place : place + chance.choice([1, 4, 30])]
        elif change == 2:
            sent[place:place] = noise(chance)
        else:
            del sent[place:]
    return bytes(sent)


def answers(
    channel: grpc.Channel, calls: Iterable[tuple[str, bytes]]
) -> Iterator[tuple[str, bytes, grpc.StatusCode, str]]:
    """Each call (method and message) with its status and the sentence of it, in their order."""
    methods: dict[str, grpc.UnaryUnaryMultiCallable] = {}
    under_way: deque = deque()
    for method, message in calls:
        if method not in methods:
            methods[method] = channel.unary_unary(method)
        under_way.append((method, message, methods[method].future(message, timeout=60)))
        if len(under_way) == _UNDER_WAY:
            yield _answered(*under_way.popleft())
    while under_way:
        yield _answered(*under_way.popleft())


def _answered(method: str, message: bytes, call: grpc.Future) -> tuple[str, bytes, grpc.StatusCode, str]:
    return method, message, call.code(), call.details() or ""
