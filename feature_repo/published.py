"""What a publication has of users and items, whatever was pushed on top of it since."""

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from feature_repo.names import ONLINE_STAMP, POSTED_UPTO, READ_AT, STAMP, UNTIL

_KEPT = 8
"""Row groups kept in memory, those that were asked for last."""


@dataclass(frozen=True)
class Known:
    """What a publication has of the intake's log.

    ``upto`` is the stamp of the newest entry that its data were made with, in microseconds since the epoch, and
    ``until`` the epoch seconds at which they end. ``upto`` None = they were made without the log: then all that
    is known is when the data were read, ``read_at`` in microseconds.
    """

    read_at: int = 0
    upto: int | None = None
    until: float = math.inf

    def event(self, stamp: int, instant: float, newest: float) -> bool:
        """Whether it has the event of this stamp.

        Without the log: where it was posted before the data were read and is not newer than the newest that
        they have of the user, it is taken to be in them.

        Args:
            stamp: of the entry, in microseconds since the epoch.
            instant: of the event, in epoch seconds.
            newest: of the user's events in the publication.
        """
        if self.upto is None:
            return stamp <= self.read_at and instant <= newest
        return stamp <= self.upto and instant < self.until

    def item(self, stamp: int) -> bool:
        """Whether it has the item as it was posted at this stamp, or a newer post of it."""
        return stamp <= (self.read_at if self.upto is None else self.upto)


@dataclass(frozen=True)
class Edition:
    """One state of an offline file; ``name`` differs from that of every other.

    ``stamp``: what its rows are stamped with online; a row that is to replace one of them needs a later one.
    """

    name: str
    known: Known = field(default_factory=Known)
    stamp: int = 0


class PublishedRows:
    """The rows of one view's offline file.

    A publication replaces the file when all rows of the view are online, so who sees another edition may lay
    on top of it what the publication cannot know. For one thread.

    Args:
        path: the view's Parquet file; it may appear later.
        key: its column with the entity's id; where it is sorted by that, less is read.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key
        self.edition = Edition("")
        self._file: pq.ParquetFile | None = None
        self._bounds: list[tuple[str, str] | None] = []
        self._groups: OrderedDict[int, tuple[pa.Table, dict[str, int]]] = OrderedDict()

    def renew(self) -> bool:
        """Looks at the file; whether there is another edition than before."""
        try:
            found = self._path.stat()
            name = f"{found.st_ino}-{found.st_mtime_ns}-{found.st_size}"
        except FileNotFoundError:
            name = ""
        if name == self.edition.name:
            return False
        self._groups.clear()
        self._file, self._bounds, known, stamp = None, [], Known(), 0
        if name:
            self._file = pq.ParquetFile(self._path)
            self._bounds = [self._bound(group) for group in range(self._file.num_row_groups)]
            told = self._file.schema_arrow.metadata or {}
            known = Known(
                read_at=int(told.get(READ_AT, found.st_mtime_ns // 1_000)),
                upto=int(told[POSTED_UPTO]) if POSTED_UPTO in told else None,
                until=float(told.get(UNTIL, math.inf)),
            )
            stamp = int(told.get(ONLINE_STAMP, 0))
        self.edition = Edition(name, known, stamp)
        return True

    def of(self, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        """The rows of the known ones among ``ids``, without their stamps."""
        wanted = sorted(set(ids))
        found: dict[str, Mapping[str, Any]] = {}
        for group, bound in enumerate(self._bounds):
            inside = [name for name in wanted if bound is None or bound[0] <= name <= bound[1]]
            if not inside:
                continue
            table, places = self._read(group)
            for name in inside:
                if name in places:
                    found[name] = table.slice(places[name], 1).to_pylist()[0]
        return found

    def _bound(self, group: int) -> tuple[str, str] | None:
        assert self._file is not None
        place = self._file.schema_arrow.get_field_index(self._key)
        told = self._file.metadata.row_group(group).column(place).statistics
        return (told.min, told.max) if told is not None and told.has_min_max else None

    def _read(self, group: int) -> tuple[pa.Table, dict[str, int]]:
        held = self._groups.pop(group, None)
        if held is None:
            assert self._file is not None
            table = self._file.read_row_group(group).drop_columns([STAMP])
            held = table, {name: place for place, name in enumerate(table[self._key].to_pylist())}
            while len(self._groups) >= _KEPT:
                self._groups.popitem(last=False)
        self._groups[group] = held
        return held
