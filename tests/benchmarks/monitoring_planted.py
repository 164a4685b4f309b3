"""Clean windows and planted faults of a replayed log: what is found, after how many windows, by which checks."""

import json
import shutil
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np

from swayrec.operations.monitoring.scales import NONE, OTHER
from swayrec.operations.monitoring.series import Verdict
from swayrec.operations.monitoring.watching import Watch
from swayrec.operations.monitoring.window import Window, time
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
HIDDEN, BROKEN = "a group hidden from the lists", "one vector for all texts"
FAULTS = (*PLANTS, HIDDEN, BROKEN)
SMALL_GROUP = 0.02
"""Share of what was shown in the clean windows before that a group has at least to be hidden; every such one is."""

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
    """A fault that began in a window: after how many windows the first check found it (0 = in none), and which did.

    ``group`` is the one that was hidden, ``share`` what it has of what was shown before.
    """

    fault: str
    log: str
    window: str
    after: int
    by: tuple[str, ...]
    group: str = ""
    share: float = 0.0


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
            yield from _faults(replay, watch, windows, verdicts, only)
        shutil.rmtree(folder)


def _faults(
    replay: Replay,
    watch: Watch,
    windows: Sequence[Window],
    verdicts: Sequence[Verdict],
    only: Container[str],
) -> Iterator[Found]:
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
    for group, share in _groups(verdicts[:LEAD]).items() if HIDDEN in only else ():
        shutil.copytree(watch.shown, hidden.shown, ignore=_from(after[0]))
        away = partial(show, hidden.shown, replay.dataset, watch.scenario, secret=SECRET, hidden=group)
        found = _looked_for(replay, HIDDEN, hidden, after, place, away)
        yield replace(found, group=group, share=share)
        shutil.rmtree(place)
    if watch.encode is not None and BROKEN in only:
        one = watch.encode(["milk"])
        broken = replace(watch, encode=lambda texts: np.tile(one, (len(texts), 1)))
        yield _looked_for(replay, BROKEN, broken, after, place)
        shutil.rmtree(place)


def _looked_for(
    replay: Replay,
    fault: str,
    watch: Watch,
    after: Sequence[Window],
    place: Path,
    shows: Callable[[Window], object] = lambda _: None,
) -> Found:
    """An alarm that there is without the fault as well does not count.

    ``shows`` makes a window's lists before it is looked at.
    """
    clean = watch.reference.parent / "series"
    series = branched(clean, after[0], place / "series")
    for number, window in enumerate(after, 1):
        shows(window)
        [verdict] = looked(watch, [window], series)
        without = json.loads((clean / f"{window.name}.json").read_text(encoding="utf-8"))
        new = alarms(verdict) - alarms(without)
        if new:
            return Found(fault, replay.log.name, after[0].told, number, tuple(sorted(new)))
    return Found(fault, replay.log.name, after[0].told, 0, ())


def _groups(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """The categories that are hidden, with their share of what these windows showed."""
    held = [verdict["measured"]["shown"] for verdict in verdicts]
    sums = np.sum([each["sums"] for each in held], axis=0)
    share = dict(zip(held[0]["labels"], (sums / sums.sum()).tolist(), strict=True))
    return {name: of for name, of in share.items() if of >= SMALL_GROUP and name not in (NONE, OTHER)}


def _from(window: Window) -> Callable[[str, list[str]], list[str]]:
    """Leaves out the files of what was shown from a window on."""
    first = f"{time(window.start):%Y-%m-%dT%H}"
    return lambda _, names: [name for name in names if name >= first]
