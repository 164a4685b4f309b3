"""What serving costs: `make bench-serving`.

Everything is measured side by side in one run on one machine, on made models and made users; the callers share the
machine with the servers. ``--parts`` says which: latency, neighbors, throughput, reload, memory, growth.
"""

import argparse
import asyncio
import http.client
import json
import os
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from serving.predictor_client import PredictorClient
from serving.processes import Serving
from swayrec.learning.exports import newest
from swayrec.learning.signature import pad
from swayrec.operations import served_models
from swayrec.operations.current import Current
from tests.benchmarks.bento_door import bento_served
from tests.benchmarks.made_query import made_query
from tests.benchmarks.served_world import LENGTHS, World, run, world
from tests.processes import resident

PREDICT = "/v1/models/swayrec:predict"
CALLERS = 16


class Caller:
    """One kept connection that asks for ten items a question."""

    def __init__(self, port: int, path: str = PREDICT) -> None:
        self._connection, self._path = http.client.HTTPConnection("127.0.0.1", port, timeout=60), path

    def ask(self, user: str) -> float:
        """Seconds that the answer took."""
        body = json.dumps({"instances": [{"user_id": user, "k": 10}]})
        start = time.perf_counter()
        self._connection.request("POST", self._path, body, {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = response.read()
        took = time.perf_counter() - start
        assert response.status == 200, answer
        [told] = json.loads(answer)["predictions"]
        assert (told["level"], len(told["items"])) == ("full", 10), told["level"]
        return took


def one_by_one(port: int, users: Sequence[str], questions: int) -> np.ndarray:
    """Milliseconds of each answer to one caller, after a tenth of the questions for warmth."""
    caller = Caller(port)
    warm = questions // 10
    took = [caller.ask(users[number % len(users)]) for number in range(warm + questions)]
    return np.array(took[warm:]) * 1e3


@contextmanager
def load(port: int, users: Sequence[str], callers: int = CALLERS) -> Iterator[list[tuple[float, float]]]:
    """So many callers ask without pause inside the block; when each answer came, and its seconds.

    An answer that is none raises when the block ends.
    """
    done: list[tuple[float, float]] = []
    stop = threading.Event()
    failed: list[BaseException] = []

    def ask(number: int) -> None:
        caller = Caller(port)
        try:
            while not stop.is_set():
                took = caller.ask(users[(number + len(done)) % len(users)])
                done.append((time.perf_counter(), took))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    try:
        yield done
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    if failed:
        raise failed[0]


def latency(made: World, questions: int) -> None:
    """One caller: the answer beside the bare SavedModel, and beside a bare gRPC client of the same predictor."""
    bare = {}
    options = ["--rows", *map(str, LENGTHS), "--calls", str(questions)]
    for line in run("tests.benchmarks.bare_model", str(made.model), *options).splitlines():
        told = json.loads(line)
        bare[told["rows"]] = (told["p50"], told["p99"])
    with Serving(made.workspace) as serving:
        for length in LENGTHS:
            answered = one_by_one(serving.port, made.users[length], questions)
            called = asyncio.run(_called(made, serving.children["predictor"].port, length, questions))
            (p50, p99), (g50, g99) = np.percentile(answered, [50, 99]), np.percentile(called, [50, 99])
            b50, b99 = bare[length]
            say(f"history {length}: answer p50 {p50:.2f} p99 {p99:.2f} ms")
            say(
                f"history {length}: bare SavedModel p50 {b50:.2f} p99 {b99:.2f} ms; cost p50 {p50 - b50:.2f} ms"
            )
            say(
                f"history {length}: bare gRPC client p50 {g50:.2f} p99 {g99:.2f} ms; more p50 {p50 - g50:.2f} ms"
            )


async def _called(made: World, port: int, length: int, questions: int) -> np.ndarray:
    client, shape, took = PredictorClient(f"127.0.0.1:{port}"), made.shape, []
    query = made_query(shape, length)
    for _ in range(questions + questions // 10):
        start = time.perf_counter()
        await client.call("recommend", pad([query], shape))
        took.append(time.perf_counter() - start)
    await client.close()
    return np.array(took[questions // 10 :]) * 1e3


def neighbors(made: World, questions: int) -> None:
    """One caller and 16, history of 50: the answer beside the same model behind BentoML's service."""
    users = made.users[50]
    told = {}
    with Serving(made.workspace) as serving:
        told["KServe"] = _told(serving.port, users, questions)
    with bento_served(made) as port:
        told["BentoML"] = _told(port, users, questions)
    for name, line in told.items():
        say(f"{name}: {line}")


def _told(port: int, users: Sequence[str], questions: int) -> str:
    p50, p99 = np.percentile(one_by_one(port, users, questions), [50, 99])
    with load(port, users) as done:
        time.sleep(questions / 100)
    m50, m99 = np.percentile([took * 1e3 for _, took in done], [50, 99])
    return f"one caller p50 {p50:.2f} p99 {p99:.2f} ms; {CALLERS} callers p50 {m50:.1f} p99 {m99:.1f} ms"


def throughput(made: World, root: Path, seconds: float) -> None:
    """16 callers: the real model beside one that returns constants, in turns, twice each."""
    run("tests.benchmarks.constant_model", str(made.model), str(root / "constant"))
    constant = made.workspace.root.with_name("constant-ws")
    shutil.copytree(made.workspace.root, constant, symlinks=True)
    other = replace(made.workspace, root=constant)
    replace(Current.read(made.workspace), model=root / "constant").write(other)
    rates: dict[str, list[float]] = {"real": [], "constant": []}
    for _ in range(2):
        for name, workspace in (("real", made.workspace), ("constant", other)):
            with Serving(workspace) as serving:
                one_by_one(serving.port, made.users[50], 100)
                with load(serving.port, made.users[50]) as done:
                    time.sleep(seconds)
                    rates[name].append(len(done) / seconds)
    real, nothing = (float(np.mean(rates[name])) for name in ("real", "constant"))
    say(f"{CALLERS} callers: {real:.0f} answers/s, of constants {nothing:.0f}/s, ratio {real / nothing:.2f}")


def memory(made: World, questions: int) -> None:
    """Resident memory of both processes, after a tenth of the questions and after all."""
    with Serving(made.workspace) as serving:
        processes = {name: child.process.pid for name, child in serving.children.items()}
        with load(serving.port, made.users[50]) as done:
            _until(lambda: len(done) >= questions // 10)
            before = {name: resident(number) for name, number in processes.items()}
            _until(lambda: len(done) >= questions)
        for name, number in processes.items():
            after = f"{resident(number):.0f} MB after {questions:,}"
            say(f"{name}: {before[name]:.0f} MB after {questions // 10:,}, {after}")


def reload(made: World, seconds: float) -> None:
    """A new export appears and is taken up while 4 callers ask."""
    old = newest(made.model)
    with Serving(made.workspace) as serving, load(serving.port, made.users[50], 4) as done:
        time.sleep(seconds)
        began, usual = time.perf_counter(), [took for _, took in done]
        new = made.model / str(int(old.name) + 1)
        shutil.copytree(old, made.model / ".half")
        (made.model / ".half").rename(new)
        served_models.follow(made.workspace)
        log = serving.children["predictor"].log
        _until(lambda: f"version {old.name} is unloaded" in log.read_text())
        time.sleep(1)
        during = [took for at, took in done if at >= began]
    (p50, p99), (s50, s99) = (np.percentile(np.array(some) * 1e3, [50, 99]) for some in (usual, during))
    say(
        f"usual p50 {p50:.1f} p99 {p99:.1f} ms; while reloading p50 {s50:.1f} p99 {s99:.1f} ms, {s99 / p99:.1f}-fold"
    )
    say(f"{len(during)} answers while reloading, none failed")
    shutil.rmtree(old)


def growth(root: Path, sizes: Sequence[int], questions: int) -> None:
    """One caller, history of 50, catalogues of growing size."""
    former = None
    for items in sizes:
        made = world(root / f"items-{items}", items)
        with Serving(made.workspace, timeout=600) as serving:
            p50, p99 = np.percentile(one_by_one(serving.port, made.users[50], questions), [50, 99])
            held = resident(serving.children["predictor"].process.pid)
        step = f", {p50 / former:.1f} times the former" if former else ""
        say(f"{items:,} items: p50 {p50:.2f} p99 {p99:.2f} ms{step}; predictor {held:,.0f} MB")
        former = p50
        shutil.rmtree(root / f"items-{items}")


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)


def _until(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.02)


def main() -> None:
    """Reads the command line and measures."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.serving", description=__doc__)
    parts = ("latency", "neighbors", "throughput", "reload", "memory", "growth")
    parser.add_argument("--parts", choices=parts, nargs="+", default=list(parts))
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=1_000, help="of one caller")
    parser.add_argument("--requests", type=int, default=100_000, help="of the part memory")
    parser.add_argument("--seconds", type=float, default=10.0, help="under load")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    given = parser.parse_args()
    say(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {given.items:,} items")
    with tempfile.TemporaryDirectory(prefix="swayrec-serving-") as folder:
        root = Path(folder)
        made = world(root, given.items) if set(given.parts) - {"growth"} else None
        for part in given.parts:
            say(f"-- {part}")
            if part == "growth":
                growth(root, given.sizes, given.questions)
            assert made is not None or part == "growth"
            if part == "latency" and made:
                latency(made, given.questions)
            elif part == "neighbors" and made:
                neighbors(made, given.questions)
            elif part == "throughput" and made:
                throughput(made, root, given.seconds)
            elif part == "reload" and made:
                reload(made, given.seconds)
            elif part == "memory" and made:
                memory(made, given.requests)


if __name__ == "__main__":
    main()
