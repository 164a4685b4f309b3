"""Nothing that was answered is lost or counted twice: many writers, crashes, new publications."""

import http.client
import math
import random
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from feature_repo.publish import publish
from feature_repo.reader import FeatureReader
from serving.event_log import EVENT
from serving.overlay import Published, overlaid
from tests.redis_server import REDIS, RedisServer

from .intake_world import SHAPE, Running, event, event_log, scenario, tables, workspace

PUBLISHED = [("anna", "i1", "buy", 1), ("anna", "i2", "view", 2), ("bert", "i1", "buy", 3)]
ITEMS = {f"i{number}": f"Item {number}" for number in range(5)}


def rows(reader, user):
    """(item, behavior, order, count) of a user, newest first."""
    found = reader.history(user)
    if found is None:
        return []
    return list(zip(*(found[name] for name in ("item", "behavior", "order", "count")), strict=True))


def soon(question, wanted, seconds=30):
    deadline = time.monotonic() + seconds
    while (found := question()) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found == wanted


def test_sixteen_writers_of_one_user_lose_nothing_and_end_in_the_right_order(tmp_path, server):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
    answers = []

    def write(intake, writer):
        order = list(range(20))
        random.Random(writer).shuffle(order)
        for n in order:
            answers.append(
                intake.post("/events", event("anna", f"w{writer}", "buy", 10 + 16 * n + writer))[0]
            )

    with Running(place) as intake:
        threads = [threading.Thread(target=write, args=(intake, writer)) for writer in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == 320 and set(answers) <= {200, 202}
        newest = [(f"w{writer}", "buy", 322 - (15 - writer), 20.0) for writer in reversed(range(16))]
        reader = FeatureReader(place.features)
        soon(lambda: rows(reader, "anna"), [*newest, ("i2", "view", 2, 1.0), ("i1", "buy", 1, 1.0)])


def test_a_crash_loses_nothing_that_was_answered_and_counts_nothing_twice(tmp_path, server):
    crashed(tmp_path, server, 10 if server is None else 3)


@pytest.mark.soak
def test_fifty_crashes_lose_nothing_that_was_answered_and_count_nothing_twice(tmp_path, server):
    crashed(tmp_path, server, 50)


def crashed(tmp_path, server, crashes):
    """An intake is killed at random points while it is written to; then all that it answered is in the histories."""
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
    chance = random.Random(7)
    users = ["anna", "bert", *(f"new{number}" for number in range(4))]
    answered: dict[str, str] = {}
    number = 0

    def post(intake, writer):
        nonlocal number
        while True:
            with lock:
                number += 1
                n = number
            told = event(users[n % len(users)], f"i{n % 7}", "buy", 10 + n, event_id=f"e{n}")
            try:
                status = intake.post("/events", told)[0]
            except (OSError, http.client.HTTPException):
                return
            assert status in (200, 202)
            answered[f"e{n}"] = told["user_id"]

    lock = threading.Lock()
    for crash in range(crashes):
        # Every third time before the store is open: then the log has what the store has not.
        intake = Running(place, wait=crash % 3 != 2)
        if crash % 3 == 2:
            intake.wait_until_ready("/v2/health/live")
        threads = [threading.Thread(target=post, args=(intake, writer)) for writer in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.0, 0.5))
        intake.kill()
        for thread in threads:
            thread.join()
    assert len(answered) > 20

    with Running(place):
        reader = FeatureReader(place.features)
        after = {user: reader.history(user) for user in users}
    log = event_log(place)
    entries = log.of(EVENT, users)
    log.close()
    kept = [entry.content["event_id"] for of_user in entries.values() for entry in of_user]
    assert len(kept) == len(set(kept))
    assert set(answered) <= set(kept)
    before = workspace(tmp_path / "other", PUBLISHED, ITEMS)
    base = FeatureReader(before.features)
    for user in users:
        wanted = overlaid(Published(base.history(user) or {}), entries[user], SHAPE)
        assert str(after[user]) == str(wanted)
        published = sum(1 for row in PUBLISHED if row[0] == user)
        assert sum(after[user]["count"]) == len(entries[user]) + published


@pytest.mark.system("redis-server")
def test_a_redis_that_crashes_under_the_intake_loses_nothing_that_was_answered(tmp_path):
    (tmp_path / "redis").mkdir()
    with RedisServer(tmp_path / "redis") as server:
        place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
        with Running(place) as intake:
            reader = FeatureReader(place.features)
            answered = []

            def post():
                status, told = intake.post(
                    "/events", event("dora", f"i{len(answered)}", "buy", len(answered))
                )
                if status in (200, 202):
                    answered.append(status)
                else:
                    assert (status, told) == (503, {"error": "nothing was stored; send it again later"})
                return status

            for _ in range(2):
                while post() != 200 or len(answered) % 10:
                    time.sleep(0.05)
                server.kill()
                assert post() == 503
                server.start_again()
            while post() != 200:
                time.sleep(0.05)
            items = [f"i{number}" for number in range(len(answered))]
            soon(lambda: [row[0] for row in rows(reader, "dora")], items[::-1])
            assert {row[3] for row in rows(reader, "dora")} == {1.0}


