"""Lines over windows as SVG: no script, no font, nothing that is loaded."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 560, 200
LEFT, RIGHT, TOP, BOTTOM = 52, 8, 12, 24
COLORS = ("#0b7285", "#c92a2a", "#5f3dc4", "#2b8a3e", "#e67700", "#364fc7", "#a61e4d", "#495057")
SAID = {
    "pass": "#2b8a3e",
    "warn": "#e67700",
    "stop the canary": "#d9480f",
    "retrain": "#c92a2a",
    "roll back": "#862e9c",
}
"""Colors of verdicts."""

Values = Sequence[float | None]


@dataclass(frozen=True)
class Line:
    """A number by window, None where there is none; ``low`` and ``high`` bound it."""

    name: str
    values: Values
    low: Values = ()
    high: Values = ()


def chart(title: str, times: Sequence[str], lines: Sequence[Line], *, from_zero: bool = False) -> str:
    """A titled chart with its legend; '' where no line has a value.

    Args:
        title: of the chart.
        times: when each window began, as text.
        lines: of as many values.
        from_zero: whether the axis holds 0 whatever the values are.
    """
    lines = [line for line in lines if any(value is not None for value in line.values)]
    told = [
        value
        for line in lines
        for some in (line.values, line.low, line.high)
        for value in some
        if value is not None
    ]
    if not told:
        return ""
    low, high = min(told), max(told)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    ticks = _ticks(low, high)
    places = _Places(len(times), ticks[0], ticks[-1])
    parts = [_grid(places, ticks, times)]
    for number, line in enumerate(lines):
        color = COLORS[number % len(COLORS)]
        if line.low:
            parts.append(f'<path d="{places.band(line.low, line.high)}" fill="{color}" opacity=".15"/>')
        parts.append(
            f'<path d="{places.path(line.values)}" fill="none" stroke="{color}" stroke-width="1.8"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{color}"><title>{html.escape(times[place])}: '
            f"{value:.4g}</title></circle>"
            for place, value, x, y in places.points(line.values)
        ]
    legend = "".join(
        f'<span><i style="background:{COLORS[number % len(COLORS)]}"></i>{html.escape(line.name)}</span>'
        for number, line in enumerate(lines)
    )
    named = html.escape(title)
    return (
        f'<figure><figcaption>{named}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{named}">{"".join(parts)}</svg><p class="legend">{legend}</p></figure>'
    )


def strip(times: Sequence[str], said: Sequence[str]) -> str:
    """A square a window in the color of its verdict."""
    squares = "".join(
        f'<i style="background:{SAID.get(one, "#868e96")}" title="{html.escape(f"{time}: {one}")}"></i>'
        for time, one in zip(times, said, strict=True)
    )
    return f'<p class="strip">{squares}</p>'


@dataclass(frozen=True)
class _Places:
    """Where numbers stand in the picture."""

    count: int
    low: float
    high: float

    def x(self, place: int) -> float:
        inner = WIDTH - LEFT - RIGHT
        return LEFT + (inner / 2 if self.count == 1 else inner * place / (self.count - 1))

    def y(self, value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - self.low) / (self.high - self.low))

    def points(self, values: Values) -> list[tuple[int, float, float, float]]:
        return [
            (place, value, self.x(place), self.y(value))
            for place, value in enumerate(values)
            if value is not None and math.isfinite(value)
        ]

    def path(self, values: Values) -> str:
        """The pen is lifted where a window has no value."""
        steps, last = [], -2
        for place, _, x, y in self.points(values):
            steps.append(f"{'L' if place == last + 1 else 'M'}{x:.1f} {y:.1f}")
            last = place
        return "".join(steps)

    def band(self, low: Values, high: Values) -> str:
        there = [*self.points(high), *reversed(self.points(low))]
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for _, _, x, y in there) + "Z" if there else ""


def _ticks(low: float, high: float) -> list[float]:
    """Round numbers around a span, three to six of them.

    >>> _ticks(0.0, 9.0)
    [0.0, 5.0, 10.0]
    """
    span = (high - low) or abs(high) or 1.0
    power = 10 ** math.floor(math.log10(span / 3))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= span / 3)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [float(number * step) for number in range(first, max(last, first + 1) + 1)]


def _grid(places: _Places, ticks: Sequence[float], times: Sequence[str]) -> str:
    parts = []
    for value in ticks:
        y = places.y(value)
        told = f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 3:.1f}" text-anchor="end">{told}</text>')
    for place in sorted({0, (len(times) - 1) // 2, len(times) - 1}):
        anchor = "start" if place == 0 and len(times) > 1 else "end" if place == len(times) - 1 else "middle"
        parts.append(
            f'<text x="{places.x(place):.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">'
            f"{html.escape(times[place][:10])}</text>"
        )
    return "".join(parts)
