"""A log replayed: what a training at a cut would keep, then window after window looked at as `swayrec monitor` does."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from swayrec.operations import embedding, reference
from swayrec.operations.monitoring.baseline import baseline
from swayrec.operations.monitoring.series import Series, Verdict
from swayrec.operations.monitoring.watching import Watch, watched
from swayrec.operations.monitoring.window import Window, time, windows_between
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.engine import connect
from swayrec.tables.ingest import ingest
from tests.benchmarks.monitoring_logs import Log

MADE = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = b"key of the benchmark's pseudonyms"
WEEK = 7.0


@dataclass(frozen=True)
class Replay:
    """A log in a folder, ingested, and its whole weeks, oldest first."""

    log: Log
    folder: Path
    path: Path
    dataset: Dataset
    weeks: tuple[Window, ...]

    @classmethod
    def of(cls, log: Log, folder: Path) -> "Replay":
        """Ingests the log without a fault."""
        path = log.write(folder / "raw")
        dataset = ingested(path, folder / "data")
        times = dataset.events()["timestamp"].to_numpy()
        first, last = (
            float(each) / 1e6 for each in (times.min().astype("int64"), times.max().astype("int64"))
        )
        return cls(log, folder, path, dataset, tuple(windows_between(first, last, WEEK)))

    def trained(self, cut: Window, texts: Path) -> Watch:
        """What is watched after a training that ended where ``cut`` begins; the reference is made as registration does.

        No model is trained: the checks of influence and intent are not asked.
        """
        folder = self.folder / f"cut-{cut.name}"
        asked = scenarios.load(self.path)
        learned = ingested(self.path, folder / "data", time(cut.start))
        kept = folder / "reference"
        kept.mkdir(parents=True)
        # Of the statistics that registration writes beside the baseline, only the schema is read.
        (kept / reference.STATISTICS).write_text(json.dumps({"schema": reference.SCHEMA}), encoding="utf-8")
        encode = embedding.encode(asked, str(self.path), texts)
        engine = connect(folder)
        try:
            baseline(engine, asked, learned, encode).write(kept)
        finally:
            engine.disconnect()
        shutil.rmtree(folder / "data")
        return Watch(asked, self.dataset, 1, kept, folder / "shown", SECRET, encode)


def ingested(path: Path, folder: Path, until: datetime | None = None) -> Dataset:
    """The dataset of raw files, as a training or a look at a window makes it."""
    return ingest(scenarios.load(path), str(path), folder, until=until, now=datetime.now(UTC))


def looked(watch: Watch, windows: Sequence[Window], series: Path) -> list[Verdict]:
    """The verdicts on windows, one after the other, in a series that may have begun before."""
    series.mkdir(parents=True, exist_ok=True)
    engine, found = connect(series), []
    try:
        for window in windows:
            before = Series.read(series)
            found.append(watched(engine, watch, window, before, MADE))
            before.write(found[-1])
    finally:
        engine.disconnect()
    return found


def branched(series: Path, window: Window, folder: Path) -> Path:
    """A copy of a series as it stood when a window began."""
    folder.mkdir(parents=True)
    for path in series.glob("*.json"):
        if path.name < window.name:
            shutil.copy(path, folder)
    return folder


def alarms(verdict: Verdict) -> set[str]:
    """The checks that give an alarm."""
    return {row["check"] for row in verdict["checks"] if row["alarm"]}


def on(watch: Watch, dataset: Dataset) -> Watch:
    """The same watch on other data."""
    return replace(watch, dataset=dataset)
