"""A log of numbers as files, and its parts by users: what is left of a dataset's events once a stage has chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from swayrec.tables.log import Log

ARRAYS = ("user", "item", "behavior", "order", "time", "value")


@dataclass(frozen=True)
class NumberedPart:
    """All events of the users ``first`` to ``last`` of a log that lies in a folder: its rows ``start`` to ``stop``.

    Users without an event are numbered too, as the whole log numbers them.
    """

    folder: str
    start: int
    stop: int
    first: int
    last: int

    def log(self, items: Sequence[str], behaviors: Sequence[str], period: float | None = None) -> Log:
        """The part's log over the whole catalogue; its users are numbered from 0, and their numbers in the whole
        log stand for their ids. Of the files only its own rows are read.
        """
        arrays = {
            name: np.array(np.load(f"{self.folder}/{name}.npy", mmap_mode="r")[self.start : self.stop])
            for name in ARRAYS
        }
        arrays["user"] -= np.int32(self.first)
        users = np.arange(self.first, self.last).astype(str).astype(object)
        return Log(users, np.asarray(items, object), tuple(behaviors), **arrays, period=period)


def numbered_parts(log: Log, folder: Path, rows: int) -> list[NumberedPart]:
    """Writes a log's numbers into a folder that exists, 30 bytes an event, and cuts it by users.

    Args:
        log: of any events, in the order that logs have.
        folder: whoever computes on a part must see it under the same path.
        rows: about how many events a part has; a user's are never in two.
    """
    for name in ARRAYS:
        np.save(folder / f"{name}.npy", getattr(log, name))
    offsets = log.offsets()
    # A part begins with the first user that a multiple of `rows` leaves whole.
    firsts = np.unique(np.searchsorted(offsets, np.arange(0, len(log), rows)))
    bounds = np.append(firsts[offsets[firsts] < len(log)], len(log.users))
    return [
        NumberedPart(str(folder), int(offsets[first]), int(offsets[last]), int(first), int(last))
        for first, last in pairwise(bounds)
    ]
