"""What only a Redis can do to the event log: restart, take another intake's word, be set to forget."""

import logging
import time

import pytest

from serving.event_log import EVENT, LogDownError, Receipt, Record
from serving.redis_log import RedisLog
from swayrec.tables.errors import InputError
from tests.redis_server import RedisServer

pytestmark = pytest.mark.system("redis-server")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One that these tests may kill and set otherwise."""
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def url(server):
    return server.url(server.database())


@pytest.fixture
def log(url):
    made = RedisLog(url, "shop")
    yield made
    made.close()


def kept(log, *records):
    return log.append(records).result(30)


def event(user, key):
    return Record(EVENT, user, {"n": key}, key)


def test_a_redis_that_is_away_takes_nothing_and_all_it_took_is_there_afterwards(log, server):
    kept(log, *(event(f"u{n}", f"k{n}") for n in range(100)))
    server.kill()
    with pytest.raises(LogDownError, match="Connection refused"):
        kept(log, event("u", "lost"))
    server.start_again()
    assert [entry.content["n"] for entry in log.after(0, 1_000)] == [f"k{n}" for n in range(100)]
    assert kept(log, event("u", "new")) == [Receipt(101)]


def test_a_full_redis_takes_nothing_of_a_request_and_tells_nobody_who_it_was_about(log, server):
    server.client(0).config_set("maxmemory", 1)
    try:
        with pytest.raises(LogDownError, match="OutOfMemoryError") as said:
            kept(log, event("secret-user", "a"), event("secret-user", "b"))
    finally:
        server.client(0).config_set("maxmemory", 0)
    assert "secret" not in str(said.value)
    assert log.newest() == 0 and log.after(0, 10) == [] and list(log.subjects(EVENT)) == []
    assert kept(log, event("u", "a")) == [Receipt(1)]


def test_users_are_spread_over_streams_and_a_users_entries_stand_in_one(log, server, url):
    kept(log, *(event(f"u{n % 200}", f"k{n}") for n in range(600)))
    client = server.client(int(url.rpartition("/")[2]))
    streams = {name: client.xrange(name) for name in client.keys("{swayrec:shop}:entries:*")}
    users = {name: {fields["subject"] for _, fields in rows} for name, rows in streams.items()}
    assert len(users) == 16 and sum(len(found) for found in users.values()) == 200
    assert sum(len(rows) for rows in streams.values()) == 600


def test_the_log_of_an_intake_that_crashed_is_taken_over_when_its_lease_has_ended(url):
    crashed = RedisLog(url, "shop")
    kept(crashed, event("u", "a"))
    crashed._lease._ended.set()
    crashed._lease._renewing.join()
    ahead = crashed._ticks.newest(time.time_ns() // 1_000 + 10**9)
    crashed._lease._claim()
    began = time.monotonic()
    after = RedisLog(url, "shop")
    assert 1 < time.monotonic() - began < 20
    assert kept(after, event("u", "b")) == [Receipt(2)]
    assert after.tick() > ahead, "what the earlier one pushed is older"
    # It was only asleep, and is kept from writing and from pushing by what Redis knows.
    with pytest.raises(LogDownError, match="another intake has this event log"):
        kept(crashed, event("u", "c"))
    with pytest.raises(LogDownError, match="does not have the event log"):
        crashed.after(0, 10)
    assert after.newest() == 2
    after.close()
    crashed.close()


def test_the_log_of_an_intake_that_ended_is_free_at_once_and_that_of_one_at_work_refused_soon(url):
    RedisLog(url, "shop").close()
    began = time.monotonic()
    log = RedisLog(url, "shop")
    assert time.monotonic() - began < 1
    with pytest.raises(InputError, match="another intake is at work on this event log"):
        RedisLog(url, "shop")
    assert time.monotonic() - began < 3
    log.close()


def test_a_log_that_lost_its_lease_goes_on_when_the_other_has_gone(url):
    first = RedisLog(url, "shop")
    first._redis.set(first._lease.owner, "another", px=1_000)
    deadline = time.monotonic() + 20
    while first._lease.is_ours() and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(LogDownError):
        kept(first, event("u", "a"))
    while not first._lease.is_ours() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert kept(first, event("u", "a")) == [Receipt(1)]
    first.close()


@pytest.mark.parametrize(
    ("name", "value", "right"), [("appendonly", "no", "yes"), ("appendfsync", "everysec", "always")]
)
def test_a_redis_that_may_forget_is_refused(server, url, name, value, right):
    server.client(0).config_set(name, value)
    try:
        with pytest.raises(InputError, match=f"Redis has {name} '{value}'; set it to {right}"):
            RedisLog(url, "shop")
    finally:
        server.client(0).config_set(name, right)


def test_a_redis_that_does_not_tell_its_settings_is_warned_of(server, url, caplog):
    server.client(0).acl_setuser(
        "plain", enabled=True, nopass=True, keys=["*"], categories=["+@all"], commands=["-config"]
    )
    with caplog.at_level(logging.WARNING):
        RedisLog(url.replace("redis://", "redis://plain:any@"), "shop").close()
    assert "its settings cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("redis://:secret@127.0.0.1:1/0", "the event log does not answer .*; start Redis, or give another"),
        ("mysql://127.0.0.1", r"the event log cannot be opened .*; give redis://host:port/database"),
    ],
)
def test_what_cannot_be_opened_is_told_in_a_sentence_without_the_password(url, sentence):
    with pytest.raises(InputError, match=sentence) as said:
        RedisLog(url, "shop")
    assert "secret" not in str(said.value) and "\n" not in str(said.value)
