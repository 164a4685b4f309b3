"""The influence of each kind of behavior, in one number with an interval, and by kernel."""

from typing import Any

import numpy as np

from swayrec.learning.influence import Solution
from swayrec.learning.layout import Layout


def behavior_influence(layout: Layout, solution: Solution, total: np.ndarray) -> list[dict[str, Any]]:
    """How much one average past event of each behavior adds to the score of a candidate.

    An average event is the same for all behaviors: its decays, similarities and factors are those of all
    past events together over the training rows, so that behaviors differ by their weights alone.

    Args:
        layout: the raw columns.
        solution: their weights and covariance.
        total: float64[d], the weighted sum of the uncentered raw columns over the training rows.

    Returns:
        One row a behavior, in the layout's order: name, weight with low and high (95 %, clustered by user),
        relative (to the largest, which is 1), target, and kernels: the weight's part by kernel.
    """
    width = len(layout.behaviors)
    reach = np.zeros(layout.base_start // width)
    parts: list[tuple[str, slice]] = []
    start = 0
    for kernel in layout.kernels:
        parts.append((str(kernel), slice(start, start + len(kernel.decays))))
        start += len(kernel.decays)
    by_group = total[: layout.base_start].reshape(-1, width).sum(1)
    events = max(float(np.abs(by_group).max(initial=0.0)), 1e-12)
    reach[:] = by_group / events
    rows: list[dict[str, Any]] = []
    for place, behavior in enumerate(layout.behaviors):
        direction = np.zeros(layout.size)
        direction[place : layout.base_start : width] = reach
        weight, low, high = solution.interval(direction)
        w = solution.w[place : layout.base_start : width] * reach
        rows.append(
            {
                "name": behavior,
                "target": behavior in layout.targets,
                "weight": weight,
                "low": low,
                "high": high,
                "kernels": {name: float(w[part].sum()) for name, part in parts},
            }
        )
    largest = max((abs(row["weight"]) for row in rows), default=0.0) or 1.0
    return [{**row, "relative": row["weight"] / largest} for row in rows]
