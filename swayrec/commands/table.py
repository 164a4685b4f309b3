"""A table for people: aligned text, numbers to the right, as wide as it must be."""

import json
from collections.abc import Sequence
from typing import Any

import click


def text_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """The rows under their columns' names.

    >>> print(text_table(["item", "score"], [["socks", 0.35], ["cap", 0.18]]))
    item   score
    -----  -----
    socks  0.350
    cap    0.180
    """
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    numbers = [bool(rows) and all(_is_number(row[place]) for row in rows) for place in range(len(columns))]

    def line(texts: Sequence[str]) -> str:
        put = zip(texts, widths, numbers, strict=True)
        return "  ".join(
            text.rjust(width) if number else text.ljust(width) for text, width, number in put
        ).rstrip()

    return "\n".join([line(columns), "  ".join("-" * width for width in widths), *map(line, cells)])


def show(columns: Sequence[str], rows: Sequence[Sequence[Any]], as_json: bool) -> None:
    """Prints the rows as a table, or as a JSON list of objects."""
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    else:
        click.echo(text_table(columns, rows))


def show_json(value: Any) -> None:
    """Prints a value as JSON, readable and with every language's letters as they are."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