def test_a_new_publication_has_the_newer_events_of_the_log_laid_on_top(tmp_path, server):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
    with Running(place) as intake:
        intake.post("/events", [event("anna", "i3", "buy", 5), event("anna", "i4", "buy", 9)])
        intake.post("/events", [event("bert", "i4", "view", 9), event("carl", "i1", "buy", 9)])
        intake.post("/items", [{"item_id": "i1", "title": "Milk"}, {"item_id": "i9", "title": "Tea"}])
        read = datetime.now(UTC)
        time.sleep(0.01)
        intake.post("/events", event("anna", "i0", "view", 4))
        intake.post("/items", {"item_id": "i2", "title": "Bread"})
        # The raw files have anna's purchase of minute 5 meanwhile, and nothing of bert any more.
        newer = [*PUBLISHED[:2], ("anna", "i3", "buy", 5)]
        publish(tables(tmp_path / "new", newer, ITEMS, read), scenario(), place.features)
        reader = FeatureReader(place.features)
        anna = [
            ("i4", "buy", 5, 1.0),
            ("i3", "buy", 4, 1.0),
            ("i0", "view", 3, 1.0),
            ("i2", "view", 2, 1.0),
            ("i1", "buy", 1, 1.0),
        ]
        soon(lambda: rows(reader, "anna"), anna)
        soon(lambda: rows(reader, "bert"), [("i4", "view", 1, 1.0)])
        soon(lambda: rows(reader, "carl"), [("i1", "buy", 1, 1.0)])
        titles = {"i1": "Item 1", "i2": "Bread", "i9": "Tea"}
        soon(lambda: {item: card["title"] for item, card in reader.items(titles).items()}, titles)
        assert intake.post("/events", event("anna", "i4", "buy", 11))[0] == 200
        assert rows(reader, "anna")[0] == ("i4", "buy", 6, 2.0)


def test_a_publication_while_the_intake_is_away_is_found_at_its_start(tmp_path, server):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
    with Running(place) as intake:
        intake.post("/events", event("anna", "i3", "buy", 5))
    publish(tables(tmp_path / "new", PUBLISHED, ITEMS), scenario(), place.features)
    reader = FeatureReader(place.features)
    assert ("i3", "buy", 3, 1.0) not in rows(reader, "anna")
    with Running(place):
        assert rows(reader, "anna")[0] == ("i3", "buy", 3, 1.0)


@pytest.mark.parametrize("server", [REDIS], indirect=True)
def test_what_is_posted_is_shown_though_the_publication_came_from_a_clock_that_goes_ahead(tmp_path, server):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
    ahead = datetime.now(UTC) + timedelta(minutes=10)
    publish(tables(tmp_path / "new", PUBLISHED, ITEMS), scenario(), place.features, now=ahead)
    with Running(place) as intake:
        reader = FeatureReader(place.features)
        for number in (3, 4):
            assert intake.post("/events", event("anna", f"i{number}", "buy", number))[0] == 200
            assert rows(reader, "anna")[0] == (f"i{number}", "buy", number, 1.0)
        intake.post("/items", {"item_id": "i1", "title": "Milk"})
        assert reader.items(["i1"])["i1"]["title"] == "Milk"


def test_events_go_on_while_a_publication_is_written(tmp_path, server):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS, server=server)
    many = [(f"u{number}", f"i{number % 5}", "buy", number % 50) for number in range(6_000)]
    data = tables_of(tmp_path / "new", many)
    with Running(place) as intake:
        intake.post("/events", event("u1", "i0", "view", 60))
        writing = threading.Thread(target=publish, args=(data, scenario(), place.features))
        writing.start()
        sent = 0
        while writing.is_alive():
            status, _ = intake.post("/events", event("u2", "i3", "buy", 60 + sent))
            assert status in (200, 202)
            sent += 1
        assert sent > 5
        reader = FeatureReader(place.features)
        soon(lambda: rows(reader, "u1"), [("i0", "view", 2, 1.0), ("i1", "buy", 1, 1.0)])
        soon(lambda: rows(reader, "u2"), [("i3", "buy", sent + 1, float(sent)), ("i2", "buy", 1, 1.0)])


def tables_of(folder, events):
    """As `tables`, for many users of one event each."""
    return tables(folder, events, ITEMS, datetime.now(UTC) - timedelta(days=1))


@pytest.mark.parametrize("until", [None, SHAPE.until])
def test_a_log_without_a_clock_is_continued_by_order(until):
    from dataclasses import replace

    from serving.event_log import Entry

    base = {
        "item": ["b", "a"],
        "behavior": ["buy", "buy"],
        "time": [math.nan] * 2,
        "order": [2, 1],
        "count": [1.0, 4.0],
        "value": [math.nan] * 2,
    }
    content = {"item_id": "a", "behavior": "buy", "timestamp": "2026-01-01T00:00:00+00:00", "value": None}
    made = overlaid(Published(base), [Entry(1, 1, EVENT, "u", content)], replace(SHAPE, until=until))
    assert (made["item"], made["order"], made["count"]) == (["a", "b"], [3, 2], [5.0, 1.0])
    assert math.isnan(made["time"][0]) == (until is None)
