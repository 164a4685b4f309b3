"""SQL conditions of a scenario (`when`, `where`) as columns of a table."""

import uuid
from collections.abc import Mapping
from typing import Any

import sqlglot
from sqlglot import expressions

from swayrec.tables import columns
from swayrec.tables.errors import InputError
from swayrec.tables.reading import Raw, require
from swayrec.tables.rows import ROW

DIALECT = "duckdb"
"""Conditions are written in this dialect; Ibis says them in that of the engine at hand."""


def evaluate(
    engine: Any, raw: Raw, conditions: Mapping[str, tuple[str, str]], scenario: str, bad: float
) -> Any:
    """A file's table with one boolean column a condition.

    In files without types (CSV, JSON Lines) a column that a condition reads is a number if all but a share
    of ``bad`` of its values are numbers (the others are then null there), else text.

    Args:
        engine: an Ibis connection.
        raw: the file.
        conditions: name of the new column -> (field of the scenario, condition).
        scenario: the scenario file's name, for errors.
        bad: a share.

    Raises:
        InputError: a condition is no SQL, names a column that is not there, or cannot be computed.
    """
    if not conditions:
        return raw.table
    parsed = {name: _parsed(field, text, scenario) for name, (field, text) in conditions.items()}
    needed: set[str] = set()
    by_lower = {column.lower(): column for column in raw.columns}
    for name, condition in parsed.items():
        named = [column.name for column in condition.find_all(expressions.Column)]
        require(
            raw, [(conditions[name][0], by_lower.get(column.lower(), column)) for column in named], scenario
        )
        needed |= {by_lower[column.lower()] for column in named}
    view = f"conditions_{uuid.uuid4().hex}"
    read = _typed(raw, sorted(needed), bad)
    engine.create_view(view, read)
    flags = ", ".join(
        f"coalesce({condition.sql(DIALECT)}, FALSE) AS {name}" for name, condition in parsed.items()
    )
    schema = {ROW: "int64", **dict.fromkeys(parsed, "boolean")}
    flagged = engine.sql(f"SELECT {ROW}, {flags} FROM {view}", schema=schema, dialect=DIALECT)
    try:
        flagged = engine.create_table(f"{view}_flags", flagged, temp=True)
    except Exception as error:  # every engine has exceptions of its own
        texts = "; ".join(f"{field} = {text!r}" for field, text in conditions.values())
        message = str(error).partition("\n")[0]
        raise InputError(
            f"{scenario}: {texts} cannot be computed on {raw.path} ({message}); mend the condition"
        ) from error
    # A selection of its own, because Ibis cannot join a join whose columns are in use.
    return raw.table.inner_join(flagged, ROW).select(ROW, *raw.columns, *parsed)


def _parsed(field: str, text: str, scenario: str) -> Any:
    try:
        found = sqlglot.parse_one(text, dialect=DIALECT)
    except sqlglot.errors.SqlglotError as error:
        message = str(error).partition("\n")[0]
        raise InputError(f"{scenario}: field {field} = {text!r} is no SQL condition ({message})") from None
    if found.find(expressions.Query, expressions.DDL, expressions.Command) is not None:
        raise InputError(f"{scenario}: field {field} = {text!r} is a statement; give a condition on one row")
    return found


def _typed(raw: Raw, names: list[str], bad: float) -> Any:
    table = raw.table
    if not raw.untyped or not names:
        return table.select(ROW, *names)
    asked = {}
    for place, name in enumerate(names):
        asked[f"given_{place}"] = columns.text(table[name]).count()
        asked[f"numbers_{place}"] = columns.number(table[name]).count()
    found = table.aggregate(**asked).to_pyarrow().to_pylist()[0]
    read = {}
    for place, name in enumerate(names):
        given, numbers = found[f"given_{place}"], found[f"numbers_{place}"]
        is_number = given > 0 and numbers >= given * (1 - bad)
        read[name] = columns.number(table[name]) if is_number else columns.text(table[name])
    return table.select(ROW, **read)
