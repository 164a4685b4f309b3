"""Windows of time: what is looked at, one after the other on a grid that everybody shares."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from swayrec.tables.log import DAY

MONDAY = 4 * DAY
"""Where the grid begins: 1970-01-05, a Monday, so that windows of a week are weeks."""


@dataclass(frozen=True)
class Window:
    """From ``start`` to before ``end``, epoch seconds."""

    start: float
    end: float

    @property
    def days(self) -> float:
        """Its length."""
        return (self.end - self.start) / DAY

    @property
    def name(self) -> str:
        """A name for files that sorts by time."""
        return f"{_stamp(self.start)}--{_stamp(self.end)}"

    @property
    def told(self) -> str:
        """How people are told of it, in UTC."""
        return f"{_time(self.start)} to {_time(self.end)} UTC"

    def before(self, count: int) -> list["Window"]:
        """The windows of the same length right before it, oldest first."""
        length = self.end - self.start
        return [Window(self.start - back * length, self.end - back * length) for back in range(count, 0, -1)]


def newest(until: float, days: float) -> Window:
    """The last window of the grid that has ended by ``until`` (epoch seconds).

    >>> newest(11.5 * DAY, 7.0) == Window(4 * DAY, 11 * DAY)
    True
    """
    length = days * DAY
    number = math.floor((until - MONDAY) / length)
    return Window(MONDAY + (number - 1) * length, MONDAY + number * length)


def windows_between(since: float, until: float, days: float) -> list[Window]:
    """Every window of the grid that begins at ``since`` or later and has ended by ``until``, oldest first."""
    length = days * DAY
    first, last = math.ceil((since - MONDAY) / length), math.floor((until - MONDAY) / length)
    return [Window(MONDAY + number * length, MONDAY + (number + 1) * length) for number in range(first, last)]


def time(instant: float) -> datetime:
    """Epoch seconds as a time in UTC."""
    return datetime.fromtimestamp(instant, UTC)


def _stamp(instant: float) -> str:
    return time(instant).strftime("%Y%m%dT%H%M")


def _time(instant: float) -> str:
    return time(instant).strftime("%Y-%m-%d %H:%M")
