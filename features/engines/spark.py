"""Spark as an engine: the session, and what it does otherwise than DuckDB."""

from __future__ import annotations

import base64
import logging
import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import pandas as pd
import pyarrow as pa
from ibis.util import gen_name
from py4j.protocol import Py4JError
from pyspark.errors import AnalysisException, ParseException, PySparkException
from pyspark.logger import PySparkLogger
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StringType, StructField, StructType

from ...core.config.business import Config, EngineConfig
from ...core.config.sources import SqlSource
from ...core.errors import ConfigError, DataError, TableError
from ...core.working_folder import WorkingFolder
from ..expressions import Backend, Rows, Scalar
from .base import Engine
from .java import require_java
from .spark_backend import SparkBackend

__all__ = ["SparkEngine", "spark_memory"]

_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}
"""What every session needs, wherever it runs, for a value to mean what it means on DuckDB."""

_MOST_SCHEMAS = 100
"""Files of a folder whose schemas are looked at."""

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


class SparkEngine(Engine):
    """Spark behind ibis: a session of its own, on this machine, a cluster or a Spark Connect server."""

    errors = (PySparkException, Py4JError, NotImplementedError)
    reads_uris = True
    rereads = True
    workers = True

    @classmethod
    def connect(cls, config: Config) -> Backend:
        """Return a Spark session of its own behind ibis, set up as ``config.engine`` says.

        Raises
        ------
        ConfigError
            Java is missing or too old, Spark cannot be reached, or ``master`` and ``remote`` are both given.
        """
        engine = config.engine
        asked = [name for name, source in config.tables.items() if isinstance(source, SqlSource)]
        if config.within and (asked or config.checks):
            where = f"tables.{asked[0]}: sql:" if asked else "checks:"
            raise ConfigError(
                f"{where} a query on Spark may name any file, so within: cannot hold; leave one of them out"
            )
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

    @classmethod
    def reason(cls, error: Exception) -> str:
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

    def read_parquet(self, files: Sequence[str], base: str) -> Rows:
        """Return Parquet files as one table, columns matched by name, ``key=value`` folders below ``base`` too."""
        reader = self.backend._session.read.option("mergeSchema", "true").option("basePath", base)
        return self._named(reader.parquet(*files), gen_name("parquet"))

    def read_csv(self, files: Sequence[str], names: Sequence[str], skip: int, delimiter: str) -> Rows:
        """Return CSV files as one table of texts; Spark leaves out their first line that is not blank."""
        del skip
        schema = StructType([StructField(name, StringType()) for name in names])
        options = {"header": True, "sep": delimiter, "quote": '"', "escape": '"', "encoding": "UTF-8"}
        reader = self.backend._session.read.schema(schema).options(**options, multiLine=True, mode="FAILFAST")
        return self._named(reader.csv(list(files)), gen_name("csv"))

    def read_duckdb(self, table: str, path: str, source: str) -> Rows:
        """Refuse a DuckDB file.

        Raises
        ------
        DataError
            Always: Spark does not read DuckDB files.
        """
        raise TableError(
            f"tables.{table}",
            f"duckdb: is no source for engine spark; export '{source}' of '{path}' to Parquet and name it",
        )

    def store(self, name: str, rows: Rows) -> Rows:
        """Return ``rows`` computed once and kept under ``name``; this session alone sees them."""
        return self.backend.create_table(name, rows, temp=True)

    def prepared_query(self, key: Hashable, rows: pa.Table, expr: Callable[[Rows], Rows]) -> Rows:
        """Return ``expr(rows)``: beside a job of Spark its SQL costs nothing."""
        del key
        return expr(ibis.memtable(rows))

    def prepared_queries(
        self,
        key: Hashable,
        values: Mapping[str, Scalar],
        exprs: Callable[[Mapping[str, Scalar]], Sequence[Rows]],
    ) -> Sequence[Rows]:
        """Return ``exprs(values)``, as in :meth:`prepared_query`."""
        del key
        return exprs(values)

    def query_view(self, name: str, query: str) -> Rows:
        """Return the result of a query that Spark runs as it stands, under ``name``.

        Raises
        ------
        DataError
            It is not one statement that only reads.
        """
        session = self.backend._session
        bare = query.strip().rstrip(";")
        try:  # Spark runs a command at once; in parentheses it takes nothing but a query.
            frame = session.sql(f"select * from (\n{bare}\n)")
            frame.schema  # noqa: B018  # Spark Connect parses when it is asked
        except ParseException as error:
            raise DataError(
                f"expected one query that only reads, a select, got {_first_line(error)}; correct the sql:"
            ) from None
        return self._named(frame, name)

    def write_parts(self, rows: Rows, folder: Path, by: str | None = None) -> None:
        """Let the workers write a table as Parquet into ``folder``; with ``by`` a folder for each value of a column."""
        frame = self.backend.frame(rows)
        if by is None:
            frame.write.parquet(str(folder))
        else:
            frame.repartition(by).write.partitionBy(by).parquet(str(folder))

    def on_workers(self, work: Callable[[int], bytes], count: int) -> list[bytes]:
        """Return ``work(0)``, ``work(1)``, ... of ``count`` pieces: one pass of Spark's, one task a piece."""
        pieces = self.backend._session.range(0, count, 1, count)
        done = pieces.mapInPandas(partial(_worked_off, work), "place long, result binary").toArrow()
        results = dict(zip(done["place"].to_pylist(), done["result"].to_pylist(), strict=True))
        return [results[place] for place in range(count)]

    def parquet_schemas(self, path: str) -> list[pa.Schema]:
        """Return the schemas that Arrow left in the Parquet files at a URI; Spark takes their durations for numbers.

        Spark Connect does not show them.
        """
        session = self.backend._session
        if not hasattr(session, "_jsparkSession"):
            return []
        jvm, settings = session._jvm, session._jsparkSession.sessionState().newHadoopConf()
        root = jvm.org.apache.hadoop.fs.Path(path)
        listed = root.getFileSystem(settings).listFiles(root, True)
        schemas: list[pa.Schema] = []
        while listed.hasNext() and len(schemas) < _MOST_SCHEMAS:
            place = listed.next().getPath()
            if not place.getName().startswith(("_", ".")):
                schemas += _arrow_schema(jvm, settings, place)
        return schemas

    def _named(self, frame: DataFrame, name: str) -> Rows:
        frame.createOrReplaceTempView(name)
        rows = self.backend.table(name)
        # A literal column has a type without null, in which no expression can say that a value is missing.
        whole = {column: kind.copy(nullable=True) for column, kind in rows.schema().items() if not kind.nullable}
        return rows.mutate(**{column: rows[column].cast(kind) for column, kind in whole.items()}) if whole else rows


