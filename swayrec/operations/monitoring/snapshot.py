"""A verdict as an Evidently snapshot: numbers only, so that a run costs little."""

import os
from typing import Any

# Evidently's UI would tell a server of its own that it runs.
os.environ.setdefault("DO_NOT_TRACK", "1")

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.core.metric_types import SingleValue, SingleValueCalculation, SingleValueMetric
from evidently.core.report import Context, Snapshot
from evidently.tests import lt

from swayrec.operations.monitoring.number_titles import (
    BAR,
    CHAMPION,
    INTERVALS,
    ONLINE,
    RETRAIN,
    SERVING,
    WARN,
    count_title,
    fairness_title,
)
from swayrec.operations.monitoring.report_words import judged
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.series import Verdict, actions_of
from swayrec.operations.monitoring.window import time

MOST = 2.0
"""Evidence in bars of an alarm that is drawn, at most: it grows by powers of ten, and the bar would be out of sight."""


class VerdictNumber(SingleValueMetric):
    """A number of a verdict: ``number`` names it among those of the window, ``family`` is what stands before its slash,
    ``title`` is shown.
    """

    number: str
    family: str = ""
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
        family = number.split("/")[0]
        numbers[number] = (value, VerdictNumber(number=number, family=family, title=f"{en} · {zh}", **more))

    for row in judged(verdict):
        title = row["title"]
        add(f"change/{row['check']}", title["en"], title["zh"], row["change"])
        # While an alarm lasts its test fails, though evidence may grow less.
        gathered = min(max(row["evidence"] / row["bar"], float(row["alarm"])), MOST)
        add(
            f"evidence/{row['check']}",
            f"{title['en']}: evidence",
            f"{title['zh']}：证据",
            gathered,
            tests=[lt(1.0)],
        )
    for name, value in (verdict["online"] or {}).items():
        add(f"online/{name}", *_both(ONLINE[name]), value)
        if name in INTERVALS and name in (verdict.get("online_intervals") or {}):
            low, high = verdict["online_intervals"][name]
            add(f"online/{name}/low", f"{ONLINE[name].en}, at least", f"{ONLINE[name].zh}，下界", low)
            add(f"online/{name}/high", f"{ONLINE[name].en}, at most", f"{ONLINE[name].zh}，上界", high)
    for each in (verdict.get("fairness") or {}).get("compared", ()):
        if each["largest"] is None or None in each["largest"]:
            continue
        title = fairness_title(each["of"], each["attribute"])
        gap, bound, _ = each["largest"]
        key = f"fairness/{each['of']}/{each['attribute']}"
        add(key, title.en, title.zh, gap)
        add(f"{key}/sure", f"{title.en}: at least", f"{title.zh}：下界", max(bound, 0.0))
    for name, value in (verdict.get("serving") or {}).items():
        add(f"serving/{name}", *_both(SERVING[name]), value)
    for name, value in (verdict["influence"] or {}).items():
        add(f"influence/{name}", f"Influence of {name}", f"{name} 的影响力", value)
    for name, value in verdict["counts"].items():
        add(f"count/{name}", *_both(count_title(name)), float(value))
    add("bar", *_both(BAR), 1.0)
    add("retrain", *_both(RETRAIN), float("retrain" in actions_of(verdict)))
    add("warn", *_both(WARN), float(verdict["verdict"] != "pass"))
    add("champion", *_both(CHAMPION), float(verdict["champion"]["version"]))
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


def _both(title: Sentence) -> tuple[str, str]:
    return title.en, title.zh
