"""Clean windows and planted faults of a replayed log: what is found, after how many windows, by which checks."""

import json
import shutil
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from swayrec.operations.monitoring.baseline import Baseline
from swayrec.operations.monitoring.scales import NONE, OTHER
from swayrec.operations.monitoring.watching import Watch
from swayrec.operations.monitoring.window import Window
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError
from tests.benchmarks.monitoring_faults import PLANTS
from tests.benchmarks.monitoring_lists import show
from tests.benchmarks.monitoring_replay import SECRET, Replay, alarms, branched, ingested, looked

LEAD = 6
"""Clean windows between a training and a fault."""

FOLLOWED = 3
"""Windows that a fault lasts and is looked for in."""

STOPPED = "the ingest stops"
HIDDEN, LARGEST, BROKEN = (
    "a small group hidden from the lists",
    "the largest group hidden from the lists",
    "one vector for all texts",
)
FAULTS = (*PLANTS, HIDDEN, LARGEST, BROKEN)
SMALL_GROUP = 0.02
"""Share of the events that the group has at least that is hidden: the smallest such."""

Half = Literal["first", "second"]


@dataclass(frozen=True)
class Clean:
    """A window without a planted fault, and the checks whose alarm began in it."""

    log: str
    cut: str
    window: str
    began: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A fault that began in a window: after how many windows the first check found it (0 = in none), and which did."""

    fault: str
    log: str
    window: str
    after: int
    by: tuple[str, ...]


def cuts(replay: Replay, half: Half, every: int) -> list[int]:
    """The weeks where a training ends, so that all windows looked at afterwards lie in a half of the log."""
    middle, last = len(replay.weeks) // 2, len(replay.weeks)
    low, high = (12, middle) if half == "first" else (middle, last)
    return list(range(low, high - LEAD - FOLLOWED + 1, every))


def measured(
    replay: Replay, places: Sequence[int], planted: Sequence[int], texts: Path, only: Container[str] = FAULTS
) -> Iterator[Clean | Found]:
    """Clean windows after each cut, and every fault (or ``only`` some) after the cuts that are ``planted``."""
    for place in places:
        windows = replay.weeks[place : place + LEAD + FOLLOWED]
        watch = replay.trained(windows[0], texts)
        folder = watch.reference.parent
        for window in windows:
            show(watch.shown, replay.dataset, watch.scenario, window, SECRET)
        verdicts = looked(watch, windows, folder / "series")
        before: set[str] = set()
        for window, verdict in zip(windows, verdicts, strict=True):
            now = alarms(verdict)
            yield Clean(replay.log.name, windows[0].told, window.told, tuple(sorted(now - before)))
            before = now
        if place in planted:
            yield from _faults(replay, watch, windows, only)
        shutil.rmtree(folder)


def _faults(replay: Replay, watch: Watch, windows: Sequence[Window], only: Container[str]) -> Iterator[Found]:
    folder, after = watch.reference.parent, windows[LEAD:]
    span = Window(after[0].start, after[-1].end)
    for name, plant in PLANTS.items():
        query = plant(replay.log, span)
        if query and name in only:
            place = folder / "fault"
            path = replay.log.write(place / "raw", query)
            try:
                faulty = replace(watch, dataset=ingested(path, place / "data"), scenario=scenarios.load(path))
                yield _looked_for(replay, name, faulty, after, place)
            except InputError:
                # More rows are bad than the scenario bears: `swayrec monitor` stops with a sentence about them.
                yield Found(name, replay.log.name, after[0].told, 1, (STOPPED,))
            shutil.rmtree(place)
    place = folder / "fault"
    hidden = replace(watch, shown=place / "shown")
    for name, group in _groups(watch).items():
        if name in only:
            for window in windows:
                away = group if window in after else None
                show(hidden.shown, replay.dataset, watch.scenario, window, SECRET, away)
            yield _looked_for(replay, name, hidden, after, place)
            shutil.rmtree(place)
    if watch.encode is not None and BROKEN in only:
        one = watch.encode(["milk"])
        broken = replace(watch, encode=lambda texts: np.tile(one, (len(texts), 1)))
        yield _looked_for(replay, BROKEN, broken, after, place)
        shutil.rmtree(place)


def _looked_for(replay: Replay, fault: str, watch: Watch, after: Sequence[Window], place: Path) -> Found:
    """An alarm that there is without the fault as well does not count."""
    clean = watch.reference.parent / "series"
    series = branched(clean, after[0], place / "series")
    for number, (window, verdict) in enumerate(zip(after, looked(watch, after, series), strict=True), 1):
        without = json.loads((clean / f"{window.name}.json").read_text(encoding="utf-8"))
        new = alarms(verdict) - alarms(without)
        if new:
            return Found(fault, replay.log.name, after[0].told, number, tuple(sorted(new)))
    return Found(fault, replay.log.name, after[0].told, 0, ())


def _groups(watch: Watch) -> dict[str, str]:
    """The categories that are hidden: the smallest that has the least share of usual events, and the largest."""
    usual = Baseline.read(watch.reference).families["categories"]
    share = dict(zip(usual.labels, usual.by_window.sum(0) / usual.by_window.sum(), strict=True))
    named = {name: of for name, of in share.items() if of >= SMALL_GROUP and name not in (NONE, OTHER)}
    if len(named) < 2:
        return {}
    return {HIDDEN: min(named, key=named.__getitem__), LARGEST: max(named, key=named.__getitem__)}
