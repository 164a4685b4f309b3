from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from serving.popular import Popular, count
from swayrec.tables import schema

END = datetime(2024, 1, 31, tzinfo=UTC)


def items(*rows: tuple[str, str | None, str | None]) -> pa.Table:
    empty = dict.fromkeys(schema.ITEMS.names)
    made = [
        {**empty, "item_id": item, "title": title, "category": category} for item, title, category in rows
    ]
    return pa.Table.from_pylist(made, schema.ITEMS)


def events(*rows: tuple[str, str, int | None]) -> pa.Table:
    """Rows of item, behavior and days before the end (None = no clock)."""
    made = [
        {
            "event_id": str(number),
            "user_id": "u",
            "item_id": item,
            "behavior": behavior,
            "order": number,
            "timestamp": None if days is None else END - timedelta(days=days),
            "source": "s",
        }
        for number, (item, behavior, days) in enumerate(rows)
    ]
    return pa.Table.from_pylist(made, schema.EVENTS)


SHELF = items(("a", "Apple", "fruit"), ("b", None, "fruit"), ("c", "Cola", None), ("d", "Date", "fruit"))


def ids(entries) -> list[str]:
    return [entry.item_id for entry in entries]


def test_the_window_counts_first_and_the_whole_log_after_it():
    log = events(
        ("a", "buy", 30),
        ("a", "buy", 29),
        ("a", "buy", 28),
        ("b", "buy", 20),
        ("c", "buy", 0),
        ("c", "buy", 1),
    )
    lists = count(log, SHELF, ["buy"], "x")
    assert ids(lists.everything) == ["c", "a", "b", "d"]
    assert lists.everything[0].score == 1.0
    assert ids(lists.of(["fruit"])) == ["a", "b", "d"]
    assert lists.of(["toys"]) == ()


def test_only_targets_count():
    lists = count(events(("a", "view", 0), ("a", "view", 0), ("b", "buy", 0)), SHELF, ["buy"], "x")
    assert ids(lists.everything)[0] == "b"


def test_a_log_without_a_clock_or_without_a_target_has_lists_too():
    assert (
        ids(count(events(("d", "buy", None), ("gone", "buy", None)), SHELF, ["buy"], "x").everything)[0]
        == "d"
    )
    assert len(count(events(("d", "view", 0)), SHELF, ["buy"], "x").everything) == 4


def test_an_item_without_a_title_is_called_by_its_id():
    assert {entry.item_id: entry.title for entry in count(events(), SHELF, ["buy"], "x").everything}[
        "b"
    ] == "b"


def test_lists_come_back_from_disk_and_a_broken_file_is_no_list(tmp_path: Path):
    path = tmp_path / "serving" / "popular.json"
    assert Popular.read(path) is None
    lists = count(events(("a", "buy", 0)), SHELF, ["buy"], "x")
    lists.write(path)
    assert Popular.read(path) == lists
    path.write_text(path.read_text()[:50])
    assert Popular.read(path) is None
