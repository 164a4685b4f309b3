import sqlite3

import pytest

from serving.event_log import EVENT, LogDownError, Receipt, Record
from serving.sqlite_log import SqliteLog
from swayrec.tables.errors import InputError


@pytest.fixture
def path(tmp_path):
    return tmp_path / "posted" / "log.db"


@pytest.fixture
def log(path):
    made = SqliteLog(path)
    yield made
    made.close()


def kept(log, key):
    return log.append([Record(EVENT, "u", {}, key)]).result(10)


def test_a_damaged_log_is_told_and_not_written_over(path):
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 500)
    with pytest.raises(InputError, match=r"cannot be read .*not a database"):
        SqliteLog(path)
    assert path.read_bytes().startswith(b"this is no database")


def test_a_log_that_cannot_be_written_says_so_and_stores_nothing_and_goes_on(log, path):
    kept(log, "a")
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE notes RENAME TO away")
    with pytest.raises(LogDownError, match="no such table"):
        log.note("pushed", "1")
        kept(log, "b")
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE away RENAME TO notes")
    other.close()
    assert kept(log, "b") == [Receipt(2)]


def test_a_commit_returns_only_when_the_disk_has_it(log):
    connection = log._connect()
    full = 2
    assert connection.execute("PRAGMA synchronous").fetchone() == (full,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
