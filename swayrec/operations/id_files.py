"""Files of ids that people hand in: users, and candidates of users. Ids are read as the ingest reads them."""

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import pyarrow.parquet as pq

from swayrec.tables.errors import InputError
from swayrec.tables.schema import BLANKS

STDIN = "-"
USER, ITEM = "user_id", "item_id"

Table = tuple[list[str], list[list[str]]]
"""The columns' names, and the rows below them."""


def users(name: str) -> list[str]:
    """The users of a file, each once, in its order.

    Args:
        name: a text or CSV file with one id a line or with a column `user_id`, a Parquet file with that
            column, or "-" for standard input.

    Raises:
        InputError: the file is missing, cannot be read, names nobody, or has a row without a user.
    """
    if name.endswith(".parquet"):
        found = _ids(_parquet(Path(name)), (USER,), name)
    elif name == STDIN:
        name = "standard input"
        found = _listed(_rows(sys.stdin, name), name)
    else:
        with _opened(Path(name)) as lines:
            found = _listed(_rows(lines, name), name)
    if not found:
        raise InputError(f"{name}: there is no user in it; give one id a line")
    return list(dict.fromkeys(user for (user,) in found))


def candidates(path: Path) -> dict[str, list[str]]:
    """The items to rank for each user, from a CSV or Parquet file with columns `user_id` and `item_id`.

    Raises:
        InputError: the file or one of its columns is missing, there is no row, or one lacks its user or item.
    """
    if path.suffix == ".parquet":
        table = _parquet(path)
    else:
        with _opened(path) as lines:
            header, *rows = _rows(lines, str(path)) or [[]]
            table = header, rows
    pairs = _ids(table, (USER, ITEM), str(path))
    if not pairs:
        raise InputError(f"{path}: there is no row in it; give user_id and item_id")
    wanted: dict[str, list[str]] = {}
    for user, item in dict.fromkeys(pairs):
        wanted.setdefault(user, []).append(item)
    return wanted


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); mend the path") from None


def _rows(lines: Iterable[str], name: str) -> list[list[str]]:
    """The rows of a text that are not empty, without space around their values."""
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(lines, strict=True)
    try:
        rows = [[value.strip(BLANKS) for value in row] for row in reader]
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except csv.Error as error:
        raise InputError(
            f"{name}: line {reader.line_num} is no CSV ({error}); close each quote, and write one inside of an "
            "id twice"
        ) from None
    if rows and rows[0]:
        rows[0][0] = rows[0][0].removeprefix("\ufeff")
    return [row for row in rows if any(row)]


def _listed(rows: list[list[str]], name: str) -> list[tuple[str, ...]]:
    if rows and USER in rows[0]:
        return _ids((rows[0], rows[1:]), (USER,), name)
    if any(len(row) > 1 for row in rows):
        raise InputError(
            f"{name}: there are several columns and none is called user_id; name it in the first line"
        )
    return [tuple(row) for row in rows]


def _parquet(path: Path) -> Table:
    try:
        table = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]})") from None
    wanted = [name for name in (USER, ITEM) if name in table.column_names]
    columns = [[_text(value) for value in table[name].to_pylist()] for name in wanted]
    return wanted or table.column_names, [list(row) for row in zip(*columns, strict=True)]


def _text(value: Any) -> str:
    """An id as people see it: 1029, not 1029.0; empty where there is none."""
    if value is None or value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip(BLANKS)


def _ids(table: Table, wanted: Sequence[str], name: str) -> list[tuple[str, ...]]:
    header, rows = table
    for column in wanted:
        if column not in header:
            raise InputError(f"{name}: there is no column {column}; it has {', '.join(header) or 'none'}")
    places = [header.index(column) for column in wanted]
    found = []
    for number, row in enumerate(rows, 1):
        ids = tuple(row[place] if place < len(row) else "" for place in places)
        if "" in ids:
            column = wanted[ids.index("")]
            raise InputError(f"{name}: row {number} has no {column}; give it one, or remove the row")
        found.append(ids)
    return found
