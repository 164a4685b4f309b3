"""What ingest and choices cost on logs of 1, 10 and more million events, by engine; and the fit of influence.

    python -m tests.benchmarks.engines --folder build/engines --events 1000000,10000000 --engines duckdb,spark

Each measurement is a process of its own, so that its peak memory (with its children's: Spark's JVM) is its own.
`cpu` is seconds of processors, all threads and children: on a machine that others use too, they compare where
seconds of the clock do not.
"""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks.catalogues import journey, sparse_weights, texts
from tests.benchmarks.generated_log import SCENARIO, generate

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Runs what is asked for and prints a line of JSON each."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--folder", type=Path, default=Path("build/engines"))
    asked.add_argument("--events", default="1000000,10000000")
    asked.add_argument("--engines", default="duckdb,spark")
    asked.add_argument(
        "--rows", type=int, default=10_000_000, help="of the fit of influence; 0 = leave it out"
    )
    asked.add_argument(
        "--texts", default="", help="catalogues whose texts are compared; empty = leave it out"
    )
    asked.add_argument(
        "--ease",
        default="",
        help="ITEMS:USERS whose EASE is approximated (ITEMS:USERS:exact: beside the exact one), or journey",
    )
    asked.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.step:
        name, *arguments = given.step
        print(json.dumps(STEPS[name](given.folder, *arguments)))
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    for events in map(int, filter(None, given.events.split(","))):
        log = given.folder / f"{events}.parquet"
        if not log.exists():
            generate(log, events)
        for engine in given.engines.split(","):
            _measured(given.folder, "ingest", str(events), engine)
        _measured(given.folder, "choices", str(events))
    if given.rows:
        _measured(given.folder, "influence", str(given.rows))
    for items in filter(None, given.texts.split(",")):
        _measured(given.folder, "texts", items)
    for sizes in filter(None, given.ease.split(",")):
        step = ("journey",) if sizes == "journey" else ("ease", *sizes.split(":"))
        _measured(given.folder, *step)


def ingested(folder: Path, events: str, engine: str) -> dict[str, float]:
    """The ingest of a generated log."""
    from swayrec.tables.ingest import ingest

    log, start = folder / f"{events}.parquet", time.perf_counter()
    made = ingest(
        _scenario(log), "generated.toml", folder / f"{events}.{engine}", until=None, now=NOW, engine=engine
    )
    return {
        "kept": made.report()["events"],
        "seconds": time.perf_counter() - start,
    }


def chosen(folder: Path, events: str) -> dict[str, float]:
    """The choices of the dataset that was ingested last, part by part of its users."""
    import numpy as np

    from swayrec.learning.choices import every_level
    from swayrec.tables.dataset import Dataset

    found = max(folder.glob(f"{events}.*/"), key=lambda path: path.stat().st_mtime)
    dataset, scenario, start = Dataset(found), _scenario(folder / f"{events}.parquet"), time.perf_counter()
    items = dataset.catalogue()
    parts = dataset.parts(items)
    end = datetime.fromisoformat(dataset.report()["to"]).timestamp() + 1e-6
    choices = rows = 0
    for part in parts:
        for level in every_level(part.log(items, scenario.behavior_names), end, scenario):
            choices += len(level)
            for begin in range(0, len(level), 4096):
                histories = level.histories(np.arange(begin, min(begin + 4096, len(level))), 200)
                rows += int(histories.lengths.sum())
    seconds = time.perf_counter() - start
    return {
        "parts": len(parts),
        "choices": choices,
        "history_rows": rows,
        "seconds": seconds,
    }


def fitted(folder: Path, rows: str) -> dict[str, float]:
    """The sums of influence over rows that are made as they are needed, and the bare matrix products of the same."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    from swayrec.learning.row_sums import RowSums

    columns, candidates, choices, groups = 100, 200, 200, 512
    random = np.random.default_rng(0)
    f = random.normal(size=(choices, candidates, columns)).astype(np.float32)
    y, weight, count = random.random((choices, candidates)), np.ones(choices), np.full(choices, candidates)
    plain = f.reshape(-1, columns).astype(np.float64)
    sums, times, cpu = RowSums(columns, groups), {"bare": 0.0, "sums": 0.0}, {"bare": 0.0, "sums": 0.0}
    batches = int(rows) // (choices * candidates)
    with threadpool_limits(1, user_api="blas"):
        for number in range(batches):
            # By turns, so that a busy neighbor slows both.
            start, used = time.perf_counter(), time.thread_time()
            plain.T @ plain
            times["bare"] += time.perf_counter() - start
            cpu["bare"] += time.thread_time() - used
            start, used = time.perf_counter(), time.thread_time()
            group = (np.arange(choices) + number * choices) % groups
            sums.add(group, f, y, weight, count)
            times["sums"] += time.perf_counter() - start
            cpu["sums"] += time.thread_time() - used
    start = time.perf_counter()
    sums.sums().total().solve(1e-3)
    return {
        "rows": batches * choices * candidates,
        "bare_seconds": times["bare"],
        "sums_seconds": times["sums"],
        "ratio": times["sums"] / times["bare"],
        "bare_cpu": cpu["bare"],
        "sums_cpu": cpu["sums"],
        "ratio_cpu": cpu["sums"] / cpu["bare"],
        "solve_seconds": time.perf_counter() - start,
    }


STEPS = {
    "ingest": ingested,
    "choices": chosen,
    "influence": fitted,
    "texts": texts,
    "ease": sparse_weights,
    "journey": journey,
}


def _scenario(log: Path):
    import tomllib

    from swayrec.tables.scenario import parse

    return parse(tomllib.loads(SCENARIO.format(path=log)), "generated.toml")


def _measured(folder: Path, *step: str) -> None:
    command = [sys.executable, "-m", "tests.benchmarks.engines", "--folder", str(folder), "--step", *step]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    memory, cpu, ended = 0, 0.0, threading.Event()

    def watch() -> None:
        nonlocal memory, cpu
        while not ended.wait(0.5):
            held, used = _taken(process.pid)
            memory, cpu = max(memory, held), max(cpu, used)

    watcher = threading.Thread(target=watch)
    watcher.start()
    out, _ = process.communicate()
    ended.set()
    watcher.join()
    found = json.loads(out.splitlines()[-1]) if process.returncode == 0 else {"failed": process.returncode}
    print(
        json.dumps({"step": step, **found, "cpu": round(cpu, 1), "peak_gb": round(memory / 1e9, 2)}),
        flush=True,
    )


def _taken(process: int) -> tuple[int, float]:
    """Resident bytes and processor seconds of a process and its children; shared bytes count for each."""
    folder = Path(f"/proc/{process}")
    try:
        children = (folder / "task" / str(process) / "children").read_text().split()
        pages = int((folder / "statm").read_text().split()[1])
        ticks = (folder / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0, 0.0
    taken = [_taken(int(child)) for child in children]
    held = pages * os.sysconf("SC_PAGE_SIZE") + sum(each[0] for each in taken)
    # Its own in user and system mode, and those of children that have ended.
    used = sum(map(int, ticks[11:15])) / os.sysconf("SC_CLK_TCK")
    return held, used + sum(each[1] for each in taken)


if __name__ == "__main__":
    main()
