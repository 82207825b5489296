"""DuckDB over the files that other commands wrote: queries with parameters, files read into memory once.

A file that is written anew is told by its size and time, and is read anew the next time somebody asks. Texts of a user
are values of parameters, never part of a query.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from ...core.errors import DataError

__all__ = ["Engine", "Row", "fingerprint"]

Row = dict[str, Any]
"""A row by the names of its columns."""

_ANSWERS = 200
_KEPT = 8
"""Most tables that are kept in memory at once."""


def fingerprint(files: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    """Return what tells whether files are still the same: names, times and sizes."""
    stats = [(file, file.stat()) for file in files]
    return tuple((str(file), stat.st_mtime_ns, stat.st_size) for file, stat in stats)


class Engine:
    """One DuckDB in memory, asked by several threads.

    Parameters
    ----------
    threads, memory
        Most that it takes.

    Examples
    --------
    >>> Engine(1, "500MB").rows("select 1 + ? as sum", [2])
    [{'sum': 3}]
    """

    def __init__(self, threads: int, memory: str) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": memory})
        self._kept: dict[object, str] = {}
        self._made = 0
        self._answers: dict[object, list[Row]] = {}
        self._lock = threading.Lock()

    def rows(self, query: str, values: Sequence[Any] = (), tables: Mapping[str, pa.Table] | None = None) -> list[Row]:
        """Return the rows of a query.

        Parameters
        ----------
        query
            SQL, with ``?`` for each value.
        values
            Of the parameters.
        tables
            Arrow tables that the query names.

        Raises
        ------
        DataError
            A file is not as it should be.
        """
        with self._asked(query, values, tables) as done:
            names = [column[0] for column in done.description]
            return [dict(zip(names, row, strict=True)) for row in done.fetchall()]

    def frame(
        self, query: str, values: Sequence[Any] = (), tables: Mapping[str, pa.Table] | None = None
    ) -> pd.DataFrame:
        """Return the rows of a query as a frame; arguments and errors as of :meth:`rows`."""
        with self._asked(query, values, tables) as done:
            found: pd.DataFrame = done.df()
            return found

    @contextmanager
    def _asked(self, query: str, values: Sequence[Any], tables: Mapping[str, pa.Table] | None) -> Iterator[Any]:
        """Yield a cursor that has run a query; what DuckDB refuses is a DataError without any value of the data."""
        cursor, kind = self._connection.cursor(), ""
        try:
            for name, table in (tables or {}).items():
                cursor.register(name, table)
            yield cursor.execute(query, list(values))
        except duckdb.Error as error:
            kind = type(error).__name__
        finally:
            cursor.close()
        if kind:
            raise DataError(f"a file cannot be read as expected ({kind}); run the command that writes it again")

    def rows_kept(self, key: object, query: str) -> list[Row]:
        """Return the rows of a query over a kept table; the same key gives the same rows again."""
        with self._lock:
            known = self._answers.get(key)
        if known is None:
            known = self.rows(query)
            with self._lock:
                if len(self._answers) >= _ANSWERS:
                    self._answers.clear()
                self._answers[key] = known
        return known

    def kept(self, key: object, query: str, values: Sequence[Any] = ()) -> str:
        """Return the name of the table that holds a query's rows; it is filled when a key is first asked for.

        Raises
        ------
        DataError
            A file is not as it should be.
        """
        with self._lock:
            if key not in self._kept:
                self._made += 1
                name = f"kept_{self._made}"
                self._filled(name, query, values)
                self._kept[key] = name
                while len(self._kept) > _KEPT:
                    oldest = next(iter(self._kept))
                    self._connection.execute(f"drop table if exists {self._kept.pop(oldest)}")
            return self._kept[key]

    def _filled(self, name: str, query: str, values: Sequence[Any]) -> None:
        try:
            self._connection.execute(f"create table {name} as {query}", list(values))
            return
        except duckdb.Error as error:
            kind = type(error).__name__
        raise DataError(f"a file cannot be read as expected ({kind}); run the command that writes it again")

    def columns(self, query: str, values: Sequence[Any] = ()) -> dict[str, str]:
        """Return names and types of a query's columns.

        Raises
        ------
        DataError
            A file is not as it should be.
        """
        return {str(row["column_name"]): str(row["column_type"]) for row in self.rows(f"describe {query}", values)}
