from datetime import UTC, datetime

import pytest

from feature_repo.names import HISTORY
from feature_repo.publish import publish
from feature_repo.published import PublishedRows
from feature_repo.reader import FeatureReader
from feature_repo.wholeness import OFFLINE
from swayrec.tables.schema import HISTORY_FIELDS


def offline(features):
    return features / "small" / OFFLINE / f"{HISTORY}.parquet"


@pytest.fixture
def many(world, tmp_path):
    """More users than a row group holds."""
    made = world.dataset(tmp_path / "data", world.rows(users=450))
    publish(made, world.scenario(), tmp_path / "features")
    return tmp_path / "features"


def test_every_user_has_the_history_that_the_online_store_has(many):
    rows, reader = PublishedRows(offline(many), "user_id"), FeatureReader(many)
    assert rows.renew()
    users = [f"u{number}" for number in range(450)]
    found = rows.of([*users, "nobody", "", "zz"])
    assert set(found) == set(users)
    for user in users[::25]:
        online = reader.history(user)
        assert str([found[user][name] for name in HISTORY_FIELDS]) == str(
            [online[name] for name in HISTORY_FIELDS]
        )
        assert found[user]["clock"] == "time"


def test_a_user_is_found_without_reading_all_others(many):
    rows = PublishedRows(offline(many), "user_id")
    rows.renew()
    rows.of(["u7"])
    assert [len(table) for table, _ in rows._groups.values()] == [50], "the last of three groups"


def test_another_publication_is_another_edition(world, tmp_path):
    rows = PublishedRows(offline(tmp_path / "features"), "user_id")
    assert not rows.renew() and rows.edition.name == "" and rows.of(["u1"]) == {}
    data = world.dataset(tmp_path / "data", world.rows(users=3))
    publish(data, world.scenario(), tmp_path / "features")
    assert rows.renew() and not rows.renew()
    first = rows.edition
    assert set(rows.of(["u1", "u5"])) == {"u1"}
    publish(world.dataset(tmp_path / "more", world.rows(users=6)), world.scenario(), tmp_path / "features")
    assert rows.renew() and rows.edition.name != first.name
    assert set(rows.of(["u1", "u5"])) == {"u1", "u5"}


def test_an_edition_says_when_its_data_were_read(world, tmp_path):
    data = world.dataset(tmp_path / "data", world.rows(users=2))
    read = datetime(2026, 3, 4, 5, 6, 7, 8, tzinfo=UTC)
    (data.folder / "ingest.json").write_text(f'{{"now": "{read.isoformat()}"}}')
    publish(data, world.scenario(), tmp_path / "features")
    rows = PublishedRows(offline(tmp_path / "features"), "user_id")
    rows.renew()
    assert rows.edition.known.read_at == round(read.timestamp() * 1e6)
