"""What everyone did since the tables were made is counted once, from the log as it grows."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from serving.posted import PostedEvent, PostedItem
from serving.recents import NOTHING, Recents
from serving.sqlite_log import SqliteLog
from serving.sqlite_reader import SqliteReader

from .intake_world import SHAPE, event


@pytest.fixture
def post(tmp_path):
    """Appends (item, behavior, minutes after START) as events, each of a user of its own."""
    log = SqliteLog(tmp_path / "tiny.db")
    users = iter(range(10**6))

    def post(*told):
        records = [
            PostedEvent(**event(f"u{next(users)}", item, behavior, minutes)).record(datetime.now(UTC))
            for item, behavior, minutes in told
        ]
        log.append(records).result(10)
        return log.after(log.newest() - 1, 1)[0].stamp

    post.log = log
    yield post
    log.close()


@pytest.fixture
def recents(tmp_path):
    return Recents(lambda scenario: SqliteReader(tmp_path / f"{scenario}.db"))


def counted(recents, shape=SHAPE):
    recents.refresh([shape])
    found = recents.of(shape)
    return {item: np.asarray(row).tolist() for item, row in zip(found.items, found.counts, strict=True)}


def test_events_are_counted_by_behavior_as_they_come_and_each_once(post, recents):
    assert counted(recents) == {}
    post(("a", "view", 1), ("a", "buy", 2), ("b", "view", 3))
    post.log.append([PostedItem(item_id="c", title="C").record()]).result(10)
    assert counted(recents) == {"a": [1, 1], "b": [1, 0]}
    post(("b", "view", 4), ("b", "view", 4))
    assert counted(recents) == counted(recents) == {"b": [3, 0], "a": [1, 1]}
    assert list(counted(recents)) == ["b", "a"], "most events first"


def test_only_the_items_with_the_most_events_are_asked_along(post, recents):
    post(*((f"i{number}", "view", 1) for number in range(9) for _ in range(number)))
    assert list(counted(recents)) == ["i8", "i7", "i6", "i5"]


def test_what_the_tables_hold_is_not_counted_again(post, recents):
    before = post(("a", "view", 1), ("b", "view", 2))
    post(("b", "buy", 3))
    made = replace(SHAPE, version=SHAPE.version + 1, posted=before)
    assert counted(recents) == {"b": [1, 1], "a": [1, 0]}
    assert recents.of(made) is NOTHING, "until it is counted for these tables"
    assert counted(recents, made) == {"b": [0, 1]}
    assert recents.of(SHAPE) is NOTHING


def test_two_versions_that_answer_at_once_are_counted_for_each(post, recents):
    before = post(("a", "view", 1))
    post(("b", "view", 2))
    newer = replace(SHAPE, version=SHAPE.version + 1, posted=before)
    recents.refresh([SHAPE, newer])
    assert [recents.of(shape).items for shape in (SHAPE, newer)] == [("a", "b"), ("b",)]


def test_an_event_of_before_the_tables_end_waits_for_the_next_tables(post, recents):
    post(("late", "view", -1), ("a", "view", 0), ("a", "view", 1))
    assert counted(recents) == {"a": [2, 0]}
    assert counted(recents, replace(SHAPE, version=2, until=None)) == {"a": [2, 0], "late": [1, 0]}


def test_a_behavior_that_the_model_does_not_know_is_left_out(post, recents):
    post(("a", "view", 1), ("a", "buy", 1))
    assert counted(recents, replace(SHAPE, version=2, behaviors=("buy",))) == {"a": [1]}


def test_a_log_that_is_begun_anew_is_counted_anew(post, recents, tmp_path):
    post(("a", "view", 1), ("b", "view", 1))
    assert counted(recents) == {"a": [1, 0], "b": [1, 0]}
    post.log.close()
    for path in tmp_path.glob("tiny.db*"):
        path.unlink()
    again = SqliteLog(tmp_path / "tiny.db")
    again.append([PostedEvent(**event("u", "c", "buy", 1)).record(datetime.now(UTC))]).result(10)
    assert counted(recents) == {"c": [0, 1]}
    again.close()


def test_a_damaged_log_is_told_and_the_counts_stay(post, recents, tmp_path, caplog):
    post(("a", "view", 1))
    assert counted(recents) == {"a": [1, 0]}
    post.log.close()
    for path in tmp_path.glob("tiny.db*"):
        path.unlink()
    (tmp_path / "tiny.db").write_bytes(b"this is no database" * 500)
    assert counted(recents) == {"a": [1, 0]}
    assert "what everyone did lately stays as it was" in caplog.text


def test_other_tables_are_counted_for_at_once(post, recents):
    post(("a", "view", 1))
    shape = [SHAPE]

    async def watched():
        job = asyncio.create_task(recents.keep_fresh(lambda: list(shape), every=3600))
        for version in (1, 2):
            shape[0] = replace(SHAPE, version=version)
            async with asyncio.timeout(20):
                while recents.of(shape[0]) is NOTHING:
                    await asyncio.sleep(0.01)
        job.cancel()

    asyncio.run(watched())
