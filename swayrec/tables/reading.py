"""A raw file, CSV, Parquet or JSON Lines, as a table that knows where each row stood."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from swayrec.tables.content import check_text
from swayrec.tables.csv_rows import stage_csv
from swayrec.tables.encoding import ENCODING, as_text, is_bytes, is_text
from swayrec.tables.errors import InputError, of_the_machine
from swayrec.tables.json_rows import stage_json
from swayrec.tables.rows import LINE, REASON, ROW, Staged

JSON = ("jsonl", "ndjson", "json")

ENGINES = "file_row_number"
"""The column that the engine adds to a Parquet file that it reads itself."""

OURS = (ROW, REASON, LINE)
"""Names of columns that a raw file may not have."""


@dataclass(frozen=True)
class Raw:
    """A raw file, opened.

    ``table`` is an Ibis table of the readable rows: the file's ``columns`` (text where the format has no
    types: ``untyped``) and ``ROW``. ``rows`` counts all rows of the file; ``unreadable`` holds those that
    could not be read, as :class:`~swayrec.tables.rows.Staged` says.
    """

    path: Path
    table: Any
    columns: tuple[str, ...]
    untyped: bool
    rows: int
    unreadable: pa.Table | None


def open_raw(engine: Any, path: Path, work: Path, separator: str | None = None) -> Raw:
    """Opens a raw file by its name's ending: .csv, .parquet, .jsonl, .ndjson or .json; also with .gz.

    Args:
        engine: an Ibis connection.
        path: the file.
        work: a folder for Parquet copies, which must outlive the table.
        separator: the character between two columns; a file that has one is text in columns, whatever its ending.

    Raises:
        InputError: the file is empty, broken, or of no format that we read.
    """
    if not path.is_file():
        raise InputError(f"{path}: this is no file; name one CSV, Parquet or JSON Lines file")
    kind = "csv" if separator else "".join(path.suffixes[-2:]).lower().removesuffix(".gz").rpartition(".")[2]
    target = work / f"{uuid.uuid4().hex}.parquet"
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; bring one with rows")
    if kind in ("csv", *JSON):
        check_text(path)
    if kind == "csv":
        raw = _staged(engine, path, target, stage_csv(path, target, separator or ","), untyped=True)
    elif kind == "parquet":
        raw = _parquet(engine, path, target)
    elif kind in JSON:
        raw = _staged(engine, path, target, stage_json(path, target), untyped=True)
    else:
        raise InputError(
            f"{path}: its ending names no format; end it in .csv, .parquet or .jsonl (.gz too), or say in the "
            "scenario what separator stands between its columns"
        )
    if raw.rows == 0:
        raise InputError(f"{path}: the file has columns but no rows; bring one with rows")
    return raw


def require(raw: Raw, columns: Iterable[tuple[str, str | None]], scenario: str) -> None:
    """Checks that a file has the columns that fields of the scenario name.

    Raises:
        InputError: names the field, the column and the columns that there are.
    """
    for field, column in columns:
        if column is not None and column not in raw.columns:
            raise InputError(
                f"{scenario}: field {field} names the column {column}, which {raw.path} does not have; "
                f"it has {', '.join(map(_visible, raw.columns))}"
            )


def _visible(name: str) -> str:
    """A column's name, in quotes where something in it would not be seen."""
    return name if name.isprintable() and name == name.strip() else repr(name)


def _staged(engine: Any, path: Path, target: Path, staged: Staged, *, untyped: bool) -> Raw:
    columns = _usable(path, pq.read_schema(target).names[:-1])
    return Raw(path, engine.read_parquet(str(target)), columns, untyped, staged.rows, staged.unreadable)


def _usable(path: Path, names: list[str]) -> tuple[str, ...]:
    """The names, if there are some, and no two are the same to SQL, which does not mind case."""
    if not names:
        raise InputError(f"{path}: there is no column in it; bring a file with columns and rows")
    for name in names:
        if name.lower() in OURS:
            raise InputError(f"{path}: Swayrec needs the column name {name} for itself; rename that column")
    lower = [name.lower() for name in names]
    twice = [name for place, name in enumerate(names) if name.lower() in lower[:place]]
    if twice:
        raise InputError(f"{path}: the column {twice[0]} stands there twice; rename one of the two")
    return tuple(names)


def _parquet(engine: Any, path: Path, target: Path) -> Raw:
    try:
        file = pq.ParquetFile(path)
        columns = _usable(path, file.schema_arrow.names)
        if file.metadata.num_rows == 0:
            return Raw(path, None, columns, False, 0, None)
        if _all_utf8(file) and ENGINES not in map(str.lower, columns):
            # Nothing to mend: the engine reads the file itself, and only the columns that are asked for.
            table = engine.read_parquet(str(path), file_row_number=True)
            table = table.mutate(**{ROW: table[ENGINES] + 1}).drop(ENGINES)
            return Raw(path, table, columns, False, file.metadata.num_rows, None)
        return _staged(engine, path, target, _mend(file, target), untyped=False)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError) as error:
        if isinstance(error, OSError) and of_the_machine(error):
            raise  # the copy could not be written
        message = str(error).partition("\n")[0]
        raise InputError(
            f"{path}: it cannot be read as Parquet ({message}); bring a whole Parquet file"
        ) from None


def _all_utf8(file: pq.ParquetFile) -> bool:
    fields = list(file.schema_arrow)
    if any(is_bytes(field.type) and not is_text(field.type) for field in fields):
        return False
    texts = [field.name for field in fields if is_text(field.type)]
    if not texts:
        return True
    try:
        for batch in file.iter_batches(columns=texts):
            for column in batch.columns:
                column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _mend(file: pq.ParquetFile, target: Path) -> Staged:
    unreadable: list[pa.Table] = []
    writer = None
    start = 1
    for batch in file.iter_batches():
        texts, bad = as_text(batch)
        texts = texts.append_column(ROW, pa.array(np.arange(start, start + len(texts))))
        start += len(texts)
        wrong = texts.filter(pa.array(bad))
        if len(wrong):
            unreadable.append(
                pa.Table.from_batches([wrong]).append_column(REASON, pa.array([ENCODING] * len(wrong)))
            )
        writer = writer or pq.ParquetWriter(target, texts.schema, compression="lz4")
        writer.write_batch(texts.filter(pa.array(~bad)))
    if writer:
        writer.close()
    return Staged(rows=start - 1, unreadable=pa.concat_tables(unreadable) if unreadable else None)
