"""Files, folders and databases as tables with profiles of their columns: heads are read, nothing is kept."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ..core.config.connection import check_connection, filled, place
from ..core.errors import ConfigError, DataError
from ..core.privacy import is_personal
from ..features.sources.csv import CsvForm, read_csv
from ..features.sources.csv_form import csv_form
from ..features.sources.excel import excel_sheets, read_excel
from ..features.sources.postgres import DatabaseSnapshot
from .profile import ColumnProfile, profile

__all__ = ["Sniffed", "SourceTable", "sniff"]

HEAD = 20_000
"""Rows of a table that are looked at."""

_FETCHED = 200_000
"""Rows of a database's table that are fetched."""

_CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
_PARQUET = (".parquet", ".pq")
_EXCEL = (".xlsx", ".xlsm")
_DUCKDB = (".duckdb", ".ddb", ".db")


@dataclass(frozen=True)
class SourceTable:
    """One table that was found.

    Parameters
    ----------
    name
        Of the file, sheet or table.
    entry
        How the configuration names it: the keys of its entry under ``tables:``.
    rows
        Its rows.
    columns
        What its columns hold.
    relation
        The table as an ibis expression.
    """

    name: str
    entry: dict[str, str]
    rows: int
    columns: tuple[ColumnProfile, ...]
    relation: Any

    def column(self, name: str) -> ColumnProfile:
        """Return what one column holds."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Sniffed:
    """The tables that were found, the backend that holds them, and files that are no tables with the reason."""

    tables: tuple[SourceTable, ...]
    connection: Any
    passed_over: tuple[str, ...]


def sniff(places: Sequence[str], folder: Path) -> Sniffed:
    """Return the tables in files, folders and databases.

    Parameters
    ----------
    places
        Files, folders, or connections such as ``postgresql://host/db``.
    folder
        Where the configuration will lie; paths in it start there.

    Raises
    ------
    DataError
        A place does not exist, or no table was found.
    """
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET enable_progress_bar = false")
    tables: list[SourceTable] = []
    passed: list[str] = []
    for at in places:
        if "://" in at or at.startswith("$"):
            tables += _database(connection, at, passed)
            continue
        for files in _grouped(_files(Path(at))):
            try:
                tables += _tables(connection, files, folder)
            except (DataError, duckdb.Error, pa.ArrowException, OSError) as error:
                reason = str(error) if isinstance(error, DataError) else "it could not be read"
                passed.append(f"{files[0].name}: {' '.join(reason.split())}")
    if not tables:
        why = f"; {passed[0]}" if passed else ""
        raise DataError(f"expected tables (CSV, Excel, Parquet, DuckDB) in {', '.join(places)}, found none{why}")
    return Sniffed(tuple(tables), connection, tuple(passed))


def _files(at: Path) -> list[Path]:
    if at.is_dir():
        return sorted(
            f for f in at.rglob("*") if f.is_file() and not any(p.startswith((".", "~")) for p in f.parts[-2:])
        )
    if at.is_file():
        return [at]
    raise DataError(f"expected a file or folder at '{at}', found none; check the path")


def _ending(file: Path) -> str:
    name = file.name.lower()
    return next((end for end in (*_CSV, *_PARQUET, *_EXCEL, *_DUCKDB) if name.endswith(end)), "")


def _grouped(files: Sequence[Path]) -> list[list[Path]]:
    """Return files that are parts of one table together: names that differ in their digits alone."""
    groups: dict[tuple[str, str], list[Path]] = {}
    for file in files:
        key = re.sub(r"\d+", "*", file.name)
        groups.setdefault((str(file.parent), key), []).append(file)
    return [part for group in groups.values() for part in _same(group)]


def _same(files: list[Path]) -> list[list[Path]]:
    """Return the files as one group where all have one header, each alone otherwise."""
    if len(files) == 1 or _ending(files[0]) not in (*_CSV, *_PARQUET):
        return [[file] for file in files]
    return [files] if len({_header(file) for file in files}) == 1 else [[file] for file in files]


def _header(file: Path) -> Any:
    try:
        if _ending(file) in _PARQUET:
            return tuple(pq.read_schema(file).names)
        with file.open("rb") as stream:
            return stream.readline()
    except (OSError, pa.ArrowException):
        return file


def _tables(connection: Any, files: list[Path], folder: Path) -> Iterator[SourceTable]:
    ending = _ending(files[0])
    readers: tuple[tuple[tuple[str, ...], Callable[[Any, list[Path], str], Iterator[SourceTable]]], ...] = (
        (_CSV, _csv),
        (_PARQUET, _parquet),
        (_EXCEL, _excel),
        (_DUCKDB, _duckdb),
    )
    for endings, read in readers:
        if ending in endings:
            return read(connection, files, _written(files, folder))
    raise DataError("it is no CSV, Excel, Parquet or DuckDB file")


def _written(files: list[Path], folder: Path) -> str:
    """Return the path from the configuration's folder; a glob for several files."""
    full = files[0].resolve()
    if len(files) > 1:
        full = full.with_name(re.sub(r"\d+", "*", full.name))
    return Path(os.path.relpath(full, folder.resolve())).as_posix()


