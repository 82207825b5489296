"""DuckDB as an engine: embedded, bounded in memory and threads, closed to the network."""

from __future__ import annotations

import re
import shutil
import tempfile
import weakref
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.util import gen_name

from ...core.config.business import Config
from ...core.errors import ConfigError, DataError

__all__ = [
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

errors: tuple[type[Exception], ...] = (duckdb.Error,)
reads_uris = False
rereads = False
_SAFE = ("Binder", "Catalog", "Parser", "Permission", "Not implemented")
_CSV_LINE = re.compile(r"CSV Error on Line: \d+")


def connect(config: Config) -> Any:
    """Return a DuckDB behind ibis; relative file names start at the config's folder.

    Extensions are never downloaded. The tables of the contract, and what does not fit in memory, lie in a private
    temporary folder that goes with the backend.

    Raises
    ------
    ConfigError
        The memory is not a size such as 4GB.
    """
    folder = Path(tempfile.mkdtemp(prefix="servicelift-"))
    try:
        connection = ibis.duckdb.connect(
            folder / "tables.duckdb",
            threads=config.engine.threads,
            memory_limit=config.engine.memory,
            temp_directory=str(folder / "spilled"),
            autoinstall_known_extensions=False,
        )
    except duckdb.Error as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ConfigError(f"engine.memory: expected a size such as 4GB, got {config.engine.memory!r}") from error
    weakref.finalize(connection, _removed, connection.con, folder)
    search = str(config.folder).replace("'", "''")
    connection.raw_sql(f"SET file_search_path = '{search}'")
    connection.raw_sql("SET TimeZone = 'UTC'")
    _without_progress_bar(connection)
    return connection


def _without_progress_bar(connection: Any) -> None:
    """Switch DuckDB's own bar off where it is on: a notebook without ipywidgets has none, and refuses to be asked."""
    ((shown,),) = connection.raw_sql("SELECT current_setting('enable_progress_bar')").fetchall()
    if shown:
        connection.raw_sql("SET enable_progress_bar = false")


def _removed(connection: Any, folder: Path) -> None:
    connection.close()
    shutil.rmtree(folder, ignore_errors=True)


def reason(error: Exception) -> str:
    """Return why DuckDB failed, without any value of the data: its messages may quote whole rows."""
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


def read_parquet(connection: Any, files: Sequence[str], base: str) -> Any:
    """Return Parquet files as one table, columns matched by name; DuckDB finds the folders' keys by itself."""
    del base
    return connection.read_parquet(list(files), union_by_name=True)


def read_csv(
    connection: Any, files: Sequence[str], names: Sequence[str], skip: int, delimiter: str, encoding: str
) -> Any:
    """Return CSV files as one table of texts named ``names``, without their first ``skip`` lines."""
    return connection.read_csv(
        list(files),
        columns=dict.fromkeys(names, "VARCHAR"),
        auto_detect=False,
        delim=delimiter,
        quote='"',
        escape='"',
        encoding=encoding,
        header=False,
        skip=skip,
    )


def read_duckdb(connection: Any, table: str, path: str, source: str) -> Any:
    """Attach a DuckDB file read-only, once, and return its table ``source``.

    Raises
    ------
    DataError
        There is no such file.
    """
    if not Path(path).is_file():
        raise DataError(f"tables.{table}: expected a DuckDB file at '{path}', found none; check the path")
    attached = {str(row[1]): row[0] for row in _databases(connection)}
    real = str(Path(path).resolve())
    if real not in attached:
        name = f"source_{len(attached)}"
        connection.attach(real, name=name, read_only=True)
        attached[real] = name
    schema, _, name = source.rpartition(".")
    return connection.table(name, database=(attached[real], schema or "main"))


def store(connection: Any, name: str, rows: Any) -> Any:
    """Return ``rows`` computed once and kept under ``name``: on disk, where a table larger than memory is no burden."""
    return connection.create_table(name, rows)


def asked(
    connection: Any, known: dict[Hashable, Any], question: Hashable, rows: pa.Table, expr: Callable[[Any], Any]
) -> Any:
    """Return ``expr(rows)`` as a view: the second time only the rows behind it are others."""
    if question in known:
        name, answer = known[question]
        connection.con.register(name, rows)
        return answer
    name = gen_name("asked")
    connection.con.register(name, rows)
    asking = connection.table(name, database=("temp", "main"))
    answer = connection.create_view(gen_name("answer"), expr(asking))
    known[question] = name, answer
    return answer


def answers(
    connection: Any,
    known: dict[Hashable, Any],
    question: Hashable,
    values: Mapping[str, Any],
    exprs: Callable[[Mapping[str, Any]], Sequence[Any]],
) -> Sequence[Any]:
    """Return ``exprs(values)`` as views over variables of the session, which are constants when a view is read."""
    for name, value in values.items():
        connection.raw_sql(f"SET VARIABLE {name} = ({connection.compile(value)})")
    if question not in known:
        named = {name: _variable(name, value.type()) for name, value in values.items()}
        known[question] = [connection.create_view(gen_name("answer"), expr) for expr in exprs(named)]
    return cast(Sequence[Any], known[question])


def _variable(name: str, kind: Any) -> Any:
    """Return a variable of the session as an expression."""

    @ibis.udf.scalar.builtin(name="getvariable", signature=((dt.string,), kind))
    def variable(which): ...  # type: ignore[no-untyped-def]  # the signature is given above

    return variable(name)


def query_view(connection: Any, name: str, query: str) -> Any:
    """Return the result of a query that DuckDB runs as it stands, under ``name``."""
    connection.raw_sql(f'create or replace temp view "{name}" as {query.strip().rstrip(";")}')
    return connection.table(name, database=("temp", "main"))


def _databases(connection: Any) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = connection.raw_sql(
        "select database_name, path from duckdb_databases() where path is not null"
    ).fetchall()
    return rows
