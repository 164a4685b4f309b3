import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow.parquet as pq
import pytest
from feast import FeatureStore

from feature_repo.publication import Publication
from feature_repo.publish import publish
from feature_repo.published import PublishedRows
from feature_repo.reader import FeatureReader
from feature_repo.writer import FeatureWriter
from swayrec.tables.errors import InputError
from swayrec.tables.history import history
from swayrec.tables.schema import HISTORY_FIELDS


def laid_out(log, user, before, length):
    """The history as plain lists, in the words of the signature."""
    past = history(log, np.array([user]), np.array([before]), length)
    size = int(past.lengths[0])
    lists = {name: getattr(past, name)[0, :size].tolist() for name in HISTORY_FIELDS}
    lists["item"] = [log.items[item] for item in lists["item"]]
    lists["behavior"] = [log.behaviors[behavior] for behavior in lists["behavior"]]
    return lists


def same(found, expected):
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_array_equal(np.array(found[name]), np.array(values), err_msg=name)


@pytest.fixture
def reader(published):
    return FeatureReader(published.features)


def test_every_users_online_history_is_the_one_of_tables_history(published, reader, world):
    log = published.dataset.log(world.scenario())
    cut = 0
    for number, user in enumerate(log.users):
        found = reader.history(user)
        same(found, laid_out(log, number, 10**6, world.LENGTH))
        cut += len(laid_out(log, number, 10**6, 100)["item"]) > world.LENGTH
    assert cut > 3


def test_items_have_their_words_and_unknown_ones_are_left_out(reader):
    found = reader.items(["i1", "nothing", "i2", "i1"])
    words = {
        item: {name: card[name] for name in ("title", "category", "language")} for item, card in found.items()
    }
    assert words == {
        "i1": {"title": "Item 1", "category": "milk", "language": "en"},
        "i2": {"title": "牛奶", "category": "milk", "language": "zh"},
    }
    assert found["i1"]["sensitive"] is None
    assert found["i1"]["available_until"] is None
    assert reader.items([]) == {}


def test_the_service_gives_the_numbers_of_users_and_items(published, world):
    store = FeatureStore(repo_path=published.receipt.folder)
    events = published.dataset.events().to_pandas()
    asked = [{"user_id": "u3", "item_id": item} for item in ("i1", "i2")]
    found = store.get_online_features(store.get_feature_service("recommendation"), asked).to_dict()
    own = events[events["user_id"] == "u3"]
    assert found["user_events"][0] == len(own)
    assert found["user_items"][0] == own["item_id"].nunique()
    assert found["user_last_time"][0] == pytest.approx(own["timestamp"].max().timestamp(), abs=1e-6)
    shown = dict(zip(found["user_behaviors"][0], found["user_behavior_counts"][0], strict=True))
    assert shown == own["behavior"].value_counts().to_dict()
    for row, item in enumerate(("i1", "i2")):
        taken = events[events["item_id"] == item]
        assert found["item_events"][row] == len(taken)
        assert found["item_users"][row] == taken["user_id"].nunique()
        assert found["item_first_time"][row] == pytest.approx(taken["timestamp"].min().timestamp(), abs=1e-6)
        shown = dict(zip(found["item_behaviors"][row], found["item_behavior_counts"][row], strict=True))
        assert shown == taken["behavior"].value_counts().to_dict()
    assert found["tags"] == [["a", "b"], []]
    assert found["vector"] == [pytest.approx([0.6, 0.8]), None]
    assert found["clock"][0] == "time"


def test_offline_rows_are_stamped_a_microsecond_after_what_they_describe(published, world):
    events = published.dataset.events().to_pandas()
    offline = published.features / "small" / "offline"
    for name, key in (
        ("user_history", "user_id"),
        ("user_features", "user_id"),
        ("item_features", "item_id"),
    ):
        rows = pq.read_table(offline / f"{name}.parquet").to_pandas().set_index(key)["event_timestamp"]
        newest = events.groupby(key)["timestamp"].max()
        assert (rows == newest.loc[rows.index] + timedelta(microseconds=1)).all()
    known = (
        pq.read_table(offline / "item_metadata.parquet").to_pandas().set_index("item_id")["event_timestamp"]
    )
    assert known["i1"] == world.START + timedelta(microseconds=1)
    assert known["i2"].timestamp() == 1e-6


def test_the_receipt_says_what_is_there(published):
    kept = json.loads((published.features / "small" / "publication.json").read_text())
    assert kept["rows"]["user_history"] == 12 and kept["rows"]["item_metadata"] == 9
    assert kept["rows"]["item_vectors"] == 2  # the vector of zeros stands for an item without text
    assert kept["clock"] == "time" and kept["fingerprint"] == published.dataset.fingerprint()


