"""The event log of one machine: a SQLite file, with one sync to disk for all who wait for it."""

import contextlib
import fcntl
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TextIO

from serving.appending import Appending, Work
from serving.event_log import EVENT, Entry, Receipt, Record
from serving.ticks import Ticks
from swayrec.tables.errors import InputError

_ASKED_AT_ONCE = 500
"""Subjects of one query; SQLite takes 32,766 parameters."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    stamp INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    key TEXT,
    content TEXT NOT NULL,
    UNIQUE (kind, key)
);
CREATE INDEX IF NOT EXISTS by_subject ON entries (kind, subject, sequence);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class SqliteLog:
    """An :class:`~serving.event_log.EventLog` in one file, which belongs to one process at a time.

    Raises:
        InputError: another process has the log, or the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = _locked(path)
        try:
            with contextlib.closing(self._connect()) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(_SCHEMA)
                newest = connection.execute("SELECT max(stamp) FROM entries").fetchone()[0]
        except sqlite3.Error as error:
            self._lock.close()
            raise InputError(
                f"{path}: the event log cannot be read ({error}); put a copy of it back, or move it away to "
                "begin a new one"
            ) from None
        self._ticks = Ticks(newest or 0)
        self._connections = threading.local()
        self._notes: dict[str, str] = {}
        self._noting = threading.Lock()
        self._appending = Appending(lambda waiting: self._commit(waiting))

    def append(self, records: Sequence[Record]) -> "Future[list[Receipt]]":
        """See :class:`~serving.event_log.EventLog`."""
        return self._appending.append(records)

    def after(self, sequence: int, most: int) -> list[Entry]:
        """See :class:`~serving.event_log.EventLog`."""
        question = "SELECT sequence, stamp, kind, subject, content FROM entries WHERE sequence > ? LIMIT ?"
        return [_entry(row) for row in self._held().execute(question, (sequence, most))]

    def of(self, kind: str, subjects: Sequence[str]) -> dict[str, list[Entry]]:
        """See :class:`~serving.event_log.EventLog`."""
        found: dict[str, list[Entry]] = {subject: [] for subject in subjects}
        names = list(found)
        for start in range(0, len(names), _ASKED_AT_ONCE):
            part = names[start : start + _ASKED_AT_ONCE]
            question = (
                "SELECT sequence, stamp, kind, subject, content FROM entries "
                f"WHERE kind = ? AND subject IN ({','.join('?' * len(part))}) ORDER BY sequence"
            )
            for row in self._held().execute(question, (kind, *part)):
                entry = _entry(row)
                found[entry.subject].append(entry)
        return found

    def newest(self) -> int:
        """See :class:`~serving.event_log.EventLog`."""
        found = self._held().execute("SELECT max(sequence) FROM entries").fetchone()[0]
        return int(found or 0)

    def subjects(self, kind: str) -> Iterator[str]:
        """See :class:`~serving.event_log.EventLog`."""
        last = ""
        while True:
            question = (
                "SELECT DISTINCT subject FROM entries WHERE kind = ? AND subject > ? ORDER BY subject LIMIT ?"
            )
            part = [name for (name,) in self._held().execute(question, (kind, last, _ASKED_AT_ONCE))]
            yield from part
            if len(part) < _ASKED_AT_ONCE:
                return
            last = part[-1]

    def tick(self) -> int:
        """See :class:`~serving.event_log.EventLog`."""
        return self._ticks.tick()

    def note(self, name: str, value: str) -> None:
        """See :class:`~serving.event_log.EventLog`."""
        with self._noting:
            self._notes[name] = value

    def noted(self, name: str) -> str | None:
        """See :class:`~serving.event_log.EventLog`."""
        with self._noting:
            if name in self._notes:
                return self._notes[name]
        found = self._held().execute("SELECT value FROM notes WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def prune(self, before: int, upto: int, most: int) -> int:
        """See :class:`~serving.event_log.EventLog`."""
        connection = self._held()
        # Stamps rise with the sequence, so that the oldest are found without an index.
        oldest = (
            "SELECT sequence, stamp FROM entries WHERE kind = ? AND sequence <= ? ORDER BY sequence LIMIT ?"
        )
        gone = connection.execute(
            f"DELETE FROM entries WHERE sequence IN (SELECT sequence FROM ({oldest}) WHERE stamp < ?)",
            (EVENT, upto, most, before),
        )
        return gone.rowcount

    def close(self) -> None:
        """See :class:`~serving.event_log.EventLog`."""
        if self._appending.close():
            self._lock.close()

    def _commit(self, waiting: Sequence[Work]) -> None:
        connection = self._held()
        try:
            connection.execute("BEGIN IMMEDIATE")
            receipts = [[self._insert(connection, record) for record in records] for records, _ in waiting]
            with self._noting:
                notes = list(self._notes.items())
            connection.executemany("INSERT OR REPLACE INTO notes VALUES (?, ?)", notes)
            connection.execute("COMMIT")
        except Exception:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise
        for (_, done), made in zip(waiting, receipts, strict=True):
            done.set_result(made)

    def _insert(self, connection: sqlite3.Connection, record: Record) -> Receipt:
        if record.key is not None:
            question = "SELECT sequence FROM entries WHERE kind = ? AND key = ?"
            held = connection.execute(question, (record.kind, record.key)).fetchone()
            if held:
                return Receipt(held[0], known=True)
        content = json.dumps(record.content, ensure_ascii=False, separators=(",", ":"))
        row = (self.tick(), record.kind, record.subject, record.key, content)
        made = connection.execute(
            "INSERT INTO entries (stamp, kind, subject, key, content) VALUES (?, ?, ?, ?, ?)", row
        )
        assert made.lastrowid is not None
        return Receipt(made.lastrowid)

    def _held(self) -> sqlite3.Connection:
        """This thread's connection."""
        if not hasattr(self._connections, "held"):
            self._connections.held = self._connect()
        held: sqlite3.Connection = self._connections.held
        return held

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=10, isolation_level=None)
        # A commit returns when the disk has it, not before.
        connection.execute("PRAGMA synchronous=FULL")
        return connection


def _locked(path: Path) -> TextIO:
    """A lock that the system lets go of when the process ends, however it ends."""
    file = path.with_name(f"{path.name}.lock").open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise InputError(
            f"{path}: another intake is at work on this event log; stop it or give another workspace"
        ) from None
    return file


def _entry(row: tuple[int, int, str, str, str]) -> Entry:
    sequence, stamp, kind, subject, content = row
    return Entry(sequence, stamp, kind, subject, json.loads(content))
