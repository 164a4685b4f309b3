"""What reports of a window call their parts, and how they write numbers."""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from swayrec.operations.monitoring.number_titles import ONLINE, SERVING, count_title
from swayrec.operations.monitoring.sentence import Sentence

Language = Literal["en", "zh"]

PARTS: Mapping[str, Sentence] = {
    "why": Sentence("Why", "原因"),
    "notes": Sentence("Notes", "说明"),
    "checks": Sentence("Checks", "检查"),
    "lists": Sentence("Lists", "推荐列表"),
    "fairness": Sentence("Fairness", "公平性"),
    "serving": Sentence("Serving", "在线服务"),
    "counts": Sentence("Numbers", "数量"),
    "influence": Sentence("Influence of behaviors", "行为影响力"),
    "series": Sentence("Verdicts so far", "历次判定"),
    "not_judged": Sentence("Not judged in this window", "本窗口未评判"),
}
"""Titles of sections."""

HEADS: Mapping[str, tuple[Sentence, ...]] = {
    "checks": (
        Sentence("Check", "检查"),
        Sentence("Part", "部分"),
        Sentence("Change", "变化"),
        Sentence("95 %", "95% 区间"),
        Sentence("Matters from", "容许值"),
        Sentence("Evidence", "证据"),
        Sentence("Alarm", "告警"),
    ),
    "numbers": (Sentence("Number", "指标"), Sentence("Value", "数值"), Sentence("95 %", "95% 区间")),
    "fairness": (
        Sentence("Group", "组"),
        Sentence("Users", "用户数"),
        Sentence("Value", "数值"),
        Sentence("Held to", "对照"),
        Sentence("Gap", "差距"),
        Sentence("Adjusted p", "校正后 p 值"),
    ),
}
"""Heads of tables."""

Row = tuple[str, ...]


def plain(text: object) -> str:
    """A text from data on one line, without characters that steer a terminal or hide."""
    told = "".join(" " if each in "\n\r\t" else each for each in str(text))
    return "".join(each for each in told if not unicodedata.category(each).startswith("C"))


def number(value: float | None) -> str:
    """A number as people read it."""
    if value is None or math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"


def interval(pair: Sequence[float | None] | None) -> str:
    """A lower and an upper bound."""
    return "" if pair is None else f"{number(pair[0])} … {number(pair[1])}"


def judged(verdict: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The checks that were judged, those that give an alarm first."""
    return sorted((row for row in verdict["checks"] if row["judged"]), key=lambda row: not row["alarm"])


def check_numbers(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """A check's change, its interval, and from where on it matters."""
    low, high = row["interval"]
    return f"{row['change']:+.3g}", f"{low:+.3g} … {high:+.3g}", f"{row['tolerance']:g}"


def evidence(row: Mapping[str, Any]) -> float:
    """How much of what an alarm needs there is, at most 1."""
    share: float = min(row["evidence"] / row["bar"], 1)
    return share


def mark(row: Mapping[str, Any]) -> str:
    """An exclamation mark where a check gives an alarm."""
    return "!" if row["alarm"] else ""


def times(verdict: Mapping[str, Any]) -> tuple[str, str]:
    """From when to when the window is, in UTC."""
    since, until = (str(verdict["window"][name])[:16].replace("T", " ") for name in ("since", "until"))
    return since, until


def numbers(verdict: Mapping[str, Any], language: Language) -> dict[str, list[Row]]:
    """Rows of name, value and interval of the sections that are mere numbers; without those that have none."""
    bounds = verdict.get("online_intervals") or {}
    found: dict[str, list[Row]] = {
        "lists": [
            (_in(ONLINE[name], language), number(value), interval(bounds.get(name)))
            for name, value in (verdict.get("online") or {}).items()
        ],
        "serving": [
            (_in(SERVING[name], language), number(value), "")
            for name, value in (verdict.get("serving") or {}).items()
        ],
        "influence": [
            (plain(name), number(value), "") for name, value in (verdict.get("influence") or {}).items()
        ],
        "counts": [
            (_in(count_title(name), language), number(value), "") for name, value in verdict["counts"].items()
        ],
    }
    return {name: rows for name, rows in found.items() if rows}


def fairness_rows(each: Mapping[str, Any]) -> list[Row]:
    """A row a group of one comparison."""
    return [
        (plain(one["group"]), f"{one['users']:,}", number(one["value"][0]), number(one["other"][0]),
         f"{number(one['gap'][0])} ({interval(one['gap'][1:])})", number(one["adjusted"]))
        for one in each["groups"]
    ]  # fmt: skip


def fairness_skipped(each: Mapping[str, Any], minimum: int) -> Sentence | None:
    """Who is not in the rows of a comparison."""
    if not (each["too_small"] or each["unnamed"]):
        return None
    return Sentence(
        f"{each['unnamed']} more groups with smaller gaps; {each['too_small']} groups of fewer than {minimum} users "
        "are not compared.",
        f"另有 {each['unnamed']} 个差距更小的组；{each['too_small']} 个组用户不足 {minimum} 人，未作比较。",
    )


def _in(title: Sentence, language: Language) -> str:
    return title.zh if language == "zh" else title.en
