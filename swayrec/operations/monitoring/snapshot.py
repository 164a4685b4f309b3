"""A verdict as an Evidently snapshot in a workspace of its UI: numbers only, so that a run costs some 50 kB."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

# Evidently's UI would tell a server of its own that it runs.
os.environ.setdefault("DO_NOT_TRACK", "1")

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.core.metric_types import SingleValue, SingleValueCalculation, SingleValueMetric
from evidently.core.report import Context, Snapshot
from evidently.tests import lt
from evidently.ui.workspace import Project, Workspace

from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.series import Verdict
from swayrec.operations.monitoring.window import time

ONLINE = {
    "ndcg": Sentence("NDCG@10 of lists", "列表 NDCG@10"),
    "hit_rate": Sentence("Hit rate@10 of lists", "列表命中率@10"),
    "mrr": Sentence("MRR@10 of lists", "列表 MRR@10"),
    "popular_ndcg": Sentence("NDCG@10 of windowed popularity", "近期热门 NDCG@10"),
    "taken_share": Sentence("Share of lists taken from", "列表采纳率"),
}


class VerdictNumber(SingleValueMetric):
    """A number of a verdict: ``number`` names it among those of the window, ``title`` is shown."""

    number: str
    title: str


class VerdictNumberCalculation(SingleValueCalculation[VerdictNumber]):
    """Looks the number up: all of them were computed where the data are."""

    def calculate(
        self, context: Context, current_data: Dataset, reference_data: Dataset | None
    ) -> tuple[SingleValue, None]:
        """The value, without one of a reference."""
        numbers = current_data.as_dataframe().set_index("number")["value"]
        return self.result(float(numbers[self.metric.number])), None

    def display_name(self) -> str:
        """The title, in both languages."""
        return self.metric.title


def snapshot(verdict: Verdict) -> Snapshot:
    """The report of a verdict: of each check that was judged how far it moved and how much of an alarm's evidence there
    is (a test: less than all), and what came of lists.
    """
    numbers: dict[str, tuple[float, VerdictNumber]] = {}

    def add(number: str, en: str, zh: str, value: float, **more: Any) -> None:
        numbers[number] = (value, VerdictNumber(number=number, title=f"{en} · {zh}", **more))

    for row in verdict["checks"]:
        if not row["judged"]:
            continue
        title = row["title"]
        add(f"change/{row['check']}", title["en"], title["zh"], row["change"])
        gathered = min(row["evidence"] / row["bar"], 1e6)
        add(
            f"evidence/{row['check']}",
            f"{title['en']}: evidence",
            f"{title['zh']}：证据",
            gathered,
            tests=[lt(1.0)],
        )
    for name, value in (verdict["online"] or {}).items():
        add(f"online/{name}", ONLINE[name].en, ONLINE[name].zh, value)
    for name, value in (verdict["influence"] or {}).items():
        add(f"influence/{name}", f"Influence of {name}", f"{name} 的影响力", value)
    for name, value in verdict["counts"].items():
        add(f"count/{name}", f"Number of {name.replace('_', ' ')}", f"数量：{name}", float(value))
    retrained = float(verdict["verdict"] == "retrain")
    add("retrain", "Retraining asked for", "要求重训", retrained)
    table = pd.DataFrame({"number": list(numbers), "value": [value for value, _ in numbers.values()]})
    data = Dataset.from_pandas(
        table, data_definition=DataDefinition(categorical_columns=["number"], numerical_columns=["value"])
    )
    # Evidently takes the current data first.
    return Report([metric for _, metric in numbers.values()]).run(
        data,
        None,
        timestamp=time(verdict["window"]["end"]).replace(tzinfo=None),
        metadata={"window": verdict["window"]["since"], "verdict": verdict["verdict"]},
        tags=[verdict["verdict"]],
        name=f"{verdict['window']['since'][:16]} · {verdict['title']['en']} · {verdict['title']['zh']}",
    )


def add_run(folder: Path, title: str, verdict: Verdict, former: str | None = None) -> str:
    """Adds a verdict's snapshot to the scenario's project in an Evidently workspace; both are made if need be.

    Args:
        folder: the workspace.
        title: of the scenario.
        verdict: it.
        former: the run of an earlier verdict on the same window, which it replaces.

    Returns:
        The run's id.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place = Workspace.create(str(folder))
    project = _project(place, verdict["scenario"], title)
    if former is not None and former in {str(run) for run in place.list_runs(project.id)}:
        place.delete_run(project.id, UUID(former))
    return str(place.add_run(project.id, snapshot(verdict), include_data=False).id)


def _project(place: Any, name: str, title: str) -> Project:
    found = place.search_project(name)
    return found[0] if found else place.create_project(name, description=title)
