"""The tables that stand first in a window's report in Evidently's UI: what is said and why, and every check."""

from evidently.core.serialization import SnapshotModel
from evidently.legacy.model.widget import BaseWidgetInfo
from evidently.legacy.renderers.html_widgets import WidgetSize, table_data

from swayrec.operations.monitoring.report_words import check_numbers, evidence, judged, mark
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.series import Verdict

HEADS = (
    "Check · 检查",
    "Part · 部分",
    "Change · 变化",
    "95 %",
    "Matters from · 容许值",
    "Evidence · 证据",
    "Alarm · 告警",
)


def with_tables(told: SnapshotModel, verdict: Verdict) -> SnapshotModel:
    """A run with its tables before its numbers, and two of these in a row.

    Each number's widget stands among all of them only: Evidently would keep it twice.
    """
    for number in told.metric_results.values():
        number.widget = []
    for widget in told.widgets:
        widget.size = WidgetSize.HALF.value
    told.widgets = [_said(verdict), _checks(verdict), *told.widgets]
    return told


def _said(verdict: Verdict) -> BaseWidgetInfo:
    told = (*verdict["reasons"], *(verdict.get("fairness") or {}).get("told", ()), *verdict["notes"])
    rows = [(sentence["en"], sentence["zh"]) for sentence in told]
    title = f"{verdict['title']['en']} · {verdict['title']['zh']}"
    return table_data(column_names=("Why", "原因"), data=rows, title=title)


def _checks(verdict: Verdict) -> BaseWidgetInfo:
    rows = [
        (Sentence(**row["title"]).both, row["part"], *check_numbers(row), f"{evidence(row):.0%}", mark(row))
        for row in judged(verdict)
    ]
    return table_data(column_names=HEADS, data=rows, title="Checks · 检查")
