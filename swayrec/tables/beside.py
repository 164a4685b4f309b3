"""Columns of a second file laid beside the rows of a raw one: a campaign's start beside each of its mailings."""

import uuid
from dataclasses import replace
from typing import Any

from swayrec.tables import columns
from swayrec.tables.errors import InputError
from swayrec.tables.join import key
from swayrec.tables.reading import Raw, require
from swayrec.tables.rows import ROW
from swayrec.tables.scenario_sources import Beside

_KEY = "__key"


def laid_beside(engine: Any, raw: Raw, other: Raw, beside: Beside, field: str, scenario: str) -> Raw:
    """The file with the other's columns beside its own; a row without a partner has none of their values.

    Args:
        engine: an Ibis connection.
        raw: the file whose rows they are; each stays one row.
        other: the second file.
        beside: the columns that must be equal.
        field: the scenario's field, for errors.
        scenario: the scenario file's name, for errors.

    Raises:
        InputError: a column is missing, stands in both files, or a row has several partners.
    """
    for file in (raw, other):
        require(file, [(f"{field}.on", name) for name in beside.on], scenario)
    own = {name.lower() for name in raw.columns}
    added = [name for name in other.columns if name not in beside.on]
    if twice := [name for name in added if name.lower() in own]:
        raise InputError(
            f"{scenario}: field {field}: the column {twice[0]} stands in {raw.path} and in {other.path}; "
            "rename one of the two"
        )
    keyed = _keyed(other, beside.on)
    partners = keyed.filter(keyed[_KEY].notnull()).select(_KEY, *added)
    partners = engine.create_table(f"beside_{uuid.uuid4().hex}", partners, temp=True)
    repeated = partners.group_by(_KEY).aggregate(rows=partners.count()).order_by(_KEY)
    found = repeated.filter(repeated.rows > 1).limit(1).to_pyarrow().to_pylist()
    if found:
        names, values = ", ".join(beside.on), found[0][_KEY].replace("\x1f", ", ")
        raise InputError(
            f"{scenario}: field {field}: {other.path} has {found[0]['rows']} rows where {names} is {values}; "
            "keep one, so that it is known which stands beside a row"
        )
    rows = _keyed(raw, beside.on).left_join(partners, _KEY).select(ROW, *raw.columns, *added)
    # Stored, because what reads it joins it with itself, which engines refuse of a join.
    table = engine.create_table(f"beside_{uuid.uuid4().hex}", rows, temp=True)
    return replace(raw, table=table, columns=(*raw.columns, *added), untyped=raw.untyped or other.untyped)


def _keyed(raw: Raw, on: tuple[str, ...]) -> Any:
    ids = columns.identifiers(raw, on)
    return raw.table.mutate(**{_KEY: key([ids[name] for name in on])})
