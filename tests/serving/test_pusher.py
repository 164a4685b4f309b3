"""The pusher before a store that refuses one row for good, and before one that takes nothing."""

import time

import pytest

from serving.event_log import EVENT, ITEM, Record
from serving.pusher import Pusher
from serving.sqlite_log import SqliteLog


class Store:
    """What was written last under each name; it refuses some for good, and everything while it is down."""

    def __init__(self, refused=(), down=False):
        self.held, self.refused, self.down = {}, set(refused), down

    def renew(self):
        """It has one publication."""
        return "one"

    def push(self, users, items, stamp):
        """All or nothing, as Feast does."""
        if self.down or self.refused & {*users, *items}:
            raise ValueError("no")
        self.held.update((name, stamp()) for name in (*users, *items))


@pytest.fixture
def log(tmp_path):
    made = SqliteLog(tmp_path / "log.db")
    yield made
    made.close()


def posted(log, *users):
    records = [Record(EVENT, user, {"n": number}) for number, user in enumerate(users)]
    return max(receipt.sequence for receipt in log.append(records).result(10))


def pushing(log, store):
    made = Pusher(log, lambda: store)
    made.start()
    return made


def until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_row_that_the_store_refuses_for_good_keeps_nobody_waiting(log):
    store = Store(refused=["bad", "bad item"])
    pusher = pushing(log, store)
    log.append([Record(ITEM, "bad item", {}), Record(ITEM, "good item", {})]).result(10)
    posted(log, "anna", "bad", "bert")
    until(lambda: {"anna", "bert", "good item"} <= set(store.held))
    until(lambda: pusher.pushed == log.newest())
    assert pusher.shown(posted(log, "carl")).result(10)
    assert "bad" not in store.held
    pusher.stop()


def test_one_refused_row_by_itself_is_left_out_too(log):
    store = Store(refused=["bad"])
    last = posted(log, "bad")
    pusher = pushing(log, store)
    until(lambda: pusher.pushed == last)
    assert set(store.held) == {""}
    pusher.stop()


def test_a_store_that_takes_nothing_is_down_and_nothing_is_left_out(log):
    store = Store(down=True)
    last = posted(log, "anna", "bert")
    pusher = pushing(log, store)
    time.sleep(3)
    assert pusher.pushed == 0
    store.down = False
    until(lambda: pusher.pushed == last)
    assert {"anna", "bert"} <= set(store.held)
    pusher.stop()
