"""Messages that no client would send, and many of them under way at once."""

import random
import subprocess
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator

import grpc

from tests.processes import resident

CASES = 10_000
_UNDER_WAY = 64


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


def survived(
    channel: grpc.Channel,
    calls: Iterable[tuple[str, bytes]],
    process: subprocess.Popen,
    callers_fault: Collection[grpc.StatusCode],
) -> Counter[grpc.StatusCode]:
    """How often each status came; all are the caller's fault, and the process lives and has not grown."""
    before, seen = 0.0, Counter[grpc.StatusCode]()
    for method, message, code, said in answers(channel, calls):
        assert code == grpc.StatusCode.OK or code in callers_fault, (method, message[:200], code, said)
        assert "\n" not in said
        assert len(said) < 1000
        seen[code] += 1
        if seen.total() == CASES // 4:
            before = resident(process.pid)
    assert process.poll() is None
    assert seen[grpc.StatusCode.INVALID_ARGUMENT] > CASES / 4
    assert resident(process.pid) < before + 50
    return seen


def _answered(method: str, message: bytes, call: grpc.Future) -> tuple[str, bytes, grpc.StatusCode, str]:
    return method, message, call.code(), call.details() or ""
