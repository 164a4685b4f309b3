"""How the report says things: metrics, intervals, settings and the verdict on a part."""

from collections.abc import Mapping
from typing import Any

from swayrec.evaluation.bootstrap import Estimate
from swayrec.evaluation.judgment import Judgment
from swayrec.evaluation.metrics import METRICS
from swayrec.evaluation.report.findings import Findings

MAIN = "ndcg"
"""The metric that plots show and that decides."""


def at_k(metric: str, judged: Judgment) -> str:
    """A metric with its cut, such as NDCG@10."""
    return METRICS[metric](judged.k).name


def interval(estimate: Estimate, digits: int = 4, sign: str = "") -> str:
    """An interval in brackets."""
    return f"[{estimate.low:{sign}.{digits}f}, {estimate.high:{sign}.{digits}f}]"


def value(estimate: Estimate, digits: int = 4, sign: str = "") -> str:
    """A mean and its interval."""
    return f"{estimate.mean:{sign}.{digits}f} {interval(estimate, digits, sign)}"


def verdict(findings: Findings, judged: Judgment) -> str:
    """One sentence: how good the model is, and whether it is above the best baseline."""
    said = f"{at_k(MAIN, judged)} is {value(judged.means[judged.model][MAIN])}"
    other = judged.best_baseline(MAIN)
    if other is None:
        return f"{said}."
    gain, name = judged.differences[other][MAIN], findings.called(other)
    if gain.above_zero:
        return f"{said}: significantly above the best baseline, {name}, by {value(gain)}."
    if gain.below_zero:
        return f"{said}: significantly below the best baseline, {name} (difference {value(gain, sign='+')})."
    return f"{said}: not told apart from the best baseline, {name} (difference {value(gain, sign='+')})."


def behavior(row: Mapping[str, Any]) -> str:
    """A row of influence by its words, else by its name."""
    return str(row.get("words") or str(row["name"]).replace("_", " "))


def settings(chosen: Mapping[str, Any]) -> str:
    """A baseline's settings."""
    parts = []
    for name, setting in chosen.items():
        if isinstance(setting, Mapping) and "half_life" in setting:
            fades = setting["half_life"]
            parts.append(f"half-life {fades:g} {setting['unit']}" if fades else "no decay")
        elif isinstance(setting, bool):
            parts.append(f"{name.replace('_', ' ')} {'yes' if setting else 'no'}")
        elif isinstance(setting, int | float):
            parts.append(f"{name.replace('_', ' ')} {setting:g}")
        else:
            parts.append(f"{name.replace('_', ' ')} {setting}")
    return ", ".join(parts)
