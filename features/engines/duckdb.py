"""DuckDB as an engine: embedded, bounded in memory and threads, closed to the network."""

from __future__ import annotations

import re
import weakref
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.datatypes as dt
import pyarrow as pa
from ibis.util import gen_name

from ...core.config.business import Config
from ...core.config.within import folders_of
from ...core.errors import ConfigError, DataError, TableError
from ...core.working_folder import WorkingFolder, own_place
from ..expressions import Backend, DataType, Rows, Scalar
from .base import Engine

__all__ = ["DuckDBEngine"]

_SAFE = ("Binder", "Catalog", "Parser", "Permission", "Not implemented")
_CSV_LINE = re.compile(r"CSV Error on Line: \d+")


class DuckDBEngine(Engine):
    """An embedded DuckDB behind ibis."""

    errors = (duckdb.Error,)
    reads_uris = False
    rereads = False

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self._prepared: dict[Hashable, tuple[str, Rows]] = {}
        self._prepared_with_values: dict[Hashable, Sequence[Rows]] = {}

    @classmethod
    def connect(cls, config: Config) -> Backend:
        """Return a DuckDB behind ibis; relative file names start at the config's folder.

        Extensions are never downloaded. The tables of the contract, and what does not fit in memory, lie in a private
        temporary folder that goes with the backend.

        Raises
        ------
        ConfigError
            The memory is not a size such as 4GB.
        """
        kept = WorkingFolder(own_place() if config.within else None)
        folder = Path(kept.name)
        try:
            backend = ibis.duckdb.connect(
                folder / "tables.duckdb",
                threads=config.engine.threads,
                memory_limit=config.engine.memory,
                temp_directory=str(folder / "spilled"),
                autoinstall_known_extensions=False,
            )
        except duckdb.Error as error:
            kept.cleanup()
            raise ConfigError(f"engine.memory: expected a size such as 4GB, got {config.engine.memory!r}") from error
        weakref.finalize(backend, _remove, backend.con, kept)
        search = str(config.folder).replace("'", "''")
        backend.raw_sql(f"SET file_search_path = '{search}'")
        backend.raw_sql("SET TimeZone = 'UTC'")
        if config.within:
            _close(backend, [own_place(), *folders_of(config.within, config.folder)])
        _without_progress_bar(backend)
        return backend

    @classmethod
    def reason(cls, error: Exception) -> str:
        """Return why DuckDB failed, without any value of the data: its messages may quote whole rows."""
        text = str(error)
        first = " ".join(text.splitlines()[0].split()) if text else type(error).__name__
        if first.startswith(_SAFE):
            return first
        line = _CSV_LINE.search(text)
        if "not utf-8 encoded" in text:
            where = f"{line.group()}; " if line else ""
            return f"{where}not in UTF-8; name the file under csv: with encoding: cp1252 (Windows), latin-1, or utf-16"
        if "state machine reached an invalid state" in text:
            return "a CSV file breaks off within quotes, or mixes line ends; write it anew with one kind of line end"
        if line:
            return f"{line.group()}; expected as many values as columns, in one encoding; check that line"
        if "No files found" in first or "Cannot open file" in first:
            return first
        return f"{type(error).__name__}; check that the file is what its ending says"

    def read_parquet(self, files: Sequence[str], base: str) -> Rows:
        """Return Parquet files as one table, columns matched by name; DuckDB finds the folders' keys by itself."""
        del base
        return _known_types(self.backend.read_parquet(list(files), union_by_name=True))

    def read_csv(self, files: Sequence[str], names: Sequence[str], skip: int, delimiter: str) -> Rows:
        """Return CSV files in UTF-8 as one table of texts named ``names``, without their first ``skip`` lines."""
        return self.backend.read_csv(
            list(files),
            columns=dict.fromkeys(names, "VARCHAR"),
            auto_detect=False,
            delim=delimiter,
            quote='"',
            escape='"',
            header=False,
            skip=skip,
        )

    def read_duckdb(self, table: str, path: str, source: str) -> Rows:
        """Attach a DuckDB file read-only, once, and return its table ``source``.

        Raises
        ------
        DataError
            There is no such file.
        """
        if not Path(path).is_file():
            raise TableError(f"tables.{table}", f"expected a DuckDB file at '{path}', found none; check the path")
        attached = {str(row[1]): row[0] for row in self._databases()}
        real = str(Path(path).resolve())
        if real not in attached:
            name = f"source_{len(attached)}"
            self.backend.attach(real, name=name, read_only=True)
            attached[real] = name
        schema, _, name = source.rpartition(".")
        return _known_types(self.backend.table(name, database=(attached[real], schema or "main")))

    def store(self, name: str, rows: Rows) -> Rows:
        """Return ``rows`` kept under ``name``: on disk, where a table larger than memory is no burden."""
        return self.backend.create_table(name, rows)

    def prepared_query(self, key: Hashable, rows: pa.Table, expr: Callable[[Rows], Rows]) -> Rows:
        """Return ``expr(rows)`` as a view: the second time only the rows behind it are others."""
        if key in self._prepared:
            name, view = self._prepared[key]
            self.backend.con.register(name, rows)
            return view
        name = gen_name("query_rows")
        self.backend.con.register(name, rows)
        view = self.backend.create_view(gen_name("query"), expr(self.backend.table(name, database=("temp", "main"))))
        self._prepared[key] = name, view
        return view

    def prepared_queries(
        self,
        key: Hashable,
        values: Mapping[str, Scalar],
        exprs: Callable[[Mapping[str, Scalar]], Sequence[Rows]],
    ) -> Sequence[Rows]:
        """Return ``exprs(values)`` as views over variables of the session, which are constants when a view is read."""
        for name, value in values.items():
            self.backend.raw_sql(f"SET VARIABLE {name} = ({self.backend.compile(value)})")
        if key not in self._prepared_with_values:
            variables = {name: _variable(name, value.type()) for name, value in values.items()}
            views = [self.backend.create_view(gen_name("query"), expr) for expr in exprs(variables)]
            self._prepared_with_values[key] = views
        return self._prepared_with_values[key]

    def query_view(self, name: str, query: str) -> Rows:
        """Return the result of a query that DuckDB runs as it stands, under ``name``.

        Raises
        ------
        DataError
            It is not one statement that only reads.
        """
        kinds = [statement.type for statement in self.backend.con.extract_statements(query)]
        if kinds != [duckdb.StatementType.SELECT]:
            came = f"a statement of kind {kinds[0].name}" if len(kinds) == 1 else f"{len(kinds)} statements"
            raise DataError(f"expected one query that only reads, a select, got {came}; correct the sql:")
        self.backend.raw_sql(f'create or replace temp view "{name}" as {query.strip().rstrip(";")}')
        return _known_types(self.backend.table(name, database=("temp", "main")))

    def _databases(self) -> list[tuple[str, str]]:
        query = "select database_name, path from duckdb_databases() where path is not null"
        rows: list[tuple[str, str]] = self.backend.raw_sql(query).fetchall()
        return rows


