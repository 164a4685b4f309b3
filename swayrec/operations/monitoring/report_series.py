"""The charts of a window's page: what moved over the windows so far."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from swayrec.operations.monitoring.number_titles import ONLINE, fairness_title
from swayrec.operations.monitoring.report_charts import Line, chart, strip
from swayrec.operations.monitoring.report_words import PARTS, plain, times

Told = Mapping[str, Any]


def verdict_strip(so_far: Sequence[Told]) -> str:
    """A square a window."""
    return strip([times(told)[0] for told in so_far], [told["verdict"] for told in so_far])


def charts(so_far: Sequence[Told]) -> str:
    """The charts that have anything to show.

    Args:
        so_far: verdicts, oldest first.
    """
    when = [times(told)[0] for told in so_far]

    def line(name: str, value: Callable[[Told], float | None]) -> Line:
        return Line(name, [value(told) for told in so_far])

    def of(part: str, key: Any, name: str) -> Line:
        return line(name, lambda told: (told.get(part) or {}).get(key))

    bounds = [(told.get("online_intervals") or {}).get("ndcg") or (None, None) for told in so_far]
    ndcg = of("online", "ndcg", "Lists · 推荐列表")
    behaviors = _names(told.get("influence") or {} for told in so_far)
    gaps = _names(_gaps(told) for told in so_far)
    found = [
        chart(
            "NDCG@10",
            when,
            [
                Line(ndcg.name, ndcg.values, [low for low, _ in bounds], [high for _, high in bounds]),
                of("online", "popular_ndcg", ONLINE["popular_ndcg"].both),
            ],
        ),
        chart(PARTS["influence"].both, when, [of("influence", name, plain(name)) for name in behaviors]),
        chart("Gaps between groups · 群体差距", when, [_gap(key, so_far) for key in gaps], from_zero=True),
        chart(
            "Coverage and evenness · 覆盖与均匀",
            when,
            [of("online", name, ONLINE[name].both) for name in ("coverage", "gini")],
            from_zero=True,
        ),
        chart(
            "Traffic · 流量",
            when,
            [of("counts", "events", "Events · 事件"), of("counts", "answers", "Answers · 回答")],
            from_zero=True,
        ),
        chart(
            "Checks in alarm · 告警中的检查",
            when,
            [line("Alarms · 告警", lambda told: sum(row["alarm"] for row in told["checks"]))],
            from_zero=True,
        ),
    ]
    return "".join(found)


def _gap(key: tuple[str, str], so_far: Sequence[Told]) -> Line:
    return Line(fairness_title(*key).both, [_gaps(told).get(key) for told in so_far])


def _gaps(told: Told) -> dict[tuple[str, str], float]:
    compared = (told.get("fairness") or {}).get("compared", ())
    return {
        (each["of"], plain(each["attribute"])): each["largest"][0] for each in compared if each["largest"]
    }


def _names(some: Any) -> list[Any]:
    return list(dict.fromkeys(name for each in some for name in each))
