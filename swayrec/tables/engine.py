"""The engine that tables are computed by: DuckDB, asked through Ibis."""

from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa


def connect(work: Path) -> Any:
    """An Ibis connection to an empty DuckDB; ``work`` is a folder that large data spill into."""
    made = ibis.duckdb.connect()
    # A time without a zone is in UTC unless the scenario says otherwise, whatever the machine's zone; large
    # data spill into the work folder rather than fill the memory.
    for setting in ("TimeZone = 'UTC'", f"temp_directory = '{work}'", "memory_limit = '2GB'"):
        made.raw_sql(f"SET {setting}").fetchall()
    return made


def put(connection: Any, name: str, table: pa.Table) -> None:
    """Makes an Arrow table known to a connection under a name, in place of one that has it."""
    connection.raw_sql(f"DROP TABLE IF EXISTS {name}").fetchall()
    connection.create_table(name, ibis.memtable(table), temp=True)
