"""The report as one HTML file that needs nothing else: no script, no font and no picture from elsewhere."""

import re
from html import escape

from swayrec.evaluation.report.blocks import Block, Bullets, Document, Paragraph, Plot, Section, Table, Tile
from swayrec.evaluation.report.drawing import svg
from swayrec.evaluation.report.style import STYLE


def html(document: Document) -> str:
    """The document as a page."""
    links = "".join(
        f'<a href="#{_anchor(section)}">{escape(section.title)}</a>' for section in document.sections
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(document.title)}</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">Swayrec report</p>
<h1>{escape(document.title)}</h1>
<p class="subtitle">{escape(document.subtitle)}</p>
<p class="summary">{escape(document.summary)}</p>
</header>
<div class="tiles">
{"".join(_tile(tile) for tile in document.tiles)}</div>
<nav aria-label="Sections">{links}</nav>
{"".join(_section(section) for section in document.sections)}</main>
</body>
</html>
"""


def _tile(tile: Tile) -> str:
    return (
        f'<div class="tile"><span class="label">{escape(tile.label)}</span>'
        f'<span class="value">{escape(tile.value)}</span>'
        f'<span class="remark">{escape(tile.remark)}</span></div>\n'
    )


def _section(section: Section) -> str:
    blocks = "\n".join(_block(block) for block in section.blocks)
    return f'<section id="{_anchor(section)}">\n<h2>{escape(section.title)}</h2>\n{blocks}\n</section>\n'


def _anchor(section: Section) -> str:
    return re.sub(r"\W+", "-", section.title.lower()).strip("-")


def _block(block: Block) -> str:
    if isinstance(block, Paragraph):
        return f"<p{' class=notice' if block.strong else ''}>{escape(block.text)}</p>"
    if isinstance(block, Bullets):
        return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
    if isinstance(block, Plot):
        drawn = svg(block.draw(), block.name, block.tells)
        return f"<figure>\n{drawn}\n<figcaption>{escape(block.caption)}</figcaption>\n</figure>"
    return _table(block)


def _table(table: Table) -> str:
    def row(cells: tuple[str, ...], kind: str, marked: bool = False) -> str:
        parts = "".join(
            f'<{kind} class="number">{escape(cell)}</{kind}>'
            if place >= table.numbers_from
            else f"<{kind}>{escape(cell)}</{kind}>"
            for place, cell in enumerate(cells)
        )
        return f'<tr class="marked">{parts}</tr>' if marked else f"<tr>{parts}</tr>"

    body = "\n".join(row(cells, "td", place == table.marked) for place, cells in enumerate(table.rows))
    head = row(table.head, "th") if any(table.head) else ""
    return f'<div class="scroll"><table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table></div>'
