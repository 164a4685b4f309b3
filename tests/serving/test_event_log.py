import threading
import time
from functools import partial
from itertools import pairwise

import pytest

from serving.event_log import EVENT, ITEM, LogDownError, Receipt, Record
from serving.redis_log import RedisLog
from serving.redis_reader import RedisReader
from serving.retention import Pruning
from serving.sqlite_log import SqliteLog
from serving.sqlite_reader import SqliteReader
from swayrec.tables.errors import InputError
from tests.redis_server import REDIS


@pytest.fixture(params=["sqlite", REDIS])
def opened(request, tmp_path):
    """Opens the log of this test, which is kept in a file or in a Redis."""
    if request.param == "sqlite":
        return partial(SqliteLog, tmp_path / "posted" / "log.db")
    server = request.getfixturevalue("redis_server")
    return partial(RedisLog, server.url(server.database()), "shop")


@pytest.fixture
def log(opened):
    made = opened()
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


def test_what_is_too_old_is_removed_and_items_and_what_is_not_pushed_yet_stay(log):
    kept(log, event("u", "a"), Record(ITEM, "i", {}), event("v", "b"), event("u", "c"), event("u", "d"))
    stamps = [entry.stamp for entry in log.after(0, 100)]
    assert log.prune(stamps[0], 5, 10) == 0
    assert log.prune(stamps[4], 3, 10) == 2
    assert [entry.sequence for entry in log.after(0, 100)] == [2, 4, 5]
    assert [entry.sequence for entry in log.of(EVENT, ["u", "v"])["u"]] == [4, 5]
    assert list(log.subjects(EVENT)) == ["u"]
    assert list(log.subjects(ITEM)) == ["i"]
    assert log.newest() == 5
    # Its id is not known any more, and its number is nobody else's.
    assert kept(log, event("u", "a"), event("u", "c")) == [Receipt(6), Receipt(4, known=True)]


def test_no_more_is_removed_at_once_than_is_asked_for(log):
    kept(log, *(event(f"u{number % 7}", str(number)) for number in range(50)))
    assert log.prune(2**53, 50, 20) == 20
    assert log.prune(2**53, 50, 20) == 20
    assert log.prune(2**53, 50, 20) == 10
    assert log.after(0, 100) == []
    assert kept(log, event("u", "new")) == [Receipt(51)]


def test_others_read_it_while_it_is_written_to(opened, request, tmp_path):
    log = opened()
    if isinstance(log, SqliteLog):
        reader = SqliteReader(tmp_path / "posted" / "log.db")
    else:
        reader = RedisReader(opened.args[0], "shop")
    assert (reader.newest(), reader.after(0, 10), reader.place(2**53)) == (0, [], 0)
    kept(log, *(event(f"u{number}", str(number), n=number) for number in range(200)))
    found, last = [], 0
    while part := reader.after(last, 30):
        found, last = found + part, part[-1].sequence
    assert [entry.content["n"] for entry in found] == list(range(200))
    assert reader.newest() == 200
    for place in (1, 77, 200):
        assert reader.place(found[place - 1].stamp) == place
        assert reader.place(found[place - 1].stamp - 1) == place - 1
    reader.close()
    log.close()


def test_a_log_is_pruned_as_its_retention_says_now(log):
    kept(log, event("u", "a"), event("u", "b"))
    days = [None]
    pruning = Pruning(log, lambda: days[0], lambda: 2)
    assert pruning.prune() == 0
    days[0] = 1
    assert pruning.prune() == 0
    days[0] = 1e-9
    time.sleep(0.01)
    assert pruning.prune() == 2


def test_what_was_answered_is_there_when_the_log_is_opened_again(opened):
    first = opened()
    kept(first, event("u", "a"))
    first.note("pushed", "1")
    first.close()
    again = opened()
    assert kept(again, event("u", "a"), event("u", "b")) == [Receipt(1, known=True), Receipt(2)]
    assert again.noted("pushed") == "1" and again.noted("laid") is None
    again.close()


def test_stamps_rise_though_the_clock_goes_back(opened, monkeypatch):
    first = opened()
    kept(first, event("u", "a"))
    ahead = first.after(0, 1)[0].stamp
    first.close()
    monkeypatch.setattr(time, "time_ns", lambda: (ahead - 3_600_000_000) * 1_000)
    again = opened()
    kept(again, event("u", "b"))
    assert again.after(1, 1)[0].stamp > ahead
    assert again.tick() < again.tick()
    again.close()


def test_many_who_append_at_once_share_a_sync_and_lose_nothing(log):
    commits = []
    inner = log._commit
    log._commit = lambda waiting: (commits.append(len(waiting)), inner(waiting))

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


def test_who_reads_on_while_others_append_misses_nothing(log):
    def append(writer):
        for n in range(150):
            kept(log, *(event(f"u{n} {part}", f"{writer} {n} {part}") for part in range(2)))

    threads = [threading.Thread(target=append, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    read = []
    while any(thread.is_alive() for thread in threads) or len(read) < log.newest():
        read += log.after(read[-1].sequence if read else 0, 100)
    assert [entry.sequence for entry in read] == list(range(1, 1_201))
    assert all(before.stamp < after.stamp for before, after in pairwise(read))


def test_all_subjects_are_found_each_once(log):
    kept(log, *(event(f"u{n % 700}", str(n)) for n in range(1_400)), Record(ITEM, "i", {}))
    assert sorted(log.subjects(EVENT)) == sorted(f"u{n}" for n in range(700))
    assert list(log.subjects(ITEM)) == ["i"]
    assert len(log.of(EVENT, [f"u{n}" for n in range(700)])["u699"]) == 2


def test_a_second_intake_on_the_same_log_is_refused(log, opened):
    with pytest.raises(InputError, match="another intake is at work on this event log"):
        opened()
    assert kept(log, event("u", "a")) == [Receipt(1)]


def test_an_append_that_nobody_waits_for_any_more_stops_nobody(log):
    for n in range(50):
        log.append([event("u", f"gone {n}")]).cancel()
    assert kept(log, event("u", "a"))
    with pytest.raises(LogDownError):
        log.close()
        kept(log, event("u", "b"))
