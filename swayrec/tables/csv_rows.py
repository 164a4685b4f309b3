"""CSV to Parquet, row by row as it stands in the file; rows that are no rows are set aside, not fatal."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from swayrec.tables.encoding import ENCODING, as_text
from swayrec.tables.errors import InputError
from swayrec.tables.rows import LINE, REASON, ROW, Staged

WRONG_COLUMNS = "wrong number of columns"
"""The reason that a line with too few or too many fields is quarantined for."""

LONGEST_ROW = 100
"""Lines of a row that is no row, beyond which a quote must have been left open."""

BLOCK = 16 << 20
"""Bytes parsed at a time; no line may be longer."""


def stage_csv(path: Path, target: Path) -> Staged:
    """Copies a CSV file (.gz or not) to Parquet: every field as text, with the number of its row.

    Args:
        path: has a header; fields may be quoted and hold newlines; empty lines do not count as rows.
        target: the Parquet file to write: the file's columns and ``ROW``, 1 for the first data row.

    Raises:
        InputError: the file is empty, has no usable header, or is no text.
    """
    return _stage(
        path,
        target,
        _header(path),
        pa_csv.ReadOptions(use_threads=False, block_size=BLOCK),
        {"newlines_in_values": True},
        header_rows=1,
    )


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
    )


def _stage(
    path: Path, target: Path, names: list[str], read: pa_csv.ReadOptions, parse: dict, header_rows: int
) -> Staged:
    skipped: list[int] = []
    lines: list[str] = []

    def set_aside(row: pa_csv.InvalidRow) -> str:
        skipped.append(row.number - 1 - header_rows)
        lines.append(row.text)
        return "skip"

    schema = pa.schema([*((name, pa.string()) for name in names), (ROW, pa.int64())])
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
            for batch in batches:
                # Rows set aside were counted by the parser, so a row's number is its rank among the others
                # moved on by those before it.
                before = np.asarray(skipped, np.int64) - np.arange(len(skipped))
                rank = np.arange(good, good + batch.num_rows)
                row = pa.array(rank + np.searchsorted(before, rank, side="right") + 1)
                good += batch.num_rows
                texts, bad = as_text(batch)
                texts = texts.append_column(ROW, row)
                if bad.any():
                    wrong = pa.Table.from_batches([texts.filter(pa.array(bad))])
                    unreadable.append(wrong.append_column(REASON, pa.array([ENCODING] * len(wrong))))
                    texts = texts.filter(pa.array(~bad))
                writer.write_batch(texts)
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise InputError(
            f"{path}: it cannot be read as text in rows ({_first_line(error)}); mend the file, "
            "a quote that is never closed or a broken .gz are common causes"
        ) from None
    for place, line in zip(skipped, lines, strict=True):
        if line.count("\n") > LONGEST_ROW:
            # Half a file in one row must not pass as one bad row among many good ones.
            raise InputError(
                f"{path}: row {place + 1} opens a quote that {LONGEST_ROW} lines do not close "
                f"({line[:40]!r}); close it, or write a quote inside of a field twice"
            )
    if skipped:
        unreadable.append(
            pa.table(
                {
                    ROW: pa.array(np.asarray(skipped, np.int64) + 1),
                    REASON: [WRONG_COLUMNS] * len(skipped),
                    LINE: [line.encode("utf-8", "replace").decode() for line in lines],
                }
            )
        )
    return Staged(
        rows=good + len(skipped),
        unreadable=pa.concat_tables(unreadable, promote_options="default") if unreadable else None,
    )


def _header(path: Path) -> list[str]:
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            line = next((line for line in file if line.strip()), b"")
    except (OSError, EOFError) as error:
        raise InputError(f"{path}: it cannot be read ({_first_line(error)}); bring a whole file") from None
    if not line:
        raise InputError(f"{path}: the file is empty; bring one with a header and rows")
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{path}: the file is UTF-16; save it as UTF-8")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: byte {error.start + 1} of the header is not UTF-8; save the file as UTF-8"
        ) from None
    return next(csv.reader([text]))


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0]
