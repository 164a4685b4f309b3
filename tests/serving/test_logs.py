import pytest

from serving import logs
from serving.event_log import EVENT, Record
from serving.redis_log import RedisLog
from serving.redis_reader import RedisReader
from serving.sqlite_log import SqliteLog
from serving.sqlite_reader import SqliteReader
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError
from tests.redis_server import REDIS


@pytest.mark.parametrize("engine", ["sqlite", REDIS])
def test_writer_and_readers_are_of_the_same_log_that_the_environment_names(
    engine, request, tmp_path, monkeypatch
):
    monkeypatch.delenv(logs.URL, raising=False)
    kinds = (SqliteLog, SqliteReader)
    if engine != "sqlite":
        server = request.getfixturevalue("redis_server")
        monkeypatch.setenv(logs.URL, server.url(server.database()))
        kinds = (RedisLog, RedisReader)
    log, reader = logs.log(Workspace(tmp_path), "shop"), logs.reader(Workspace(tmp_path), "shop")
    assert (type(log), type(reader)) == kinds
    log.append([Record(EVENT, "u", {"n": 1}, "a")]).result(10)
    assert [entry.content for entry in reader.after(0, 10)] == [{"n": 1}]
    reader.close()
    log.close()


def test_an_address_that_is_none_is_told_in_a_sentence(tmp_path):
    with pytest.raises(InputError, match="give redis://host:port/database"):
        logs.reader(Workspace(tmp_path), "shop", "shop.example")


def test_a_redis_that_is_away_is_told_in_a_sentence(tmp_path):
    reader = logs.reader(Workspace(tmp_path), "shop", "redis://127.0.0.1:1/0")
    with pytest.raises(InputError, match="the event log does not answer"):
        reader.newest()
