"""Files of ids that people hand in: users, and candidates of users."""

import csv
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import pyarrow.parquet as pq

from swayrec.tables.errors import InputError

STDIN = "-"


def users(name: str) -> list[str]:
    """The users of a file, each once, in its order.

    Args:
        name: a text or CSV file with one id a line or with a column `user_id`, a Parquet file with that
            column, or "-" for standard input.

    Raises:
        InputError: the file is missing, cannot be read or names nobody.
    """
    if name.endswith(".parquet"):
        return _some(_column(Path(name), "user_id"), name)
    if name == STDIN:
        return _some(_listed(sys.stdin, name), name)
    with _opened(Path(name)) as lines:
        return _some(_listed(lines, name), name)


def candidates(path: Path) -> dict[str, list[str]]:
    """The items to rank for each user, from a CSV or Parquet file with columns `user_id` and `item_id`.

    Raises:
        InputError: the file or one of its columns is missing.
    """
    if path.suffix == ".parquet":
        pairs = zip(_column(path, "user_id"), _column(path, "item_id"), strict=True)
    else:
        with _opened(path) as lines:
            rows = list(csv.DictReader(lines))
            for column in ("user_id", "item_id"):
                if not rows or column not in rows[0]:
                    raise InputError(
                        f"{path}: there is no column {column}, or no row; give user_id and item_id"
                    )
            pairs = zip((row["user_id"] for row in rows), (row["item_id"] for row in rows), strict=True)
    wanted: dict[str, list[str]] = {}
    for user, item in dict.fromkeys(pairs):
        wanted.setdefault(user, []).append(item)
    return wanted


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); mend the path") from None


def _listed(lines: Iterable[str], name: str) -> list[str]:
    try:
        rows = [row for row in csv.reader(lines) if row and any(row)]
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    if rows and "user_id" in rows[0]:
        place = rows[0].index("user_id")
        return [row[place] for row in rows[1:] if len(row) > place]
    if any(len(row) > 1 for row in rows):
        raise InputError(
            f"{name}: there are several columns and none is called user_id; name it in the first line"
        )
    return [row[0].strip() for row in rows]


def _column(path: Path, column: str) -> list[str]:
    try:
        table = pq.read_table(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as Parquet ({str(error).splitlines()[0]})") from None
    if column not in table.column_names:
        raise InputError(f"{path}: there is no column {column}; it has {', '.join(table.column_names)}")
    return [str(value) for value in table[column].to_pylist() if value is not None]


def _some(found: list[str], name: str) -> list[str]:
    if not found:
        raise InputError(f"{name}: there is no user in it; give one id a line")
    return list(dict.fromkeys(found))
