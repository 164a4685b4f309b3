"""Lists joined to what came of them, on an example that can be done by hand."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from swayrec.operations.exposures import Exposure, ExposureFiles, read
from swayrec.operations.monitoring.checks import outcome, serving
from swayrec.operations.monitoring.judged_lists import judged_lists
from swayrec.operations.monitoring.outcomes import OUTCOMES, clock_counts, joined, outcome_counts
from swayrec.operations.monitoring.shown import prepared, served, shown_counts
from swayrec.operations.monitoring.tally import tables
from swayrec.tables import dataset, schema

DAY = 86400.0
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
NOW = MONDAY.timestamp()


def event(user, item, hours, behavior="buy", request=None):
    when = MONDAY + timedelta(hours=hours)
    told = {"user_id": user, "item_id": item, "behavior": behavior, "timestamp": when, "request_id": request}
    return {**told, "event_id": f"{user}{item}{hours}{behavior}", "order": 0, "source": "log"}


def exposure(request, user, items, level="full", version=None, variant=None):
    return Exposure(request, user, items, [1.0] * len(items), version, level, (), variant)


@pytest.fixture
def shown(engine, tmp_path):
    """What was shown, hours after Monday, and what people did before and after."""
    events = [
        *(event(f"x{n}", "hit", -30) for n in range(5)),
        *(event(f"x{n}", "second", -30) for n in range(3)),
        event("anna", "hit", -40),
        event("anna", "b", 3, request="r1"),
        event("anna", "late", 27),
        event("bert", "hit", 5),
        event("bert", "a", 6, "view"),
        event("carl", "c", 2),
        event("dora", "b", 1, "view", request="r3"),
        event("somebody", "a", 2, request="r4"),
    ]
    rows = pa.Table.from_pylist([dict.fromkeys(schema.EVENTS.names) | each for each in events], schema.EVENTS)
    shelf = [
        dict.fromkeys(schema.ITEMS.names) | {"item_id": item, "category": "dairy"} for item in ("a", "b", "c")
    ]
    data = dataset.write(
        tmp_path, rows, pa.Table.from_pylist(shelf, schema.ITEMS), pa.table({"user_id": ["anna"]}), {}
    )
    files = ExposureFiles(tmp_path / "shown", b"key")
    made = int(NOW - 3 * DAY)
    for hours, one in (
        (2, exposure("r1", "anna", ["a", "b"], version=made)),
        (2, exposure("r2", "bert", ["a", "c"], level="popular")),
        (2, exposure("r3", "dora", ["a", "b"], version=made)),
        (1, exposure("r4", None, ["a"], level="session")),
        (2, exposure("r5", "anna", ["hit"], variant="try/challenger")),
    ):
        files.append([one], NOW + hours * 3600)
    files.close()
    tables(engine, str(data.folder / "events.parquet"), str(data.folder / "items.parquet"))
    assert prepared(engine, read(tmp_path / "shown")) == 4, "the challenger's list is another model's"
    joined(engine, NOW, NOW + DAY, DAY, ["buy"], b"key")
    return engine


def test_each_list_is_judged_by_what_its_user_took_within_a_day(shown):
    counts = outcome_counts(shown, NOW, NOW + DAY, DAY, ["buy"], [])
    told = dict(zip(OUTCOMES, counts.sums.sum((0, 1)), strict=True))
    # r1: anna took b, the second place; late came too late. r2: bert took hit, which was not shown. r3: only a
    # view. r4: nobody's list; what names it was taken.
    assert (told["lists"], told["answered"], told["taken"]) == (4, 3, 2)
    assert told["ndcg"] == pytest.approx(1 / math.log2(3) + 0 + 1)
    assert told["mrr"] == pytest.approx(1 / 2 + 1)
    # Popular before Monday: hit (6), then second (3); only bert took one of them.
    assert told["popular ndcg"] == pytest.approx(1)


def test_what_a_user_has_had_is_not_held_for_popular_where_the_scenario_leaves_it_out(engine, shown):
    sums = outcome_counts(shown, NOW, NOW + DAY, DAY, ["buy"], ["buy"]).sums.sum((0, 1))
    assert sums[OUTCOMES.index("popular ndcg")] == pytest.approx(1)
    popular = shown.raw_sql("SELECT item_id FROM popular ORDER BY n DESC").fetchall()
    assert [item for (item,) in popular] == ["hit", "second"]


def test_only_what_was_shown_in_time_is_judged(shown):
    sums = outcome_counts(shown, NOW, NOW + 1.5 * 3600, DAY, ["buy"], []).sums.sum((0, 1))
    assert sums[OUTCOMES.index("lists")] == 1


def test_an_event_that_came_before_the_list_that_it_names_speaks_of_a_clock(shown):
    clock = serving.clock({"clock": clock_counts(shown)}, {})
    assert clock.parts[0].seen == pytest.approx(1 / 3)
    assert clock.sample == {"events": 3}


def test_levels_ages_and_categories_of_what_was_shown(shown):
    found = shown_counts(shown, NOW, ("dairy", "*", ""), (0.5, 2.0))
    [level] = serving.levels(found, {}).parts
    assert level.seen == pytest.approx(1 / 4)
    [age] = serving.freshness(found, {}).parts
    assert age.seen == pytest.approx(3 + 2 / 24)
    assert found["shown"].sums.sum((0, 1)).tolist() == [7, 0, 0]
    assert found["scores"].sums.sum((0, 1)).tolist() == [0, 7, 0]
    told = served(found)
    assert (told["full"], told["popular"], told["session"]) == (2 / 4, 1 / 4, 1 / 4)
    assert told["age_days"] == pytest.approx(3 + 2 / 24)
    assert served({}) is None


def test_popularity_that_is_better_is_a_rise(shown):
    found = {"outcomes": outcome_counts(shown, NOW, NOW + DAY, DAY, ["buy"], [])}
    [part] = outcome.over_popular(found, {}).parts
    assert part.seen == pytest.approx((1 - (1 / math.log2(3) + 1)) / 3)
    assert outcome.told(found)["taken_share"].mean == pytest.approx(2 / 4)
    assert np.isfinite(part.error)


def test_judged_lists_know_their_people_and_what_everybody_took_shown_or_not(shown, tmp_path):
    people = {"user_id": ["anna", "bert", "dora"], "a region": ["north", None, "south"]}
    pq.write_table(pa.table(people), tmp_path / "people.parquet")
    outcome_counts(shown, NOW, NOW + DAY, DAY, ["buy"], [])
    lists = judged_lists(shown, NOW, str(tmp_path / "people.parquet"), ("a region",))
    items = [item for (item,) in shown.raw_sql("SELECT item_id FROM numbered ORDER BY item").fetchall()]
    assert items == ["a", "b", "c", "hit", "late"]
    assert sorted(row[row >= 0].tolist() for row in lists.ranked) == [[0], [0, 1], [0, 1], [0, 2]]
    # What nobody was shown is merit as well: c by carl, hit by bert; late came after anna's day, not after the span.
    taken = np.bincount(lists.wanted.item, lists.wanted.weight, lists.items)
    assert dict(zip(items, taken, strict=True)) == {"a": 1, "b": 1, "c": 1, "hit": 1, "late": 1}
    assert dict(zip(items, lists.known, strict=True))["hit"] == 6 and lists.among == 6
    region = lists.people["a region"]
    by_person = [("?" if place < 0 else region.names[place]) for place in region.member[lists.person]]
    assert sorted(by_person) == ["?", "?", "north", "south"], "bert has no region, and r4 is nobody's"
    of_north = lists.ndcg[np.array(by_person) == "north"]
    assert of_north.tolist() == [pytest.approx(1 / math.log2(3))]
    assert lists.category.names == ("dairy",) and lists.category.unknown == 2
