from datetime import UTC, datetime

import pytest

from swayrec.tables.errors import InputError
from swayrec.tables.ingest_summary import summary


def rows(dataset, *names):
    return [tuple(row[name] for name in names) for row in dataset.events().to_pylist()]


def test_order_is_the_dense_rank_of_the_instant_over_all_sources(world):
    first = world.write("a.csv", "user,item,behavior,time\nu,p1,view,2024-01-03\nu,p2,view,2024-01-01\n")
    second = world.write(
        "b.csv",
        "user,item,behavior,time\nu,p3,buy,2024-01-02\nu,p4,buy,2024-01-03\nv,p1,buy,2024-01-09\nu,p5,buy,2024-01-04\n",
    )
    found = rows(world.ingest(first, second), "user_id", "item_id", "order", "source")
    assert sorted(found) == [
        ("u", "p1", 3, "log"),
        ("u", "p2", 1, "log"),
        ("u", "p3", 2, "log1"),
        ("u", "p4", 3, "log1"),
        ("u", "p5", 4, "log1"),
        ("v", "p1", 1, "log1"),
    ]


@pytest.mark.parametrize(("ties", "order"), [("together", [1, 1, 2]), ("rows", [1, 2, 3])])
def test_events_of_one_time_are_one_instant_or_follow_their_rows(world, ties, order):
    text = "user,item,behavior,time\nu,p2,buy,2024-01-01\nu,p1,buy,2024-01-01\nu,p3,view,2024-01-02\n"
    dataset = world.ingest(world.write("a.csv", text), ties=ties)
    found = sorted(rows(dataset, "item_id", "order"), key=lambda row: ("p2", "p1", "p3").index(row[0]))
    assert [place for _, place in found] == order


def test_ties_cannot_follow_rows_where_a_column_gives_the_order(world):
    path = world.write("a.csv", "user,item,behavior,time,seq\nu,p1,buy,2024-01-01,1\n")
    with pytest.raises(InputError, match=r"give time and no order"):
        world.ingest(path, order="seq", ties="rows")


def test_a_log_without_time_and_order_has_order_0(world):
    dataset = world.ingest(world.write("a.csv", "user,item,behavior\nu,p1,view\nu,p2,buy\n"), time=None)
    assert rows(dataset, "order", "timestamp") == [(0, None), (0, None)]
    assert dataset.report()["from"] is None


def test_an_order_column_decides_where_it_is_given_also_with_long_ids(world):
    text = "user,item,behavior,seq\nu,p1,view,1234567890123456789\nu,p2,buy,1234567890123456788\nu,p3,buy,5\n"
    dataset = world.ingest(world.write("a.csv", text), time=None, order="seq")
    assert rows(dataset, "item_id", "order") == [("p3", 1), ("p2", 2), ("p1", 3)]


def test_order_in_one_source_and_time_in_another_do_not_compare(world):
    path = world.write(
        "a.csv", "user,item,behavior,time,seq\nu,p1,buy,2024-01-01,1\nu,p2,view,2024-01-02,2\n"
    )
    sources = [{"name": name, "path": str(path), **world.source} for name in ("a", "b")]
    sources[0]["order"] = "seq"
    with pytest.raises(
        InputError, match=r"small\.toml: events\.a is ordered by a column and events\.b by time"
    ):
        world.ingest_sources(sources)


def test_events_of_a_source_without_time_lie_before_all_others(world):
    timed = world.write("a.csv", "user,item,behavior,time\nu,p1,buy,2024-01-01\nu,p1,view,2024-01-05\n")
    untimed = world.write("b.csv", "user,item,behavior\nu,p2,view\n")
    sources = [
        {"name": "a", "path": str(timed), **world.source},
        {"name": "b", "path": str(untimed), **world.source, "time": None},
    ]
    assert rows(world.ingest_sources(sources), "source", "order") == [("b", 0), ("a", 1), ("a", 2)]


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("s", "1704103200.25"),
        ("ms", "1704103200250"),
        ("us", "1704103200250000"),
        ("text", "2024-01-01T10:00:00.25Z"),
    ],
)
def test_times_are_read_by_their_unit(world, unit, value):
    text = f"user,item,behavior,time\nu,p1,buy,{value}\nu,p2,view,{value}\n"
    dataset = world.ingest(world.write("a.csv", text), time_unit=unit)
    assert rows(dataset, "timestamp")[0] == (datetime(2024, 1, 1, 10, 0, 0, 250_000, tzinfo=UTC),)


