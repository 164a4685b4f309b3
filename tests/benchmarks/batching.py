"""Where micro-batching pays: one model, batching off and on, more and more callers at once.

``python -m tests.benchmarks.batching MODEL_FOLDER`` (any model folder, or one that `tests.benchmarks.made_model`
makes) prints requests a second and latencies. The callers send
bytes that are made once and do not read the answers, so that the predictor is what is measured; they share
its machine all the same.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import grpc
import numpy as np

from serving import ports, wire
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata, pad
from swayrec.operations import tether
from tests.benchmarks.made_query import made_query

SETTINGS = {
    "off": ("--enable-batching", "off"),
    "on, no wait": ("--enable-batching", "on", "--batch-timeout-micros", "0"),
    "on, 1 ms": ("--enable-batching", "on", "--batch-timeout-micros", "1000"),
    "on, 5 ms": ("--enable-batching", "on", "--batch-timeout-micros", "5000"),
}


@dataclass(frozen=True)
class Measured:
    """One line of the table; latencies in ms."""

    batching: str
    callers: int
    per_second: float
    p50: float
    p99: float


def measure(
    model: Path, callers: Sequence[int], seconds: float, settings: Sequence[str]
) -> Iterator[Measured]:
    """Starts a predictor for each setting and asks it ``recommend`` with a history of 50 rows."""
    request = _request(model)
    for name in settings:
        with _predictor(model, SETTINGS[name]) as port:
            asyncio.run(_ask(port, request, 1, 1.0))
            for count in callers:
                took = asyncio.run(_ask(port, request, count, seconds))
                p50, p99 = np.percentile(took, [50, 99]) * 1000
                yield Measured(name, count, round(len(took) / seconds, 1), round(p50, 2), round(p99, 2))


def _request(model: Path) -> bytes:
    shape = Metadata.read(newest(model))
    question = pad([made_query(shape, 50)], shape)
    return bytes(wire.request("swayrec", "recommend", question).SerializeToString())


@contextmanager
def _predictor(model: Path, options: Sequence[str]) -> Iterator[int]:
    port = ports.free()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "serving.predictor",
            "--model-base-path",
            str(model),
            "--port",
            str(port),
            *options,
        ],
        env={**os.environ, tether.OWNER: str(os.getpid()), "TF_CPP_MIN_LOG_LEVEL": "3"},
        stderr=subprocess.DEVNULL,
    )
    try:
        while not ports.listens(port):
            if process.poll() is not None:
                sys.exit(f"the predictor ended with code {process.returncode}; is {model} a model folder?")
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(20)


async def _ask(port: int, request: bytes, callers: int, seconds: float) -> list[float]:
    """Seconds that each request took, of so many callers that each ask without pause."""
    took: list[float] = []
    end = time.monotonic() + seconds
    async with grpc.aio.insecure_channel(f"{ports.HOST}:{port}") as channel:
        predict = channel.unary_unary(wire.PREDICT)

        async def caller() -> None:
            while (start := time.monotonic()) < end:
                await predict(request, timeout=60)
                took.append(time.monotonic() - start)

        await asyncio.gather(*(caller() for _ in range(callers)))
    return took


def main() -> None:
    """Reads the command line and prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.batching", description=__doc__)
    parser.add_argument("model", type=Path, help="a folder with numbered versions")
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 4, 16, 64])
    parser.add_argument("--seconds", type=float, default=5.0, help="for each line of the table")
    parser.add_argument("--batching", choices=SETTINGS, nargs="+", default=list(SETTINGS))
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args()
    if not given.json:
        print(f"{os.cpu_count()} CPU cores, load {os.getloadavg()[0]:.1f} at the start; {given.model}")
        print(f"{'batching':<12} {'callers':>7} {'requests/s':>11} {'p50 ms':>8} {'p99 ms':>8}")
    for line in measure(given.model, given.callers, given.seconds, given.batching):
        if given.json:
            print(json.dumps(asdict(line)), flush=True)
        else:
            print(
                f"{line.batching:<12} {line.callers:>7} {line.per_second:>11} {line.p50:>8} {line.p99:>8}",
                flush=True,
            )


if __name__ == "__main__":
    main()
