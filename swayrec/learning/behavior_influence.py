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
    reach = _reach(layout, total)
    parts: list[tuple[str, slice]] = []
    start = 0
    for kernel in layout.kernels:
        parts.append((str(kernel), slice(start, start + len(kernel.decays))))
        start += len(kernel.decays)
    rows: list[dict[str, Any]] = []
    for place, (behavior, direction) in enumerate(
        zip(layout.behaviors, directions(layout, total), strict=True)
    ):
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


def directions(layout: Layout, total: np.ndarray) -> np.ndarray:
    """float64[T, d]: what the weights are multiplied by for the influence of each behavior.

    ``total`` as of :func:`behavior_influence`.
    """
    width = len(layout.behaviors)
    found = np.zeros((width, layout.size))
    for place in range(width):
        found[place, place : layout.base_start : width] = _reach(layout, total)
    return found


def _reach(layout: Layout, total: np.ndarray) -> np.ndarray:
    """float64[kernels and decays]: how far an average event reaches by each, the farthest 1."""
    by_group = total[: layout.base_start].reshape(-1, len(layout.behaviors)).sum(1)
    found: np.ndarray = by_group / max(float(np.abs(by_group).max(initial=0.0)), 1e-12)
    return found
