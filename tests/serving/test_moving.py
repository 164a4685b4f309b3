"""What was posted and shown, moved through files from one workspace into another."""

import json
from datetime import UTC, datetime

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from serving.event_log import EVENT, ITEM
from serving.posted import PostedEvent, PostedItem
from serving.sqlite_log import SqliteLog
from serving.sqlite_reader import SqliteReader
from swayrec import cli
from swayrec.operations import exposures
from swayrec.operations.exposures import Exposure, ExposureFiles

from .intake_world import Running, event, stamped, workspace

SHELF = {"i1": "One"}


@pytest.fixture
def place(tmp_path):
    return workspace(tmp_path / "ws", [("anna", "i1", "buy", 1)], SHELF)


@pytest.fixture
def other(tmp_path):
    return workspace(tmp_path / "other", [("anna", "i1", "buy", 1)], SHELF)


def run(*words):
    return CliRunner().invoke(cli.main, ["events", *map(str, words)])


def entries(place):
    reader = SqliteReader(place.posted / "tiny.db")
    found = reader.after(0, 1000)
    reader.close()
    return [(entry.kind, entry.subject, entry.content) for entry in found]


def filled(place):
    log = SqliteLog(place.posted / "tiny.db")
    told = [
        event("anna", "i1", "buy", minutes=5, value=2.5, text='fünf, "gut"'),
        event("bert", "i2", "view", minutes=6, request_id="r1"),
    ]
    log.append([PostedEvent.model_validate(one).record(datetime.now(UTC)) for one in told]).result(10)
    items = [
        {"item_id": "i2", "title": "Old"},
        {"item_id": "i2", "title": "牛奶", "tags": ["a", "b"], "available_until": stamped(9)},
    ]
    log.append([PostedItem.model_validate(one).record() for one in items]).result(10)
    log.close()


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_events_come_out_and_in_as_they_were_and_count_once(place, other, tmp_path, ending):
    filled(place)
    file = tmp_path / f"events.{ending}"
    assert run("export", "--output", file, "--workspace", place.root).exit_code == 0
    for _ in range(2):
        done = run("import", file, "--workspace", other.root)
        assert (done.exit_code, "2 events" in done.output) == (0, True), done.output
    posted = [one for one in entries(place) if one[0] == EVENT]
    assert entries(other) == posted
    assert len(posted) == 2


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_of_an_item_the_newest_post_is_moved(place, other, tmp_path, ending):
    filled(place)
    file = tmp_path / f"items.{ending}"
    assert run("export", "--kind", "items", "--output", file, "--workspace", place.root).exit_code == 0
    assert run("import", file, "--kind", "items", "--workspace", other.root).exit_code == 0
    [(kind, subject, content)] = entries(other)
    assert (kind, subject, content["title"], content["tags"]) == (ITEM, "i2", "牛奶", ["a", "b"])
    assert datetime.fromisoformat(content["available_until"]) == datetime.fromisoformat(stamped(9))


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_exposures_are_moved_whole(place, other, tmp_path, ending):
    files = ExposureFiles(place.exposures / "tiny", b"k" * 32)
    files.append(
        [Exposure("r1", "anna", ["b", "a"], [2.0, 1.0], 7, "full", ["available", "excluded"])], 1.7e9
    )
    files.append([Exposure("r2", None, ["c"], [0.5], None, "popular", [], "x/champion")], 1.7e9 + 7200.5)
    files.close()
    file = tmp_path / f"shown.{ending}"
    assert run("export", "--kind", "exposures", "--output", file, "--workspace", place.root).exit_code == 0
    done = run("import", file, "--kind", "exposures", "--workspace", other.root)
    assert "3 exposures" in done.output
    moved = exposures.read(other.exposures / "tiny")
    assert moved.sort_by("timestamp").equals(exposures.read(place.exposures / "tiny").sort_by("timestamp"))


def test_only_what_was_between_two_times_is_written(place, tmp_path):
    filled(place)
    file = tmp_path / "events.parquet"
    run("export", "--output", file, "--since", stamped(6), "--workspace", place.root)
    assert pq.read_table(file)["user_id"].to_pylist() == ["bert"]
    run("export", "--output", file, "--until", stamped(6), "--workspace", place.root)
    assert pq.read_table(file)["user_id"].to_pylist() == ["anna"]


def test_a_wrong_row_is_kept_apart_with_its_reason_and_the_others_are_posted(place, tmp_path):
    file = tmp_path / "events.jsonl"
    rows = [event("anna", "i1", "buy", 5), event("anna", "i1", "fly", 5), {"user_id": "anna"}]
    file.write_text("\n".join(map(json.dumps, rows)) + "\nno json\n", encoding="utf-8")
    done = run("import", file, "--workspace", place.root)
    assert done.exit_code == 0
    assert "1 events" in done.output
    [apart] = place.posted.glob("tiny-*.refused.jsonl")
    assert str(apart) in done.output
    told = [json.loads(line) for line in apart.read_text(encoding="utf-8").splitlines()]
    assert [one["row"] for one in told] == [2, 3, 4]
    assert told[0]["content"] == rows[1]
    assert "the scenario knows view, buy" in told[0]["reason"]
    assert told[1]["reason"] == "row 3.item_id is missing; give it"
    assert told[2]["content"] == "no json"


def test_where_no_row_is_right_it_ends_in_1(place, tmp_path):
    file = tmp_path / "events.csv"
    file.write_text("user_id,item_id,behavior,value\nanna,i1,buy,many\n", encoding="utf-8")
    done = run("import", file, "--workspace", place.root)
    assert done.exit_code == 1
    [apart] = place.posted.glob("tiny-*.refused.jsonl")
    assert "row 1.value is 'many'" in json.loads(apart.read_text(encoding="utf-8"))["reason"]


def test_while_an_intake_runs_rows_go_through_it(place, tmp_path):
    file = tmp_path / "events.csv"
    file.write_text("user_id,item_id,behavior,value\nanna,i1,buy,2\nbert,i1,view,\n", encoding="utf-8")
    with Running(place) as intake:
        done = run("import", file, "--workspace", place.root)
        assert done.exit_code == 1
        assert "another intake is at work on this event log" in done.output
        url = f"http://127.0.0.1:{intake.port}"
        assert run("import", file, "--intake", url, "--workspace", place.root).exit_code == 0
        assert run("export", "--output", tmp_path / "out.csv", "--workspace", place.root).exit_code == 0
    assert [content["value"] for _, _, content in entries(place)] == [2.0, None]
    done = run("import", file, "--intake", url, "--workspace", place.root)
    assert (done.exit_code, "the intake does not answer" in done.output) == (1, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "--output", "x.txt"], "must end in .csv, .parquet or .jsonl"),
        (["import", "nowhere.csv"], "nowhere.csv: cannot be read (No such file"),
        (["import", "x.csv", "--kind", "exposures", "--intake", "http://x"], "an intake takes no exposures"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(place, words, said):
    done = run(*words, "--workspace", place.root)
    assert done.exit_code == 1
    assert said in done.output
    assert "Traceback" not in done.output
