"""The report of a training: one content, written as one HTML file and as Markdown with plots beside it."""

from swayrec.evaluation.report.findings import Choice, Findings
from swayrec.evaluation.report.writing import HTML_FILE, MARKDOWN_FILE, write

__all__ = ["HTML_FILE", "MARKDOWN_FILE", "Choice", "Findings", "write"]
