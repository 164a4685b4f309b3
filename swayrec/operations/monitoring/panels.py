"""The panels of a scenario's dashboard in Evidently's UI: what moved over time, by tabs, in English and Chinese."""

from collections.abc import Mapping
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from evidently.sdk.models import DashboardModel, DashboardPanelPlot, DashboardTabModel, PanelMetric

from swayrec.operations.monitoring.number_titles import BAR, SERVING
from swayrec.operations.monitoring.shown import LEVELS
from swayrec.operations.monitoring.wording import TITLES
from swayrec.tables.scenario_monitoring import Check

OURS = 5
"""The version of our panels' ids: those of panels that people add themselves are of another."""

Kind = Literal["line", "bar", "stacked"]

INPUT: tuple[Check, ...] = ("volume", "missing", "refused", "duplicates", "order", "clock", "new_items")
HABITS: tuple[Check, ...] = ("behaviors", "rates", "values", "units", "hours", "gaps")
TOPICS: tuple[Check, ...] = (
    "categories",
    "popularity",
    "scattered",
    "languages",
    "words",
    "vectors",
    "spread",
)
MODEL: tuple[Check, ...] = (
    "influence", "intent", "scores", "levels", "freshness", "shown", "hidden", "quality", "response",
    "over_popular", "handover", "canary", "user_gap", "item_gap",
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
    """All tabs and panels; the same each time, their ids as well.

    Evidently's own UI shows all panels below each other, tab after tab: each begins with its title.
    """
    placed = [
        (tab, [panel.copy(update={"id": _id(tab, panel.title)}) for panel in [_heading(tab, about), *panels]])
        for (tab, about), panels in _tabs().items()
    ]
    return DashboardModel(
        tabs=[
            DashboardTabModel(id=_id(tab), title=tab, panels=[panel.id for panel in panels])
            for tab, panels in placed
        ],
        panels=[panel for _, panels in placed for panel in panels],
    )


def _tabs() -> dict[tuple[str, str], list[DashboardPanelPlot]]:
    """The panels of each tab, by its title and what it is about."""
    both = {"online/ndcg": "Lists · 列表", "online/popular_ndcg": "Windowed popularity · 近期热门"}
    answers = {
        "count/answers": "Answers · 回答",
        "count/judged_lists": "Judged · 已评判",
        "count/answered_lists": "Something taken · 其后有采纳",
    }
    traffic = {"count/events": "Events · 事件", "count/answers": "Answers · 回答"}
    levels = {f"serving/{level}": SERVING[level].both for level in LEVELS}
    return {
        ("Overview · 概览", "Click into a chart at a window for its report · 在图中点击某个窗口可查看其报告"): [
            _panel("Verdicts and retrainings · 判定与重训", "A bar where it was so · 有柱即有",
                   {"warn": "Warned · 警告", "retrain": "Retraining · 重训"}, "bar"),
            _panel("Champion's version · 冠军模型版本", "It rises where a retraining was promoted · 重训上线后上升",
                   {"champion": "Version · 版本"}),
            _panel("NDCG@10 of lists · 列表 NDCG@10", "Beside windowed popularity · 对比近期热门", both),
            _panel("Traffic · 流量", "Events, and answers given · 事件数与回答数", traffic, "bar"),
        ],
        ("Quality · 推荐质量", "Of lists after which anything was taken · 其后有采纳行为的列表"): [
            _panel("NDCG@10 and windowed popularity · NDCG@10 与近期热门", "With the 95 % interval · 含 95% 区间",
                   both | {"online/ndcg/low": "Lists, at least · 下界", "online/ndcg/high": "Lists, at most · 上界"},
                   size="full"),
            _panel("Hit rate and MRR · 命中率与 MRR", "At 10 · 前 10 位",
                   {"online/hit_rate": "Hit rate · 命中率", "online/mrr": "MRR"}),
            _panel("Lists taken from · 列表采纳率", "Share of all lists · 占全部列表之比",
                   {"online/taken_share": "Share · 占比"}),
        ],
        ("Drift · 漂移", "Every check, its evidence and its change · 每项检查的证据与变化"): [
            *(_panel(f"Evidence: {part}", _EVIDENCE,
                     {"bar": BAR.both} | {f"evidence/{name}": TITLES[name].both for name in names}, size="full")
              for part, names in _CHECKS.items()),
            *(_panel(f"Change: {part}", _CHANGE, {f"change/{name}": TITLES[name].both for name in names}, size="full")
              for part, names in _CHECKS.items()),
        ],
        ("Influence · 行为影响力", "Learned from each window alone · 仅由该窗口学得"): [
            _family("Influence of each behavior · 各行为的影响力",
                    "In shares of the champion's largest · 以冠军模型的最大影响力为 1", "influence"),
        ],
        ("Fairness and variety · 公平与多样性", "Of all judged lists · 全部已评判列表"): [
            _family("Gaps between groups · 群体差距",
                    "The largest gap, and what it is at least · 最大差距及其下界", "fairness"),
            _panel("Coverage and evenness · 覆盖与均匀", "Shares of the catalogue; 0 = even · 占目录之比；0 = 均匀",
                   {"online/coverage": "Coverage · 覆盖率", "online/gini": "Gini · 基尼系数"}),
            _panel("Novelty · 新颖度", "Bits; 0 = what everybody had · 比特；0 = 人人都有",
                   {"online/novelty": "Novelty · 新颖度"}),
            _panel("Within a list · 列表内", "Different categories, and the long tail · 类别差异与长尾",
                   {"online/diversity": "Diversity · 多样性", "online/long_tail": "Long tail · 长尾"}),
            _panel("Popularity bias · 热门偏差", "1 = as people chose before · 1 = 与用户以往选择相当",
                   {"online/popularity": "Popularity · 热门度"}),
        ],
        ("Serving · 在线服务", "What was answered, and by what · 回答及其来源"): [
            _panel("Answers by level · 各级别回答", "Shares of all answers · 占全部回答之比", levels, "stacked",
                   "full"),
            _panel("Age of tables · 数据表时效", "Days · 天", {"serving/age_days": "Age · 时效"}),
            _panel("Answers and judged lists · 回答与已评判列表", "Numbers · 数量", answers, "bar"),
            _panel("Users · 用户", "Who did anything · 有行为的用户", {"count/users": "Users · 用户"}, "bar"),
        ],
    }  # fmt: skip


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


def _heading(title: str, about: str) -> DashboardPanelPlot:
    return DashboardPanelPlot(
        title=title, subtitle=about, size="full", values=[], plot_params={"plot_type": "text"}
    )


def _panel(
    title: str, subtitle: str, numbers: Mapping[str, str], kind: Kind = "line", size: str = "half"
) -> DashboardPanelPlot:
    """Some numbers over time, by what the legend calls them."""
    values = [_value({"number": number}, legend) for number, legend in numbers.items()]
    return _plot(title, subtitle, values, kind, size)


def _family(title: str, subtitle: str, family: str) -> DashboardPanelPlot:
    """All numbers of a family: Evidently fills in what each says of itself, its title in both languages."""
    return _plot(title, subtitle, [_value({"family": family}, "{{title}}")], "line", "full")


def _value(labels: dict[str, str], legend: str) -> PanelMetric:
    return PanelMetric(metric="VerdictNumber", metric_labels=labels, legend=legend)


def _plot(title: str, subtitle: str, values: list[PanelMetric], kind: Kind, size: str) -> DashboardPanelPlot:
    shape = {"plot_type": "line" if kind == "line" else "bar", "is_stacked": kind == "stacked"}
    return DashboardPanelPlot(title=title, subtitle=subtitle, size=size, values=values, plot_params=shape)


def _id(*names: str) -> UUID:
    return uuid5(NAMESPACE_URL, "/".join(("swayrec:dashboard", *names)))


def _is_ours(number: UUID) -> bool:
    return number.version == OURS