def test_integer_epochs_in_parquet_are_exact(world):
    path = world.write_parquet(
        "a.parquet",
        {"user": ["u", "u"], "item": ["a", "b"], "behavior": ["buy", "view"], "time": [1704103200250001, -1]},
    )
    found = rows(world.ingest(path, time_unit="us"), "timestamp")
    assert found == [
        (datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),),
        (datetime(2024, 1, 1, 10, 0, 0, 250_001, tzinfo=UTC),),
    ]


def test_a_zone_is_that_of_times_that_name_none(world):
    text = (
        "user,item,behavior,time\nu,p1,buy,2024-01-01 18:00:00\nu,p2,view,2024-01-01T10:00:00Z\n"
        "u,p3,view,2024-01-02\nu,p4,view,2024-01-01 05:00:00-0500\n"
    )
    dataset = world.ingest(world.write("a.csv", text), time_zone="Asia/Shanghai")
    ten = datetime(2024, 1, 1, 10, tzinfo=UTC)
    found = dict(rows(dataset, "item_id", "timestamp"))
    assert found == {"p1": ten, "p2": ten, "p3": datetime(2024, 1, 1, 16, tzinfo=UTC), "p4": ten}


def test_naive_parquet_timestamps_are_in_the_zone_too(world):
    local = datetime(2024, 1, 1, 18)
    path = world.write_parquet(
        "a.parquet",
        {"user": ["u", "u"], "item": ["a", "b"], "behavior": ["buy", "view"], "time": [local, local]},
    )
    found = rows(world.ingest(path, time_zone="Asia/Shanghai"), "timestamp")
    assert found[0] == (datetime(2024, 1, 1, 10, tzinfo=UTC),)


def test_the_first_rule_that_holds_names_the_behavior_in_every_format(world):
    values = [("u1", "0.5", "0"), ("u2", "0", "1"), ("u3", "0", "0"), ("u4", "", "0")]
    rules = {"behavior": None, "time": None}
    rules["behavior_rules"] = [
        {"behavior": "buy", "when": "coupon > 0 or price = 1"},
        {"behavior": "view", "when": "coupon IS NOT NULL"},
        {"behavior": "buy"},
    ]
    text = "user,item,Coupon,price\n" + "".join(
        f"{user},p,{coupon},{price}\n" for user, coupon, price in values
    )
    expected = [("u1", "buy"), ("u2", "buy"), ("u3", "view"), ("u4", "buy")]
    assert rows(world.ingest(world.write("a.csv", text), **rules), "user_id", "behavior") == expected
    path = world.write_parquet(
        "a.parquet",
        {
            "user": [user for user, _, _ in values],
            "item": ["p"] * 4,
            "coupon": [float(coupon) if coupon else None for _, coupon, _ in values],
            "price": [int(price) for _, _, price in values],
        },
    )
    assert rows(world.ingest(path, **rules), "user_id", "behavior") == expected


def test_rows_that_fail_where_are_counted_and_left_out(world):
    text = (
        "user,item,behavior,time,country\nu,p1,buy,2024-01-01,UK\n,p2,buy,never,FR\nu,p3,view,2024-01-01,UK\n"
    )
    dataset = world.ingest(world.write("a.csv", text), where="country = 'UK'")
    source = dataset.report()["sources"]["log"]
    assert rows(dataset, "item_id") in ([("p1",), ("p3",)], [("p3",), ("p1",)])
    assert source["left_out"] == {"fails country = 'UK'": 1}
    assert source["quarantined"] == {}


def test_a_source_that_is_left_out_is_only_counted(world):
    path = world.write("a.csv", "user,item,behavior,time\nu,p1,buy,2024-01-01\nu,p2,view,2024-01-02\n")
    other = {"name": "mail", "path": str(path), "user": "none", "item": "none", "left_out": "it says little"}
    dataset = world.ingest_sources([{"name": "a", "path": str(path), **world.source}, other])
    assert dataset.report()["sources"]["mail"]["left_out"] == {"it says little": 2}
    assert len(dataset.events()) == 2


