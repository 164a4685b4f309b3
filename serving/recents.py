"""What everyone did since a model's tables were made: counted from the log, and asked along with every question."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from serving.event_log import EVENT
from serving.log_reader import LogReader
from swayrec.learning.signature import Metadata
from swayrec.tables.errors import InputError

_log = logging.getLogger(__name__)
_AT_ONCE = 5_000
_LOOKS = 0.5


@dataclass(frozen=True)
class Recent:
    """Items and how often each behavior happened to them, most events first: ``counts`` [items, T].

    At most P items, and T behaviors in the order of the model's metadata.
    """

    items: Sequence[str] = ()
    counts: Sequence[Sequence[float]] = ()


NOTHING = Recent()


class Recents:
    """The counts for each version that answers, from its scenario's log.

    An event counts where the log had it after the tables' data were read (``Metadata.posted``), and where it
    happened at or after their end (``Metadata.until``): so none counts that the tables hold. One that comes late,
    with a time before the end, waits for the next tables, because the windows of the counts are by time.

    Args:
        opened: makes a reader of a scenario's log, by the scenario's name.
    """

    def __init__(self, opened: Callable[[str], LogReader]) -> None:
        self._opened = opened
        self._counting: dict[int, _Counting] = {}

    def of(self, shape: Metadata) -> Recent:
        """The newest counts for this version; nothing until its own are there, so that none counts twice."""
        counting = self._counting.get(shape.version)
        return NOTHING if counting is None else counting.held

    def refresh(self, shapes: Sequence[Metadata]) -> None:
        """Counts what has come for each of these, and forgets all others; for one thread at a time."""
        known = {shape.version: self._counting.get(shape.version, _Counting(shape)) for shape in shapes}
        for counting in known.values():
            reader = self._opened(counting.shape.scenario)
            try:
                counting.go_on(reader)
            except InputError as error:
                _log.error("what everyone did lately stays as it was: %s", error)
            finally:
                reader.close()
        self._counting = known

    async def keep_fresh(self, shapes: Callable[[], Sequence[Metadata]], every: float = 60.0) -> None:
        """Counts every so many seconds, and at once for another version, until it is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            asked, until = shapes(), time.monotonic() + every
            await loop.run_in_executor(None, self.refresh, asked)
            while (left := until - time.monotonic()) > 0 and _versions(shapes()) == _versions(asked):
                await asyncio.sleep(min(left, _LOOKS))


class _Counting:
    """The counts for one version's tables, and how far the log is counted."""

    def __init__(self, shape: Metadata) -> None:
        self.shape, self.held = shape, NOTHING
        self._counts: dict[str, np.ndarray] = {}
        self._read: int | None = None

    def go_on(self, reader: LogReader) -> None:
        """Counts what has come since."""
        shape, newest = self.shape, reader.newest()
        if self._read is None or newest < self._read:
            # The first time, or a log that was begun anew.
            self._counts = {}
            self._read = 0 if shape.posted is None else reader.place(shape.posted)
        number = {behavior: place for place, behavior in enumerate(shape.behaviors)}
        while part := reader.after(self._read, _AT_ONCE):
            for entry in part:
                place = number.get(entry.content["behavior"]) if entry.kind == EVENT else None
                if place is not None and _is_new(entry.content["timestamp"], shape.until):
                    item = entry.content["item_id"]
                    self._counts.setdefault(item, np.zeros(len(number), np.float32))[place] += 1
            self._read = part[-1].sequence
        most = sorted(self._counts, key=lambda item: (-self._counts[item].sum(), item))[: shape.recent]
        # As one array: it goes into every question.
        counts = np.stack([self._counts[item] for item in most]) if most else ()
        self.held = Recent(tuple(most), counts)  # type: ignore[arg-type]


def _versions(shapes: Sequence[Metadata]) -> set[int]:
    return {shape.version for shape in shapes}


def _is_new(timestamp: str, until: float | None) -> bool:
    return until is None or datetime.fromisoformat(timestamp).timestamp() >= until
