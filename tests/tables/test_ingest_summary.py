from datetime import UTC, datetime

from swayrec.tables.ingest_summary import summary


def test_the_summary_says_what_became_of_every_row(world):
    text = "user,item,behavior,time,shop\n" + "".join(f"u{i % 3},p{i},view,2024-01-01,1\n" for i in range(40))
    text += "u1,p1,buy,2024-02-01,1\nu1,p2,buy,2024-03-01,1\nu1,p2,buy,2024-02-01,2\n,p2,buy,2024-02-01,1\n"
    path = world.write("log.csv", text)
    dataset = world.ingest(path, where="shop = 1", until=datetime(2024, 3, 1, tzinfo=UTC))
    assert summary(dataset.report()) == [
        "41 events of 3 users on 40 items, from 2024-01-01 00:00 to 2024-02-01 00:00 UTC",
        "  view: 40",
        "  buy: 1",
        f"log: 44 rows read from {path}, 41 kept",
        "  left out, fails shop = 1: 1",
        "  ignored, at or after 2024-03-01T00:00:00+00:00: 1",
        "  quarantined, unknown user: 1",
    ]


def test_rows_of_every_source_add_up(world):
    path = world.write(
        "log.csv",
        "user,item,behavior,time,shop\nu,a,buy,2024-01-01,1\nu,b,view,2024-01-01,1\nu,c,view,2024-01-01,2\n",
    )
    source = world.ingest(path, where="shop = 1").report()["sources"]["log"]
    accounted = sum(source["left_out"].values()) + sum(source["quarantined"].values()) + source["ignored"]
    assert source["rows"] == accounted + source["kept"] + source["merged"]