def test_a_session_gives_one_event_an_item_of_the_rule_that_stands_first(world):
    text = (
        "user,item,basket,paid,coupon,time\n"
        "u,p1,b1,2,0,2024-01-01T10:00:00\nu,p1,b1,3,1,2024-01-01T10:05:00\nu,p1,b2,4,0,2024-01-02\n"
        "u,p2,b1,5,0,2024-01-01T10:00:00\nu,p1,,6,0,2024-01-03\nu,p1,,7,0,2024-01-03\n"
    )
    dataset = world.ingest(
        world.write("a.csv", text),
        behavior=None,
        behavior_rules=[{"behavior": "buy", "when": "coupon > 0"}, {"behavior": "view"}],
        session="basket",
        value="paid",
        once_per_session=True,
    )
    assert sorted(rows(dataset, "item_id", "session_id", "behavior", "value"), key=str) == [
        ("p1", "b1", "buy", 5.0),
        ("p1", "b2", "view", 4.0),
        ("p1", None, "view", 6.0),
        ("p1", None, "view", 7.0),
        ("p2", "b1", "view", 5.0),
    ]
    merged = next(row for row in dataset.events().to_pylist() if row["behavior"] == "buy")
    assert merged["timestamp"] == datetime(2024, 1, 1, 10, 5, tzinfo=UTC)
    assert dataset.report()["sources"]["log"]["merged"] == 1
    assert len(set(dataset.events()["event_id"].to_pylist())) == 5


def test_without_rules_a_session_takes_the_behavior_with_the_largest_hand_weight(world):
    text = (
        "user,item,behavior,time,basket\nu,p,buy,2024-01-01,b\nu,p,view,2024-01-01,b\nu,q,view,2024-01-01,b\n"
    )
    dataset = world.ingest(world.write("a.csv", text), session="basket", once_per_session=True)
    assert sorted(rows(dataset, "item_id", "behavior")) == [("p", "buy"), ("q", "view")]


def test_a_join_gives_one_event_an_item_and_leaves_out_keys_with_too_many(world):
    world.scenario["items"] = {"path": str(world.write("items.csv", "id\np1\np2\np3\n")), "item": "id"}
    coupons = world.write(
        "coupons.csv", "coupon,item\nc1,p1\nc1,p2\nc1,p2\nc1,gone\nc2,p1\nc2,p2\nc2,p3\nc2,p4\nc3,gone\n"
    )
    redemptions = world.write_parquet("r.parquet", {"user": [1, 2, 3], "coupon": ["c1", "c2", "c3"]})
    log = world.write("log.csv", "user,item,behavior,time\n1,p3,buy,2024-01-01\n")
    world.scenario["quality"] = {"most_bad": 0.5}
    dataset = world.ingest_sources(
        [
            {"name": "log", "path": str(log), **world.source, "time": None},
            {
                "name": "redeemed",
                "path": str(redemptions),
                "user": "user",
                "item": "item",
                "behavior_is": "view",
                "join": {"path": str(coupons), "on": ["coupon"], "maximum": 4},
            },
        ]
    )
    found = [row for row in rows(dataset, "source", "user_id", "item_id") if row[0] == "redeemed"]
    assert sorted(found) == [("redeemed", "1", "p1"), ("redeemed", "1", "p2")]
    source = dataset.report()["sources"]["redeemed"]
    assert source["left_out"] == {"coupon concerns 4 items or more": 1}
    assert source["quarantined"] == {"missing item": 1}
    assert len(set(dataset.events()["event_id"].to_pylist())) == 3


def test_until_ignores_every_event_at_or_after_the_instant(world):
    text = (
        "user,item,behavior,time\nu,p1,buy,2024-01-01\nu,p2,view,2024-01-02T00:00:00Z\n"
        "u,p3,view,2024-01-01T23:59:59.999999Z\n,p4,view,2024-01-05\nu,p5,view,2030-01-05\n"
    )
    dataset = world.ingest(world.write("a.csv", text), until=datetime(2024, 1, 2))
    assert rows(dataset, "item_id") == [("p1",), ("p3",)]
    source = dataset.report()["sources"]["log"]
    assert (source["ignored"], source["quarantined"], source["kept"]) == (3, {}, 2)


