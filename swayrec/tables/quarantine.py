"""Bad rows: counted by source and reason, kept in a file that says where each stood, and too many of them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from swayrec.tables.errors import InputError
from swayrec.tables.reading import Raw
from swayrec.tables.rows import LINE, REASON, ROW

USER = "unknown user"
ITEM = "missing item"
LONG_ID = "too long an id"
TIME = "unparsable time"
ORDER = "unparsable order"
VALUE = "unparsable value"
FUTURE = "time in the future"
BEHAVIOR = "unknown behavior"
DUPLICATE = "duplicate event"
DUPLICATE_ITEM = "duplicate item"
DUPLICATE_USER = "duplicate user"


@dataclass(frozen=True)
class Quarantine:
    """A folder with one CSV file a source: row, reason, the raw columns, and the line where it was no row.

    More than ``most_bad`` (a share) of a source's rows in it stops the run.
    """

    folder: Path
    most_bad: float

    def add(self, source: str, raw: Raw, faults: Any, columns: Mapping[str, str | None]) -> dict[str, int]:
        """Puts a source's bad rows into its file.

        Args:
            source: the source's name.
            raw: its file.
            faults: an Ibis table with ``ROW`` and ``REASON``, one row a bad row of the file.
            columns: reason -> the column whose value an error shows.

        Returns:
            Rows by reason.

        Raises:
            InputError: the share of bad rows is too large; the file with them is kept.
        """
        bad = _rows(raw, faults)
        counts = dict(sorted(Counter(bad[REASON].to_pylist()).items()))
        if not counts:
            return counts
        path = self.folder / f"{source}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        pa_csv.write_csv(bad.rename_columns([_shown(name) for name in bad.column_names]), path)
        share = len(bad) / raw.rows
        if share > self.most_bad:
            reason = max(counts, key=lambda name: counts[name])
            first = bad.filter(pc.equal(bad[REASON], reason)).slice(0, 1).to_pylist()[0]
            column = columns.get(reason)
            told = _value(first, column)
            if reason == TIME and str(first.get(column)).isdecimal():
                told += "; say in time_unit what its numbers count"
            raise InputError(
                f"{raw.path}: {len(bad):,} of {raw.rows:,} rows ({_percent(share)}) are bad, "
                f"more than quality.most_bad = {_percent(self.most_bad)}; most often {reason}, first in row "
                f"{first[ROW]} ({told}); all are in "
                f"{path}: mend them, or allow more"
            )
        return counts


def _rows(raw: Raw, faults: Any) -> pa.Table:
    names = [*raw.columns, LINE]
    shape = pa.schema([(ROW, pa.int64()), (REASON, pa.string()), *((name, pa.string()) for name in names)])
    parts = []
    found = faults.to_pyarrow()
    if len(found):
        # First few rows, then text: the rest of the file is never turned into text.
        bad = raw.table.semi_join(ibis.memtable(found.select([ROW])), ROW)
        rows = bad.select(ROW, **{name: bad[name].cast("string") for name in raw.columns}).to_pyarrow()
        few = found[ROW].combine_chunks()
        order = pc.index_in(rows[ROW], value_set=few)
        rows = rows.append_column(REASON, pc.take(found[REASON], order))
        parts.append(_shaped(rows, shape))
    if raw.unreadable is not None:
        parts.append(_shaped(raw.unreadable, shape))
    return pa.concat_tables(parts).sort_by(ROW) if parts else shape.empty_table()


def _shaped(table: pa.Table, shape: pa.Schema) -> pa.Table:
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(len(table), field.type)
        for field in shape
    ]
    return pa.table(columns, schema=shape)


def _shown(name: str) -> str:
    return name.removeprefix("__") if name in (ROW, REASON, LINE) else name


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _value(row: dict[str, Any], column: str | None) -> str:
    if row[LINE] is not None:
        return f"{row[LINE][:80]!r}"
    if column in row:
        return f"{column} = {row[column]!r}"
    shown = ", ".join(str(value) for name, value in row.items() if name not in (ROW, REASON, LINE))
    return f"{shown[:80]!r}"
