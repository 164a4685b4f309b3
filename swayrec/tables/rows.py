"""What every reader of raw files says about rows."""

from dataclasses import dataclass

import pyarrow as pa

ROW = "__row"
"""The column with a row's number in its raw file: 1 for the first row of data."""

REASON = "__reason"
"""The column with the reason that a row is quarantined for."""

LINE = "__line"
"""The column with the whole line, where it could not be taken apart."""


@dataclass(frozen=True)
class Staged:
    """A raw file brought into Parquet: ``rows`` in the file, and those that could not be read at all.

    ``unreadable`` has ``ROW`` and ``REASON`` and as many of the file's columns and ``LINE`` as there are.
    """

    rows: int
    unreadable: pa.Table | None = None
