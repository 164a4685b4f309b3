"""Candidates that belong to a choice itself: what was shown together, or what was alive at its instant."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from swayrec.tables.log import DAY, Log, joined


class Listing(Protocol):
    """The candidates of C choices; items int32, -1 = none."""

    @property
    def width(self) -> int:
        """The candidates of the longest list, at most."""

    def of(self, rows: np.ndarray) -> np.ndarray:
        """int32[len(rows), M]: the candidates of the choices ``rows``, each once, -1 after the last."""


@dataclass(frozen=True)
class Some:
    """The candidates of some choices of a listing: choice c here is choice ``part[c]`` there."""

    listing: Listing
    part: np.ndarray

    @property
    def width(self) -> int:
        """That of all of them."""
        return self.listing.width

    def of(self, rows: np.ndarray) -> np.ndarray:
        """As the listing has them."""
        return self.listing.of(self.part[rows])


@dataclass(frozen=True)
class Shown:
    """Lists that were shown: that of choice c is ``items[ends[c]:ends[c + 1]]``."""

    ends: np.ndarray
    items: np.ndarray

    @property
    def width(self) -> int:
        """The length of the longest list."""
        return int(np.diff(self.ends).max(initial=0))

    def of(self, rows: np.ndarray) -> np.ndarray:
        """The lists as they were shown."""
        row, place = joined(self.ends[rows], self.ends[rows + 1])
        return laid_out(row, self.items[place], len(rows))


class Lives:
    """When each item of a log had its first event, and so which items are alive at an instant.

    An item is alive where its first event lies strictly before the instant, within the last ``days``.
    """

    def __init__(self, log: Log, days: float) -> None:
        self.first = np.full(len(log.items), np.inf)
        np.minimum.at(self.first, log.item, log.time)
        self._span = days * DAY
        self._by_first = np.argsort(self.first, kind="stable")
        self._sorted = self.first[self._by_first]

    def alive(self, item: np.ndarray, now: np.ndarray) -> np.ndarray:
        """bool[n]: whether each of ``item`` int[n] is alive at ``now`` float64[n], epoch seconds."""
        return (self.first[item] < now) & (self.first[item] >= now - self._span)

    def counted(self, now: np.ndarray) -> np.ndarray:
        """int64[n]: how many items are alive at each of ``now`` float64[n]."""
        return np.subtract(*self._places(now)[::-1])

    def at(self, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which items are alive at ``now`` float64[n], one instant after the other.

        Returns:
            int64[m], the instant; int32[m], an item that is alive then.
        """
        row, place = joined(*self._places(now))
        return row, self._by_first[place].astype(np.int32)

    def _places(self, now: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.searchsorted(self._sorted, now - self._span), np.searchsorted(self._sorted, now)


@dataclass(frozen=True)
class Alive:
    """What is alive at the instant of each choice, and, where people do not repeat, new to its user.

    ``users`` int64[C], ``now`` float64[C]; ``met`` int64, ascending, the pairs (``user * items + item``) of a log, and
    ``since`` float64, when each was met first; both None where people repeat.
    """

    lives: Lives
    users: np.ndarray
    now: np.ndarray
    met: np.ndarray | None = None
    since: np.ndarray | None = None

    @property
    def width(self) -> int:
        """The items that are alive at the instant that has most."""
        return int(self.lives.counted(self.now).max(initial=0))

    def of(self, rows: np.ndarray) -> np.ndarray:
        """The items in the order of their first events."""
        row, item = self.lives.at(self.now[rows])
        if self.met is not None and self.since is not None and len(self.met):
            pair = self.users[rows][row] * len(self.lives.first) + item
            place = np.minimum(np.searchsorted(self.met, pair), len(self.met) - 1)
            touched = (self.met[place] == pair) & (self.since[place] < self.now[rows][row])
            row, item = row[~touched], item[~touched]
        return laid_out(row, item, len(rows))


def laid_out(row: np.ndarray, item: np.ndarray, rows: int) -> np.ndarray:
    """int32[rows, M]: items int[m] of ascending rows int64[m] side by side, -1 after the last (M at least 1)."""
    column = np.arange(len(row)) - np.searchsorted(row, row)
    table = np.full((rows, int(column.max(initial=0)) + 1), -1, np.int32)
    table[row, column] = item
    return table
