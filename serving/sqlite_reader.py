"""The log of one machine, read by another process than the one that has it."""

import json
import sqlite3
from pathlib import Path

from serving.event_log import Entry
from swayrec.tables.errors import InputError


class SqliteReader:
    """A :class:`~serving.log_reader.LogReader` over the file of a :class:`~serving.sqlite_log.SqliteLog`.

    Whoever writes is never kept waiting, and nothing is written here.

    Raises:
        InputError: on reading: the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def after(self, sequence: int, most: int) -> list[Entry]:
        """See :class:`~serving.log_reader.LogReader`."""
        question = (
            "SELECT sequence, stamp, kind, subject, content FROM entries "
            "WHERE sequence > ? ORDER BY sequence LIMIT ?"
        )
        return [
            Entry(number, stamp, kind, subject, json.loads(content))
            for number, stamp, kind, subject, content in self._asked(question, sequence, most)
        ]

    def newest(self) -> int:
        """See :class:`~serving.log_reader.LogReader`."""
        found = self._asked("SELECT max(sequence) FROM entries")
        return int(found[0][0] or 0) if found else 0

    def place(self, stamp: int) -> int:
        """See :class:`~serving.log_reader.LogReader`."""
        # Stamps rise with the sequence, so that some twenty looks find the place without an index.
        low, high = 0, self.newest()
        while low < high:
            middle = (low + high + 1) // 2
            question = "SELECT stamp FROM entries WHERE sequence >= ? ORDER BY sequence LIMIT 1"
            later = self._asked(question, middle)
            low, high = (middle, high) if later and later[0][0] <= stamp else (low, middle - 1)
        return low

    def close(self) -> None:
        """See :class:`~serving.log_reader.LogReader`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _asked(self, question: str, *values: int) -> list[tuple]:
        if self._connection is None:
            if not self._path.exists():
                return []
            address = f"{self._path.resolve().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(address, uri=True, timeout=10, check_same_thread=False)
        try:
            return self._connection.execute(question, values).fetchall()
        except sqlite3.Error as error:
            self.close()
            raise InputError(
                f"{self._path}: the event log cannot be read ({error}); put a copy of it back, or move it away "
                "to begin a new one"
            ) from None
