import os
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from feast import FeatureStore

from feature_repo.names import HISTORY, METADATA
from feature_repo.publish import publish
from feature_repo.reader import CARD, FeatureReader, StoreDown
from feature_repo.writer import FeatureWriter
from swayrec.tables.schema import HISTORY_FIELDS

CODE = Path(__file__).parents[2]


def test_an_unknown_user_has_no_history(published):
    assert FeatureReader(published.features).history("nobody") is None


def test_a_store_that_is_not_there_is_down(tmp_path):
    with pytest.raises(StoreDown, match="no features were published there yet"):
        FeatureReader(tmp_path)
    with pytest.raises(StoreDown, match="no features of scenario news"):
        FeatureReader(tmp_path, "news")


def test_a_store_that_breaks_while_it_is_read_is_down(world, tmp_path):
    publish(world.dataset(tmp_path / "data", world.rows(users=2)), world.scenario(), tmp_path / "features")
    online = tmp_path / "features" / "small" / "online.db"
    reader = FeatureReader(tmp_path / "features")
    assert reader.history("u1")
    with sqlite3.connect(online) as connection:
        connection.execute("DROP TABLE small_user_history")
    with pytest.raises(StoreDown, match="no such table"):
        reader.history("u1")
    assert reader.items(["i1"])
    for path in online.parent.glob("online.db*"):
        path.unlink()
    online.write_bytes(b"this is no database any more" * 4000)
    with pytest.raises(StoreDown, match="not a database"):
        FeatureReader(tmp_path / "features")


def test_a_store_whose_file_is_removed_is_down_and_the_next_file_is_read(world, tmp_path):
    features = tmp_path / "features"
    publish(world.dataset(tmp_path / "data", world.rows(users=2)), world.scenario(), features)
    reader, writer = FeatureReader(features), FeatureWriter(features / "small")
    assert reader.history("u1")
    for path in (features / "small").glob("online.db*"):
        path.unlink()
    with pytest.raises(StoreDown):
        reader.history("u1")
    with pytest.raises(OSError, match=r"online\.db"):
        writer.histories([], [])
    with pytest.raises(OSError, match=r"online\.db"):
        FeatureWriter(features / "small")
    assert not list((features / "small").glob("online.db*"))
    publish(world.dataset(tmp_path / "more", world.rows(users=3)), world.scenario(), features)
    assert reader.history("u2")
    with pytest.raises(OSError, match="another file stands"):
        writer.histories([], [])


def test_readers_go_on_while_a_publication_is_written_and_see_it_afterwards(world, features, tmp_path):
    asked = world.scenario()
    first = [row for row in world.rows() if row[3] <= 3]
    publish(world.dataset(tmp_path / "first", first), asked, features)
    whole = world.dataset(tmp_path / "whole", world.rows())
    reader = FeatureReader(features)
    errors, seen, stop = [], set(), threading.Event()

    def ask(user):
        while not stop.is_set():
            try:
                seen.add(max(reader.history(user)["order"]))
                reader.items(["i1", "i2"])
            except Exception as error:
                errors.append(error)
                return

    threads = [threading.Thread(target=ask, args=(f"u{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    # From another process, as it is in life.
    code = (
        "import sys; from pathlib import Path; from swayrec.tables.dataset import Dataset\n"
        "from feature_repo.publish import publish; from swayrec.tables.scenario import Scenario\n"
        "publish(Dataset(Path(sys.argv[1])), Scenario.model_validate_json(sys.argv[2]), Path(sys.argv[3]))"
    )
    arguments = [str(whole.folder), asked.model_dump_json(), str(features)]
    subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, env={**os.environ, "PYTHONPATH": str(CODE)}
    )
    stop.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert seen == {3, 7}
    assert max(reader.history("u5")["order"]) == 7


def test_users_that_a_later_publication_does_not_have_become_unknown(world, features, tmp_path):
    publish(world.dataset(tmp_path / "three", world.rows(users=3)), world.scenario(), features)
    reader = FeatureReader(features)
    assert reader.history("u2")
    receipt = publish(world.dataset(tmp_path / "two", world.rows(users=2)), world.scenario(), features)
    assert reader.history("u2") is None and reader.history("u1")
    assert receipt.gone >= 2
    publish(world.dataset(tmp_path / "again", world.rows(users=3)), world.scenario(), features)
    assert reader.history("u2")


def test_a_pushed_history_is_read_next(world, features, tmp_path):
    publish(world.dataset(tmp_path / "data", world.rows(users=2)), world.scenario(), features)
    reader = FeatureReader(features)
    store = FeatureStore(repo_path=reader.publication.folder)
    row = {
        "user_id": "new",
        "item": ["i3"],
        "behavior": ["view"],
        "time": [1.5],
        "order": [1],
        "count": [1.0],
        "value": [float("nan")],
        "clock": "time",
        "event_timestamp": datetime.now(UTC),
    }
    store.push("user_history_push", pd.DataFrame([row]))
    assert reader.history("new")["item"] == ["i3"]


def test_the_reader_says_what_feasts_own_question_does(world, features, tmp_path):
    publish(world.dataset(tmp_path / "data", world.rows()), world.scenario(), features)
    publish(world.dataset(tmp_path / "fewer", world.rows(users=3)), world.scenario(), features)
    reader = FeatureReader(features)
    store = FeatureStore(repo_path=reader.publication.folder)

    def asked(view, names, key, ids):
        found = store.get_online_features(
            [f"{view}:{name}" for name in names], [{key: one} for one in ids]
        ).to_dict()
        return [{name: found[name][row] for name in names} for row in range(len(ids))]

    # Those that are there, one whose row was emptied since, one that never was.
    users = ["u2", "u1", "u5", "nobody", ""]
    told = [reader.history(user) for user in users]
    assert [one is None for one in told] == [False, False, True, True, True]
    expected = asked(HISTORY, HISTORY_FIELDS, "user_id", users)
    assert repr(told[:2]) == repr(expected[:2]) and not any(one["item"] for one in expected[2:])
    items = ["i2", "unheard of", "i1"]
    expected = dict(zip(items, asked(METADATA, CARD, "item_id", items), strict=True))
    assert repr(reader.items(items)) == repr({item: expected[item] for item in ("i2", "i1")})
    assert reader.items(["i1", "i1"]) == {"i1": expected["i1"]} and reader.items([]) == {}


def test_scenarios_have_stores_of_their_own_and_the_newest_is_read_by_default(world, engine, tmp_path):
    features = tmp_path / "features"
    engine(features / "one")
    engine(features / "two")
    publish(world.dataset(tmp_path / "one", world.rows(users=1)), world.scenario("one"), features)
    reader = FeatureReader(features)
    publish(world.dataset(tmp_path / "two", world.rows(users=2)), world.scenario("two"), features)
    assert reader.history("u1") is None
    assert FeatureReader(features).history("u1")
    assert FeatureReader(features, "one").history("u1") is None


def test_the_module_is_imported_without_feast():
    code = "import sys, feature_repo.reader; assert not {'feast', 'pandas', 'tensorflow'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(CODE)})
