"""What was posted becomes part of a dataset, and a history that is published of it holds everything once."""

import subprocess
import sys
import time
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest

from feature_repo.publish import publish
from feature_repo.reader import FeatureReader
from serving import log_reader, posted_export
from serving.event_log import EVENT, ITEM, Record
from serving.posted import PostedEvent, PostedItem
from serving.sqlite_log import SqliteLog
from serving.sqlite_reader import SqliteReader
from swayrec.operations import fingerprint
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError
from swayrec.tables.ingest import ingest
from swayrec.tables.posted import Posted
from swayrec.tables.scenario import parse

from .conftest import quiet
from .intake_world import HOUSE, LENGTH, Running, event, stamped, workspace
from .test_replay import ITEMS, PUBLISHED, rows, soon


def raw_scenario(folder, lines):
    """A scenario over a file of (event_id, user, item, behavior, minutes after START)."""
    head = "id,u,i,b,t\n"
    text = "".join(f"{key},{user},{item},{kind},{stamped(at)}\n" for key, user, item, kind, at in lines)
    (folder / "raw.csv").write_text(head + text)
    columns = {"event_id": "id", "user": "u", "item": "i", "behavior": "b", "time": "t"}
    return parse(
        {
            "name": "tiny",
            "title": "Tiny",
            "events": [{"name": "raw", "path": str(folder / "raw.csv"), **columns}],
            "behaviors": [{"name": "view"}, {"name": "buy", "target": True}],
            "split": {"protocol": "last"},
            "influence": {
                "choices": {"kind": "next"},
                "forms": [{"name": "lean", "kernels": [{"similarity": "identity", "half_lives": [0]}]}],
            },
            "model": {"history": LENGTH},
        },
        "tiny.toml",
    )


def published(place, folder, lines, export, until=None):
    """A new publication of raw lines and what was exported, as a training makes it."""
    folder.mkdir()
    asked, posted = raw_scenario(folder, lines), export.folder if export else None
    now = datetime.now(UTC)
    made = ingest(asked, "tiny.toml", folder / "data", until=until, now=now, posted=posted)
    publish(made, asked, place.features)
    return made


RAW = [("r1", "anna", "i1", "buy", 1), ("r2", "anna", "i2", "view", 2), ("r3", "bert", "i1", "buy", 3)]


def test_every_event_counts_once_whenever_it_was_posted_and_whatever_its_time(tmp_path):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS)
    with Running(place) as intake:
        both = event("anna", "i3", "buy", 5, event_id="both")
        intake.post("/events", [both, event("anna", "i4", "buy", 9), event("carl", "i1", "buy", 9)])
        intake.post("/items", {"item_id": "i1", "title": "Milk", "category": "dairy"})
        export = posted_export.export(place, "tiny")
        # Posted when the log was read already, but not yet the files, and older than what these have of her.
        intake.post("/events", [event("anna", "i0", "view", 4), event("dora", "i2", "view", 4)])
        intake.post("/items", {"item_id": "i2", "title": "Bread"})
        time.sleep(0.01)
        made = published(place, tmp_path / "new", [*RAW, ("both", "anna", "i3", "buy", 5)], export)
        assert made.events().num_rows == 6
        reader = FeatureReader(place.features)
        anna = [
            ("i4", "buy", 5, 1.0),
            ("i3", "buy", 4, 1.0),
            ("i0", "view", 3, 1.0),
            ("i2", "view", 2, 1.0),
            ("i1", "buy", 1, 1.0),
        ]
        soon(lambda: rows(reader, "anna"), anna)
        soon(lambda: rows(reader, "carl"), [("i1", "buy", 1, 1.0)])
        soon(lambda: rows(reader, "dora"), [("i2", "view", 1, 1.0)])
        titles = {"i1": "Milk", "i2": "Bread"}
        soon(lambda: {item: card["title"] for item, card in reader.items(titles).items()}, titles)
        assert intake.post("/events", event("anna", "i4", "buy", 11))[0] == 200
        assert rows(reader, "anna")[0] == ("i4", "buy", 6, 2.0)
        # The next training has them all; what was laid on top is not laid there again.
        export = posted_export.export(place, "tiny")
        published(place, tmp_path / "newer", [*RAW, ("both", "anna", "i3", "buy", 5)], export)
        later = [("i4", "buy", 6, 2.0), *anna[1:]]
        for _ in range(3):
            soon(lambda: rows(reader, "anna"), later)
            time.sleep(0.3)


