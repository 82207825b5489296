"""Sources as raw tables: Parquet, CSV, a DuckDB file, a query. CSV comes in as texts, cast later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
from ibis.common.exceptions import TableNotFound

from ..core.config import (
    Config,
    CsvSource,
    DatabaseSource,
    DuckdbSource,
    FileSource,
    Source,
    SqlSource,
)
from ..core.contract import CONTRACT
from ..core.errors import DataError
from .casts import Reading
from .csvfile import read_csv
from .mapping import refuse_doubled

__all__ = ["engine_reason", "read_source", "reading_of"]

PARQUET = (".parquet", ".pq")
CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
_SAFE = ("Binder", "Catalog", "Parser", "Permission", "Not implemented")
_CSV_LINE = re.compile(r"CSV Error on Line: \d+")


def reading_of(source: Source | None, config: Config) -> Reading:
    """Return how the texts of ``source`` are read; None: a frame, ISO dates in the config's timezone."""
    if source is None:
        return Reading(config.timezone)
    return Reading(config.timezone, source.date_format, source.dayfirst, source.decimal)


def read_source(connection: Any, config: Config, table: str) -> Any:
    """Return the raw ibis table behind ``config.tables[table]``, its columns as the source names them.

    Raises
    ------
    DataError
        The source is missing, empty, unreadable or not available in this version; names table and path.
    """
    source = config.tables[table]
    try:
        if isinstance(source, FileSource):
            return _read_files(connection, config, table, source.path)
        if isinstance(source, CsvSource):
            files = _files(config, table, source.csv)
            return read_csv(connection, table, files, source.delimiter, source.encoding, _once(config, table))
        if isinstance(source, DuckdbSource):
            return _read_duckdb(connection, config, table, source)
        if isinstance(source, SqlSource):
            return _read_query(connection, table, source.sql)
    except (duckdb.Error, TableNotFound) as error:
        raise DataError(f"{table}: the source could not be read: {engine_reason(error)}") from None
    raise DataError(_not_available(table, source))


def engine_reason(error: Exception) -> str:
    """Return why the engine failed, without any value of the data: its messages may quote whole rows."""
    text = str(error)
    first = " ".join(text.splitlines()[0].split()) if text else type(error).__name__
    if first.startswith(_SAFE):
        return first
    line = _CSV_LINE.search(text)
    if line:
        return f"{line.group()}; expected as many values as columns, in one encoding; check that line"
    if "No files found" in first or "Cannot open file" in first:
        return first
    return f"{type(error).__name__}; check that the file is what its ending says"


def _not_available(table: str, source: Source) -> str:
    assert isinstance(source, DatabaseSource)
    return (
        f"tables.{table}: connection: is not available yet in this version; export '{source.table}' to"
        " Parquet or CSV and name the file"
    )


def _files(config: Config, table: str, path: str) -> list[str]:
    """Return the files of a path, folder or glob, sorted."""
    if "://" in path:
        raise DataError(f"tables.{table}: expected a local file, folder or glob, got '{path}'; copy it first")
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
    if not found:
        raise DataError(f"tables.{table}: expected {expected} at '{full}', found none; check the path")
    empty = [f for f in found if f.stat().st_size == 0]
    if empty:
        raise DataError(f"tables.{table}: expected a table with column names, got an empty file '{empty[0]}'")
    return sorted(str(f) for f in found)


def _once(config: Config, table: str) -> Callable[[tuple[str, ...]], None]:
    """Return the check that no column the contract takes stands twice in a file."""
    return partial(refuse_doubled, config, CONTRACT[table])


def _read_files(connection: Any, config: Config, table: str, path: str) -> Any:
    """Read Parquet or CSV by the files' endings."""
    files = _files(config, table, path)
    if all(f.lower().endswith(PARQUET) for f in files):
        for names in _parquet_names(connection, files):
            refuse_doubled(config, CONTRACT[table], names)
        return connection.read_parquet(files, union_by_name=True)
    if all(f.lower().endswith(CSV) for f in files):
        tabs = all(".tsv" in f.lower() for f in files)
        return read_csv(connection, table, files, "\t" if tabs else ",", "utf-8", _once(config, table))
    raise DataError(f"tables.{table}: expected files that all end in .parquet or .csv, got '{path}'")


def _parquet_names(connection: Any, files: list[str]) -> list[tuple[str, ...]]:
    """Return the top names of each file as they stand: the engine numbers those that stand twice."""
    marks = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    query = f"select file_name, name, num_children from parquet_schema([{marks}])"
    schemas: dict[str, list[tuple[str, int]]] = {}
    for file, name, children in connection.raw_sql(query).fetchall():
        schemas.setdefault(file, []).append((name, children or 0))
    return [tuple(_top(iter(elements))) for elements in schemas.values()]


def _top(elements: Iterator[tuple[str, int]]) -> Iterator[str]:
    """Yield the root's children of a schema that is listed depth first, nested ones passed over."""
    _, children = next(elements)
    for _ in range(children):
        name, nested = next(elements)
        yield name
        while nested:
            nested += next(elements)[1] - 1


def _read_duckdb(connection: Any, config: Config, table: str, source: DuckdbSource) -> Any:
    """Attach a DuckDB file read-only, once, and return its table."""
    path = config.resolve(source.duckdb)
    if not Path(path).is_file():
        raise DataError(f"tables.{table}: expected a DuckDB file at '{path}', found none; check the path")
    attached = {str(row[1]): row[0] for row in _databases(connection)}
    real = str(Path(path).resolve())
    if real not in attached:
        name = f"source_{len(attached)}"
        connection.attach(real, name=name, read_only=True)
        attached[real] = name
    schema, _, name = source.table.rpartition(".")
    return connection.table(name, database=(attached[real], schema or "main"))


def _read_query(connection: Any, table: str, query: str) -> Any:
    """Return the result of a query that the engine runs as it stands."""
    connection.raw_sql(f"create temp view source_{table} as {query.strip().rstrip(';')}")
    return connection.table(f"source_{table}", database=("temp", "main"))


def _databases(connection: Any) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = connection.raw_sql(
        "select database_name, path from duckdb_databases() where path is not null"
    ).fetchall()
    return rows
