"""The report as Markdown; plots are files beside it."""

from pathlib import PurePosixPath

from swayrec.evaluation.report.blocks import Block, Bullets, Document, Paragraph, Plot, Table


def markdown(document: Document, plots: PurePosixPath) -> str:
    """The document as GitHub-flavored Markdown; ``plots`` is the plots' folder, relative to the file."""
    lines = [f"# {_text(document.title)}", "", _text(document.subtitle), ""]
    lines += [f"**{_text(document.summary)}**", ""]
    if document.tiles:
        tiles = Table(
            ("", "", ""), tuple((tile.label, tile.value, tile.remark) for tile in document.tiles), 1
        )
        lines += [_table(tiles), ""]
    for section in document.sections:
        lines += [f"## {_text(section.title)}", ""]
        for block in section.blocks:
            lines += [_block(block, plots), ""]
    return "\n".join(lines)


def _block(block: Block, plots: PurePosixPath) -> str:
    if isinstance(block, Paragraph):
        return f"**{_text(block.text)}**" if block.strong else _text(block.text)
    if isinstance(block, Bullets):
        return "\n".join(f"- {_text(item)}" for item in block.items)
    if isinstance(block, Plot):
        return f"![{_text(block.tells)}]({plots / f'{block.name}.png'})\n\n*{_text(block.caption)}*"
    return _table(block)


def _table(table: Table) -> str:
    rule = ["---:" if place >= table.numbers_from else "---" for place in range(len(table.head))]
    rows = [table.head, tuple(rule)]
    for place, row in enumerate(table.rows):
        cells = tuple(_text(cell) for cell in row)
        rows.append(
            tuple(f"**{cell}**" if cell else "" for cell in cells) if place == table.marked else cells
        )
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _text(text: str) -> str:
    for sign in ("\\", "|", "*", "_", "`", "<"):
        text = text.replace(sign, "\\" + sign)
    return text.replace("](", "]\\(")