def _stem(file: Path) -> str:
    return file.name[: -len(_ending(file))] if _ending(file) else file.name


def _csv(connection: Any, files: list[Path], path: str) -> Iterator[SourceTable]:
    form = csv_form(files[0])
    written = CsvForm(form.delimiter, form.encoding)
    relation = read_csv(connection, _stem(files[0]), [str(f) for f in files], written)
    _refuse_values(relation.columns)
    entry = {"csv": path}
    entry |= {"delimiter": form.delimiter} if form.delimiter != "," else {}
    entry |= {"encoding": form.encoding} if form.encoding != "utf-8" else {}
    yield _profiled(connection, _stem(files[0]), entry, relation)


def _refuse_values(names: Sequence[str]) -> None:
    """Refuse a file whose first line holds values, not names."""
    numbers = sum(re.fullmatch(r"[+-]?\d+([.,]\d+)?", name) is not None for name in names)
    if len(names) < 2 or numbers > len(names) / 3 or any(is_personal(name) for name in names):
        raise DataError("its first line does not name columns")


def _parquet(connection: Any, files: list[Path], path: str) -> Iterator[SourceTable]:
    relation = connection.read_parquet([str(file) for file in files])
    yield _profiled(connection, _stem(files[0]), {"path": path}, relation)


def _excel(connection: Any, files: list[Path], path: str) -> Iterator[SourceTable]:
    sheets = excel_sheets(files[0])
    for sheet in sheets:
        relation = ibis.memtable(read_excel(sheet, files[0], sheet))
        entry = {"excel": path, **({"sheet": sheet} if len(sheets) > 1 else {})}
        yield _profiled(connection, sheet if len(sheets) > 1 else _stem(files[0]), entry, relation)


def _duckdb(connection: Any, files: list[Path], path: str) -> Iterator[SourceTable]:
    alias = f"at{abs(hash(path))}"
    connection.raw_sql(f"ATTACH '{str(files[0]).replace(chr(39), chr(39) * 2)}' AS {alias} (READ_ONLY)")
    for schema, name in _duckdb_names(connection, alias):
        relation = connection.table(name, database=(alias, schema))
        table = name if schema == "main" else f"{schema}.{name}"
        yield _profiled(connection, name, {"duckdb": path, "table": table}, relation)


def _duckdb_names(connection: Any, alias: str) -> list[tuple[str, str]]:
    query = (
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? AND NOT internal"
        " UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = ? AND NOT internal"
        " ORDER BY 1, 2"
    )
    return [(str(s), str(t)) for s, t in connection.con.execute(query, [alias, alias]).fetchall()]


def _database(connection: Any, at: str, passed: list[str]) -> Iterator[SourceTable]:
    """Yield the tables of a PostgreSQL database; at most the first rows of each are fetched."""
    try:
        uri = filled(check_connection(at))
    except ValueError as error:
        raise ConfigError(str(error)) from None
    with DatabaseSnapshot(uri, place(uri)) as snapshot:
        for name in snapshot.tables():
            try:
                relation = ibis.memtable(_first_rows(snapshot, name))
            except DataError as error:
                passed.append(f"{name}: {error}")
                continue
            yield _profiled(connection, name.rpartition(".")[2], {"connection": at, "table": name}, relation)


def _first_rows(snapshot: DatabaseSnapshot, name: str) -> pa.Table:
    with snapshot.stream(name, None, ()) as stream:
        batches: list[pa.RecordBatch] = []
        for batch in stream:
            batches.append(batch)
            if sum(each.num_rows for each in batches) >= _FETCHED:
                break
        return pa.Table.from_batches(batches, schema=stream.schema)


def _profiled(connection: Any, name: str, entry: dict[str, str], relation: Any) -> SourceTable:
    """Return a table with what its head shows, and which of its columns are unique as a whole."""
    head: pd.DataFrame = connection.execute(relation.limit(HEAD))
    shown = [profile(str(column), head[column]) for column in head.columns]
    may = [c.name for c in shown if c.there and c.distinct == c.there == len(head)]
    sums = {f"d{i}": relation[column].nunique() for i, column in enumerate(may)}
    counts = connection.execute(relation.aggregate(rows=relation.count(), **sums)).iloc[0]
    rows = int(counts["rows"])
    unique = {column for i, column in enumerate(may) if int(counts[f"d{i}"]) == rows}
    columns = (c.__class__(**{**c.__dict__, "unique": c.name in unique}) for c in shown)
    return SourceTable(name, entry, rows, tuple(columns), relation)