def test_since_ignores_every_event_before_the_instant(world):
    text = (
        "user,item,behavior,time\nu,p1,buy,2024-01-01\nu,p2,view,2024-01-02T00:00:00Z\n"
        "u,p4,buy,2024-01-02T01:00:00Z\nu,p3,buy,2024-01-03\n"
    )
    window = {"since": datetime(2024, 1, 2), "until": datetime(2024, 1, 3)}
    dataset = world.ingest(world.write("a.csv", text), **window)
    assert rows(dataset, "item_id") == [("p2",), ("p4",)]
    report = dataset.report()
    assert report["since"] == "2024-01-02T00:00:00+00:00" and report["sources"]["log"]["ignored"] == 2
    told = "ignored, before 2024-01-02T00:00:00+00:00 or at or after 2024-01-03T00:00:00+00:00: 2"
    assert any(told in line for line in summary(report, {}))


def test_since_needs_a_clock(world):
    path = world.write("a.csv", "user,item,behavior\nu,p1,buy\n")
    with pytest.raises(InputError, match=r"events\.log has no time column.*`since`"):
        world.ingest(path, time=None, since=datetime(2024, 1, 2, tzinfo=UTC))


def test_until_needs_a_clock(world):
    path = world.write("a.csv", "user,item,behavior\nu,p1,buy\n")
    with pytest.raises(InputError, match=r"events\.log has no time column.*--until"):
        world.ingest(path, time=None, until=datetime(2024, 1, 2, tzinfo=UTC))


def test_given_event_ids_are_kept(world):
    text = (
        "id,user,item,behavior,time\n12,u,p1,buy,2024-01-01\n13,u,p1,view,2024-01-01\n,u,p2,view,2024-01-02\n"
    )
    ids = world.ingest(world.write("a.csv", text), event_id="id").events()["event_id"].to_pylist()
    assert ids[:2] == ["12", "13"]
    assert len(ids[2]) == 20


def mailings(world, campaigns, **more):
    mailed = world.write_parquet("mailed.parquet", {"user": [1, 2, 2, 3], "campaign": [7, 7, 8, 9]})
    goods = world.write("goods.csv", "campaign,item\n7,p1\n7,p2\n8,p3\n9,p1\n")
    log = world.write("log.csv", "user,item,behavior,time\n1,p3,buy,2024-01-01\n")
    world.scenario["quality"] = {"most_bad": 0.5}
    return world.ingest_sources(
        [
            {"name": "log", "path": str(log), **world.source},
            {
                "name": "mailed",
                "path": str(mailed),
                "user": "user",
                "item": "item",
                "time": "starts",
                "behavior_is": "view",
                "beside": {"path": str(world.write("campaigns.csv", campaigns)), "on": ["campaign"]},
                "join": {"path": str(goods), "on": ["campaign"]},
                **more,
            },
        ]
    )


def test_columns_of_a_file_beside_give_a_row_its_time_and_its_condition(world):
    kinds = "campaign,kind,starts\n7,B,2024-01-05\n8,A,2024-01-06\n"
    dataset = mailings(world, kinds, where="kind is null or kind <> 'A'")
    found = [row for row in rows(dataset, "source", "user_id", "item_id", "timestamp") if row[0] == "mailed"]
    start = datetime(2024, 1, 5, tzinfo=UTC)
    assert sorted(found) == [("mailed", user, item, start) for user in ("1", "2") for item in ("p1", "p2")]
    source = dataset.report()["sources"]["mailed"]
    assert source["left_out"] == {"fails kind is null or kind <> 'A'": 1}
    assert source["quarantined"] == {"unparsable time": 1}, "a campaign that the file does not know"
    assert source["beside"]["rows"] == 2
    assert any(line.startswith("  beside it ") for line in summary(dataset.report(), dataset.first_bad()))


def test_two_rows_that_could_stand_beside_one_are_refused(world):
    with pytest.raises(InputError, match=r"has 2 rows where campaign is 7; keep one"):
        mailings(world, "campaign,starts\n7,2024-01-05\n7,2024-01-06\n8,2024-01-06\n")


def test_a_column_that_stands_in_both_files_is_refused(world):
    with pytest.raises(
        InputError, match=r"mailed\.beside: the column User stands in .*mailed\.parquet and in"
    ):
        mailings(world, "campaign,starts,User\n7,2024-01-05,1\n")
