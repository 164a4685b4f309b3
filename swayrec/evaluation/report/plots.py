"""The plots of a report: dots with their intervals. Matplotlib is imported only when one is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swayrec.evaluation.bootstrap import Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, RULE = "#1f2933", "#7b8794", "#d9dee4"
ACCENT, WARM, COOL = "#0f766e", "#b45309", "#64748b"
PALETTE = (ACCENT, COOL, WARM, "#7c3aed")
WIDTH = 8.0
ROW = 0.42


@dataclass(frozen=True)
class Dot:
    """A labeled estimate; ``strong`` ones stand out."""

    label: str
    estimate: Estimate
    strong: bool = False


def dots(rows: Sequence[Dot], axis: str, zero: bool = False, digits: int = 3) -> "Figure":
    """One row a dot: the mean, its interval, and the mean as a number.

    Args:
        rows: from top to bottom.
        axis: what the horizontal axis measures.
        zero: whether 0 is what matters: a line is drawn there, and intervals are colored by their side of it.
        digits: decimals of the written means.
    """
    figure = _figure(ROW * len(rows) + 0.95)
    axes = figure.subplots()
    for place, row in enumerate(rows):
        color = _side(row.estimate) if zero else (ACCENT if row.strong else COOL)
        _dot(axes, row.estimate, place, color, row.strong or zero)
        sign = "+" if zero else ""
        axes.annotate(
            f"{row.estimate.mean:{sign}.{digits}f}",
            (row.estimate.high, place),
            xytext=(8, 0),
            textcoords="offset points",
            va="center",
            color=INK if row.strong or zero else MUTED,
            fontweight="bold" if row.strong else "normal",
        )
    if zero:
        axes.axvline(0, color=MUTED, linewidth=1, zorder=1)
    _rows(axes, [row.label for row in rows], [row.strong for row in rows])
    lows, highs = [row.estimate.low for row in rows], [row.estimate.high for row in rows]
    edge = (0.0,) if zero or min(lows) >= 0 else ()
    _span(axes, [*lows, *edge], [*highs, *edge], room=0.17)
    axes.set_xlabel(axis, color=MUTED)
    return figure


@dataclass(frozen=True)
class Panel:
    """A group of rows with one estimate a series in each."""

    title: str
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[Estimate, ...]], ...]


def panels(found: Sequence[Panel], axis: str) -> "Figure":
    """Panels below each other on one scale; a row's series stand close together, the first stands out."""
    heights = [len(panel.labels) * (0.2 * len(panel.series) + 0.22) + 0.25 for panel in found]
    figure = _figure(sum(heights) + 0.45 * len(found) + 0.75)
    grid = figure.subplots(len(found), 1, squeeze=False, sharex=True, gridspec_kw={"height_ratios": heights})
    for axes, panel in zip(grid[:, 0], found, strict=True):
        count = len(panel.series)
        for number, (name, estimates) in enumerate(panel.series):
            shift = (number - (count - 1) / 2) * 0.56 / max(count, 2)
            for place, estimate in enumerate(estimates):
                _dot(axes, estimate, place + shift, PALETTE[number % len(PALETTE)], number == 0)
            axes.plot([], [], "o", color=PALETTE[number % len(PALETTE)], markersize=6, label=name)
        for place in range(1, len(panel.labels)):
            axes.axhline(place - 0.5, color=RULE, linewidth=0.8, zorder=1)
        _rows(axes, panel.labels, [False] * len(panel.labels))
        axes.set_title(panel.title, loc="left", color=INK, fontsize=10.5, fontweight="bold", pad=7)
        axes.tick_params(labelbottom=True)
    every = [estimate for panel in found for _, estimates in panel.series for estimate in estimates]
    _span(grid[0, 0], [0.0, *(each.low for each in every)], [each.high for each in every], room=0.04)
    handles, names = grid[0, 0].get_legend_handles_labels()
    legend = figure.legend(handles, names, loc="outside upper right", ncols=len(names), frameon=False)
    for text in legend.get_texts():
        text.set_color(INK)
    grid[-1, 0].set_xlabel(axis, color=MUTED)
    return figure


def _figure(height: float) -> "Figure":
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return Figure(figsize=(WIDTH, height), layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08))


def _dot(axes: "Axes", estimate: Estimate, place: float, color: str, strong: bool) -> None:
    axes.plot(
        [estimate.low, estimate.high],
        [place, place],
        color=color,
        linewidth=3 if strong else 2,
        alpha=0.45,
        solid_capstyle="round",
        zorder=2,
    )
    axes.plot([estimate.mean], [place], "o", color=color, markersize=8 if strong else 6.5, zorder=3)


def _side(estimate: Estimate) -> str:
    if estimate.above_zero:
        return ACCENT
    return WARM if estimate.below_zero else COOL


def _rows(axes: "Axes", labels: Sequence[str], strong: Sequence[bool]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    for text, bold in zip(axes.get_yticklabels(), strong, strict=True):
        text.set_color(INK)
        text.set_fontweight("bold" if bold else "normal")
    axes.tick_params(axis="both", length=0, labelcolor=MUTED)
    for text in axes.get_yticklabels():
        text.set_color(INK)
    axes.grid(axis="x", color=RULE, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_facecolor("none")
    for spine in axes.spines.values():
        spine.set_visible(False)


def _span(axes: "Axes", lows: Sequence[float], highs: Sequence[float], room: float) -> None:
    low, high = min(lows), max(highs)
    width: Any = (high - low) or 1.0
    axes.set_xlim(low - (0.02 * width if low >= 0 else 0.05 * width), high + room * width)
