"""Sources as raw tables: Parquet, CSV, a DuckDB file, a query, a database. CSV comes in as texts, cast later."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import ibis
import pyarrow as pa
import pyarrow.parquet as pq

from ...core.config.business import Config, CsvSource, DatabaseSource, DuckdbSource, FileSource, Source, SqlSource
from ...core.config.connection import without_userinfo
from ...core.config.sources import ExcelSource
from ...core.contract import CONTRACT, Kind
from ...core.errors import TableError
from ..contract.casts import ReadSettings
from ..contract.mapping import refuse_doubled
from ..engines.choose import engine_errors, engine_of, engine_reason
from ..expressions import Backend, Rows
from .csv import CsvForm, read_csv
from .databases import Databases
from .durations import durations, in_seconds
from .excel import read_excel
from .file_kind import check_kind

__all__ = ["read_settings", "read_source", "source_columns"]

FOR_PEOPLE = ".people.csv"
"""What the names of lists for people end with: a folder or glob that holds some means the lists beside them."""

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")


def read_settings(source: Source | None, config: Config) -> ReadSettings:
    """Return how the texts of ``source`` are read; None: a frame, ISO dates in the config's timezone."""
    if source is None:
        return ReadSettings(config.timezone, currency=config.currency)
    return ReadSettings(
        config.timezone,
        source.date_format,
        source.dayfirst,
        source.decimal,
        source.thousands,
        config.currency,
        source.epoch,
        source.missing,
        frozenset(_money_columns() if source.cents is True else source.cents or ()),
    )


def _money_columns() -> set[str]:
    """Return the names of all columns that hold money."""
    return {column.name for table in CONTRACT.values() for column in table.columns if column.kind is Kind.MONEY}


def read_source(connection: Backend, config: Config, table: str, databases: Databases) -> Rows:
    """Return the raw ibis table behind ``config.tables[table]``, its columns as the source names them.

    A database's table is read from the files that ``databases`` staged, as long as those are there.

    Raises
    ------
    DataError
        The source is missing, empty, unreadable or not available; names table and path.
    """
    source = config.tables[table]
    try:
        if isinstance(source, FileSource):
            return _read_path(connection, config, table, source.path)
        if isinstance(source, CsvSource):
            files = _files(config, table, source.csv)
            form = CsvForm(source.delimiter, source.encoding, source.skip_lines)
            for file in files:
                check_kind(table, file, utf8=form.is_utf8)
            return read_csv(connection, table, files, form, _once(config, table))
        if isinstance(source, ExcelSource):
            (file,) = _files(config, table, source.excel)[:1]
            return ibis.memtable(read_excel(table, file, source.sheet, check=_once(config, table)))
        if isinstance(source, DuckdbSource):
            path = config.resolve(source.duckdb)
            return engine_of(connection).read_duckdb(table, path, source.table)
        if isinstance(source, SqlSource):
            return engine_of(connection).query_view(f"source_{table}", source.sql)
    except engine_errors() as error:
        raise TableError(table, f"the source could not be read: {engine_reason(error)}") from None
    staged = databases.staged(table)
    return engine_of(connection).read_parquet([staged], str(Path(staged).parent))


def source_columns(connection: Backend, config: Config, table: str) -> tuple[str, ...]:
    """Return the columns of the source behind ``config.tables[table]``; no row of a database is read.

    Raises
    ------
    DataError
        As :func:`read_source`.
    """
    with Databases(config) as databases:
        if isinstance(config.tables[table], DatabaseSource):
            return databases.columns(table)
        return tuple(read_source(connection, config, table, databases).columns)


def _base(path: str) -> str:
    """Return the folder below which folder names may hold values, ``key=value``."""
    fixed = Path(re.split(r"[*?\[]", path)[0] + "x").parent if re.search(r"[*?\[]", path) else Path(path)
    return str(fixed if fixed.is_dir() else fixed.parent)


def _files(config: Config, table: str, path: str) -> list[str]:
    """Return the files of a path, folder or glob, sorted; copies of lists for people only where one is named itself."""
    if "://" in path:
        what = "write connection: and table: for a database" if path.startswith("postgres") else "copy it first"
        shown = without_userinfo(path)
        raise TableError(f"tables.{table}", f"expected a local file, folder or glob, got '{shown}'; {what}")
    full = Path(config.resolve(path))
    if full.is_dir():
        found = [f for f in full.rglob("*") if f.is_file() and f.name.lower().endswith(PARQUET + CSV)]
        expected = "a folder with .parquet or .csv files"
    elif full.is_file():
        found, expected = [full], "a file"
    else:
        anchor = Path(full.anchor)
        pattern = str(full.relative_to(anchor))
        found = [f for f in anchor.glob(pattern) if f.is_file()] if re.search(r"[*?\[]", pattern) else []
        expected = "a file, folder or glob"
    found = [f for f in found if f == full or not f.name.endswith(FOR_PEOPLE)]
    if not found:
        raise TableError(f"tables.{table}", f"expected {expected} at '{full}', found none; check the path")
    empty = [f for f in found if f.stat().st_size == 0]
    if empty:
        raise TableError(f"tables.{table}", f"expected a table with column names, got an empty file '{empty[0]}'")
    return sorted(config.resolve(str(f)) for f in found)


def _once(config: Config, table: str) -> Callable[[tuple[str, ...]], None]:
    """Return the check that no column the contract takes stands twice in a file."""
    return partial(refuse_doubled, config, CONTRACT[table])


def _read_path(connection: Backend, config: Config, table: str, path: str) -> Rows:
    """Read Parquet or CSV by the files' endings; what lies elsewhere is the engine's to find."""
    engine = engine_of(connection)
    if "://" in path and engine.reads_uris:
        config.resolve(path)
        return in_seconds(
            engine.read_parquet([path], path), config, table, durations(table, engine.parquet_schemas(path))
        )
    files = _files(config, table, path)
    for file in files:
        if file.lower().endswith(PARQUET + CSV):
            check_kind(table, file)
    if all(f.lower().endswith(PARQUET) for f in files):
        schemas = [_parquet_schema(file) for file in files]
        for schema in schemas:
            _once(config, table)(tuple(schema.names))
        rows = engine.read_parquet(files, _base(config.resolve(path)))
        return in_seconds(rows, config, table, durations(table, schemas))
    if all(f.lower().endswith(CSV) for f in files):
        tabs = all(".tsv" in f.lower() for f in files)
        return read_csv(connection, table, files, CsvForm("\t" if tabs else ","), _once(config, table))
    reason = f"expected files that all end in .parquet or .csv, got '{path}'; unpack archives"
    raise TableError(f"tables.{table}", reason)


def _parquet_schema(file: str) -> pa.Schema:
    """Return a file's columns as they were written: engines number those that stand twice, and take durations for
    numbers.
    """
    try:
        return pq.read_schema(file)
    except (pa.ArrowException, OSError):
        return pa.schema([])  # No Parquet: the engine, which reads it next, says so.
