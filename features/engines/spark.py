"""Spark as an engine: the session, and ibis' PySpark backend with Arrow both ways and tables kept in memory."""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.schema as sch
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from ibis.backends.pyspark import Backend
from ibis.backends.pyspark.datatypes import PySparkType
from ibis.formats.pandas import PandasData
from ibis.util import gen_name
from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession
from pyspark.sql.types import StringType, StructField, StructType, TimestampType

from ...core.config.business import Config, EngineConfig
from ...core.errors import ConfigError, DataError
from .java import require_java
from .spark_sql import SparkCompiler

__all__ = [
    "SparkBackend",
    "answers",
    "asked",
    "connect",
    "errors",
    "query_view",
    "read_csv",
    "read_duckdb",
    "read_parquet",
    "reads_uris",
    "reason",
    "rereads",
    "store",
]

errors: tuple[type[Exception], ...] = (PySparkException, Py4JError, NotImplementedError)
reads_uris = True
rereads = True
_ENCODINGS = {"latin-1": "ISO-8859-1", "utf-16": "UTF-16", "utf-8": "UTF-8"}

_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""What every session needs, wherever it runs, for a value to mean what it means on DuckDB."""

# Errors of tasks quote rows, which no log may hold; what matters of them comes back as an exception. Spark announces
# every level but warn, so the level is kept and the messages are filtered.
_QUIET = """\
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.filter.fatal.type = ThresholdFilter
appender.console.filter.fatal.level = fatal
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = spark %p %c{1}: %m%n
"""


def connect(config: Config) -> SparkBackend:
    """Return a Spark session of its own behind ibis, set up as ``config.engine`` says.

    Raises
    ------
    ConfigError
        Java is missing or too old, Spark cannot be reached, or ``master`` and ``remote`` are both given.
    """
    engine = config.engine
    if engine.master and engine.remote:
        raise ConfigError("engine: expected master or remote, got both; remote names a Spark Connect server")
    try:
        session = _remote(engine.remote) if engine.remote else _started(engine)
        for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
            PySparkLogger.getLogger(name).setLevel(logging.CRITICAL + 1)
        for key, value in _SESSION.items():
            session.conf.set(key, value)
        SparkBackend.register_options()
        backend: SparkBackend = SparkBackend().connect(session)
        return backend
    except ImportError as error:
        raise ConfigError(
            f"engine.remote: needs the packages of Spark Connect ({error.name or error}); run pip"
            " install 'servicelift[spark]'"
        ) from error
    except (PySparkException, RuntimeError, OSError) as error:
        where = (engine.remote or "").split(";")[0] or engine.master or f"local[{engine.threads}]"
        raise ConfigError(f"engine: Spark did not start at {where}: {_first_line(error)}") from error


def _remote(url: str) -> Any:
    """Return a session of a Spark Connect server; one that does not answer is told at once, not after minutes."""
    address = urlsplit(url)
    if address.scheme != "sc" or not address.hostname:
        raise ConfigError(f"engine.remote: expected a server such as sc://host:15002, got {url.split(';')[0]!r}")
    with socket.create_connection((address.hostname, address.port or 15002), timeout=10):
        return SparkSession.builder.remote(url).create()


def _started(engine: EngineConfig) -> Any:
    """Return a session of its own on the running Spark, or on one started here."""
    running = SparkSession.getActiveSession()
    if running is not None:
        return running.newSession()
    require_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    master = engine.master or f"local[{engine.threads}]"
    builder = SparkSession.builder.master(master).appName("servicelift")
    with tempfile.NamedTemporaryFile("w", suffix=".properties") as quiet:
        quiet.write(_QUIET)
        quiet.flush()
        options = {
            "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        if master.startswith("local"):
            options |= _local(engine, quiet.name)
        for key, value in options.items():
            builder = builder.config(key, value)
        return builder.getOrCreate().newSession()


def _local(engine: EngineConfig, quiet: str) -> dict[str, str]:
    """Return the options of a Spark inside this machine: nothing listens to the network, nothing is left behind."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return {
        "spark.driver.memory": spark_memory(engine.memory),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.extraJavaOptions": f"-Duser.timezone=UTC -Dlog4j2.configurationFile=file:{quiet}",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "servicelift-warehouse"),
        "spark.sql.shuffle.partitions": str(4 * engine.threads),
    }


