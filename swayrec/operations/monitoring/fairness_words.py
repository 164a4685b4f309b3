"""How reports call fairness numbers, in English and Chinese."""

from typing import Literal

from swayrec.evaluation.bootstrap import Estimate
from swayrec.evaluation.fairness import Contrasts

Language = Literal["en", "zh"]
Shows = Literal["gap", "bound", "p", "ratio", "groups"]

TITLES: dict[str, dict[str, str]] = {
    "en": {
        "quality": "Quality gap of {what} by {group}",
        "bias": "Calibration gap by {group}: probability − outcome",
        "error": "Calibration gap by {group}: calibration error",
        "choice": "Exposure of choice by {group}: share of {what} shown",
        "merit": "Exposure against merit by {group}",
        "parity": "Exposure against number of items by {group}",
        "coverage": "Catalogue coverage",
        "gini": "Gini of exposure",
    },
    "zh": {
        "quality": "{what} 的质量差距（按 {group}）",
        "bias": "校准差距（按 {group}）：预测概率 − 实际结果",
        "error": "校准差距（按 {group}）：校准误差",
        "choice": "可见范围（按 {group}）：展示过的 {what} 占比",
        "merit": "曝光与应得份额（按 {group}）",
        "parity": "曝光与商品数量份额（按 {group}）",
        "coverage": "目录覆盖率",
        "gini": "曝光的基尼系数",
    },
}
"""Titles by language and measure."""

SHOWS: dict[str, dict[str, str]] = {
    "en": {
        "gap": "largest gap",
        "bound": "largest gap, lower bound",
        "p": "smallest adjusted p",
        "ratio": "smallest ratio",
        "groups": "groups compared",
    },
    "zh": {
        "gap": "最大差距",
        "bound": "最大差距的下界",
        "p": "校正后最小 p 值",
        "ratio": "最小比值",
        "groups": "参与比较的组数",
    },
}
"""What the single value is, by language."""

HEADS: dict[str, tuple[str, ...]] = {
    "en": ("Group", "Users", "Value", "Held to", "Gap", "Ratio", "Adjusted p"),
    "zh": ("组", "用户数", "数值", "对照", "差距", "比值", "校正后 p 值"),
}
"""The columns of :func:`rows`, by language."""

REFERENCE = {"en": "reference", "zh": "参照"}
"""The number of the table that is compared with, by language."""

_SKIPPED = {"en": "not compared: fewer than {minimum} users", "zh": "未比较：用户不足 {minimum} 人"}


def rows(found: Contrasts, language: Language) -> list[tuple[str, ...]]:
    """A row of text a group, those that could not be compared at the end."""
    compared: list[tuple[str, ...]] = [
        (
            each.group,
            f"{each.users:,}",
            _told(each.value),
            _told(each.other),
            _told(each.gap, "+"),
            _told(each.ratio),
            f"{each.adjusted:.4f}",
        )
        for each in found.contrasts
    ]
    reason = _SKIPPED[language].format(minimum=found.minimum)
    return compared + [(each.group, f"{each.users:,}", reason, "", "", "", "") for each in found.skipped]


def _told(value: Estimate, sign: str = "") -> str:
    if value.mean != value.mean:
        return "–"
    if value.low == value.high == value.mean:
        return f"{value.mean:{sign}.4f}"
    if value.low != value.low:
        return f"{value.mean:{sign}.4f} [–]"
    return f"{value.mean:{sign}.4f} [{value.low:{sign}.4f}, {value.high:{sign}.4f}]"
