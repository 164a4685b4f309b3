"""The panels of a scenario's dashboard in Evidently's UI: what moved over time, by tabs, in English and Chinese."""

from collections.abc import Iterable, Sequence
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from evidently.sdk.models import DashboardModel, DashboardPanelPlot, DashboardTabModel, PanelMetric

from swayrec.tables.scenario_monitoring import Check

OURS = 5
"""The version of our panels' ids: those of panels that people add themselves are of another."""

Kind = Literal["line", "bar", "stacked"]

INPUT: tuple[Check, ...] = ("volume", "missing", "refused", "duplicates", "order", "clock", "new_items")
HABITS: tuple[Check, ...] = ("behaviors", "rates", "values", "units", "hours", "gaps")
TOPICS: tuple[Check, ...] = ("categories", "popularity", "languages", "words", "vectors", "spread")
MODEL: tuple[Check, ...] = (
    "influence", "intent", "scores", "levels", "freshness", "shown", "quality", "response", "over_popular",
    "user_gap", "item_gap",
)  # fmt: skip
"""The checks by what they look at: a chart of all of them could not be read."""

_CHECKS = {
    "Input · 输入数据": INPUT,
    "What people do · 用户行为": HABITS,
    "What it is about · 内容": TOPICS,
    "Model, lists and serving · 模型、列表与服务": MODEL,
}
_EVIDENCE = "1 = the bar of an alarm; drawn up to 2 · 1 为告警线，最多画到 2"
_CHANGE = "Each in its own unit; 0 = as usual · 各用各的单位，0 为一切如常"


def dashboard() -> DashboardModel:
    """All tabs and panels; the same each time, their ids as well."""
    tabs: dict[str, list[DashboardPanelPlot]] = {
        "Overview · 概览": [
            _panel(
                "Verdicts and retrainings · 判定与重训",
                "A bar up to 1: warned, or a retraining asked for · 柱高 1 表示警告或要求重训",
                ["warn", "retrain"],
                "bar",
            ),
            _panel("Champion's version · 冠军模型版本", "It rises where a retraining was promoted · 重训上线后上升",
                   ["champion"]),
            _panel("Quality of lists · 推荐质量", "NDCG@10, and that of windowed popularity · NDCG@10 及近期热门",
                   ["online/ndcg", "online/popular_ndcg"]),
            _panel("Traffic · 流量", "", ["count/events", "count/answers"], "bar"),
        ],
        "Quality · 推荐质量": [
            _panel("NDCG@10 and windowed popularity · NDCG@10 与近期热门", "With the 95 % interval · 含 95% 区间",
                   ["online/ndcg", "online/ndcg/low", "online/ndcg/high", "online/popular_ndcg"], size="full"),
            _panel("Hit rate and MRR · 命中率与 MRR", "", ["online/hit_rate", "online/mrr"]),
            _panel("Lists taken from · 列表采纳率", "", ["online/taken_share"]),
        ],
        "Drift · 漂移": [
            *(_panel(f"Evidence: {part}", _EVIDENCE, ["bar", *(f"evidence/{name}" for name in names)])
              for part, names in _CHECKS.items()),
            *(_panel(f"Change: {part}", _CHANGE, [f"change/{name}" for name in names])
              for part, names in _CHECKS.items()),
        ],
        "Influence · 行为影响力": [
            _family("Influence of each behavior · 各行为的影响力",
                    "Learned from each window alone, in shares of the champion's largest · 仅由该窗口学得，"
                    "以冠军模型的最大影响力为 1", "influence"),
        ],
        "Fairness and variety · 公平与多样性": [
            _family("Gaps between groups · 群体差距",
                    "The largest gap, and what it is at least · 最大差距及其下界", "fairness"),
            _panel("Coverage and evenness · 覆盖与均匀", "", ["online/coverage", "online/gini"]),
            _panel("Novelty · 新颖度", "", ["online/novelty"]),
            _panel("Within a list · 列表内", "", ["online/diversity", "online/long_tail"]),
            _panel("Popularity bias · 热门偏差", "1 = as popular as what people chose before · 1 = 与用户以往选择相当",
                   ["online/popularity"]),
        ],
        "Serving · 在线服务": [
            _panel("Answers by level · 各级别回答", "Shares of all answers · 占全部回答之比",
                   [f"serving/{level}" for level in ("full", "cold", "session", "category", "popular")], "stacked"),
            _panel("Age of tables · 数据表时效", "Days · 天", ["serving/age_days"]),
            _panel("Answers and judged lists · 回答与已评判列表", "",
                   ["count/answers", "count/judged_lists", "count/answered_lists"], "bar"),
            _panel("Events and users · 事件与用户", "", ["count/events", "count/users"], "bar"),
        ],
    }  # fmt: skip
    placed = [
        (tab, [panel.copy(update={"id": _id(tab, panel.title)}) for panel in panels])
        for tab, panels in tabs.items()
    ]
    return DashboardModel(
        tabs=[
            DashboardTabModel(id=_id(tab), title=tab, panels=[panel.id for panel in panels])
            for tab, panels in placed
        ],
        panels=[panel for _, panels in placed for panel in panels],
    )


def merged(there: DashboardModel, ours: DashboardModel) -> DashboardModel:
    """Our panels as they are now, and after them the tabs and panels that people have added."""
    theirs = [panel for panel in there.panels if not _is_ours(panel.id)]
    kept = {panel.id for panel in theirs}
    tabs = [tab.copy(update={"panels": list(tab.panels)}) for tab in ours.tabs]
    by_id = {tab.id: tab for tab in tabs}
    for tab in there.tabs:
        added = [panel for panel in tab.panels if panel in kept]
        if tab.id in by_id:
            by_id[tab.id].panels.extend(added)
        elif added or not _is_ours(tab.id):
            tabs.append(tab.copy(update={"panels": added}))
    return DashboardModel(tabs=tabs, panels=[*ours.panels, *theirs])


def _panel(
    title: str, subtitle: str, numbers: Sequence[str], kind: Kind = "line", size: str = "half"
) -> DashboardPanelPlot:
    return _plot(title, subtitle, ({"number": number} for number in numbers), kind, size)


def _family(title: str, subtitle: str, family: str) -> DashboardPanelPlot:
    return _plot(title, subtitle, [{"family": family}], "line", "full")


def _plot(
    title: str, subtitle: str, labels: Iterable[dict[str, str]], kind: Kind, size: str
) -> DashboardPanelPlot:
    # Evidently fills in what a number's metric says of itself: its title in both languages.
    values = [PanelMetric(metric="VerdictNumber", metric_labels=each, legend="{{title}}") for each in labels]
    shape = {"plot_type": "line" if kind == "line" else "bar", "is_stacked": kind == "stacked"}
    return DashboardPanelPlot(title=title, subtitle=subtitle, size=size, values=values, plot_params=shape)


def _id(*names: str) -> UUID:
    return uuid5(NAMESPACE_URL, "/".join(("swayrec:dashboard", *names)))


def _is_ours(number: UUID) -> bool:
    return number.version == OURS
