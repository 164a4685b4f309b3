import csv
import io
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from pydantic import TypeAdapter, ValidationError

from serving.question import Id
from swayrec.tables import schema
from swayrec.tables.schema import LONGEST_ID

ROWS = [
    {
        "user": 1029,
        "item": "p1",
        "behavior": "view",
        "time": "2024-01-01T10:00:00Z",
        "value": 2.5,
        "text": "好 <b>吃</b>",
    },
    {
        "user": 1029,
        "item": "p2",
        "behavior": "buy",
        "time": "2024-01-02T10:00:00Z",
        "value": None,
        "text": None,
    },
    {
        "user": 7,
        "item": "p1",
        "behavior": "buy",
        "time": "2024-01-01 18:00:00.25+08:00",
        "value": 1.0,
        "text": 'say "a,b"',
    },
]
CSV = (
    "user,item,behavior,time,value,text\n"
    "1029,p1,view,2024-01-01T10:00:00Z,2.5,好 <b>吃</b>\n"
    "1029,p2,buy,2024-01-02T10:00:00Z,,\n"
    '7,p1,buy,2024-01-01 18:00:00.25+08:00,1.0,"say ""a,b"""\n'
)


def columns(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


@pytest.fixture(params=["log.csv", "log.csv.gz", "log.jsonl", "log.jsonl.gz", "log.parquet"])
def raw(request, world):
    if "csv" in request.param:
        return world.write(request.param, CSV)
    if "jsonl" in request.param:
        return world.write_lines(request.param, ROWS)
    return world.write_parquet(request.param, columns(ROWS))


def test_every_format_gives_the_same_canonical_events(world, raw):
    events = world.ingest(raw, value="value", text="text").events()
    assert events.schema.equals(schema.EVENTS)
    names = ["user_id", "item_id", "behavior", "order", "timestamp", "value", "text", "source"]
    ten, next_day = datetime(2024, 1, 1, 10, tzinfo=UTC), datetime(2024, 1, 2, 10, tzinfo=UTC)
    assert [tuple(row.values()) for row in events.select(names).to_pylist()] == [
        ("1029", "p1", "view", 1, ten, 2.5, "好 吃", "log"),
        ("1029", "p2", "buy", 2, next_day, None, None, "log"),
        ("7", "p1", "buy", 1, ten.replace(microsecond=250_000), 1.0, 'say "a,b"', "log"),
    ]


def test_the_same_file_gives_the_same_ids_and_fingerprint_in_any_run(world):
    path = world.write("log.csv", CSV)
    first = world.ingest(path)
    ids, fingerprint = first.events()["event_id"].to_pylist(), first.fingerprint()
    again = world.ingest(path)
    assert len(set(ids)) == 3
    assert again.events()["event_id"].to_pylist() == ids
    assert again.fingerprint() == fingerprint
    longer = world.ingest(world.write("log.csv", CSV + "8,p1,buy,2024-01-03,1,\n"))
    assert set(ids) < set(longer.events()["event_id"].to_pylist())
    assert longer.fingerprint() != fingerprint


def test_numeric_ids_are_what_people_see(world):
    world.source["time"] = None
    parquet = world.write_parquet(
        "log.parquet", {"user": [1029.0, 5.0], "item": pa.array([2**53 + 1, 7]), "behavior": ["buy", "view"]}
    )
    assert world.ingest(parquet).events().select(["user_id", "item_id"]).to_pylist() == [
        {"user_id": "1029", "item_id": "9007199254740993"},
        {"user_id": "5", "item_id": "7"},
    ]
    written_as_float = world.write("a.csv", "user,item,behavior\n1029.0,007,buy\n5.0,1.0,view\n")
    assert world.ingest(written_as_float).events().select(["user_id", "item_id"]).to_pylist() == [
        {"user_id": "1029", "item_id": "007"},
        {"user_id": "5", "item_id": "1.0"},
    ]


ODD_IDS = [
    "007", "0", "1e5", "1.0", "NULL", "NA", "nan", "None", "true", "-", "a b", "a,b", 'it\'s "q"', "new\nline",
    "C:\\x", "%2F", "../..", "<b>", "\x01", "\t|", "用户一", "😀", "e\u0301", "é", "\u200b", "x" * (LONGEST_ID - 1),
]  # fmt: skip


@pytest.mark.parametrize("name", ["log.csv", "log.jsonl", "log.parquet"])
def test_ids_stay_as_they_are_whatever_they_hold(world, name):
    rows = [{"user": odd, "item": f"i{odd}", "behavior": "buy"} for odd in ODD_IDS]
    rows.append({"user": "u", "item": "p", "behavior": "view"})
    if name == "log.csv":
        held = io.StringIO()
        csv.DictWriter(held, rows[0], lineterminator="\r\n").writerows(
            [dict.fromkeys(rows[0]) | row for row in rows]
        )
        path = world.write(name, "\ufeffuser,item,behavior\r\n" + held.getvalue())
    elif name == "log.jsonl":
        path = world.write_lines(name, rows)
    else:
        path = world.write_parquet(name, columns(rows))
    events = world.ingest(path, time=None).events().to_pylist()
    assert sorted((event["user_id"], event["item_id"]) for event in events) == sorted(
        [("u", "p"), *((odd.strip(), f"i{odd}".strip()) for odd in ODD_IDS)]
    )


def test_an_id_that_no_endpoint_would_take_is_a_bad_row(world):
    answered = TypeAdapter(Id)
    answered.validate_python("x" * LONGEST_ID)
    with pytest.raises(ValidationError):
        answered.validate_python("x" * (LONGEST_ID + 1))
    long = "x" * (LONGEST_ID + 1)
    rows = [{"user": f"u{i}", "item": f"p{i}", "behavior": "buy"} for i in range(60)]
    rows += [
        {"user": long, "item": "p1", "behavior": "view"},
        {"user": "u1", "item": long, "behavior": "view"},
    ]
    rows += [{"user": "u1", "item": "p1", "behavior": "view"}]
    items = [{"id": f"p{i}"} for i in range(60)] + [{"id": long}]
    log = world.write_lines("log.jsonl", rows)
    dataset = world.ingest(log, time=None)
    assert dataset.report()["sources"]["log"]["quarantined"] == {"too long an id": 2}
    world.scenario["items"] = {"path": str(world.write_lines("items.jsonl", items)), "item": "id"}
    sources = world.ingest(log, time=None).report()["sources"]
    assert sources["items"]["quarantined"] == {"too long an id": 1}
    assert sources["log"]["quarantined"] == {"too long an id": 2}


def test_numbers_that_are_none_are_neither_users_nor_values(world):
    users = [float(i) for i in range(58)] + [float("nan"), None]
    path = world.write_parquet(
        "log.parquet",
        {
            "user": users,
            "item": ["p"] * 60,
            "behavior": ["buy", "view"] * 30,
            "paid": [float("nan"), float("inf"), *users[2:]],
        },
    )
    dataset = world.ingest(path, time=None, value="paid")
    assert dataset.report()["sources"]["log"]["quarantined"] == {"unknown user": 2, "unparsable value": 1}
    values = {row["user_id"]: row["value"] for row in dataset.events().to_pylist()}
    assert (values["0"], values["57"], "1" in values) == (None, 57.0, False)


def test_the_column_of_row_numbers_that_other_programs_write_is_a_column_like_any_other(world):
    rows = ["p,u,buy", "q,u,view"]
    path = world.write(
        "log.csv", "item,user,behavior,\n" + "".join(f"{row},{i}\n" for i, row in enumerate(rows))
    )
    assert len(world.ingest(path, time=None).events()) == 2
    path = world.write_parquet(
        "log.parquet",
        {"file_row_number": [7, 8], "user": ["u", "u"], "item": ["p", "q"], "behavior": ["buy", "view"]},
    )
    assert len(world.ingest(path, time=None, value="file_row_number").events()) == 2


GOOD_TIMES = {
    "2024-01-05": datetime(2024, 1, 5, tzinfo=UTC),
    " 2024/1/5 ": datetime(2024, 1, 5, tzinfo=UTC),
    "2024-01-05 10:00": datetime(2024, 1, 5, 10, tzinfo=UTC),
    "2024-01-05T10:00:00.5Z": datetime(2024, 1, 5, 10, 0, 0, 500_000, tzinfo=UTC),
    "2024-01-05 10:00:00 UTC": datetime(2024, 1, 5, 10, tzinfo=UTC),
    "2024-01-05T10:00+08": datetime(2024, 1, 5, 2, tzinfo=UTC),
    "2024-01-05 10:00:00-0330": datetime(2024, 1, 5, 13, 30, tzinfo=UTC),
}
BAD_TIMES = [
    "2024-01-05 10:00:00 PM", "2024-01-05 10:00:00 EST", "2024-01-05 10:00:00 America/New_York",
    "2024-01-05 10:00:00+99:00", "05.01.2024", "1/5/2024", "20240105", "1704412800", "2024-02-30", "today",
    "infinity", "2024-01-05 (BC)", "2024年1月5日",
]  # fmt: skip


def test_a_time_is_read_whole_or_not_at_all(world):
    rows = [
        {"user": f"{i}", "item": "p", "behavior": "buy", "time": f"2024-01-01T00:{i // 60:02}:{i % 60:02}"}
        for i in range(400)
    ]
    rows += [
        {"user": time, "item": "p", "behavior": "view", "time": time} for time in (*GOOD_TIMES, *BAD_TIMES)
    ]
    dataset = world.ingest(world.write_lines("log.jsonl", rows))
    read = {
        row["user_id"]: row["timestamp"] for row in dataset.events().to_pylist() if row["behavior"] == "view"
    }
    assert read == {text.strip(): time for text, time in GOOD_TIMES.items()}
    assert dataset.report()["sources"]["log"]["quarantined"] == {"unparsable time": len(BAD_TIMES)}


def test_an_items_file_and_a_users_file_fill_their_tables(world):
    world.scenario["items"] = {
        "path": str(
            world.write(
                "items.csv",
                "id,name,about,more,kind,tags,made\n"
                "p2,牛奶,新鲜的牛奶，每天送到,,dairy,a|b,2023-05-01\n"
                "p1,Tea,Green <i>tea</i> ,see https://a.example now,drink,,\n",
            )
        ),
        "item": "id",
        "title": "name",
        "text": ["about", "more"],
        "category": "kind",
        "tags": "tags",
        "created_at": "made",
    }
    world.scenario["users"] = {
        "path": str(world.write_lines("users.jsonl", [{"id": 7, "age": 30}, {"id": 9, "age": None}])),
        "user": "id",
        "groups": ["age"],
    }
    dataset = world.ingest(world.write("log.csv", CSV))
    tea, milk = dataset.items().to_pylist()
    assert dataset.items().schema.equals(schema.ITEMS)
    assert (tea["item_id"], tea["title"], tea["text"], tea["language"]) == (
        "p1",
        "Tea",
        "Green tea, see now",
        "en",
    )
    assert (milk["language"], milk["tags"], milk["created_at"]) == (
        "zh",
        ["a", "b"],
        datetime(2023, 5, 1, tzinfo=UTC),
    )
    assert milk["text"] == "新鲜的牛奶,每天送到"
    assert dataset.users().to_pylist() == [
        {"user_id": "1029", "age": None},
        {"user_id": "7", "age": "30"},
        {"user_id": "9", "age": None},
    ]


def test_json_tags_may_be_lists(world):
    world.scenario["items"] = {
        "path": str(world.write_lines("items.jsonl", [{"id": "p1", "tags": ["a", "b c"]}, {"id": "p2"}])),
        "item": "id",
        "tags": "tags",
    }
    assert world.ingest(world.write("log.csv", CSV)).items()["tags"].to_pylist() == [["a", "b c"], None]


def test_the_log_keeps_the_items_that_occur_sorted(world):
    items = world.write("items.csv", "id\np3\np2\np1\n")
    world.scenario["items"] = {"path": str(items), "item": "id"}
    path = world.write("log.csv", CSV)
    log = world.ingest(path).log(world.parsed(path))
    assert (list(log.items), list(log.users), log.order.tolist()) == (["p1", "p2"], ["1029", "7"], [1, 2, 1])
    assert log.behaviors == ("view", "buy")


def test_a_file_that_names_its_separator_may_have_any_ending(world):
    path = world.write("ratings.inter", CSV.replace(",", "\t").replace('"say ""a\tb"""', '"say ""a,b"""'))
    made = world.ingest(path, separator="\t", text="text")
    assert sorted(made.events()["item_id"].to_pylist()) == ["p1", "p1", "p2"]
    assert 'say "a,b"' in made.events()["text"].to_pylist()
