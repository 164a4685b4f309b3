"""The log read on from where it was read last: what followed an answer comes once, from an instant on."""

import time
from datetime import UTC, datetime

import pytest

from serving import logs
from serving.posted import PostedEvent, PostedItem
from serving.posted_since import posted_since
from swayrec.operations.workspace import Workspace
from tests.redis_server import REDIS

from .intake_world import event


@pytest.fixture(params=["sqlite", REDIS])
def place(request, tmp_path, monkeypatch):
    """A workspace whose log is a file, or where the environment says."""
    monkeypatch.delenv(logs.URL, raising=False)
    if request.param != "sqlite":
        server = request.getfixturevalue("redis_server")
        monkeypatch.setenv(logs.URL, server.url(server.database()))
    return Workspace(tmp_path)


def post(log, *told):
    """Appends events of (request, item)."""
    made = [PostedEvent(**event("u", item, request_id=request)) for request, item in told]
    log.append([each.record(datetime.now(UTC)) for each in made]).result(10)


def test_each_look_gives_what_came_since_the_last_one_and_the_first_what_came_since_an_instant(place):
    log = logs.log(place, "tiny")
    post(log, ("r0", "i00"))
    time.sleep(0.01)
    begun = time.time()
    post(log, ("r1", "i01"), (None, "i02"))
    log.append([PostedItem(item_id="i09", title="New").record()]).result(10)
    with posted_since(place, "tiny", begun) as newly:
        assert list(newly()) == [("r1", "i01")]
        assert list(newly()) == []
        post(log, ("r2", "i03"), ("r1", "i04"))
        assert list(newly()) == [("r2", "i03"), ("r1", "i04")]
    log.close()


def test_a_log_that_nothing_was_posted_to_yet_is_read_once_it_is_there(place):
    with posted_since(place, "tiny", time.time()) as newly:
        assert list(newly()) == []
        log = logs.log(place, "tiny")
        post(log, ("r1", "i01"))
        assert list(newly()) == [("r1", "i01")]
    log.close()


def test_more_than_is_read_at_a_time_comes_whole(place, monkeypatch):
    monkeypatch.setattr("serving.posted_since._AT_ONCE", 3)
    log = logs.log(place, "tiny")
    with posted_since(place, "tiny", time.time()) as newly:
        post(log, *((f"r{number}", "i01") for number in range(10)))
        assert [request for request, _ in newly()] == [f"r{number}" for number in range(10)]
    log.close()
