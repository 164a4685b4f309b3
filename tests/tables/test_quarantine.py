import csv
from collections import Counter
from datetime import datetime

import pytest

from swayrec.tables.errors import InputError

GOOD = b"".join(
    b"e%d,u%d,p%d,buy,2024-01-01T00:00:%02dZ,1.5\n" % (i, i % 7, i % 5, i % 60) for i in range(400)
)
# (raw row, reason); the rows stand after the good ones, so the first is row 401.
FAULTS = [
    (b"f1,,p1,buy,2024-01-01,1", "unknown user"),
    (b"f2,  ,p1,buy,2024-01-01,1", "unknown user"),
    (b"f3,u1,,buy,2024-01-01,1", "missing item"),
    (b"f4,u1,p99,buy,2024-01-01,1", "missing item"),
    (b"f5,u1,p1,buy,yesterday,1", "unparsable time"),
    (b"f6,u1,p1,buy,,1", "unparsable time"),
    (b"f7,u1,p1,buy,2024-02-30,1", "unparsable time"),
    (b"f8,u1,p1,steal,2024-01-01,1", "unknown behavior"),
    (b"e3,u1,p1,buy,2024-01-01,1", "duplicate event"),
    (b"f9,u1,p1,buy,2024-06-02,1", "time in the future"),
    (b"f10,u1,p\xff\xfe1,buy,2024-01-01,1", "wrong encoding"),
    (b"f11,u1,p1,buy", "wrong number of columns"),
    (b"f12,u1,p1,buy,2024-01-01,1,2,3", "wrong number of columns"),
    (b"f13,u1,p1,buy,2024-01-01,much", "unparsable value"),
]
HEADER = b"id,user,item,behavior,time,paid\n"


@pytest.fixture
def faulty(world):
    world.scenario["items"] = {
        "path": str(world.write("items.csv", "id\n" + "".join(f"p{i}\n" for i in range(5)))),
        "item": "id",
    }
    world.scenario["behaviors"] = [{"name": "buy", "target": True}]
    world.source |= {"event_id": "id", "value": "paid"}
    return world


