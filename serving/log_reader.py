"""The log as those read it who do not write it: the transformer, and a training that begins."""

from collections.abc import Iterator
from typing import Protocol

from serving.event_log import Entry


class LogReader(Protocol):
    """What can be asked of a scenario's log from another process than the intake's; for one thread.

    A log that nothing was ever posted to may not be there yet: then it is empty.
    """

    def after(self, sequence: int, most: int) -> list[Entry]:
        """The next ``most`` entries at the most, in the log's order."""

    def newest(self) -> int:
        """The sequence of the newest entry; 0 = there is none."""

    def place(self, stamp: int) -> int:
        """The sequence of the newest entry whose stamp is not later than this one; 0 = there is none."""

    def close(self) -> None:
        """Ends it."""


_AT_ONCE = 10_000


def parts(reader: LogReader, upto: int | None = None) -> Iterator[list[Entry]]:
    """All entries, some at a time, in the log's order; ``upto`` is the last sequence that is wanted, None = all."""
    last = 0
    while upto is None or last < upto:
        part = reader.after(last, _AT_ONCE)
        if upto is not None:
            part = [entry for entry in part if entry.sequence <= upto]
        if not part:
            return
        last = part[-1].sequence
        yield part
