"""Fairness in a window: whether groups of users are served as well, and groups of items shown as much as they merit."""

import math
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from scipy import stats

from swayrec.evaluation.bootstrap import Bootstrap, Estimate
from swayrec.evaluation.fairness import (
    MINIMUM,
    Contrast,
    Contrasts,
    Groups,
    Shown,
    Wanted,
    exposure_against_merit,
    one_family,
    quality_gaps,
)
from swayrec.operations.monitoring.judged_lists import JudgedLists
from swayrec.operations.monitoring.result import Moved, Part, Result
from swayrec.operations.monitoring.scales import OTHER
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.variety import DRAWS
from swayrec.tables.scenario_monitoring import Check

CATEGORY = "category"
NAMED = 12
"""Groups that a verdict names of one comparison, at most: those with the largest gaps."""

CATEGORIES = 50
"""Categories that are compared, at most: those of which most was shown and taken; the rest together are one."""

UNITS = 50_000
"""Users whose exposure is told apart, at most: of more, some are resampled together."""

SURE = 0.05
"""The adjusted p below which a gap is told of in a sentence."""

Of = Literal["users", "items"]
_CHECKS: dict[Of, Check] = {"users": "user_gap", "items": "item_gap"}
_WIDTH = 2 * float(stats.norm.ppf(0.975))
"""Standard errors in a normal interval of 95 %."""


@dataclass(frozen=True)
class Compared:
    """Groups ``of`` users or items by an ``attribute``, compared; p-values are adjusted over all of a window's."""

    of: Of
    attribute: str
    found: Contrasts


def compared(lists: JudgedLists) -> list[Compared]:
    """NDCG of the lists by each attribute of users, and exposure by category against what everybody took."""
    draws = Bootstrap(DRAWS)
    found = [
        Compared("users", name, quality_gaps(lists.ndcg, lists.person, groups, bootstrap=draws))
        for name, groups in lists.people.items()
    ]
    if len(lists.category.names) > 1:
        shown, wanted = lists.shown, lists.wanted
        gaps = exposure_against_merit(
            replace(shown, user=shown.user % UNITS),
            replace(wanted, user=wanted.user % UNITS),
            _largest(lists.category, shown, wanted),
            bootstrap=draws,
        )
        found.append(Compared("items", CATEGORY, gaps))
    adjusted = one_family([each.found for each in found]) if found else []
    return [Compared(each.of, each.attribute, one) for each, one in zip(found, adjusted, strict=True)]


def results(compared: list[Compared]) -> dict[Check, Result | None]:
    """The same as checks: a part a group, whose change is its gap; None = no group could be compared."""
    found: dict[Check, Result | None] = {}
    for of, check in _CHECKS.items():
        parts, users = [], 0
        for each in compared:
            if each.of != of:
                continue
            for one in each.found.contrasts:
                if not math.isnan(one.gap.low):
                    parts.append(_part(f"{each.attribute} {one.group}", one))
                    users = max(users, one.users)
        found[check] = Result(check, tuple(parts), "both", {"users": users}, "no gap") if parts else None
    return found


def told(compared: list[Compared]) -> dict[str, Any] | None:
    """What a verdict says of it: the numbers, and a sentence on each gap that is sure; None = nothing was compared."""
    if not compared:
        return None
    return {
        "minimum": MINIMUM,
        "compared": [_told(each) for each in compared],
        "told": [each.to_json() for each in _sentences(compared)],
    }


def _largest(groups: Groups, shown: Shown, wanted: Wanted) -> Groups:
    """The groups, the smaller ones put together where there are too many."""
    if len(groups.names) <= CATEGORIES:
        return groups
    amounts = np.zeros(len(groups.names) + 1)
    for item, amount in ((shown.item, shown.exposure), (wanted.item, wanted.weight)):
        # Each side counts as a whole; the last cell takes the items without a group.
        np.add.at(amounts, groups.member[item], amount / max(amount.sum(), 1e-300))
    kept = np.sort(np.argsort(-amounts[:-1], kind="stable")[: CATEGORIES - 1])
    place = np.full(len(groups.names) + 1, len(kept), np.int64)
    place[kept], place[-1] = np.arange(len(kept)), -1
    return Groups((*(groups.names[group] for group in kept), OTHER), place[groups.member])


def _told(each: Compared) -> dict[str, Any]:
    found = each.found
    groups = sorted(found.contrasts, key=lambda one: -abs(one.gap.mean))
    return {
        "of": each.of,
        "attribute": each.attribute,
        "largest": None if found.largest is None else _numbers(found.largest),
        "p": found.p,
        "groups": [
            {"group": one.group, "users": one.users, "value": _numbers(one.value), "other": _numbers(one.other),
             "gap": _numbers(one.gap), "adjusted": one.adjusted}
            for one in groups[:NAMED]
        ],
        "unnamed": max(len(groups) - NAMED, 0),
        "too_small": len(found.skipped),
        "unknown": found.unknown,
    }  # fmt: skip


def _sentences(compared: list[Compared]) -> list[Sentence]:
    found = []
    for each in compared:
        sure = [one for one in each.found.contrasts if one.adjusted < SURE]
        if not sure:
            continue
        one = max(sure, key=lambda group: abs(group.gap.mean))
        gap = f"{one.gap.mean:+.3f} [{one.gap.low:+.3f}, {one.gap.high:+.3f}]"
        p = f"{one.adjusted:.2g}"
        if each.of == "users":
            en = f"NDCG of {each.attribute} {one.group} differs from that of all others by {gap}"
            zh = f"{each.attribute} 为 {one.group} 的用户，NDCG 与其他用户相差 {gap}"
        else:
            en = (
                f"The share of exposure of {each.attribute} {one.group} differs from its share of what people took "
                f"by {gap}"
            )
            zh = f"类别 {one.group} 的曝光份额与用户实际选取的份额相差 {gap}"
        found.append(Sentence(f"{en} (adjusted p {p}).", f"{zh}（校正后 p 值 {p}）。"))
    return found


def _part(name: str, one: Contrast) -> Part:
    gap = one.gap
    # A group that happens to have no spread would be sure of itself: its p-value knows better.
    least = abs(gap.mean) / float(stats.norm.isf(min(max(one.p, 1e-15), 1.0) / 2) or math.inf)
    return Part(
        name=name,
        seen=gap.mean,
        change=gap.mean,
        low=gap.low,
        high=gap.high,
        error=max((gap.high - gap.low) / _WIDTH, least),
        moved=(Moved(name, one.other.mean, one.value.mean),),
    )


def _numbers(value: Estimate) -> list[float | None]:
    """JSON knows no NaN."""
    whole = (value.mean, value.low, value.high)
    return [None if math.isnan(number) else round(float(number), 6) for number in whole]
