"""Windows looked at whole, in a series: what was shown, faults in it, and what cannot be judged."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from swayrec.operations import exposures, reference
from swayrec.operations.monitoring.newest_end import log_end
from swayrec.operations.monitoring.series import Series
from swayrec.operations.monitoring.tally import tables
from swayrec.operations.monitoring.watching import Watch, watched
from swayrec.operations.monitoring.window import Window
from swayrec.operations.pseudonym import pseudonyms
from tests.operations.monitoring import world
from tests.operations.monitoring.conftest import encode

WEEKS, LEARNED = world.LEARNED + 7, world.LEARNED
MADE = datetime(2026, 1, 1, tzinfo=UTC)


def week(number):
    return Window(world.START + number * world.WEEK, world.START + (number + 1) * world.WEEK)


def show(
    folder, columns, since, until, hidden=(), level="full", hit=lambda user: 0.5, side=lambda user: None
):
    """A list for every user an hour before each third event: what the user takes is among popular items.

    ``hit`` is how often a user's list has it for sure, ``side`` the user's in an experiment.
    """
    random = np.random.default_rng(3)
    within = np.flatnonzero((columns["time"] >= since) & (columns["time"] < until))[::3]
    shelf = [item for item in range(30) if item % 5 not in hidden]
    names = pseudonyms([f"u{columns['user'][event]}" for event in within], b"key")
    lines: dict[float, list[str]] = {}
    for event, name in zip(within, names, strict=True):
        items = random.choice(shelf, min(9, len(shelf)), replace=False).tolist()
        if random.random() < hit(columns["user"][event]) and columns["item"][event] not in items:
            items.insert(int(random.integers(5)), int(columns["item"][event]))
        at = float(columns["time"][event]) - 3600
        told = {
            "at": at,
            "request_id": f"r{event}",
            "user": name,
            "items": [f"i{item}" for item in items],
            "scores": [1.0 / (place + 1) for place in range(len(items))],
            "model_version": int(at) - 86400,
            "level": level,
            "policy": [],
            "variant": side(columns["user"][event]),
        }
        lines.setdefault(at // exposures.HOUR, []).append(exposures.line(told))
    folder.mkdir(parents=True, exist_ok=True)
    for hour, some in lines.items():
        (folder / exposures.file_name(hour)).write_text("".join(some), encoding="utf-8")


@pytest.fixture(scope="module")
def shop(usual, tmp_path_factory):
    """A reference, seven more weeks of events, and lists shown in these; the last has faults."""
    folder = tmp_path_factory.mktemp("watching")
    columns = world.log(WEEKS)
    data = world.dataset(folder / "data", columns)
    reference.write(folder / "reference", usual[1], b"key")
    usual[0].write(folder / "reference")
    last = week(WEEKS - 1).start
    show(folder / "shown", columns, week(LEARNED).start, last)
    show(folder / "shown", columns, last, last + world.WEEK, hidden=(0,), level="popular")
    return Watch(
        world.scenario(), data, 1, folder / "reference", folder / "shown", b"key", encode, edges=(0.2, 0.5)
    )


@pytest.fixture(scope="module")
def verdicts(shop, tmp_path_factory):
    """The series of the seven weeks."""
    from swayrec.tables.engine import connect

    folder = tmp_path_factory.mktemp("series")
    engine, told = connect(folder), []
    for number in range(LEARNED, WEEKS):
        series = Series.read(folder / "verdicts")
        told.append(watched(engine, shop, week(number), series, MADE))
        series.write(told[-1])
    engine.disconnect()
    return told, folder / "verdicts"


def row(verdict, check):
    return next(each for each in verdict["checks"] if each["check"] == check)


def test_weeks_without_a_fault_pass(verdicts):
    assert [verdict["verdict"] for verdict in verdicts[0][:-1]] == ["pass"] * 6


def test_what_is_shown_is_judged_once_the_champion_has_shown_some_weeks(verdicts):
    judged = [row(verdict, "quality")["judged"] for verdict in verdicts[0]]
    assert judged == [False] * 4 + [True] * 3
    assert "0 of 4 windows say what is usual" in verdicts[0][0]["notes"][-1]["en"]
    online = verdicts[0][0]["online"]
    assert 0 < online["ndcg"] < 1 and online["hit_rate"] >= online["mrr"] > online["ndcg"] / 2


def test_each_list_is_judged_in_just_one_window_and_those_of_the_last_day_in_the_next(verdicts, shop):
    counts = [verdict["counts"] for verdict in verdicts[0]]
    shown = len(exposures.read(shop.shown).group_by("request_id").aggregate([]))
    assert sum(each["judged_lists"] for each in counts) + counts[-1]["lists_not_mature"] == shown
    assert counts[0]["lists_not_mature"] > 0
    assert any("not known yet" in note["en"] for note in verdicts[0][0]["notes"])


def test_a_category_that_is_hidden_and_answers_without_the_model_are_found(verdicts):
    last = verdicts[0][-1]
    assert last["verdict"] == "warn"
    assert row(last, "shown")["alarm"] and row(last, "levels")["alarm"]
    hidden = row(last, "hidden")
    assert (hidden["part"], hidden["moved"][0][2]) == ("c0", pytest.approx(0, abs=0.05))
    assert hidden["p"] < 0.01
    assert ["c0", pytest.approx(0.2, abs=0.05), pytest.approx(0.0, abs=0.05)] in row(last, "shown")["moved"]
    reasons = " ".join(reason["en"] + reason["zh"] for reason in last["reasons"])
    assert "Answers without the model: +1 [+1, +1], more than the 0.02 that matters" in reasons
    assert "未经模型的回答：变化 +1" in reasons


def test_the_same_window_looked_at_again_gives_the_same_verdict(engine, verdicts, shop):
    told, folder = verdicts
    again = watched(engine, shop, week(WEEKS - 2), Series.read(folder), MADE)
    assert again["state"]["checks"].keys() == told[-2]["state"]["checks"].keys()
    for check, state in again["state"]["checks"].items():
        assert state["evidence"] == pytest.approx(told[-2]["state"]["checks"][check]["evidence"], rel=1e-6)
    assert (again["verdict"], again["counts"], again["notes"]) == tuple(
        told[-2][name] for name in ("verdict", "counts", "notes")
    )


def test_a_verdict_file_that_is_damaged_is_told_of_and_breaks_nothing(engine, verdicts, shop, tmp_path):
    for path in verdicts[1].iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    paths = sorted(tmp_path.glob("*.json"))
    paths[2].write_text("{", encoding="utf-8")
    paths[3].write_text(json.dumps({"schema": 1}), encoding="utf-8")
    again = watched(engine, shop, week(WEEKS - 1), Series.read(tmp_path), MADE)
    assert [
        f"{path.name} is damaged" in again["notes"][place]["en"] for place, path in enumerate(paths[2:4])
    ] == [True] * 2
    assert row(again, "levels")["alarm"]


def test_a_window_without_traffic_is_told_of_and_keeps_where_all_stands(engine, verdicts, shop):
    series = Series.read(verdicts[1])
    empty = watched(engine, shop, week(WEEKS + 1), series, MADE)
    assert "There was no traffic" in empty["notes"][0]["en"]
    assert not any(each["judged"] for each in empty["checks"])
    assert empty["state"] == verdicts[0][-1]["state"]


def test_a_champion_without_a_reference_is_told_of_and_what_it_shows_is_judged(
    engine, verdicts, shop, tmp_path
):
    bare = Watch(shop.scenario, shop.dataset, 1, tmp_path / "none", shop.shown, b"key", edges=shop.edges)
    told = watched(engine, bare, week(WEEKS - 1), Series.read(tmp_path / "series"), MADE)
    assert told["notes"][0]["en"].startswith("The champion has no reference")
    assert not row(told, "behaviors")["judged"] and row(told, "levels")["alarm"]


def test_a_behavior_that_nobody_shows_is_told_of(engine, usual, shop, tmp_path):
    columns = world.log(LEARNED + 1)
    kept = ~((columns["time"] >= week(LEARNED).start) & (columns["behavior"] == 1))
    data = world.dataset(tmp_path / "data", {name: values[kept] for name, values in columns.items()})
    watch = Watch(shop.scenario, data, 1, shop.reference, tmp_path / "shown", b"key")
    told = watched(engine, watch, week(LEARNED), Series.read(tmp_path), MADE)
    notes = [note["en"] for note in told["notes"]]
    assert "No event of behavior cart came in this window." in notes
    assert row(told, "values")["judged"] and not row(told, "values")["alarm"]


def test_a_clock_that_jumps_does_not_move_the_end_of_the_log(engine, tmp_path):
    columns = world.log(4)
    honest = columns["time"].max()
    jumped = np.argsort(columns["time"])[::700][-3:]
    columns["time"][jumped] += 300 * 86400
    data = world.dataset(tmp_path / "data", columns)
    tables(engine, str(data.folder / "events.parquet"), str(data.folder / "items.parquet"))
    end = log_end(engine, 7)
    assert end.until == pytest.approx(honest, abs=86400)
    assert "3 events lie far after all others" in end.told[0].en
    pause = world.log(4)
    pause["time"] = np.where(pause["time"] > week(2).start, pause["time"] + 300 * 86400, pause["time"])
    data = world.dataset(tmp_path / "pause", pause)
    tables(engine, str(data.folder / "events.parquet"), str(data.folder / "items.parquet"))
    assert log_end(engine, 7).told == ()


def beside(user):
    return f"exp/{'challenger' if user % 2 else 'champion'}"


def test_a_challenger_that_does_worse_is_found_and_its_end_is_asked_for(engine, shop, tmp_path):
    columns, now = world.log(LEARNED + 1), week(LEARNED)
    show(tmp_path, columns, now.start, now.end, hit=lambda user: 0.1 if user % 2 else 0.9, side=beside)
    watch = replace(shop, shown=tmp_path, canary="exp")
    told = watched(engine, watch, now, Series.read(tmp_path / "series"), MADE)
    canary = row(told, "canary")
    assert canary["alarm"] and canary["change"] > 0.3
    assert canary["sample"]["champion lists"] > 100 < canary["sample"]["challenger lists"]
    assert (told["verdict"], told["actions"]) == ("stop the canary", ["stop_canary"])
    assert told["state"]["canary"] == "exp"
    again = watched(engine, replace(watch, canary=""), now, Series.read(tmp_path / "series"), MADE)
    assert not row(again, "canary")["judged"] and again["verdict"] == "pass"


def test_a_challenger_that_does_as_well_may_stay(engine, shop, tmp_path):
    columns, now = world.log(LEARNED + 1), week(LEARNED)
    show(tmp_path, columns, now.start, now.end, side=beside)
    watch = replace(shop, shown=tmp_path, canary="exp")
    told = watched(engine, watch, now, Series.read(tmp_path / "series"), MADE)
    assert row(told, "canary")["judged"] and not row(told, "canary")["alarm"]
    assert told["verdict"] == "pass"


def test_what_a_new_champion_shows_is_compared_with_the_one_before(engine, verdicts, shop, tmp_path):
    for path in sorted(verdicts[1].glob("*.json"))[:-1]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    columns, now = world.log(WEEKS), week(WEEKS - 1)
    show(tmp_path / "worse", columns, now.start, now.end, hit=lambda user: 0.0)
    show(tmp_path / "alike", columns, now.start, now.end)
    found = {}
    for name in ("worse", "alike"):
        watch = replace(shop, champion=2, shown=tmp_path / name)
        found[name] = watched(engine, watch, now, Series.read(tmp_path), MADE)
    worse, alike = (row(found[name], "handover") for name in ("worse", "alike"))
    assert worse["evidence"] > 10 and worse["interval"][0] > 0.3
    assert worse["reference"] == "the champion before"
    assert not row(found["worse"], "quality")["judged"], "the champion is too young"
    assert alike["evidence"] < 1
    assert not row(verdicts[0][-1], "handover")["judged"], "there was no champion before"


def test_the_first_window_of_a_fall_does_not_hide_the_next(engine, verdicts, shop, tmp_path):
    for path in sorted(verdicts[1].glob("*.json"))[:5]:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    columns = world.log(WEEKS)
    since, until = week(WEEKS - 2).start, week(WEEKS - 1).end
    show(tmp_path / "shown", columns, since, until, hidden=(0, 1, 2, 3), hit=lambda user: 0.0)
    watch = replace(shop, shown=tmp_path / "shown")
    rows = []
    for number in (WEEKS - 2, WEEKS - 1):
        series = Series.read(tmp_path)
        told = watched(engine, watch, week(number), series, MADE)
        series.write(told)
        rows.append(row(told, "response"))
    assert not rows[0]["alarm"] and rows[0]["p"] < 0.01
    assert rows[1]["evidence"] > 10 * rows[0]["evidence"] > 100
