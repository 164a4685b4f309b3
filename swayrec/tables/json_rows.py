"""JSON Lines to Parquet: every field as text; lines that are no JSON objects are set aside, not fatal."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from swayrec.tables.csv_rows import stage_lines
from swayrec.tables.engine import batches, connect
from swayrec.tables.errors import InputError
from swayrec.tables.rows import LINE, REASON, ROW, Staged

NOT_JSON = "not a JSON object"
"""The reason that a line of a JSON Lines file is quarantined for."""

AT_ONCE = 100_000
"""Rows in memory at a time."""


def stage_json(path: Path, target: Path) -> Staged:
    """Copies a JSON Lines file (.gz or not) to Parquet: each field as text, with the number of its row.

    A field that is an object or a list is its JSON. Whatever engine computes on the copy, it is DuckDB in this
    process that takes the lines apart: a text file is read by one machine in any case.

    Args:
        path: one object a line; empty lines do not count as rows.
        target: the Parquet file to write: the fields by name, and ``ROW``.

    Raises:
        InputError: no line is an object, or none is UTF-8.
    """
    lines = target.with_suffix(".lines.parquet")
    staged = stage_lines(path, lines)
    engine = connect(target.parent)
    try:
        is_object = f"CASE WHEN json_valid({LINE}) THEN json_type({LINE}) = 'OBJECT' ELSE FALSE END"
        engine.raw_sql(
            f"CREATE VIEW lines AS SELECT {LINE}, {ROW}, {is_object} AS is_object FROM '{lines}'"
        ).fetchall()
        rows = {LINE: "string", ROW: "int64"}
        wrong = engine.sql(f"SELECT {LINE}, {ROW} FROM lines WHERE NOT is_object", schema=rows).to_pyarrow()
        if staged.unreadable is not None and len(staged.unreadable) == staged.rows:
            raise InputError(f"{path}: no line is UTF-8; save the file as UTF-8")
        if staged.rows - (0 if staged.unreadable is None else len(staged.unreadable)) == len(wrong):
            raise InputError(f"{path}: no line is a JSON object; bring JSON Lines, one object a line")
        keys = engine.sql(
            f"SELECT DISTINCT unnest(json_keys({LINE})) AS name FROM lines WHERE is_object",
            schema={"name": "string"},
        )
        names = sorted(keys.to_pyarrow()["name"].to_pylist())
        # The names of the columns may differ in case alone, which is for the reader of the copy to complain of.
        fields = [f"json_extract_string({LINE}, {_pointer(name)})" for name in names]
        asked = ", ".join(f"{field} AS field_{place}" for place, field in enumerate(fields))
        wanted = f"SELECT {asked + ', ' if asked else ''}{ROW} FROM lines WHERE is_object ORDER BY {ROW}"
        shape = {**{f"field_{place}": "string" for place in range(len(names))}, ROW: "int64"}
        found = batches(engine, engine.sql(wanted, schema=shape), AT_ONCE)
        schema = pa.schema([*((name, pa.string()) for name in names), (ROW, pa.int64())])
        with pq.ParquetWriter(target, schema, compression="lz4") as writer:
            for batch in found:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    finally:
        engine.disconnect()
        lines.unlink()
    unreadable = [wrong.append_column(REASON, pa.array([NOT_JSON] * len(wrong), pa.string()))]
    if staged.unreadable is not None:
        unreadable.append(staged.unreadable)
    bad = pa.concat_tables(unreadable, promote_options="default")
    return Staged(staged.rows, bad if len(bad) else None)


def _pointer(name: str) -> str:
    inside = name.replace("\\", "\\\\").replace('"', '\\"').replace("'", "''")
    return f"'$.\"{inside}\"'"
