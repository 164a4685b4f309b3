"""What was posted counts in a dataset beside the raw files: once, with its reasons, and up to the end."""

from datetime import UTC, datetime

import pyarrow.csv as pa_csv
import pytest

from swayrec.tables import posted
from swayrec.tables.ingest import ingest
from swayrec.tables.ingest_summary import summary

from .conftest import NOW

LOG = [
    {"id": "r1", "user": "ann", "item": "a", "behavior": "view", "time": "2024-01-01T10:00:00Z"},
    {"id": "r2", "user": "ann", "item": "b", "behavior": "buy", "time": "2024-01-03T10:00:00Z"},
    {"id": "r3", "user": "bob", "item": "a", "behavior": "buy", "time": "2024-01-02T10:00:00Z"},
]


def event(event_id, user, item, behavior, time, **more):
    return {
        "event_id": event_id,
        "user_id": user,
        "item_id": item,
        "behavior": behavior,
        "timestamp": datetime.fromisoformat(time).replace(tzinfo=UTC),
        "source": "intake",
        **more,
    }


def item(item_id, **more):
    return {"item_id": item_id, "title": item_id.upper(), "text": item_id, "language": "en", **more}


@pytest.fixture
def made(world):
    """Ingests the log (other columns by name, None = absent) and what was posted."""

    def made(events=(), items=(), until=None, raw=LOG, upto=7, **source):
        path = world.write_lines("log.jsonl", raw)
        export = posted.write(world.root / "posted", [list(events)], list(items), upto)
        asked = world.parsed(path, **{"event_id": "id", **source})
        folder = world.root / "dataset"
        return ingest(asked, "small.toml", folder, until=until, now=NOW, posted=export.folder)

    return made


def rows(dataset, *names):
    table = dataset.events()
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def test_posted_events_take_their_places_among_those_of_the_files(made):
    between = event("p1", "ann", "c", "view", "2024-01-02T10:00", value=2.5, text="nice", request_id="q")
    dataset = made([between, event("p2", "carl", "a", "buy", "2024-01-05T10:00", source="/till/4")])
    assert rows(dataset, "event_id", "user_id", "order", "source") == [
        ("r1", "ann", 1, "log"),
        ("p1", "ann", 2, "intake"),
        ("r2", "ann", 3, "log"),
        ("r3", "bob", 1, "log"),
        ("p2", "carl", 1, "/till/4"),
    ]
    told = dataset.events().to_pylist()[1]
    assert (told["value"], told["text"], told["request_id"], told["session_id"]) == (2.5, "nice", "q", None)
    assert dataset.users()["user_id"].to_pylist() == ["ann", "bob", "carl"]
    assert dataset.posted_upto == 7


def test_an_event_that_the_files_have_too_counts_once(made):
    dataset = made(
        [event("r2", "ann", "b", "buy", "2024-01-03T10:00"), event("p", "bob", "b", "buy", "2024-01-04")]
    )
    assert [row[0] for row in rows(dataset, "event_id")] == ["r1", "r2", "r3", "p"]
    account = dataset.report()["sources"]["posted.events"]
    assert (account["rows"], account["kept"], account["left_out"]) == (2, 1, {"the files have it": 1})


def test_bad_ones_are_quarantined_with_their_reason_and_stop_nothing(made, world):
    world.write_lines("items.jsonl", [{"i": "a", "t": "A"}, {"i": "b", "t": "B"}])
    world.scenario["items"] = {"path": str(world.root / "items.jsonl"), "item": "i", "title": "t"}
    dataset = made(
        [
            event("p1", "ann", "a", "fly", "2024-01-04T10:00"),
            event("p2", "ann", "zz", "buy", "2024-01-04T11:00"),
            event("p3", "ann", "new", "buy", "2024-01-04T12:00"),
            event("p4", "bob", "a", "view", "2024-06-01T00:00:59"),
            event("p5", "bob", "a", "view", "2024-06-01T00:01:01"),
        ],
        [item("new")],
    )
    assert [row[0] for row in rows(dataset, "event_id")] == ["r1", "r2", "p3", "r3", "p4"]
    kept = pa_csv.read_csv(dataset.folder / "quarantine" / "posted.events.csv").to_pylist()
    assert [(row["event_id"], row["reason"]) for row in kept] == [
        ("p1", "unknown behavior"),
        ("p2", "missing item"),
        ("p5", "time in the future"),
    ]