def test_a_log_without_a_clock_is_stamped_by_its_order_and_marked(world, features, tmp_path):
    dataset = world.dataset(tmp_path / "data", world.rows(users=3), clock=False)
    receipt = publish(dataset, world.scenario(), features)
    assert receipt.clock == "order"
    rows = pq.read_table(features / "small" / "offline" / "user_history.parquet").to_pandas()
    assert rows["clock"].tolist() == ["order"] * 3
    assert [stamp.timestamp() for stamp in rows["event_timestamp"]] == [7.000001] * 3
    found = FeatureReader(features).history("u1")
    same(found, laid_out(dataset.log(world.scenario()), 1, 10**6, world.LENGTH))
    assert np.isnan(found["time"]).all() and max(found["order"]) == 7


def test_a_log_without_any_order_is_published_whole(world, tmp_path):
    events = [
        (user, item, behavior, 0, time, value) for user, item, behavior, _, time, value in world.rows(2)
    ]
    dataset = world.dataset(tmp_path / "data", events, clock=False)
    publish(dataset, world.scenario(), tmp_path / "features")
    found = FeatureReader(tmp_path / "features").history("u0")
    same(found, laid_out(dataset.log(world.scenario()), 0, 1, world.LENGTH))


def test_a_dataset_without_events_is_refused_in_a_sentence(world, tmp_path):
    dataset = world.dataset(tmp_path / "data", world.rows(users=1))
    pq.write_table(dataset.events().slice(0, 0), dataset.folder / "events.parquet")
    with pytest.raises(InputError, match="there is no event on a known item to publish"):
        publish(dataset, world.scenario(), tmp_path / "features")


def test_an_operators_own_configuration_is_kept(world, tmp_path, monkeypatch):
    monkeypatch.setenv("ONLINE_STORE", "shop.db")
    folder = tmp_path / "features" / "small"
    folder.mkdir(parents=True)
    own = (
        "project: ours\nprovider: local\nregistry: elsewhere.db\n"
        'online_store: {type: sqlite, path: "${ONLINE_STORE}"}\n'
        "offline_store: {type: duckdb}\nentity_key_serialization_version: 3\n"
    )
    (folder / "feature_store.yaml").write_text(own)
    dataset = world.dataset(tmp_path / "data", world.rows(users=2))
    publish(dataset, world.scenario(), tmp_path / "features")
    assert (folder / "feature_store.yaml").read_text() == own
    assert (folder / "elsewhere.db").exists() and (folder / "shop.db").exists()
    assert FeatureReader(tmp_path / "features").history("u1")
    assert Publication.of(folder, dataset) is not None


def test_what_is_published_anew_replaces_rows_that_are_not_older(world, features, tmp_path):
    """The same events in histories of another length: no row has a newer event."""
    dataset = world.dataset(tmp_path / "data", world.rows(users=3))
    publish(dataset, world.scenario(), features)
    reader = FeatureReader(features)
    assert len(reader.history("u1")["item"]) == world.LENGTH
    publish(dataset, world.scenario(length=2), features)
    assert len(reader.history("u1")["item"]) == 2


def test_what_is_published_anew_replaces_rows_that_were_pushed_since(world, features, tmp_path):
    dataset = world.dataset(tmp_path / "data", world.rows(users=3))
    publish(dataset, world.scenario(), features)
    push(features, "u1", datetime.now(UTC))
    reader = FeatureReader(features)
    assert reader.history("u1")["item"] == ["pushed"]
    publish(dataset, world.scenario(), features)
    assert len(reader.history("u1")["item"]) == world.LENGTH


def test_a_publication_replaces_the_one_before_it_though_the_clock_went_back(world, features, tmp_path):
    dataset = world.dataset(tmp_path / "data", world.rows(users=3))
    publish(dataset, world.scenario(), features, now=datetime.now(UTC) + timedelta(hours=1))
    publish(dataset, world.scenario(length=2), features)
    assert len(FeatureReader(features).history("u1")["item"]) == 2
    rows = PublishedRows(features / "small" / "offline" / "user_history.parquet", "user_id")
    rows.renew()
    assert rows.edition.stamp > (datetime.now(UTC) + timedelta(minutes=59)).timestamp() * 1e6


def push(features, user, instant):
    row = {"item": ["pushed"], "behavior": ["view"], "time": [1.5], "order": [1], "clock": "time"}
    row |= {"user_id": user, "count": [1.0], "value": [float("nan")]}
    FeatureWriter(features / "small").histories([row], [round(instant.timestamp() * 1e6)])
