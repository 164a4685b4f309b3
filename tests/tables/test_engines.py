"""One ingest on every engine: the same rows, the same account, the same files of bad rows."""

import json
import sys
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec import tables
from swayrec.tables.engine import VARIABLE, batches, chosen, connect
from swayrec.tables.errors import InputError
from swayrec.tables.ingest import ingest
from tests.tables.conftest import NOW

ENGINES = ["duckdb", pytest.param("spark", marks=pytest.mark.system("java"))]

CLICKS = """user,item,behavior,time,price
u1,p1,view,2024-01-05,
u1,p1,view,2024/1/5 9:05,1_000
u1.0,p2,buy,2024-01-05T10:00:00.5Z,3.5
u2,p2,buy,2024-01-05 10:00:00+08,inf
u2,p3,view,2024-01-05  24:00:00,4
u2,p3,view,2024-01-05  24:00:00,4
u3,p9,view,2024-01-06,1
u3,p1,look,2024-01-06,1
,p1,view,2024-01-06,1
u3,p1,view,2024-02-30,1
u3,p1,view,2025-02-03,1
u3,p1,view,2024-01-06,much
"""

KEPT = [
    ("u1", "p1", 1, "2024-01-05T00:00:00+00:00", None),
    ("u1", "p1", 2, "2024-01-05T09:05:00+00:00", 1000.0),
    ("u2", "p3", 1, "2024-01-06T00:00:00+00:00", 4.0),
]


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    """Sources of every kind over one catalogue, and what DuckDB makes of them."""
    from tests.tables.conftest import World

    world = World(tmp_path_factory.mktemp("raw"))
    clicks = world.write("clicks.csv", CLICKS)
    lines = [
        {"who": "u1", "what": "p1", "at": 1_704_500_000, "visit": "a", "n": 1.5},
        {"who": "u1", "what": "p1", "at": 1_704_500_060, "visit": "a", "n": 2},
        {"who": "u4", "what": "p2", "at": 1_704_500_000.25, "visit": None, "n": None},
    ]
    visits = world.write("visits.jsonl", "".join(json.dumps(each) + "\n" for each in lines) + "no object\n")
    coupons = world.write_parquet(
        "coupons.parquet",
        {
            "u": pa.array([1, 2, None], pa.float64()),
            "c": pa.array([7, 8, 7], pa.int64()),
            "t": pa.array([1_704_600_000_000_000] * 3, pa.timestamp("us")),
            "paid": [1e7, 0.1, 2.0],
        },
    )
    parts = world.write("parts.csv", "c,item\n7,p1\n7,p2\n8,p9\n")
    items = world.write_lines("items.jsonl", [{"id": f"p{n}", "name": f"Item {n}"} for n in (1, 2, 3)])
    world.scenario = {
        "items": {"path": str(items), "item": "id", "title": "name"},
        "quality": {"most_bad": 0.9},
    }
    sources = [
        {
            "name": "clicks",
            "path": str(clicks),
            **world.source,
            "value": "price",
            "where": "price IS NULL OR price <> 5",
        },
        {
            "name": "visits",
            "path": str(visits),
            "user": "who",
            "item": "what",
            "time": "at",
            "time_unit": "s",
            "ties": "rows",
            "session": "visit",
            "once_per_session": True,
            "value": "n",
            "behavior_rules": [{"behavior": "buy", "when": "n > 1"}, {"behavior": "view"}],
        },
        {
            "name": "coupons",
            "path": str(coupons),
            "user": "u",
            "item": "item",
            "join": {"path": str(parts), "on": ["c"]},
            "behavior_is": "buy",
            "time": "t",
            "time_zone": "Europe/Berlin",
        },
    ]
    return world, world._scenario(sources)


def made(raw, engine, folder):
    _, scenario = raw
    dataset = ingest(scenario, "small.toml", folder / "dataset", until=None, now=NOW, engine=engine)
    bad = {path.name: path.read_text() for path in sorted((dataset.folder / "quarantine").glob("*.csv"))}
    return dataset.events().to_pylist(), dataset.items().to_pylist(), dataset.report(), bad


@pytest.fixture(scope="module")
def expected(raw, tmp_path_factory):
    return made(raw, "duckdb", tmp_path_factory.mktemp("expected"))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("engine", ENGINES)
def test_an_ingest_has_the_same_rows_and_the_same_account_on_every_engine(raw, expected, engine, tmp_path):
    events, items, report, bad = made(raw, engine, tmp_path)
    assert events == expected[0]
    assert items == expected[1]
    assert report == expected[2]
    assert bad == expected[3]
    of_clicks = [row for row in events if row["source"] == "clicks" and row["behavior"] == "view"]
    shown = [
        (row["user_id"], row["item_id"], row["order"], row["timestamp"].isoformat(), row["value"])
        for row in of_clicks
    ]
    assert shown == KEPT
    assert {row["source"] for row in events} == {"clicks", "visits", "coupons"}
    assert report["sources"]["clicks"]["quarantined"]["unparsable time"] == 1
    assert report["sources"]["visits"]["merged"] == 1


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("engine", ENGINES)
def test_what_does_not_fit_into_memory_comes_in_order_and_in_parts(engine, tmp_path):
    pq.write_table(pa.table({"n": list(range(1000, 0, -1))}), tmp_path / "numbers.parquet")
    connection = connect(tmp_path, engine)
    table = connection.read_parquet(str(tmp_path / "numbers.parquet"))
    found = pa.Table.from_batches(batches(connection, table.order_by("n"), 100))
    connection.disconnect()
    assert found["n"].to_pylist() == list(range(1, 1001))


def test_the_engine_is_what_is_asked_for_else_what_the_environment_names(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert chosen() == "duckdb"
    monkeypatch.setenv(VARIABLE, "spark")
    assert (chosen(), chosen("duckdb")) == ("spark", "duckdb")


def test_an_unknown_engine_is_named_with_those_that_there_are(monkeypatch):
    monkeypatch.setenv(VARIABLE, "polars")
    with pytest.raises(
        InputError, match="SWAYREC_ENGINE: there is no engine 'polars'; name one of duckdb, spark"
    ):
        chosen()


def test_spark_without_its_packages_is_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.delitem(sys.modules, "swayrec.tables.spark_engine", raising=False)
    # A test before this one may have imported it, and a package keeps its modules as attributes too.
    monkeypatch.delattr(tables, "spark_engine", raising=False)
    monkeypatch.delitem(sys.modules, "ibis.backends.pyspark", raising=False)
    with pytest.raises(
        InputError, match=r"SWAYREC_ENGINE: spark needs a package .* install swayrec\[spark\]"
    ):
        connect(tmp_path, "spark")


def test_an_absurd_number_as_time_is_a_bad_row_not_a_crash(world):
    path = world.write(
        "a.csv", "user,item,behavior,time\nu,p,buy,1704500000\nu,p,view,1e300\nu,q,view,1704500001\n"
    )
    world.scenario["quality"] = {"most_bad": 0.5}
    dataset = world.ingest(path, time_unit="s")
    assert dataset.events()["timestamp"].to_pylist() == [
        datetime(2024, 1, 6, 0, 13, 20, tzinfo=UTC),
        datetime(2024, 1, 6, 0, 13, 21, tzinfo=UTC),
    ]
