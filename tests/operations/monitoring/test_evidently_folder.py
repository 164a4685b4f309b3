"""The folder of Evidently's workspace: runs, panels, what is damaged, and what is too old."""

import json

import pytest
from evidently.sdk.models import DashboardPanelPlot
from evidently.ui.workspace import Workspace

from swayrec.operations.monitoring import evidently_folder
from swayrec.operations.monitoring.evidently_folder import EvidentlyFolder
from swayrec.operations.monitoring.panels import dashboard
from swayrec.operations.monitoring.series import Series
from tests.operations.monitoring.told import DRIFTS, verdict


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "evidently"


def opened(folder):
    return EvidentlyFolder(folder, "shop", "Shop")


def project(folder):
    [found] = Workspace(str(folder)).list_projects()
    return found


def test_every_number_that_a_panel_asks_for_is_one_that_runs_have(folder):
    run = opened(folder).add(verdict(0))
    results = Workspace(str(folder)).get_run(project(folder).id, run).metric_results.values()
    have = [result.metric_value_location.metric.params for result in results]
    for panel in dashboard().panels:
        for value in panel.values:
            assert any(value.metric_labels.items() <= each.items() for each in have), value.metric_labels


def test_panels_are_made_once_and_follow_the_code_and_what_people_added_stays(folder, monkeypatch):
    opened(folder)
    path = folder / str(project(folder).id) / "dashboard.json"
    first = path.read_bytes()
    opened(folder)
    assert path.read_bytes() == first
    added = DashboardPanelPlot(title="Mine", subtitle=None, size="half", values=[])
    project(folder).dashboard.add_panel(added, tab="Drift · 漂移")
    older = dashboard()
    dropped = older.panels.pop()
    older.tabs[-1].panels.remove(dropped.id)
    monkeypatch.setattr(evidently_folder, "dashboard", lambda: older)
    opened(folder)
    titles = [panel.title for panel in project(folder).dashboard.model().panels]
    assert titles == [*(panel.title for panel in older.panels), "Mine"] and dropped.title not in titles
    drift = next(tab for tab in project(folder).dashboard.model().tabs if tab.title == "Drift · 漂移")
    assert added.id in drift.panels


def test_a_run_on_the_same_window_takes_the_place_of_the_one_before(folder):
    place = opened(folder)
    run = place.add(verdict(0))
    assert place.add(verdict(0, notes=[]), former=run) == run
    assert place.add(verdict(1)) != run
    assert len(Workspace(str(folder)).list_runs(project(folder).id)) == 2


def test_a_run_says_first_what_is_said_and_why_and_costs_little(folder):
    run = opened(folder).add(verdict(DRIFTS))
    path = folder / str(project(folder).id) / "snapshots" / f"{run}.json"
    assert path.stat().st_size < 150_000
    told = Workspace(str(folder)).get_run(project(folder).id, run)
    said, checks, *numbers = told.widgets
    assert said.params["data"][0] == ["Popularity moved.", "热度变化。"]
    assert said.params["data"][1][0] == "The north is served worse."
    assert (
        checks.params["data"][0][0] == "Popularity of items · 物品热度"
        and checks.params["data"][0][-1] == "!"
    )
    failed = [
        test.name
        for each in told.metric_results.values()
        for test in each.tests
        if test.status.value == "FAIL"
    ]
    assert len(failed) == 1 and failed[0].startswith("Popularity of items: evidence")
    assert len(numbers) == len(told.metric_results)


def test_what_is_damaged_is_put_aside_told_once_and_loses_nothing_else(folder):
    place = opened(folder)
    lost, kept = place.add(verdict(0)), place.add(verdict(1))
    home = folder / str(project(folder).id)
    (home / "snapshots" / f"{lost}.json").write_text('{"half": ')
    (home / "metadata.json").write_text("")
    (home / "dashboard.json").write_text("[")
    place = opened(folder)
    place.put_aside()
    told = [each.en for each in place.damaged()]
    assert [
        name in sentence for name, sentence in zip(("metadata", "dashboard", lost), told, strict=True)
    ] == [True] * 3
    assert place.damaged() == []
    assert project(folder).id == project(folder).id and home.name == str(project(folder).id), (
        "the same project"
    )
    assert [str(run) for run in Workspace(str(folder)).list_runs(project(folder).id)] == [kept]
    assert project(folder).dashboard.model() == dashboard()


def test_windows_beyond_what_is_kept_go_and_what_is_usual_of_the_champion_stays(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    made = Series(folder, (), ())
    told = [verdict(week, champion=1 if week < 5 else 2, evidently=f"run{week}") for week in range(40)]
    for each in told:
        made.write(each)
    gone = Series.read(folder).removed(25, told[-1])
    left = [each["evidently"] for each in Series.read(folder).verdicts]
    # 15 are too many: the first champion's five go, and of the second its first sixteen say what is usual.
    assert gone == [f"run{week}" for week in range(5)]
    assert left == [f"run{week}" for week in range(5, 40)]
    gone = Series.read(folder).removed(20, verdict(40, champion=3))
    assert gone == [f"run{week}" for week in range(5, 21)], (
        "another champion: nothing of the one before is usual"
    )
    assert len(json.loads(next(iter(folder.glob("*.json"))).read_text())) > 5