def spark_memory(size: str) -> str:
    """Return a size such as 4GB as Spark writes it, 4096m.

    Raises
    ------
    ConfigError
        It is no size.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT])i?B?\s*", size, re.IGNORECASE)
    if found is None:
        raise ConfigError(f"engine.memory: expected a size such as 4GB, got {size!r}")
    megabytes = float(found.group(1)) * {"K": 1 / 1024, "M": 1, "G": 1024, "T": 1024**2}[found.group(2).upper()]
    return f"{max(int(megabytes), 512)}m"


def _first_line(error: Exception) -> str:
    return " ".join((str(error).splitlines() or [type(error).__name__])[0].split())


def reason(error: Exception) -> str:
    """Return why Spark failed, without any value of the data: messages at run time may quote it."""
    text = " ".join(str(error).split())
    if "TIMESTAMP(NANOS" in text:
        return "instants in nanoseconds, which Spark does not read; write them in microseconds"
    if "MALFORMED_CSV_RECORD" in text or "MALFORMED_RECORD_IN_PARSING" in text:
        return "a CSV line holds more or fewer values than there are columns; check the file"
    if isinstance(error, AnalysisException | ParseException):
        return _first_line(error)
    condition = error.getCondition() if isinstance(error, PySparkException) else None
    return f"{condition or type(error).__name__}; check that the file is what its ending says"


def read_parquet(connection: Any, files: Sequence[str], base: str) -> Any:
    """Return Parquet files as one table, columns matched by name, ``key=value`` folders below ``base`` too."""
    reader = connection._session.read.option("mergeSchema", "true").option("basePath", base)
    return _named(connection, reader.parquet(*files), gen_name("parquet"))


def read_csv(
    connection: Any, files: Sequence[str], names: Sequence[str], skip: int, delimiter: str, encoding: str
) -> Any:
    """Return CSV files as one table of texts named ``names``; Spark leaves out their first line that is not blank."""
    del skip
    schema = StructType([StructField(name, StringType()) for name in names])
    options = {"header": True, "sep": delimiter, "quote": '"', "escape": '"', "encoding": _ENCODINGS[encoding]}
    reader = connection._session.read.schema(schema).options(**options, multiLine=True, mode="FAILFAST")
    return _named(connection, reader.csv(list(files)), gen_name("csv"))


def read_duckdb(connection: Any, table: str, path: str, source: str) -> Any:
    """Refuse a DuckDB file.

    Raises
    ------
    DataError
        Always: Spark does not read DuckDB files.
    """
    del connection
    raise DataError(
        f"tables.{table}: duckdb: is no source for engine spark; export '{source}' of '{path}' to Parquet and name it"
    )


def store(connection: Any, name: str, rows: Any) -> Any:
    """Return ``rows`` computed once and kept under ``name``; this session alone sees them."""
    return connection.create_table(name, rows, temp=True)


def asked(
    connection: Any, known: dict[Hashable, Any], question: Hashable, rows: pa.Table, expr: Callable[[Any], Any]
) -> Any:
    """Return ``expr(rows)``: beside a job of Spark its words cost nothing."""
    del connection, known, question
    return expr(ibis.memtable(rows))


def answers(
    connection: Any,
    known: dict[Hashable, Any],
    question: Hashable,
    values: Mapping[str, Any],
    exprs: Callable[[Mapping[str, Any]], Sequence[Any]],
) -> Sequence[Any]:
    """Return ``exprs(values)``, as in :func:`asked`."""
    del connection, known, question
    return exprs(values)


def query_view(connection: Any, name: str, query: str) -> Any:
    """Return the result of a query that Spark runs as it stands, under ``name``."""
    return _named(connection, connection._session.sql(query.strip().rstrip(";")), name)


def _named(connection: Any, frame: Any, name: str) -> Any:
    frame.createOrReplaceTempView(name)
    return connection.table(name)


class SparkBackend(Backend):
    """ibis' PySpark backend where ours must do as DuckDB does: types of instants, Arrow, tables that are kept."""

    compiler = SparkCompiler()

    def get_schema(self, table_name: str, *, catalog: str | None = None, database: str | None = None) -> sch.Schema:
        """Return the columns of a table; instants that Spark knows as such carry UTC, clock readings no zone."""
        place = ".".join(f"`{part}`" for part in (catalog, database, table_name) if part)
        fields = self._session.table(place).schema.fields
        return sch.Schema({field.name: _ibis_type(field.dataType, field.nullable) for field in fields})

    def create_table(self, name: str, /, obj: Any = None, **options: Any) -> Any:
        """Keep the result of an expression in memory, or on the workers' disks where it does not fit, under ``name``.

        Every table of the contract is read by each group of features, so it is computed once.
        """
        if not options.pop("temp", False):
            return super().create_table(name, obj, **options)
        if name in self._cached_dataframes:
            self._cached_dataframes.pop(name).unpersist()
        frame = self.frame(obj).persist()
        frame.createOrReplaceTempView(name)
        self._cached_dataframes[name] = frame
        return ops.DatabaseTable(name, schema=obj.schema(), source=self, namespace=ops.Namespace()).to_expr()

    def frame(self, expr: Any) -> Any:
        """Return an ibis expression as a Spark DataFrame, not yet run."""
        self._run_pre_execute_hooks(expr)
        return self._session.sql(self.compile(expr.as_table()))

    def execute(self, expr: Any, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Return the result in pandas, by way of Arrow: Spark's own toPandas ends in the year 2262."""
        table = expr.as_table()
        self._run_pre_execute_hooks(expr)
        rows = self._session.sql(self.compile(table, params=params, limit=limit, **kwargs)).toArrow()
        frame = pd.DataFrame({name: _plain(rows.column(place)) for place, name in enumerate(rows.column_names)})
        return expr.__pandas_result__(PandasData.convert_table(frame, table.schema()))

    def to_pyarrow(self, expr: Any, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Return the result as an Arrow table."""
        table = expr.as_table()
        self._run_pre_execute_hooks(expr)
        rows = self._session.sql(self.compile(table, params=params, limit=limit, **kwargs)).toArrow()
        return expr.__pyarrow_result__(rows.cast(table.schema().to_pyarrow()))

    def write_parquet(self, expr: Any, folder: Path, by: str) -> None:
        """Let the workers write a table as Parquet below ``folder``, one folder for each value of column ``by``.

        Folders of the values that the table holds are replaced when all is written, others stay.
        """
        writer = self.frame(expr).write.mode("overwrite").option("partitionOverwriteMode", "dynamic")
        writer.partitionBy(by).parquet(str(folder))

    def _register_in_memory_table(self, op: Any) -> None:
        rows = op.data.to_pyarrow(op.schema)
        columns = {name: _spark_ready(rows.column(place)) for place, name in enumerate(rows.column_names)}
        self._session.createDataFrame(pa.table(columns)).createOrReplaceTempView(op.name)


def _ibis_type(kind: Any, nullable: bool) -> dt.DataType:
    if isinstance(kind, TimestampType):
        return dt.Timestamp(timezone="UTC", scale=6, nullable=nullable)
    return PySparkType.to_ibis(kind, nullable=nullable)


def _plain(column: pa.ChunkedArray) -> Any:
    """Return a column for pandas; with nulls as Python values, so that whole numbers stay whole."""
    nested = pa.types.is_nested(column.type) or pa.types.is_dictionary(column.type)
    return column.to_pylist() if nested or column.null_count else column.to_pandas()


def _spark_ready(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return an Arrow column in a type that Spark has: instants to the microsecond, no times of day."""
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        kind = pa.timestamp("us", kind.tz)
        return pc.round_temporal(column, 1, "microsecond").cast(kind, safe=False)
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_time(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_unsigned_integer(kind):
        return column.cast(pa.int64())
    return column
