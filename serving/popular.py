"""What everyone takes: the lists that answer when nothing else can, kept in memory and on disk."""

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from swayrec.learning.categories import within
from swayrec.operations.workspace import written_whole
from swayrec.tables.log import DAY

if TYPE_CHECKING:
    import pyarrow as pa

LONGEST = 1000
"""Items of the list of everything."""
SHELF = 200
"""Items of a category's list."""


@dataclass(frozen=True)
class Entry:
    """One item of a list; ``score`` is its share of the window's target events."""

    item_id: str
    title: str
    category: str
    score: float


@dataclass(frozen=True)
class Popular:
    """The lists, best first. ``source`` is the dataset that they were counted from.

    ``latest`` are the newest items; there the score is when each was made, in epoch seconds.
    """

    source: str
    made_at: float
    everything: tuple[Entry, ...]
    categories: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    latest: tuple[Entry, ...] = ()

    def of(self, categories: Collection[str]) -> tuple[Entry, ...]:
        """The best of some categories, best first; () where none of them has a list.

        One that joins several (``Action|Comedy``) means what is in all of them.
        """
        found = [
            entry for name, shelf in self.categories.items() if within(name, categories) for entry in shelf
        ]
        return tuple(sorted(found, key=lambda entry: -entry.score))

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Every item that stands in a list."""
        shelves = (*self.categories.values(), self.everything)
        return {entry.item_id: entry for shelf in shelves for entry in shelf}

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The titles of all items that stand in a list: they outlive the store."""
        return {item: entry.title for item, entry in self.entries.items()}

    def write(self, path: Path) -> None:
        """Keeps the lists on disk, whole or not at all."""
        with written_whole(path) as place:
            place.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Popular | None":
        """The lists kept on disk; None where there are none or they cannot be read: they are made anew."""
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                source=held["source"],
                made_at=held["made_at"],
                everything=_entries(held["everything"]),
                categories={name: _entries(entries) for name, entries in held["categories"].items()},
                latest=_entries(held["latest"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


def count(
    events: "pa.Table", items: "pa.Table", targets: Sequence[str], source: str, window_days: float = 7.0
) -> Popular:
    """Counts the lists.

    Within the last ``window_days`` of the log's target events; what nobody took in the window follows by its
    count over the whole log. A log without a clock has one window. Items that no one took come last, so that
    even a log without a target event has a list.

    Args:
        events: the canonical table (item_id, behavior, timestamp).
        items: the canonical table (item_id, title, category, created_at).
        targets: the behaviors that count.
        source: named in the result.
        window_days: the window's length.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = events.filter(pc.is_in(events["behavior"], value_set=pa.array(targets, pa.string())))
    ids = items["item_id"].combine_chunks()
    place = pc.index_in(wanted["item_id"], value_set=ids)
    seconds = pc.cast(wanted["timestamp"], pa.int64()).to_numpy(zero_copy_only=False).astype(float) / 1e6
    known = pc.is_valid(place).to_numpy(zero_copy_only=False)
    number = pc.fill_null(place, 0).to_numpy(zero_copy_only=False)[known]
    seconds = seconds[known]
    newest = np.nanmax(seconds) if len(seconds) and not np.isnan(seconds).all() else np.nan
    recent = ~(seconds < newest - window_days * DAY)
    window = np.bincount(number[recent], minlength=len(ids))
    ever = np.bincount(number, minlength=len(ids))
    best = np.lexsort((-ever, -window))
    share = window / max(window.sum(), 1)
    titles, categories = items["title"].to_pylist(), items["category"].to_pylist()
    names = ids.to_pylist()
    everything: list[Entry] = []
    by_category: dict[str, list[Entry]] = {}
    for row in best:
        entry = Entry(names[row], titles[row] or names[row], categories[row] or "", float(share[row]))
        if len(everything) < LONGEST:
            everything.append(entry)
        shelf = by_category.setdefault(entry.category, []) if entry.category else []
        if len(shelf) < SHELF:
            shelf.append(entry)
    lists = {name: tuple(entries) for name, entries in by_category.items()}
    return Popular(source, time.time(), tuple(everything), lists, _latest(items))


def _latest(items: "pa.Table") -> tuple[Entry, ...]:
    """The newest items, the newest first; those that say when they were made."""
    import pyarrow as pa
    import pyarrow.compute as pc

    dated = items.filter(pc.is_valid(items["created_at"]))
    newest = pc.array_sort_indices(dated["created_at"], order="descending")[:LONGEST]
    told = dated.take(newest)
    made = pc.cast(told["created_at"], pa.int64()).to_pylist()
    columns = (told[name].to_pylist() for name in ("item_id", "title", "category"))
    return tuple(
        Entry(item, title or item, category or "", micros / 1e6)
        for item, title, category, micros in zip(*columns, made, strict=True)
    )


def _entries(held: list[dict]) -> tuple[Entry, ...]:
    return tuple(Entry(**entry) for entry in held)
