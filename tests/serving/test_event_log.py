import sqlite3
import threading
import time

import pytest

from serving.event_log import EVENT, ITEM, LogDownError, Receipt, Record
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


def event(user, key, **content):
    return Record(EVENT, user, content, key)


def kept(log, *records):
    return log.append(records).result(10)


def test_entries_come_back_in_their_order_with_rising_stamps(log):
    assert kept(log, event("u", "a", n=1), event("v", "b", n=2)) == [Receipt(1), Receipt(2)]
    assert kept(log, Record(ITEM, "i", {"title": "牛奶"})) == [Receipt(3)]
    entries = log.after(0, 10)
    assert [(entry.sequence, entry.kind, entry.subject) for entry in entries] == [
        (1, EVENT, "u"),
        (2, EVENT, "v"),
        (3, ITEM, "i"),
    ]
    assert entries[2].content == {"title": "牛奶"}
    assert entries[0].stamp < entries[1].stamp < entries[2].stamp
    assert [entry.sequence for entry in log.after(1, 1)] == [2]
    assert [entry.content["n"] for entry in log.of(EVENT, ["u", "nobody"])["u"]] == [1]
    assert log.newest() == 3


def test_an_event_is_kept_once_and_told_its_place(log):
    assert kept(log, event("u", "a", n=1), event("u", "a", n=2)) == [Receipt(1), Receipt(1, known=True)]
    assert kept(log, event("u", "a", n=3), event("u", "b", n=4)) == [Receipt(1, known=True), Receipt(2)]
    assert [entry.content["n"] for entry in log.after(0, 10)] == [1, 4]


def test_an_item_is_kept_each_time(log):
    item = Record(ITEM, "i", {})
    assert kept(log, item, item) == [Receipt(1), Receipt(2)]


def test_what_was_answered_is_there_when_the_log_is_opened_again(path):
    first = SqliteLog(path)
    kept(first, event("u", "a"))
    first.note("pushed", "1")
    first.close()
    again = SqliteLog(path)
    assert kept(again, event("u", "a"), event("u", "b")) == [Receipt(1, known=True), Receipt(2)]
    assert again.noted("pushed") == "1" and again.noted("laid") is None
    again.close()


def test_stamps_rise_though_the_clock_goes_back(path, monkeypatch):
    first = SqliteLog(path)
    kept(first, event("u", "a"))
    ahead = first.after(0, 1)[0].stamp
    first.close()
    monkeypatch.setattr(time, "time_ns", lambda: (ahead - 3_600_000_000) * 1_000)
    again = SqliteLog(path)
    kept(again, event("u", "b"))
    assert again.after(1, 1)[0].stamp > ahead
    assert again.tick() < again.tick()
    again.close()


def test_many_who_append_at_once_share_a_sync_and_lose_nothing(log):
    commits = []
    inner = log._commit
    log._commit = lambda connection, waiting: (commits.append(len(waiting)), inner(connection, waiting))

    def append(writer):
        for n in range(50):
            kept(log, event(f"u{writer}", f"{writer}-{n}", n=n))

    threads = [threading.Thread(target=append, args=(writer,)) for writer in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = log.after(0, 1_000)
    assert [entry.sequence for entry in entries] == list(range(1, 801))
    assert all(
        [entry.content["n"] for entry in entries if entry.subject == f"u{writer}"] == list(range(50))
        for writer in range(16)
    )
    assert sum(commits) == 800 and len(commits) < 800


def test_all_subjects_are_found_each_once(log):
    kept(log, *(event(f"u{n % 700}", str(n)) for n in range(1_400)), Record(ITEM, "i", {}))
    assert sorted(log.subjects(EVENT)) == sorted(f"u{n}" for n in range(700))
    assert list(log.subjects(ITEM)) == ["i"]
    assert len(log.of(EVENT, [f"u{n}" for n in range(700)])["u699"]) == 2


def test_a_second_intake_on_the_same_log_is_refused(log, path):
    with pytest.raises(InputError, match="another intake is at work on this event log"):
        SqliteLog(path)


def test_a_damaged_log_is_told_and_not_written_over(path):
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 500)
    with pytest.raises(InputError, match=r"cannot be read .*not a database"):
        SqliteLog(path)
    assert path.read_bytes().startswith(b"this is no database")


def test_a_log_that_cannot_be_written_says_so_and_stores_nothing_and_goes_on(log, path):
    kept(log, event("u", "a"))
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE notes RENAME TO away")
    with pytest.raises(LogDownError, match="no such table"):
        log.note("pushed", "1")
        kept(log, event("u", "b"))
    with sqlite3.connect(path) as other:
        other.execute("ALTER TABLE away RENAME TO notes")
    other.close()
    assert kept(log, event("u", "b")) == [Receipt(2)]


def test_an_append_that_nobody_waits_for_any_more_stops_nobody(log):
    for n in range(50):
        log.append([event("u", f"gone {n}")]).cancel()
    assert kept(log, event("u", "a"))
    with pytest.raises(LogDownError):
        log.close()
        kept(log, event("u", "b"))


def test_a_commit_returns_only_when_the_disk_has_it(log):
    connection = log._connect()
    full = 2
    assert connection.execute("PRAGMA synchronous").fetchone() == (full,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
