"""ibis' PySpark backend where ours must do as DuckDB does: types of instants, Arrow, tables that are kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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
from pyspark.sql.types import TimestampType

from ..expressions import Expression, Rows
from .spark_sql import SparkCompiler

__all__ = ["SparkBackend"]

_DEPTH = 10_000


class SparkBackend(Backend):
    """ibis' PySpark backend where ours must do as DuckDB does: types of instants, Arrow, tables that are kept."""

    compiler = SparkCompiler()

    def get_schema(self, table_name: str, *, catalog: str | None = None, database: str | None = None) -> sch.Schema:
        """Return the columns of a table; instants that Spark knows as such carry UTC, clock readings no zone."""
        place = ".".join(f"`{part}`" for part in (catalog, database, table_name) if part)
        fields = self._session.table(place).schema.fields
        return sch.Schema({field.name: _ibis_type(field.dataType, field.nullable) for field in fields})

    def create_table(self, name: str, /, obj: Any = None, **options: Any) -> Rows:
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

    def compile(self, expr: Expression, /, **options: Any) -> Any:
        """Return the SQL of an expression, however deep: a whole catalogue is one statement on Spark.

        Steps stay steps. Fused into one, each would stand wherever the next one names it, and Spark's parser needs a
        heap that grows with the text.
        """
        with _deep_recursion(), _steps_apart():
            return super().compile(expr, **options)

    def frame(self, expr: Expression) -> Any:
        """Return an ibis expression as a Spark DataFrame, not yet run."""
        self._run_pre_execute_hooks(expr)
        return self._session.sql(self.compile(expr.as_table()))

    def execute(self, expr: Expression, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Return the result in pandas, by way of Arrow: Spark's own toPandas ends in the year 2262."""
        table = expr.as_table()
        self._run_pre_execute_hooks(expr)
        rows = self._session.sql(self.compile(table, params=params, limit=limit, **kwargs)).toArrow()
        frame = pd.DataFrame({name: _plain(rows.column(place)) for place, name in enumerate(rows.column_names)})
        return expr.__pandas_result__(PandasData.convert_table(frame, table.schema()))

    def to_pyarrow(self, expr: Expression, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Return the result as an Arrow table."""
        table = expr.as_table()
        self._run_pre_execute_hooks(expr)
        rows = self._session.sql(self.compile(table, params=params, limit=limit, **kwargs)).toArrow()
        return expr.__pyarrow_result__(rows.cast(table.schema().to_pyarrow()))

    def write_parquet(self, expr: Expression, folder: Path, by: str) -> None:
        """Let the workers write a table as Parquet below ``folder``, one folder for each value of column ``by``.

        Folders of the values that the table holds are replaced when all is written, others stay.
        """
        writer = self.frame(expr).write.mode("overwrite").option("partitionOverwriteMode", "dynamic")
        writer.partitionBy(by).parquet(str(folder))

    def _register_in_memory_table(self, op: Any) -> None:
        rows = op.data.to_pyarrow(op.schema)
        columns = {name: _spark_ready(rows.column(place)) for place, name in enumerate(rows.column_names)}
        self._session.createDataFrame(pa.table(columns)).createOrReplaceTempView(op.name)


@contextmanager
def _steps_apart() -> Iterator[None]:
    """Let no two selections become one."""
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """Let Python call itself deeper: what writes SQL walks down an expression, one call or more a level."""
    was = sys.getrecursionlimit()
    sys.setrecursionlimit(max(was, _DEPTH))
    try:
        yield
    finally:
        sys.setrecursionlimit(was)


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
