"""The log as those read it who do not write it: the transformer, and a training that begins."""

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
