from datetime import UTC, datetime

from swayrec.tables.ingest_summary import bad_rows, summary


def test_the_summary_says_what_became_of_every_row(world):
    text = "user,item,behavior,time,shop\n" + "".join(f"u{i % 3},p{i},view,2024-01-01,1\n" for i in range(40))
    text += "u1,p1,buy,2024-02-01,1\nu1,p2,buy,2024-03-01,1\nu1,p2,buy,2024-02-01,2\n,p2,buy,2024-02-01,1\n"
    path = world.write("log.csv", text)
    dataset = world.ingest(path, where="shop = 1", until=datetime(2024, 3, 1, tzinfo=UTC))
    assert summary(dataset.report(), dataset.first_bad()) == [
        "41 events of 3 users on 40 items, from 2024-01-01 00:00 to 2024-02-01 00:00 UTC",
        "  view: 40",
        "  buy: 1",
        f"log: 44 rows read from {path}, 41 kept",
        "  left out, fails shop = 1: 1",
        "  ignored, at or after 2024-03-01T00:00:00+00:00: 1",
        "  quarantined, unknown user: 1, first in row 44",
    ]
    assert bad_rows(dataset.report(), dataset.first_bad()) == [
        "log: 1 of 44 rows are bad (unknown user: 1, first in row 44)"
    ]


def test_bad_rows_of_a_joined_file_are_told_too(world):
    coupons = "coupon,item\n" + "".join(f"c{i},p{i}\n" for i in range(60)) + "c1\n"
    source = {"path": str(world.write("r.csv", "user,coupon\nu,c1\nu,c2\n")), "user": "user", "item": "item"}
    join = {"path": str(world.write("coupons.csv", coupons)), "on": ["coupon"]}
    dataset = world.ingest_sources(
        [source | {"name": name, "behavior_is": name, "join": join} for name in ("view", "buy")]
    )
    told = "rows are bad (wrong number of columns: 1, first in row 61)"
    assert bad_rows(dataset.report(), dataset.first_bad()) == [
        f"{name}.join: 1 of 61 {told}" for name in ("view", "buy")
    ]
    assert (
        summary(dataset.report(), dataset.first_bad())[-1]
        == "  quarantined, wrong number of columns: 1, first in row 61"
    )


def test_where_nothing_is_bad_nothing_is_told_of_it(world):
    dataset = world.ingest(
        world.write("log.csv", "user,item,behavior,time\nu,a,buy,2024-01-01\nu,b,view,2024-01-02\n")
    )
    assert dataset.first_bad() == {}
    assert bad_rows(dataset.report(), {}) == []


def test_rows_of_every_source_add_up(world):
    path = world.write(
        "log.csv",
        "user,item,behavior,time,shop\nu,a,buy,2024-01-01,1\nu,b,view,2024-01-01,1\nu,c,view,2024-01-01,2\n",
    )
    source = world.ingest(path, where="shop = 1").report()["sources"]["log"]
    accounted = sum(source["left_out"].values()) + sum(source["quarantined"].values()) + source["ignored"]
    assert source["rows"] == accounted + source["kept"] + source["merged"]
