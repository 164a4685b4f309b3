"""What is posted to a scenario's intake, read on from where it was read last, for who looks again and again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from serving import logs
from serving.event_log import EVENT
from serving.log_reader import LogReader
from swayrec.operations.workspace import Workspace

_AT_ONCE = 5_000

Pairs = Iterator[tuple[str, str]]
"""Request and item of each event that names the request whose answer it followed."""


@contextmanager
def posted_since(workspace: Workspace, scenario: str, instant: float) -> Iterator[Callable[[], Pairs]]:
    """Opens the log once; each call gives what came since the last one, the first what came since an instant.

    Args:
        workspace: whose log.
        scenario: its name.
        instant: epoch seconds.

    Raises:
        InputError: the log cannot be read; a later call goes on where this one stopped.
    """
    reader = logs.reader(workspace, scenario)
    try:
        yield _Place(reader, instant).pairs
    finally:
        reader.close()


class _Place:
    """How far a log is read."""

    def __init__(self, reader: LogReader, instant: float) -> None:
        self._reader, self._instant = reader, instant
        self._read: int | None = None

    def pairs(self) -> Pairs:
        """What came since."""
        if self._read is None or self._reader.newest() < self._read:
            # The first time, or a log that was begun anew.
            self._read = self._reader.place(int(self._instant * 1e6))
        while part := self._reader.after(self._read, _AT_ONCE):
            for entry in part:
                if entry.kind == EVENT and entry.content["request_id"] is not None:
                    yield entry.content["request_id"], entry.content["item_id"]
            self._read = part[-1].sequence