def _worked_off(work: Callable[[int], bytes], frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    """Yield what ``work`` says of each place, in a process of a worker."""
    for frame in frames:
        for place in frame["id"]:
            yield pd.DataFrame({"place": [place], "result": [work(int(place))]})


def _arrow_schema(jvm: Any, settings: Any, place: Any) -> list[pa.Schema]:
    """Return the schema that Arrow left in one Parquet file, none where another program wrote it."""
    source = jvm.org.apache.parquet.hadoop.util.HadoopInputFile.fromPath(place, settings)
    reader = jvm.org.apache.parquet.hadoop.ParquetFileReader.open(source)
    try:
        written = reader.getFooter().getFileMetaData().getKeyValueMetaData().get("ARROW:schema")
    finally:
        reader.close()
    return [] if written is None else [pa.ipc.read_schema(pa.BufferReader(base64.b64decode(written)))]


def _remote(url: str) -> SparkSession:
    """Return a session of a Spark Connect server; one that does not answer is told at once, not after minutes."""
    address = urlsplit(url)
    if address.scheme != "sc" or not address.hostname:
        raise ConfigError(f"engine.remote: expected a server such as sc://host:15002, got {url.split(';')[0]!r}")
    with socket.create_connection((address.hostname, address.port or 15002), timeout=10):
        return SparkSession.builder.remote(url).create()


def _started(engine: EngineConfig) -> SparkSession:
    """Return a session of its own on the running Spark, or on one started here."""
    running = SparkSession.getActiveSession()
    if running is not None:
        return running.newSession()
    require_java()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    master = engine.master or f"local[{engine.threads}]"
    builder = SparkSession.builder.master(master).appName("servicelift")
    with WorkingFolder() as folder:
        quiet = Path(folder) / "quiet.properties"
        quiet.write_text(_QUIET, encoding="utf-8")
        options = {
            "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }
        if master.startswith("local"):
            options |= _local(engine, str(quiet))
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