def test_nothing_at_or_after_until_counts(made):
    late = [event(f"p{day}", "bob", "b", "buy", f"2024-01-0{day}T10:00") for day in (2, 3, 4)]
    dataset = made(late, until=datetime(2024, 1, 3, 10, tzinfo=UTC), raw=[*LOG, {**LOG[2], "id": "r4"}])
    assert "p2" in [row[0] for row in rows(dataset, "event_id")]
    assert not {"p3", "p4", "r2"} & {row[0] for row in rows(dataset, "event_id")}
    assert dataset.report()["sources"]["posted.events"]["ignored"] == 2


def test_a_posted_item_replaces_that_of_the_file_as_a_whole(made, world):
    lines = [{"i": "a", "t": "Old", "c": "milk"}, {"i": "b", "t": "Bread", "c": "bakery"}]
    world.write_lines("items.jsonl", lines)
    world.scenario["items"] = {
        "path": str(world.root / "items.jsonl"),
        "item": "i",
        "title": "t",
        "category": "c",
    }
    dataset = made(items=[item("a", title="New"), item("0", category="tea")])
    found = [(row["item_id"], row["title"], row["category"]) for row in dataset.items().to_pylist()]
    assert found == [("0", "0", "tea"), ("a", "New", None), ("b", "Bread", "bakery")]
    assert dataset.posted_items().to_pylist() == ["0", "a"]


def test_items_may_be_posted_where_no_file_describes_them(made):
    dataset = made(items=[item("a"), item("z")])
    assert dataset.items()["item_id"].to_pylist() == ["a", "b", "z"]
    assert dataset.items()["title"].to_pylist() == ["A", None, "Z"]


def test_where_a_column_orders_the_files_posted_events_come_after_them(made):
    raw = [{**row, "n": number} for number, row in enumerate(LOG)]
    new = [event("p2", "ann", "c", "buy", "2023-01-02"), event("p1", "ann", "c", "view", "2023-01-01")]
    dataset = made(new, raw=raw, order="n")
    found = rows(dataset, "event_id", "order")
    assert found == [("r1", 1), ("r2", 2), ("p1", 3), ("p2", 4), ("r3", 1)]


def test_a_log_without_order_and_clock_stays_one(made):
    new = [event("p", "ann", "c", "view", "2024-01-01")]
    dataset = made(new, time=None)
    assert rows(dataset, "event_id", "order", "timestamp") == [
        ("p", 0, None),
        ("r1", 0, None),
        ("r2", 0, None),
        ("r3", 0, None),
    ]


def test_the_summary_names_both_sources(made):
    dataset = made([event("p", "ann", "c", "fly", "2024-01-01")], [item("z")])
    lines = summary(dataset.report(), dataset.first_bad())
    at = next(place for place, line in enumerate(lines) if line.startswith("posted.events: 1 rows read from"))
    assert lines[at].endswith("events.parquet, 0 kept")
    assert lines[at + 1] == "  quarantined, unknown behavior: 1, first in row 1"
    assert lines[at + 2].startswith("posted.items: 1 rows read from")


def test_without_a_log_a_dataset_says_so(world):
    path = world.write_lines("log.jsonl", LOG)
    dataset = world.ingest(path, event_id="id")
    assert dataset.posted_upto is None
    assert len(dataset.posted_items()) == 0


def test_another_item_that_was_posted_is_another_dataset(made):
    one, two = (made(items=[item("a", title=None), *more]).fingerprint() for more in ([], [item("b")]))
    assert one != two
