"""The engine that tables are computed by, asked through Ibis: DuckDB on one machine, Spark on many."""

import os
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from swayrec.tables.errors import InputError

ENGINES = ("duckdb", "spark")
"""What SWAYREC_ENGINE and ``engine`` may name."""

VARIABLE = "SWAYREC_ENGINE"


def chosen(name: str | None = None) -> str:
    """The engine by its name; without one that of the environment, without that DuckDB.

    Raises:
        InputError: there is no such engine.
    """
    found = name or os.environ.get(VARIABLE) or "duckdb"
    if found not in ENGINES:
        raise InputError(f"{VARIABLE}: there is no engine {found!r}; name one of {', '.join(ENGINES)}")
    return found


def connect(work: Path, name: str = "duckdb") -> Any:
    """An Ibis connection to an empty engine.

    Args:
        work: a folder that large data spill into; Spark's workers must see it under the same path.
        name: one of ``ENGINES``.

    Raises:
        InputError: the engine is not installed.
    """
    if name == "spark":
        return _spark().SparkEngine.connected(work)
    made = ibis.duckdb.connect()
    # A time without a zone is in UTC unless the scenario says otherwise, whatever the machine's zone; large
    # data spill into the work folder rather than fill the memory.
    for setting in ("TimeZone = 'UTC'", f"temp_directory = '{work}'", "memory_limit = '2GB'"):
        made.raw_sql(f"SET {setting}").fetchall()
    return made


def spark_session() -> Any:
    """The Spark session that there is, else a new one, for work that is no table's.

    Raises:
        InputError: Spark or Java is not installed.
    """
    return _spark().session()


def _spark() -> Any:
    # PySpark is an extra: whoever computes on one machine needs neither it nor Java.
    try:
        from swayrec.tables import spark_engine
    except ModuleNotFoundError as error:
        raise InputError(
            f"{VARIABLE}: spark needs a package that is not installed ({error.name}); install swayrec[spark], or "
            "choose duckdb"
        ) from None
    return spark_engine


def batches(connection: Any, table: Any, rows: int) -> pa.RecordBatchReader:
    """What an expression gives, in order, about ``rows`` rows at a time: for what does not fit into memory."""
    if connection.name != "duckdb":
        return connection.to_pyarrow_batches(table, chunk_size=rows)
    # Ibis asks DuckDB's cursor for a method that is gone since DuckDB 2.
    connection._run_pre_execute_hooks(table)
    return connection.con.sql(connection.compile(table)).to_arrow_reader(rows)


def put(connection: Any, name: str, table: pa.Table) -> None:
    """Makes an Arrow table known to a DuckDB connection under a name, in place of one that has it."""
    connection.raw_sql(f"DROP TABLE IF EXISTS {name}").fetchall()
    connection.create_table(name, ibis.memtable(table), temp=True)