def test_what_until_leaves_out_of_the_data_stays_in_the_histories(tmp_path):
    place = workspace(tmp_path / "ws", PUBLISHED, ITEMS)
    with Running(place) as intake:
        intake.post("/events", [event("anna", "i3", "view", 5), event("anna", "i4", "buy", 9)])
        export = posted_export.export(place, "tiny")
        end = datetime.fromisoformat(stamped(9))
        made = published(place, tmp_path / "new", RAW, export, until=end)
        assert made.report()["sources"]["posted.events"]["ignored"] == 1
        reader = FeatureReader(place.features)
        anna = [("i4", "buy", 4, 1.0), ("i3", "view", 3, 1.0), ("i2", "view", 2, 1.0), ("i1", "buy", 1, 1.0)]
        soon(lambda: rows(reader, "anna"), anna)


@pytest.fixture
def log(tmp_path):
    """A log with two events and an item that was posted twice."""
    made = SqliteLog(tmp_path / "ws" / "posted" / "tiny.db")
    told = [PostedEvent(**event("anna", "i1", "buy", minutes, value=2)) for minutes in (1, 2)]
    items = [PostedItem(item_id="i1", title=title) for title in ("Milk", "牛奶")]
    made.append([each.record(datetime.now(UTC)) for each in told] + [each.record() for each in items]).result(
        10
    )
    yield made
    made.close()


def test_an_export_has_all_events_and_the_newest_post_of_each_item(log, tmp_path, monkeypatch):
    monkeypatch.setattr(log_reader, "_AT_ONCE", 3)
    made = posted_export.export(Workspace(tmp_path / "ws"), "tiny")
    events = pq.read_table(made.events).to_pylist()
    assert [(row["user_id"], row["timestamp"].isoformat(), row["value"]) for row in events] == [
        ("anna", stamped(minutes), 2.0) for minutes in (1, 2)
    ]
    assert [(row["title"], row["text"], row["language"]) for row in made.items().to_pylist()] == [
        ("牛奶", "牛奶", "zh")
    ]
    assert made.upto == log.after(3, 1)[0].stamp


def test_the_hash_of_the_data_changes_with_what_was_posted_and_not_with_a_new_export(log, tmp_path):
    place, asked = Workspace(tmp_path / "ws"), raw_scenario(tmp_path, RAW)
    path = tmp_path / "tiny.toml"
    path.touch()

    def hashed():
        return fingerprint.raw(asked, path, posted_export.export(place, "tiny"))

    before = hashed()
    assert hashed() == before != fingerprint.raw(asked, path)
    log.append([PostedEvent(**event("bert", "i1", "buy", 3)).record(datetime.now(UTC))]).result(10)
    assert hashed() != before


def test_where_nothing_was_posted_nothing_is_exported(tmp_path):
    place = Workspace(tmp_path)
    (place.posted / "tiny").mkdir(parents=True)
    assert posted_export.export(place, "tiny") is None
    assert not (place.posted / "tiny").exists(), "an export of a log that is gone is gone too"


def test_the_module_exports_for_a_training_elsewhere(log, tmp_path):
    command = [sys.executable, "-m", "serving.posted_export", "--workspace", str(tmp_path / "ws")]
    done = subprocess.run(
        [*command, "--scenario", "tiny"], cwd=HOUSE, env=quiet(), capture_output=True, text=True
    )
    assert done.stdout.strip() == str(tmp_path / "ws" / "posted" / "tiny"), done.stderr
    assert len(Posted(tmp_path / "ws" / "posted" / "tiny").items()) == 1


def test_a_log_is_read_while_another_process_has_it(log, tmp_path):
    reader = SqliteReader(tmp_path / "ws" / "posted" / "tiny.db")
    entries = reader.after(0, 10)
    assert [entry.kind for entry in entries] == [EVENT, EVENT, ITEM, ITEM]
    assert reader.newest() == 4
    stamps = [entry.stamp for entry in entries]
    assert [reader.place(stamp + step) for stamp in stamps for step in (-1, 0)] == [0, 1, 1, 2, 2, 3, 3, 4]
    log.append([Record(EVENT, "u", {}, "new")]).result(10)
    assert [entry.subject for entry in reader.after(4, 10)] == ["u"]
    reader.close()


def test_a_log_that_is_not_there_yet_is_empty_and_a_damaged_one_is_told(tmp_path):
    reader = SqliteReader(tmp_path / "tiny.db")
    assert (reader.newest(), reader.after(0, 10), reader.place(10**18)) == (0, [], 0)
    (tmp_path / "tiny.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(InputError, match=r"tiny.db: the event log cannot be read .*not a database"):
        reader.newest()
