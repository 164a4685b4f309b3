import json

import numpy as np
import pyarrow.compute as pc
import pytest

from swayrec.operations import reference
from swayrec.operations.monitoring.baseline import Baseline, NoBaselineError, baseline
from swayrec.operations.monitoring.tally import USER_DAYS, tables, tally
from swayrec.operations.monitoring.window import Window, newest
from tests.operations.monitoring import world
from tests.operations.monitoring.conftest import encode


def test_the_grid_begins_on_a_monday_and_gives_the_last_window_that_has_ended():
    week = newest(world.START + 2.5 * world.WEEK, 7)
    assert week == Window(world.START + world.WEEK, world.START + 2 * world.WEEK)
    assert newest(world.START + 2 * world.WEEK, 7) == week
    assert week.told == "2025-01-13 00:00 to 2025-01-20 00:00 UTC"
    assert week.before(1) == [Window(world.START, world.START + world.WEEK)]


def test_the_usual_windows_hold_the_counts_of_the_tables(usual):
    found, data = usual
    events = data.events().to_pandas()
    seconds = events["timestamp"].astype("int64") / 1e6
    last = events[(seconds >= found.windows[-1].start) & (seconds < found.windows[-1].end)]
    counted = found.families["behaviors"].by_window[-1]
    assert (
        dict(zip(("view", "cart", "buy"), counted, strict=True)) == last["behavior"].value_counts().to_dict()
    )
    days = last["user_id"] + last["timestamp"].dt.strftime("%Y-%m-%d")
    assert found.families[USER_DAYS].by_window[-1, 0] == days.nunique()
    share = 1 / last.groupby("user_id")["user_id"].transform("size")
    hours = share.groupby(last["timestamp"].dt.hour).sum().to_dict()
    counted = dict(enumerate(found.families["hours"].by_window[-1]))
    assert {hour: counted[hour] for hour in hours} == pytest.approx(hours)
    buys = last.loc[last["behavior"] == "buy", "value"]
    assert found.families["size buy"].by_window[-1, 0] == pytest.approx(np.log(buys).sum())
    gaps = (last["timestamp"] - events.groupby("user_id")["timestamp"].shift(1).loc[last.index]).dropna()
    gaps_share = share.loc[gaps.index]
    assert found.families["gaps"].by_window[-1].sum() == pytest.approx(gaps_share.sum())
    within_a_minute = gaps_share[gaps.dt.total_seconds() < 60].sum()
    assert found.families["gaps"].by_window[-1, :2].sum() == pytest.approx(within_a_minute)


def test_a_user_who_does_very_much_counts_as_one_of_all(engine, usual, tmp_path):
    columns = world.log(world.LEARNED)
    [busy] = np.flatnonzero((columns["user"] == 7) & (columns["time"] >= usual[0].windows[-1].start))[:1]
    many = {
        name: np.concatenate([values, np.repeat(values[busy], 5_000)]) for name, values in columns.items()
    }
    many["time"][-5_000:] += np.arange(5_000) * 2.0
    many["value"][-5_000:] += np.arange(1, 5_001)
    data = world.dataset(tmp_path / "data", many)
    tables(engine, str(data.folder / "events.parquet"), str(data.folder / "items.parquet"))
    now = tally(engine, usual[0].scales, [usual[0].windows[-1]]).families
    assert now["behaviors"].sums.sum() > 5_000
    last = usual[0].windows[-1]
    users = len(np.unique(columns["user"][(columns["time"] >= last.start) & (columns["time"] < last.end)]))
    assert now["popularity"].sums.sum() == pytest.approx(users)
    assert now["duplicates"].sums[..., 1].sum() == 0


def test_what_is_said_again_within_a_minute_is_a_duplicate_and_later_is_none(engine, usual, tmp_path):
    columns, last = world.log(world.LEARNED), usual[0].windows[-1]
    some = np.flatnonzero((columns["time"] >= last.start) & (columns["time"] < last.end - 100))[::50]
    for seconds, again in ((50, len(some)), (70, 0)):
        copies = {name: values[some] for name, values in columns.items()}
        copies["time"] = copies["time"] + seconds
        both = {name: np.concatenate([columns[name], copies[name]]) for name in columns}
        data = world.dataset(tmp_path / f"{seconds}", both)
        tables(engine, str(data.folder / "events.parquet"), str(data.folder / "items.parquet"))
        now = tally(engine, usual[0].scales, [usual[0].windows[-1]]).families
        assert now["duplicates"].sums[..., 1].sum() == pytest.approx(again, abs=1)


def test_groups_of_users_add_up_to_the_windows(usual):
    found, _ = usual
    for name, family in found.families.items():
        assert family.by_group.sum(0) == pytest.approx(family.by_window.mean(0), abs=1e-6), name


def test_chinese_texts_are_compared_by_their_words(usual):
    found, _ = usual
    assert {"牛奶", "咖啡"} <= set(found.scales.words["zh"])
    assert {"bread", "butter"} <= set(found.scales.words["en"])


def test_a_baseline_comes_back_as_it_was_written(usual, tmp_path):
    found, data = usual
    reference.write(tmp_path, data, b"key")
    found.write(tmp_path)
    read = Baseline.read(tmp_path)
    assert read.windows == found.windows and read.scales == found.scales
    for name, family in found.families.items():
        assert read.families[name].labels == family.labels
        assert read.families[name].by_window == pytest.approx(family.by_window, rel=1e-6)


def as_it_was_before(folder):
    """A reference of the first schema, which knew neither its number nor what is usual."""
    (folder / "reference.json").write_text("{}")
    for name in ("usual.json", "usual.npz", "scales.json"):
        (folder / name).unlink()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda folder: (folder / "reference.json").unlink(), "The champion has no reference"),
        (lambda folder: (folder / "reference.json").write_text(json.dumps({"schema": 9})), "has schema 9"),
        (lambda folder: as_it_was_before(folder), "has schema 1"),
        (lambda folder: (folder / "usual.npz").write_bytes(b"PK"), "is damaged"),
        (lambda folder: (folder / "usual.json").unlink(), "is damaged"),
        (lambda folder: (folder / "reference.json").write_bytes(b"\xff{"), "is damaged"),
    ],
)
def test_a_reference_that_cannot_be_compared_with_is_told_in_a_sentence(usual, tmp_path, spoil, sentence):
    found, data = usual
    reference.write(tmp_path, data, b"key")
    found.write(tmp_path)
    spoil(tmp_path)
    with pytest.raises(NoBaselineError, match=sentence) as raised:
        Baseline.read(tmp_path)
    assert raised.value.sentence.zh


def test_a_log_without_a_whole_window_or_without_a_clock_has_nothing_usual(engine, tmp_path):
    columns = world.log(2)
    columns["time"] = columns["time"] + world.WEEK / 2
    data = world.dataset(tmp_path / "data", columns)
    baseline(engine, world.scenario(), data, encode).write(tmp_path / "reference")
    reference.write(tmp_path / "reference", data, b"key")
    with pytest.raises(NoBaselineError, match="less than two whole windows"):
        Baseline.read(tmp_path / "reference")
    assert pc.max(data.events()["timestamp"]).as_py() is not None