def _close(backend: Backend, folders: Sequence[Path]) -> None:
    """Let DuckDB open files in these folders alone."""
    allowed = ", ".join("'{}/'".format(str(each).replace("'", "''")) for each in folders)
    backend.raw_sql(f"SET allowed_directories = [{allowed}]")
    backend.raw_sql("SET enable_external_access = false")


def _without_progress_bar(backend: Backend) -> None:
    """Switch DuckDB's own bar off where it is on: a notebook without ipywidgets has none, and refuses to be asked."""
    ((shown,),) = backend.raw_sql("SELECT current_setting('enable_progress_bar')").fetchall()
    if shown:
        backend.raw_sql("SET enable_progress_bar = false")


def _remove(connection: Any, kept: WorkingFolder) -> None:
    """Close DuckDB's own ``connection`` and remove the folder of its tables."""
    connection.close()
    kept.cleanup()


def _known_types(rows: Rows) -> Rows:
    """Return a table whose columns of types that ibis does not know have one that it knows.

    Instants in nanoseconds with a zone, as pandas writes them, become instants in microseconds; others their text.
    """
    changed = {}
    for name, kind in rows.schema().items():
        if kind.is_unknown():
            aware = "TIMESTAMPTZ" in str(kind)
            changed[name] = rows[name].cast("timestamp('UTC', 6)" if aware else "string")
    return rows.mutate(**changed) if changed else rows


def _variable(name: str, kind: DataType) -> Scalar:
    """Return a variable of the session as an expression."""

    @ibis.udf.scalar.builtin(name="getvariable", signature=((dt.string,), kind))
    def variable(which): ...  # type: ignore[no-untyped-def]  # the signature is given above

    return variable(name)
