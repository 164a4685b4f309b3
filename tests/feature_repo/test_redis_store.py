"""What only an engine can do to a publication: be emptied, be away, be full."""

import time
from datetime import UTC, datetime

import pytest

from feature_repo.publication import Publication
from feature_repo.publish import publish
from feature_repo.reader import FeatureReader
from feature_repo.store_down import StoreDown
from feature_repo.writer import FeatureWriter
from swayrec.tables.errors import InputError
from tests.redis_server import RedisServer

pytestmark = pytest.mark.system("redis-server")


@pytest.fixture
def store(redis_server, world, tmp_path):
    """The folder of a publication of three users, and a client of the database that it is in."""
    folder = tmp_path / "features" / "small"
    client = redis_server.client(redis_server.hold_features(folder))
    publish(world.dataset(tmp_path / "data", world.rows(users=3)), world.scenario(), folder.parent)
    return folder, client


@pytest.mark.parametrize("gone", ["*", "*user_id*"])
def test_a_publication_whose_rows_are_gone_counts_no_longer_and_is_made_anew(store, world, tmp_path, gone):
    folder, client = store
    dataset = world.dataset(tmp_path / "data", world.rows(users=3))
    publish(dataset, world.scenario(), folder.parent)
    assert Publication.of(folder, dataset) is not None
    client.delete(*client.keys(gone))
    assert Publication.of(folder, dataset) is None
    publish(dataset, world.scenario(), folder.parent)
    assert Publication.of(folder, dataset) is not None
    assert FeatureReader(folder.parent).history("u2")


def test_rows_of_nobody_do_not_outlive_the_list_of_what_was_published(store, world, tmp_path):
    folder, _ = store
    (folder / "offline" / "user_history.parquet").unlink()
    publish(world.dataset(tmp_path / "fewer", world.rows(users=2)), world.scenario(), folder.parent)
    reader = FeatureReader(folder.parent)
    assert reader.history("u2") is None and reader.history("u1")
    assert reader.items(["i1"])


def test_an_engine_that_is_away_is_named_in_a_sentence(world, tmp_path):
    folder = tmp_path / "features" / "small"
    dataset = world.dataset(tmp_path / "data", world.rows(users=2))
    (tmp_path / "redis").mkdir()
    with RedisServer(tmp_path / "redis") as server:
        server.hold_features(folder)
        publish(dataset, world.scenario(), folder.parent)
        reader = FeatureReader(folder.parent)
        server.kill()
        began = time.monotonic()
        with pytest.raises(StoreDown, match="Connection refused"):
            reader.history("u1")
        assert time.monotonic() - began < 1, "whoever asks is not kept waiting"
        assert Publication.of(folder, dataset) is None
        with pytest.raises(InputError, match=r"feature_store\.yaml: the online store takes nothing") as said:
            publish(dataset, world.scenario(), folder.parent)
        assert "\n" not in str(said.value)
        server.start_again()
        assert reader.history("u1")


def test_an_engine_that_is_full_says_so_without_the_users_that_it_was_given(world, tmp_path):
    folder = tmp_path / "features" / "small"
    (tmp_path / "redis").mkdir()
    with RedisServer(tmp_path / "redis") as server:
        client = server.client(server.hold_features(folder))
        publish(world.dataset(tmp_path / "data", world.rows(users=2)), world.scenario(), folder.parent)
        client.config_set("maxmemory", 1)
        row = {
            "item": ["i1"],
            "behavior": ["view"],
            "time": [1.5],
            "order": [1],
            "count": [1.0],
            "value": [2.0],
        }
        row |= {"user_id": "secret-user", "clock": "time"}
        stamp = round(datetime.now(UTC).timestamp() * 1e6)
        with pytest.raises(StoreDown, match=r"OutOfMemoryError.*maxmemory") as said:
            FeatureWriter(folder).histories([row], [stamp])
        assert "secret" not in str(said.value)
