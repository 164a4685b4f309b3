"""The log that the intake appends to: durable, in one rising sequence, every event once."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol

EVENT, ITEM = "event", "item"
"""The kinds of records."""


@dataclass(frozen=True)
class Record:
    """Something to be appended.

    ``subject`` is the user of an event, or the item. ``key`` is what makes a record the same as an earlier one
    of its kind, the event's id; None = it never is. ``content`` is all of it, as JSON knows it.
    """

    kind: str
    subject: str
    content: Mapping[str, Any]
    key: str | None = None


@dataclass(frozen=True)
class Receipt:
    """Where a record stands in the log; ``known`` = it stood there already."""

    sequence: int
    known: bool = False


@dataclass(frozen=True)
class Entry:
    """A record in the log. ``sequence`` and ``stamp`` (microseconds since the epoch) rise strictly with it."""

    sequence: int
    stamp: int
    kind: str
    subject: str
    content: Mapping[str, Any]


class LogDownError(Exception):
    """The log cannot be written to; nothing of what was given is stored. The message says why, for our log."""


class EventLog(Protocol):
    """What the intake needs of a log; safe to use from several threads."""

    def append(self, records: Sequence[Record]) -> "Future[list[Receipt]]":
        """Appends all or none; done once it is durable.

        Fails with LogDownError.
        """

    def after(self, sequence: int, most: int) -> list[Entry]:
        """The next ``most`` entries at the most."""

    def of(self, kind: str, subjects: Sequence[str]) -> dict[str, list[Entry]]:
        """All entries on each subject, in the log's order."""

    def newest(self) -> int:
        """The sequence of the newest entry; 0 = there is none."""

    def subjects(self, kind: str) -> Iterator[str]:
        """Everyone, or everything, that the log has an entry on, each once."""

    def tick(self) -> int:
        """An instant in microseconds since the epoch, later than every stamp and tick before."""

    def note(self, name: str, value: str) -> None:
        """Keeps a remark; it is durable sooner or later."""

    def noted(self, name: str) -> str | None:
        """The remark of that name."""

    def prune(self, before: int, upto: int, most: int) -> int:
        """Removes the oldest events, ``most`` at the most; how many.

        Those with a stamp earlier than ``before``, up to the sequence ``upto``. Items stay: what is known of
        one is its newest entry, however old. An event that is removed is not known by its id any more.
        """

    def close(self) -> None:
        """Ends it; what was appended is durable."""
