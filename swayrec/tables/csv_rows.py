"""CSV to Parquet, row by row as it stands in the file; rows that are no rows are set aside, not fatal."""

import csv
import gzip
import json
from io import BufferedReader, TextIOWrapper
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from swayrec.tables.content import BROKEN
from swayrec.tables.encoding import ENCODING, as_text
from swayrec.tables.errors import InputError, of_the_machine
from swayrec.tables.rows import LINE, REASON, ROW, Staged
from swayrec.tables.set_aside import SetAside, swallowed

LONGEST_ROW = 100
"""Lines of a row that is no row, beyond which a quote must have been left open."""

BLOCK = 16 << 20
"""Bytes parsed at a time; no line may be longer."""


class _DoubtError(Exception):
    """Some row of the file may hold other rows, because a quote is not closed."""


def stage_csv(path: Path, target: Path, separator: str = ",") -> Staged:
    """Copies a CSV file (.gz or not) to Parquet: every field as text, with the number of its row.

    Args:
        path: has a header (a column without a name is called by its place: ``column_3``); fields may be
            quoted and hold newlines; empty lines do not count as rows.
        target: the Parquet file to write: the file's columns and ``ROW``, 1 for the first data row.
        separator: the character that stands between two fields.

    Raises:
        InputError: the file has no usable header, or is no text in rows.
    """
    names = _header(path, separator)
    read = pa_csv.ReadOptions(use_threads=False, block_size=BLOCK)
    parse = {"newlines_in_values": True, "delimiter": separator}
    try:
        return _stage(path, target, names, read, parse, header_rows=1)
    except _DoubtError:
        # Rare, and only a slower reader can tell which rows.
        known = SetAside()
        with _opened(path) as file:
            for place, text in swallowed(TextIOWrapper(file, "utf-8-sig", "replace", newline=""), separator):
                known.add(place - 1, text)
        return _stage(path, target, names, read, parse, header_rows=1, known=known)


def stage_lines(path: Path, target: Path) -> Staged:
    """Copies a text file to Parquet: one row a line that is not empty, in the column ``LINE``.

    Raises:
        InputError: the file cannot be read.
    """
    return _stage(
        path,
        target,
        [LINE],
        pa_csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=[LINE]),
        {"delimiter": "\x01", "quote_char": False, "double_quote": False},
        header_rows=0,
        known=SetAside(),
    )


def _stage(
    path: Path,
    target: Path,
    names: list[str],
    read: pa_csv.ReadOptions,
    parse: dict,
    header_rows: int,
    known: SetAside | None = None,
) -> Staged:
    """Copies the rows; ``known`` are those that hold others. Where it is None, one that may raises a doubt."""
    aside = known or SetAside()
    skipped: list[int] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        skipped.append(row.number - 1 - header_rows)
        aside.add(skipped[-1], row.text)
        return "skip"

    called = [name or f"column_{place}" for place, name in enumerate(names, 1)]
    schema = pa.schema([*((name, pa.string()) for name in called), (ROW, pa.int64())])
    unreadable: list[pa.Table] = []
    good = 0
    try:
        with (
            pa.input_stream(str(path)) as stream,
            pa_csv.open_csv(
                stream,
                read_options=read,
                parse_options=pa_csv.ParseOptions(invalid_row_handler=set_aside, **parse),
                convert_options=pa_csv.ConvertOptions(column_types={name: pa.binary() for name in names}),
            ) as batches,
            pq.ParquetWriter(target, schema, compression="lz4") as writer,
        ):
            start = 0
            for batch in batches:
                # The parser counts the rows that it skips, so a row's place is its rank among the others
                # moved on by those before it.
                before = np.asarray(skipped, np.int64) - np.arange(len(skipped))
                rank = np.arange(start, start + batch.num_rows)
                start += batch.num_rows
                places = rank + np.searchsorted(before, rank, side="right")
                texts, bad = as_text(batch)
                if known is None and _may_hold_rows(texts):
                    raise _DoubtError
                texts = pa.RecordBatch.from_arrays(
                    [*texts.columns, pa.array(aside.numbers(places))], schema=schema
                )
                whole = ~np.isin(places, aside.places)
                good += int(whole.sum())
                if (bad & whole).any():
                    wrong = pa.Table.from_batches([texts.filter(pa.array(bad & whole))])
                    unreadable.append(wrong.append_column(REASON, pa.array([ENCODING] * len(wrong))))
                writer.write_batch(texts.filter(pa.array(whole & ~bad)))
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        if isinstance(error, OSError) and of_the_machine(error):
            raise  # the copy could not be written
        raise InputError(
            f"{path}: it cannot be read as text in rows ({_first_line(error)}); mend the file, "
            "a quote that is never closed or a broken .gz are common causes"
        ) from None
    if len(aside):
        number, lines = aside.longest()
        if len(lines) > LONGEST_ROW:
            raise InputError(
                f"{path}: row {number} opens a quote that {LONGEST_ROW} lines do not close "
                f"({lines[0][:40]!r}); close it, or write a quote inside of a field twice"
            )
        unreadable.append(aside.table())
    return Staged(
        rows=good + len(aside),
        unreadable=pa.concat_tables(unreadable, promote_options="default") if unreadable else None,
    )


def _may_hold_rows(texts: pa.RecordBatch) -> bool:
    """Whether some value ends as it would if its quote had been closed by the opening one of a later row."""
    for column in texts.columns:
        ends = column.filter(pc.ends_with(column, '"'))
        if len(ends) and pc.any(pc.match_substring(ends, "\n")).as_py():
            return True
    return False


def _header(path: Path, separator: str) -> list[str]:
    try:
        with _opened(path) as file:
            line = next((line for line in file if line.strip()), b"")
    except BROKEN as error:
        raise InputError(f"{path}: it cannot be read ({_first_line(error)}); bring a whole file") from None
    if not line:
        raise InputError(f"{path}: the file is empty; bring one with a header and rows")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start + 1} of the header is not UTF-8; save the file as UTF-8"
        ) from None
    text = text.rstrip("\r\n")
    if "\r" in text:
        raise InputError(f"{path}: its lines end in a carriage return alone; save it with newlines")
    names = next(csv.reader([text], delimiter=separator))
    other = next((each for each in ",;\t|" if each in text), None)
    if len(names) == 1 and other is not None:
        called = "comma" if separator == "," else repr(separator)
        raise InputError(
            f"{path}: the header {text[:80]!r} holds no {called}; name what stands between its columns in the "
            f"scenario: separator = {json.dumps(other)}"
        )
    return names


def _opened(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb")


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