def quarantined(dataset, source="log"):
    with (dataset.folder / "quarantine" / f"{source}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_fault_planted_in_one_file_is_told_by_row_and_reason(faulty):
    text = HEADER + GOOD + b"\n".join(row for row, _ in FAULTS) + b"\n" + b"last,u1,p1,buy,2024-01-01,1\n"
    dataset = faulty.ingest(faulty.write("log.csv", text))
    found = quarantined(dataset)
    assert [(int(row["row"]), row["reason"]) for row in found] == [
        (401 + place, reason) for place, (_, reason) in enumerate(FAULTS)
    ]
    by_id = {row["id"]: row for row in found}
    assert by_id["f5"]["time"] == "yesterday"
    assert by_id["f10"]["item"] == r"p\xff\xfe1"
    assert [row["line"] for row in found if row["reason"] == "wrong number of columns"] == [
        "f11,u1,p1,buy",
        "f12,u1,p1,buy,2024-01-01,1,2,3",
    ]
    source = dataset.report()["sources"]["log"]
    assert source["quarantined"] == dict(Counter(reason for _, reason in FAULTS))
    assert (source["rows"], source["kept"]) == (415, 401)
    assert len(dataset.events()) == 401


def test_rows_are_numbered_as_in_the_file_when_bad_ones_lie_between(faulty):
    lines = GOOD.splitlines(keepends=True)
    lines[10:10] = [b"x,y\n"]
    lines[20:20] = [b"a,b,c\n", b"\n", b"f1,,p1,buy,2024-01-01,1\n"]
    lines[50:50] = [b'f5,u1,"p\n1",buy,2024-01-01,1\n', b"f5,u1,p1,buy,soon,1\n"]
    dataset = faulty.ingest(faulty.write("log.csv.gz", HEADER + b"".join(lines)))
    # An empty line is no row; a quoted line break does not end one.
    assert [(int(row["row"]), row["reason"]) for row in quarantined(dataset)] == [
        (11, "wrong number of columns"),
        (21, "wrong number of columns"),
        (22, "unknown user"),
        (50, "missing item"),
        (51, "unparsable time"),
    ]


def test_without_ids_an_identical_row_is_a_duplicate(world):
    text = "user,item,behavior,time\n" + "".join(f"u,p{i},view,2024-01-01\n" for i in range(40))
    text += "u,p3,view,2024-01-01\nu,p3,buy,2024-01-01\nu,p3,view,2024-01-01\n"
    dataset = world.ingest(world.write("log.csv", text))
    assert [(row["row"], row["reason"]) for row in quarantined(dataset)] == [
        ("41", "duplicate event"),
        ("43", "duplicate event"),
    ]
    assert dataset.events().num_rows == 41


def test_rows_that_an_unclosed_quote_swallows_are_bad_rows_one_by_one(faulty):
    lines = GOOD.splitlines(keepends=True)
    # The first swallows two rows up to a quote that closes, the second one row whose own quote closes it.
    lines[10:10] = [b'f1,u1,"p1,buy,2024-01-01,1\n', b"f2,u1,p1,buy,2024-01-01,1\n", b'f3,u1,p1",buy,x\n']
    lines[30:30] = [
        b'f4,u1,"p1,buy,2024-01-01,1\n',
        b'f5,u1,"p2",buy,2024-01-01,1\n',
        b"f6,,p1,buy,2024-01-01,1\n",
    ]
    lines[50:50] = [b'f7,u1,"p\n""1""",buy,2024-01-01,1\n']
    dataset = faulty.ingest(faulty.write("log.csv", b"\xef\xbb\xbf" + HEADER + b"".join(lines)))
    found = quarantined(dataset)
    assert [(int(row["row"]), row["reason"], row["line"][:2] or row["id"]) for row in found] == [
        (11, "unclosed quote", "f1"),
        (12, "unclosed quote", "f2"),
        (13, "unclosed quote", "f3"),
        (31, "unclosed quote", "f4"),
        (32, "unclosed quote", "f5"),
        (33, "unknown user", "f6"),
        (51, "missing item", "f7"),
    ]
    assert dataset.report()["sources"]["log"]["rows"] == 407
    assert len(dataset.events()) == 400


def test_an_unclosed_quote_that_swallows_too_many_rows_stops_the_run(faulty):
    lines = GOOD.splitlines(keepends=True)
    lines[370] = b'"' + lines[370]
    with pytest.raises(
        InputError, match=r"30 of 400 rows \(7.5 %\) are bad.*most often unclosed quote, first in row 371"
    ):
        faulty.ingest(faulty.write("log.csv", HEADER + b"".join(lines)))


def test_a_merged_session_has_no_duplicates_but_identical_rows(world):
    text = "user,item,behavior,time,basket,paid\n" + "".join(
        f"u,p{i},buy,2024-01-01,b{i},2\n" for i in range(40)
    )
    text += "u,p3,view,2024-01-01,b3,3\nu,p3,buy,2024-01-01,b3,2\nu,p1,view,2024-01-01,b99,3\n"
    dataset = world.ingest(
        world.write("log.csv", text), session="basket", value="paid", once_per_session=True
    )
    assert [(row["row"], row["reason"]) for row in quarantined(dataset)] == [("42", "duplicate event")]
    assert next(r for r in dataset.events().to_pylist() if r["session_id"] == "b3")["value"] == 5.0


def test_json_lines_that_are_no_objects_are_quarantined(world):
    good = "".join(
        f'{{"user": "u{i}", "item": "p", "behavior": "buy", "time": "2024-01-01"}}\n' for i in range(60)
    )
    good += '{"user": "u1", "item": "q", "behavior": "view", "time": "2024-01-01"}\n'
    bad = '{"user": "u1", "item"\n[1, 2]\n'
    dataset = world.ingest(world.write("log.jsonl", (good + bad).encode() + b'{"user": "\xff"}\n'))
    assert [(row["row"], row["reason"]) for row in quarantined(dataset)] == [
        ("62", "not a JSON object"),
        ("63", "not a JSON object"),
        ("64", "wrong encoding"),
    ]
    assert quarantined(dataset)[1]["line"] == "[1, 2]"


def test_parquet_text_that_is_not_utf8_is_quarantined(world):
    import pyarrow as pa

    rows = 60
    users = pa.array([b"u%d" % i for i in range(rows - 1)] + [b"\xff\xff"], pa.binary())
    path = world.write_parquet(
        "log.parquet",
        {
            "user": users.view(pa.string()),
            "item": ["p"] * rows,
            "behavior": ["buy"] * 59 + ["view"],
            "time": ["2024-01-01"] * rows,
        },
    )
    world.scenario["behaviors"] = [{"name": "buy", "target": True}]
    dataset = world.ingest(path)
    assert [(row["row"], row["reason"], row["user"]) for row in quarantined(dataset)] == [
        ("60", "wrong encoding", r"\xff\xff")
    ]
    assert dataset.events().num_rows == 59


def test_bad_items_and_users_are_quarantined_too(world):
    items = (
        "id,made\n"
        + "".join(f"p{i},2024-01-01\n" for i in range(97))
        + "p1,2024-01-01\n,2024-01-01\np98,soon\n"
    )
    world.scenario["items"] = {
        "path": str(world.write("items.csv", items)),
        "item": "id",
        "created_at": "made",
    }
    users = "id,age\n" + "".join(f"u{i},1\n" for i in range(98)) + "u1,2\n,3\n"
    world.scenario["users"] = {"path": str(world.write("users.csv", users)), "user": "id", "groups": ["age"]}
    log = world.write("log.csv", "user,item,behavior,time\nu1,p1,buy,2024-01-01\nu1,p2,view,2024-01-01\n")
    dataset = world.ingest(log)
    assert [(row["row"], row["reason"]) for row in quarantined(dataset, "items")] == [
        ("98", "duplicate item"),
        ("99", "missing item"),
        ("100", "unparsable time"),
    ]
    assert [row["reason"] for row in quarantined(dataset, "users")] == ["duplicate user", "unknown user"]
    assert (len(dataset.items()), len(dataset.users())) == (97, 98)


def test_too_many_bad_rows_stop_the_run_with_one_sentence_and_keep_the_file(faulty, tmp_path):
    good = faulty.ingest(faulty.write("log.csv", HEADER + GOOD))
    fingerprint = good.fingerprint()
    lines = GOOD.splitlines(keepends=True)
    lines[6:6] = [b"g%d,u1,p1,buy,soon,1\n" % i for i in range(30)] + [b"g,,p1,buy,2024-01-01,1\n"]
    with pytest.raises(InputError) as stopped:
        faulty.ingest(faulty.write("log.csv", HEADER + b"".join(lines)))
    kept = tmp_path / "dataset.rejected" / "log.csv"
    assert str(stopped.value) == (
        f"{tmp_path / 'log.csv'}: 31 of 431 rows (7.19 %) are bad, more than quality.most_bad = 5 %; most "
        f"often unparsable time, first in row 7 (time = 'soon'); all are in {kept}: mend them, or allow more"
    )
    assert len(kept.read_text().splitlines()) == 32
    assert good.fingerprint() == fingerprint, "the dataset that was there must stay"
    faulty.ingest(faulty.write("log.csv", HEADER + GOOD))
    assert not kept.exists(), "a good run leaves no stale rejects behind"
    assert not (good.folder / "quarantine").exists(), "nor takes them for its own"


def test_numbers_in_the_place_of_times_are_told_with_their_remedy(world):
    text = "user,item,behavior,time\n" + "".join(f"u{i},p,buy,17044128{i:02}\n" for i in range(20))
    path = world.write("log.csv", text)
    with pytest.raises(InputError, match=r"\(time = '1704412800'; say in time_unit what its numbers count\)"):
        world.ingest(path)


def test_a_file_in_another_encoding_is_told_so(world):
    text = "user,item,behavior,time\n" + "".join(f"用户{i},商品,buy,2024-01-01\n" for i in range(20))
    header, _, body = text.encode("gbk").partition(b"\n")
    with pytest.raises(InputError, match=r"20 of 20 rows .*most often wrong encoding, first in row 1"):
        world.ingest(world.write("log.csv", header + b"\n" + body))


def test_bad_rows_of_a_joined_file_have_a_file_of_their_own(world):
    coupons = world.write(
        "coupons.csv", "coupon,item\n" + "".join(f"c{i},p{i}\n" for i in range(60)) + "c1\n"
    )
    redeemed = world.write("r.csv", "user,coupon\nu,c1\nu,c2\n")
    dataset = world.ingest_sources(
        [
            {"name": "log", "path": str(redeemed), "user": "user", "item": "item", "behavior_is": behavior}
            | {"name": behavior, "join": {"path": str(coupons), "on": ["coupon"]}}
            for behavior in ("view", "buy")
        ]
    )
    assert [(row["row"], row["line"]) for row in quarantined(dataset, "buy.join")] == [("61", "c1")]
    assert dataset.report()["sources"]["buy"]["joined"] == {
        "path": str(coupons),
        "rows": 61,
        "quarantined": {"wrong number of columns": 1},
    }


def test_nested_columns_of_parquet_are_shown_as_text(world):
    rows = 60
    path = world.write_parquet(
        "log.parquet",
        {
            "user": ["u"] * (rows - 1) + [None],
            "item": [f"p{i}" for i in range(rows)],
            "behavior": ["buy", "view"] * 30,
            "time": ["2024-01-01"] * rows,
            "tags": [["a", "b"]] * rows,
            "place": [{"x": 1}] * rows,
            "when": [datetime(2024, 1, 1)] * rows,
        },
    )
    (row,) = quarantined(world.ingest(path))
    assert (row["row"], row["reason"], row["when"][:10]) == ("60", "unknown user", "2024-01-01")
    assert "a" in row["tags"]
    assert "1" in row["place"]
