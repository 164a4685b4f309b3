"""What a verdict says of the lists that a window judges: how good, how varied and how fair they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from swayrec.evaluation.bootstrap import Estimate
from swayrec.operations.monitoring import fairness_of_window as fairness
from swayrec.operations.monitoring.checks import outcome
from swayrec.operations.monitoring.judged_lists import judged_lists
from swayrec.operations.monitoring.outcomes import ANSWERED, LISTS
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.tally import Counts
from swayrec.operations.monitoring.variety import variety
from swayrec.operations.monitoring.window import Window
from swayrec.tables.dataset import USERS, Dataset
from swayrec.tables.scenario_monitoring import Check


@dataclass(frozen=True)
class OfLists:
    """The means of the lists and their 95 % intervals by name, what is told of fairness, and its checks."""

    means: dict[str, float] | None = None
    intervals: dict[str, list[float]] | None = None
    fairness: dict[str, Any] | None = None
    checks: Mapping[Check, Result | None] = field(default_factory=dict)


def of_lists(
    engine: Any, dataset: Dataset, attributes: tuple[str, ...], found: Mapping[str, Counts], window: Window
) -> OfLists:
    """What is told; nothing where no list is judged.

    Args:
        engine: a connection that knows what :func:`~.outcomes.outcome_counts` left.
        dataset: whose users have the attributes.
        attributes: that make groups of users.
        found: the families of what was shown.
        window: which.
    """
    if "outcomes" not in found:
        return OfLists()
    sums = dict(zip(found["outcomes"].labels, found["outcomes"].sums.sum((0, 1)), strict=True))
    if not sums[LISTS]:
        return OfLists()
    lists = judged_lists(engine, window.start, str(dataset.folder / USERS), attributes)
    means: dict[str, Estimate] = outcome.told(found) if sums[ANSWERED] else {}
    means |= variety(lists)
    compared = fairness.compared(lists)
    return OfLists(
        {name: each.mean for name, each in means.items()},
        {name: [each.low, each.high] for name, each in means.items()},
        fairness.told(compared),
        fairness.results(compared),
    )
