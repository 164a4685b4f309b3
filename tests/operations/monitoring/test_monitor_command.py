"""`swayrec monitor` on a workspace with a real model."""

import json
import re
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from evidently.ui.workspace import Workspace as EvidentlyWorkspace

from swayrec import cli
from swayrec.operations.current import Current
from swayrec.operations.lock import locked
from swayrec.operations.monitoring.retraining import records
from tests.operations.monitoring import world
from tests.operations.monitoring.faults import popularity_turned
from tests.operations.monitoring.shop import raw, trained

WEEKS = world.LEARNED + 3
FIRST = "2025-03-31"


def run(workspace, *options):
    return CliRunner().invoke(cli.main, ["monitor", "--workspace", str(workspace.root), *options])


def ended(columns):
    """The log with an event a moment after its last week, so that the week has ended."""
    time = columns["time"].copy()
    time[np.argmax(time)] = world.START + WEEKS * world.WEEK + 60
    return {**columns, "time": time}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A training on twelve weeks; the files go on for three."""
    root = tmp_path_factory.mktemp("shop")
    columns = ended(world.log(WEEKS))
    return trained(root, columns), columns


@pytest.fixture(scope="module")
def monitored(shop):
    done = run(shop[0], "--since", FIRST, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def evidently_runs(workspace):
    place = EvidentlyWorkspace(str(workspace.evidently))
    [project] = place.list_projects()
    assert project.name == "shop"
    return [place.get_run(project.id, run) for run in place.list_runs(project.id)]


def test_every_window_has_a_verdict_that_is_kept(shop, monitored):
    verdicts = monitored["verdicts"]
    assert [verdict["window"]["since"][:10] for verdict in verdicts] == [FIRST, "2025-04-07", "2025-04-14"]
    assert [verdict["verdict"] for verdict in verdicts] == ["pass"] * 3
    kept = sorted((shop[0].monitoring / "shop").glob("*.json"))
    assert [json.loads(path.read_text())["window"] for path in kept] == [each["window"] for each in verdicts]


def test_the_model_is_asked_too(monitored):
    judged = {row["check"] for row in monitored["verdicts"][-1]["checks"] if row["judged"]}
    assert {"influence", "intent", "behaviors", "units"} <= judged
    assert set(monitored["verdicts"][-1]["influence"]) == {"view", "cart", "buy"}


def test_a_run_costs_evidently_little_and_one_on_the_same_window_takes_its_place(shop, monitored):
    count = len(monitored["verdicts"])
    assert len(evidently_runs(shop[0])) == count
    done = run(shop[0])
    assert done.exit_code == 0 and "pass: the model may stay" in done.stdout
    assert len(evidently_runs(shop[0])) == count
    sizes = [path.stat().st_size for path in shop[0].monitoring.rglob("*.json")]
    assert sum(sizes) / count < 200_000


def test_what_evidently_shows_are_the_verdicts_own_numbers(shop, monitored):
    verdict = monitored["verdicts"][0]
    window = verdict["window"]["since"]
    [found] = [each for each in evidently_runs(shop[0]) if each.metadata["window"] == window]
    results = {each.display_name: each for each in found.metric_results.values()}
    [units] = [row for row in verdict["checks"] if row["check"] == "units"]
    assert results["Size of values · 数值量级"].value == units["change"]
    assert found.tags == ["pass"] and found.name.endswith("pass: the model may stay · 通过：模型可以继续使用")
    tests = [test.status.value for each in results.values() for test in each.tests]
    assert tests == ["SUCCESS"] * sum(row["judged"] for row in verdict["checks"])


def test_reports_are_written_on_demand_and_no_user_stands_in_them(shop, monitored, tmp_path):
    page = tmp_path / "made" / "page.html"
    done = run(shop[0], "--markdown", "--language", "zh", "--html", str(page))
    assert done.exit_code == 0 and done.stdout.startswith("# shop: 通过：模型可以继续使用")
    told = page.read_text(encoding="utf-8")
    assert "pass: the model may stay" in told and told.count('title="2025-') == 3
    assert f"Wrote {page}" in done.stderr
    users = {f"u{user}" for user in shop[1]["user"]}
    kept = [path.read_text() for path in shop[0].monitoring.rglob("*.json")]
    for text in (done.stdout, told, *kept):
        assert not users & set(re.findall(r"\bu[0-9]+\b", text))


def test_a_damaged_run_is_put_aside_and_told_of_and_breaks_nothing(shop, monitored):
    runs = sorted((shop[0].evidently).glob("*/snapshots/*.json"))
    whole = runs[0].read_bytes()
    runs[0].write_bytes(whole[: len(whole) // 2])
    done = run(shop[0], "--json")
    aside = runs[0].with_name(runs[0].name + ".damaged")
    try:
        assert done.exit_code == 0 and aside.exists()
        assert any(f"{runs[0].name} of Evidently's workspace was damaged" in note["en"]
                   for note in json.loads(done.stdout)["verdicts"][0]["notes"])  # fmt: skip
    finally:
        aside.unlink()
        runs[0].write_bytes(whole)


def test_a_fault_gives_a_warning_and_no_error(shop, monitored):
    workspace, columns = shop
    raw(workspace.root.parent / "raw", ended(popularity_turned(world.log(WEEKS))))
    try:
        done = run(workspace, "--json")
    finally:
        raw(workspace.root.parent / "raw", columns)
    assert done.exit_code == 0
    [verdict] = json.loads(done.stdout)["verdicts"]
    assert verdict["verdict"] == "warn"
    assert any(reason["en"].startswith("Popularity of items: +") for reason in verdict["reasons"])
    assert any("once its alarm lasts 2 windows" in reason["en"] for reason in verdict["reasons"])


def test_rows_of_a_behavior_that_nobody_knows_are_found(shop, monitored):
    workspace = shop[0]
    log = workspace.root.parent / "raw" / "log.csv"
    whole = log.read_text()
    lines = whole.splitlines()
    for place in range(len(lines) - 1000, len(lines) - 1, 5):
        lines[place] = lines[place].replace('"view"', '"glance"').replace('"cart"', '"glance"')
    log.write_text("\n".join(lines) + "\n")
    try:
        done = run(workspace, "--json")
    finally:
        log.write_text(whole)
    [verdict] = json.loads(done.stdout)["verdicts"]
    [refused] = [row for row in verdict["checks"] if row["check"] == "refused"]
    assert refused["alarm"] and refused["change"] > 0.05
    assert "unknown behavior" in [name for name, _, _ in refused["moved"]]


def test_before_a_window_has_passed_there_is_nothing_to_judge(shop):
    done = run(shop[0], "--until", "2025-03-05")
    assert done.exit_code == 0
    assert "no whole window has passed since" in done.stdout


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda root: (root / "raw" / "log.csv").unlink(), "log.csv"),
        (lambda root: (root / "raw" / "shop.toml").unlink(), "the scenario file that the newest training"),
        (lambda root: (root / "ws" / "current.json").unlink(), "run `swayrec train SCENARIO` first"),
    ],
)
def test_bad_input_is_one_sentence(shop, tmp_path, spoil, sentence):
    root = tmp_path / "copy"
    shutil.copytree(shop[0].root.parent, root)
    current = root / "ws" / "current.json"
    text = current.read_text().replace(str(shop[0].root.parent), str(root))
    current.write_text(text)
    scenario = root / "raw" / "shop.toml"
    scenario.write_text(scenario.read_text().replace(str(shop[0].root.parent), str(root)))
    spoil(root)
    done = run(type(shop[0])(root / "ws"))
    assert done.exit_code == 1
    assert sentence in done.output and len(done.output.strip().splitlines()) == 1


def test_windows_that_are_not_there_are_one_sentence(shop):
    done = run(shop[0], "--since", "2026-01-01")
    assert done.exit_code == 1 and "no whole window of 7 days" in done.output
    assert Current.read(shop[0]).version == 1


def test_a_retraining_that_is_asked_for_waits_for_the_flag_and_exits_1_where_it_fails(shop, monitored):
    workspace, columns = shop
    raw(workspace.root.parent / "raw", ended(popularity_turned(world.log(WEEKS), weeks=2)))
    try:
        done = run(workspace, "--since", FIRST, "--json")
        assert done.exit_code == 0
        told = json.loads(done.stdout)
        assert [each["verdict"] for each in told["verdicts"]] == ["pass", "warn", "retrain"]
        assert told["retraining"] is None and not list((workspace.monitoring / "shop").glob("retrainings/*"))
        with locked(workspace):
            done = run(workspace, "--retrain")
    finally:
        raw(workspace.root.parent / "raw", columns)
    assert done.exit_code == 1
    assert "retrain: the model should learn anew" in done.stdout
    [sentence] = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert "the retraining failed, version 1 serves on" in sentence and "is at work" in sentence
    [record] = records(workspace.monitoring / "shop")
    assert (record.status, record.asked_of, record.tries) == ("failed", 1, 1)
