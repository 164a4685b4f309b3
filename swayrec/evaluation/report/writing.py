"""Writing the report's files."""

from pathlib import Path, PurePosixPath

from swayrec.evaluation.report.blocks import Plot
from swayrec.evaluation.report.drawing import png
from swayrec.evaluation.report.findings import Findings
from swayrec.evaluation.report.html import html
from swayrec.evaluation.report.markdown import markdown
from swayrec.evaluation.report.sections import document

HTML_FILE = "report.html"
MARKDOWN_FILE = "report.md"
PLOTS = "plots"


def write(findings: Findings, folder: Path) -> Path:
    """Writes ``report.html`` (which needs nothing else), ``report.md`` and ``plots/*.png`` into a folder.

    Returns:
        The HTML file.
    """
    told = document(findings)
    (folder / PLOTS).mkdir(parents=True, exist_ok=True)
    for section in told.sections:
        for block in section.blocks:
            if isinstance(block, Plot):
                png(block.draw(), folder / PLOTS / f"{block.name}.png")
    (folder / MARKDOWN_FILE).write_text(markdown(told, PurePosixPath(PLOTS)), encoding="utf-8")
    page = folder / HTML_FILE
    page.write_text(html(told), encoding="utf-8")
    return page
