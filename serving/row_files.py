"""Rows of a file, one at a time, as what is posted: CSV, Parquet or JSON Lines; and the same written."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from swayrec.operations.workspace import written_whole
from swayrec.tables.errors import InputError

CSV, PARQUET, LINES = ".csv", ".parquet", ".jsonl"
KINDS = (CSV, PARQUET, LINES)


def kind(path: Path) -> str:
    """Which of ``KINDS`` a file is, by its name.

    Raises:
        InputError: none.
    """
    if path.suffix not in KINDS:
        raise InputError(f"{path}: the file must end in {', '.join(KINDS[:-1])} or {KINDS[-1]}")
    return path.suffix


def rows(path: Path, numbers: Iterable[str] = ()) -> Iterator[tuple[int, Mapping[str, Any] | str]]:
    """Each row's number (the first is 1; in a CSV the line that names the columns is none) and its values by name.

    What is empty is left out. A line that is no JSON object comes as it stands, as text.

    Args:
        path: the file.
        numbers: columns of a CSV that hold numbers.

    Raises:
        InputError: the file cannot be read.
    """
    readers = {CSV: _csv, PARQUET: _parquet, LINES: _lines}
    try:
        for number, row in enumerate(readers[kind(path)](path), 1):
            if isinstance(row, Mapping):
                filled = {name: _plain(value) for name, value in row.items() if value not in (None, "")}
                yield number, _numbered(filled, numbers) if path.suffix == CSV else filled
            else:
                yield number, row
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowInvalid) as error:
        said = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be read ({said}); mend the file or give another") from None


def write(tables: Iterable[pa.Table], schema: pa.Schema, path: Path) -> int:
    """Writes tables of one schema into a file, whole or not at all; how many rows."""
    written = 0
    with written_whole(path) as place:
        if kind(path) == LINES:
            with place.open("w", encoding="utf-8") as file:
                for table in tables:
                    written += table.num_rows
                    for row in table.to_pylist():
                        told = {name: _plain(value) for name, value in row.items() if value is not None}
                        file.write(json.dumps(told, ensure_ascii=False) + "\n")
            return written
        opened = pq.ParquetWriter if path.suffix == PARQUET else pa_csv.CSVWriter
        with opened(place, schema if path.suffix == PARQUET else _flat(schema)) as writer:
            for table in tables:
                written += table.num_rows
                writer.write_table(table if path.suffix == PARQUET else _flattened(table))
    return written


def _csv(path: Path) -> Iterator[Mapping[str, Any]]:
    csv.field_size_limit(2**31 - 1)
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file, strict=True):
            # A value without a column has no name to be asked by.
            yield {name or "": value if name else " ".join(value) for name, value in row.items()}


def _parquet(path: Path) -> Iterator[Mapping[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(10_000):
            yield from batch.to_pylist()


def _lines(path: Path) -> Iterator[Mapping[str, Any] | str]:
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                told = json.loads(line)
            except ValueError:
                told = line
            yield told if isinstance(told, Mapping) else line.rstrip("\n")


def _plain(value: Any) -> Any:
    """As JSON knows it."""
    return value.isoformat() if isinstance(value, (datetime, date)) else value


def _numbered(row: Mapping[str, Any], numbers: Iterable[str]) -> Mapping[str, Any]:
    told = dict(row)
    for name in numbers:
        try:
            told[name] = float(told[name])
        except (KeyError, ValueError):
            continue  # Whoever checks the row says so.
    return told


def _flat(schema: pa.Schema) -> pa.Schema:
    """A CSV has no lists: their values are joined."""
    return pa.schema(
        [pa.field(field.name, pa.string()) if pa.types.is_list(field.type) else field for field in schema]
    )


def _flattened(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            joined = [None if value is None else "|".join(value) for value in table[field.name].to_pylist()]
            table = table.set_column(place, field.name, pa.array(joined, pa.string()))
    return table
