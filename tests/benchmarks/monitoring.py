"""Whether monitoring works on real logs: `make bench-monitoring`.

Each log is replayed: what a training at a cut keeps (no model is trained for it, so the checks `influence` and `intent`
are not asked), then week after week looked at as `swayrec monitor` does. Every week and cut is of the second half of
its log: thresholds were set without it. Lists are of what was popular in the week before, shown to the users who really
came; what came of them is what these really did next. Then seven faults are planted into copies of the raw files; a
fault is found by an alarm that there is not without it. Last, what the loss of a drift costs and a retraining brings
back, with models by the steps of a training; and what a look costs on large logs.

``--quick`` runs a small part on the generated shop, in seconds: it holds nothing but that this code works.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks import monitoring_tables
from tests.benchmarks.monitoring_load import cost
from tests.benchmarks.monitoring_logs import Log, generated, logs
from tests.benchmarks.monitoring_planted import FAULTS, HIDDEN, Clean, Found, cuts, measured
from tests.benchmarks.monitoring_recovery import recovery
from tests.benchmarks.monitoring_replay import Replay

EVERY = {"cofacts": 5, "groceries": 8, "two_languages": 8}
"""Weeks between two trainings."""

PLANTED = 3
"""Trainings of a log after which faults are planted."""

QUICK = ("a unit changed (cents)", HIDDEN)
DRIFTED = "groceries"
LOADS = ((1_000_000, 100_000), (10_000_000, 100_000))
PARTS = ("faults", "recovery", "load")


def replayed(
    log: Log, root: Path, every: int, planted: int, only: Sequence[str] = FAULTS
) -> Iterator[Clean | Found]:
    """Everything of a log: clean windows, and the faults after some trainings that lie evenly."""
    replay = Replay.of(log, root / log.name)
    places = cuts(replay, "second", every)
    some = {places[round(number * (len(places) - 1) / max(planted - 1, 1))] for number in range(planted)}
    yield from measured(replay, places, sorted(some), root / "texts", only)


def there(found: list[Log]) -> list[Log]:
    """Those whose files are here; of the others it is said that they are not."""
    for log in found:
        if not log.needs.exists():
            print(
                f"{log.title} is left out: there is no {log.needs} (SWAYREC_DATA names the folder of real data)"
            )
    return [log for log in found if log.needs.exists()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a small part on the generated shop")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; may be given again")
    parser.add_argument("--log", action="append", help="only this log; may be given again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="swayrec-monitoring-") as folder:
        root = Path(folder)
        if given.quick:
            _faults([generated(root / "made")], root, planted=1, every=99, only=QUICK)
            return
        parts = given.part or PARTS
        found = [log for log in there(logs()) if not given.log or log.name in given.log]
        if "faults" in parts:
            _faults(found, root, planted=PLANTED)
        for log in found:
            if "recovery" in parts and log.name == DRIFTED:
                replay = Replay.of(log, root / "recovery")
                told = recovery(replay, len(replay.weeks) // 2 + 5, root / "texts")
                print(f"\n{log.title}: half of the items' ids change their meaning\n")
                print(monitoring_tables.curves(told), flush=True)
        if "load" in parts:
            print("\n| events | lists | time | memory | kept |\n| --- | --- | --- | --- | --- |")
            for number, (events, lists) in enumerate(LOADS):
                print(f"| {cost(root / f'load-{number}', events, lists)} |", flush=True)


def _faults(found: list[Log], root: Path, planted: int, every: int = 0, only: Sequence[str] = FAULTS) -> None:
    told: list[Clean | Found] = []
    for log in found:
        for each in replayed(log, root, every or EVERY[log.name], planted, only):
            print(each, flush=True)
            told.append(each)
    titles = {log.name: log.title for log in found}
    print(f"\n{monitoring_tables.faults([each for each in told if isinstance(each, Found)], titles)}")
    print(f"\n{monitoring_tables.hidden([each for each in told if isinstance(each, Found)], titles)}")
    clean = [each for each in told if isinstance(each, Clean)]
    print(f"\n{monitoring_tables.false_alarms(clean, titles)}", flush=True)


if __name__ == "__main__":
    main()
