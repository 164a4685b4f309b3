"""Figures as text for a page, and as files beside a page."""

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

from swayrec.evaluation.report import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

THEMED = {plots.INK: "--ink", plots.MUTED: "--muted", plots.RULE: "--rule", plots.ACCENT: "--accent"}
"""Colors that follow the page's theme: bright on a dark page."""


def svg(figure: "Figure", name: str, tells: str) -> str:
    """The figure as an SVG element to stand in a page, text as text, colors and font the page's.

    Args:
        figure: what was drawn.
        name: unique in the page: two figures' ids must not meet.
        tells: what a screen reader reads out.
    """
    from html import escape

    from matplotlib import rc_context

    out = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.S)
    text = re.sub(r'(?<=\bid=")', f"{name}-", text)
    text = re.sub(r'(?<=href="#)|(?<=url\(#)', f"{name}-", text)
    text = re.sub(r"font-family: [^;\"]*", "font-family: inherit", text)
    text = re.sub(r"(font: [^;\"]*?px) [^;\"]*", r"\1 var(--font)", text)
    for color, variable in THEMED.items():
        text = text.replace(color, f"var({variable})")
    size = r'(<svg\b[^>]*?) width="[^"]*"'
    text = re.sub(size, r"\1", text, count=1)
    text = re.sub(r'(<svg\b[^>]*?) height="[^"]*"', r"\1", text, count=1)
    return text.replace("<svg", f'<svg role="img" aria-label="{escape(tells)}"', 1).strip()


def png(figure: "Figure", path: Path) -> None:
    """Writes the figure as a PNG on white."""
    figure.savefig(path, format="png", dpi=144, facecolor="white", metadata={"Software": None})
