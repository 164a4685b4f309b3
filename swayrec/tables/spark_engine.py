"""Spark as the engine of tables: Ibis's own backend, with what DuckDB's can do and it cannot."""

import os
import shutil
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends.pyspark import Backend
from ibis.expr import datatypes as dt
from ibis.expr import operations as ops
from pyspark.sql.types import TimestampType

from swayrec.tables.errors import InputError
from swayrec.tables.spark_dialect import SHOWN, LikeDuckDB, shown

SETTINGS = {
    # Else timestamps are written in a format that is long deprecated and has no zone.
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
}


class SparkEngine(Backend):
    """An Ibis connection to a Spark session that outlives it; ``work`` holds what is computed once."""

    compiler = LikeDuckDB()

    @classmethod
    def connected(cls, work: Path) -> "SparkEngine":
        """A connection to the session that there is, else to a new one.

        Which master and how much memory are Spark's own settings: ``spark-defaults.conf`` in SPARK_CONF_DIR,
        or PYSPARK_SUBMIT_ARGS.

        Raises:
            InputError: there is no PySpark or no Java.
        """
        cls.register_options()
        made = cls()
        made._work, made._views = work, []
        made.do_connect(session())
        made._session.udf.register(SHOWN, shown, "string")
        return made

    def disconnect(self) -> None:
        """Forgets the views; the session stays, since the next step needs one too."""
        for name in self._views:
            self._session.catalog.dropTempView(name)

    def get_schema(self, table_name: str, **where: Any) -> Any:
        """The columns of a table; Ibis forgets which of Spark's two kinds of timestamps is an instant."""
        found = super().get_schema(table_name, **where)
        kinds = {field.name: field.dataType for field in self._session.table(table_name).schema}
        instant = dt.Timestamp(timezone="UTC", scale=6)
        return ibis.schema(
            {name: instant if kinds[name] == TimestampType() else kind for name, kind in found.items()}
        )

    def read_parquet(
        self, path: str | Path, /, *, table_name: str | None = None, file_row_number: bool = False
    ) -> Any:
        """A Parquet file as a table, with ``file_row_number`` (from 0) if that is asked for, as DuckDB has it."""
        frame = self._session.read.parquet(str(path))
        if file_row_number:
            frame = frame.select("*", frame["_metadata.row_index"].alias("file_row_number"))
        return self._view(table_name or f"parquet_{uuid.uuid4().hex}", frame)

    def create_table(
        self, name: str, /, obj: Any = None, *, temp: bool | None = None, **settings: Any
    ) -> Any:
        """A table; a temporary one lies as Parquet in the work folder, so that it is computed once."""
        if not temp:
            return super().create_table(name, obj, temp=temp, **settings)
        return self._view(name, self._session.read.parquet(str(self._written(obj))))

    def create_view(self, name: str, /, obj: Any, **settings: Any) -> Any:
        """A view that is forgotten with the connection."""
        self._views.append(name)
        return super().create_view(name, obj, **settings)

    def to_pyarrow(self, expr: Any, /, *, params: Any = None, limit: Any = None, **_: Any) -> Any:
        """What an expression gives, as Arrow."""
        table = expr.as_table()
        found = self._frame(table, params, limit).toArrow()
        return expr.__pyarrow_result__(found.cast(table.schema().to_pyarrow()))

    def to_pyarrow_batches(
        self, expr: Any, /, *, params: Any = None, limit: Any = None, chunk_size: int = 1_000_000, **_: Any
    ) -> pa.RecordBatchReader:
        """The same in parts, in order, none of which the driver holds longer than it is looked at."""
        table = expr.as_table()
        schema = table.schema().to_pyarrow()
        folder = self._written(table, params, limit)

        def parts() -> Iterator[pa.RecordBatch]:
            for path in sorted(folder.glob("*.parquet")):
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(chunk_size):
                        yield pa.Table.from_batches([batch]).cast(schema).combine_chunks().to_batches()[0]
            shutil.rmtree(folder)

        return pa.RecordBatchReader.from_batches(schema, parts())

    def _frame(self, table: Any, params: Any = None, limit: Any = None) -> Any:
        self._run_pre_execute_hooks(table)
        return self._session.sql(self.compile(table, params=params, limit=limit))

    def _written(self, table: Any, params: Any = None, limit: Any = None) -> Path:
        folder: Path = self._work / f"spark_{uuid.uuid4().hex}"
        self._frame(table, params, limit).write.parquet(str(folder))
        return folder

    def _view(self, name: str, frame: Any) -> Any:
        frame.createOrReplaceTempView(name)
        self._views.append(name)
        return self.table(name)

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        table = op.data.to_pyarrow(op.schema)
        self._session.createDataFrame(table).createOrReplaceTempView(op.name)


def session() -> Any:
    """The Spark session that there is, else a new one.

    Raises:
        InputError: Java is missing.
    """
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise InputError("SWAYREC_ENGINE: spark needs Java 17 or newer; install one, or choose duckdb")
    # What the workers run must be this Python, with what is installed in it.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        made = SparkSession.builder.appName("swayrec").getOrCreate()
    except PySparkRuntimeError as error:
        message = str(error).partition("\n")[0]
        raise InputError(f"SWAYREC_ENGINE: spark does not start ({message}); see to its settings") from error
    for name, value in SETTINGS.items():
        made.conf.set(name, value)
    return made
