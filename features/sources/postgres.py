"""One PostgreSQL database, read in Arrow batches from one consistent snapshot through ADBC and libpq."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from ...core.errors import DataError, did_you_mean
from ...core.patience import Patience
from .postgres_columns import COLUMNS, RELATION, RELATIONS, PgColumn, literal
from .postgres_errors import connecting, reading

__all__ = ["DatabaseSnapshot", "Stream", "bounded", "driver"]

T = TypeVar("T")

_SECONDS = 15
_FIRST_ANSWER, _NEXT_ROWS = 1_800.0, 300.0
"""Seconds that a server may take to begin with a table, and between two batches of it: one that froze is given up."""
_LEFT: list[Any] = []
"""What belongs to servers that were given up: nothing closes it while a thread still waits inside the driver."""
_BEGIN = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "SET LOCAL client_encoding = 'UTF8'",
    "SAVEPOINT servicelift",
)
_AFRESH = "ROLLBACK TO SAVEPOINT servicelift"


def driver() -> Any:
    """Return the driver's DB-API module.

    Raises
    ------
    DataError
        It is not installed.
    """
    try:
        from adbc_driver_postgresql import dbapi
    except ImportError:
        dbapi = None
    if dbapi is None:
        raise DataError("the PostgreSQL driver is not installed; pip install 'servicelift[postgres]'")
    return dbapi


def _attempt(
    work: Callable[[], T], reason: Callable[[Any], str], patience: Patience, seconds: float | None = None
) -> T:
    """Return what ``work`` does, or raise a DataError that holds nothing of the driver's error.

    ``seconds`` is how long it may take; None: as long as a table may take to begin. The error is raised when the
    driver's has been left behind: a chain would still quote users and values.
    """
    try:
        return patience.within(_FIRST_ANSWER if seconds is None else seconds, work)
    except (*_errors(), pa.ArrowException, OSError) as error:
        why = reason(error)
    raise DataError(why)


def _errors() -> tuple[type[Exception], ...]:
    return (driver().Error,)


class Stream(AbstractContextManager["Stream"]):
    """The rows of one table in Arrow batches of some 16 MB.

    Parameters
    ----------
    schema
        Names and types of the columns.
    """

    def __init__(self, cursor: Any, columns: Sequence[PgColumn], where: str, patience: Patience) -> None:
        self._cursor = cursor
        self._patience = patience
        self._where = where
        self._reader = cursor.fetch_record_batch()
        self._types = {column.name: column.decimal for column in columns if column.decimal is not None}
        self.schema = pa.schema([pa.field(f.name, self._types.get(f.name, f.type)) for f in self._reader.schema])

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches.

        Raises
        ------
        DataError
            The server or the connection failed on the way.
        """
        while (batch := self._batch()) is not None:
            yield batch

    def __exit__(self, *_: object) -> None:
        """Free the cursor."""
        if self._patience.given_up:
            _LEFT.append((self._cursor, self._reader))
            return
        with suppress(Exception):
            self._cursor.close()

    def _batch(self) -> pa.RecordBatch | None:
        return _attempt(self._next, lambda error: reading(error, self._where), self._patience, _NEXT_ROWS)

    def _next(self) -> pa.RecordBatch | None:
        batch = next(self._reader, None)
        if batch is None:
            return None
        return pa.record_batch([self._typed(batch, field) for field in self.schema], schema=self.schema)

    def _typed(self, batch: pa.RecordBatch, field: pa.Field) -> pa.Array:
        """Return a column; exact numbers come as texts, and NaN, which no decimal holds, is a missing value."""
        values = batch.column(field.name)
        if field.name not in self._types:
            return values
        return pc.if_else(pc.equal(values, "NaN"), None, values).cast(field.type)


class DatabaseSnapshot(AbstractContextManager["DatabaseSnapshot"]):
    """A read-only transaction in which every table is seen as it was at one instant.

    Parameters
    ----------
    uri
        Where the database is, secrets and all; libpq adds what the environment and its password file say.
    place
        The same for people: host and database only.
    """

    def __init__(self, uri: str, place: str) -> None:
        self._place = place
        self._patience = Patience()
        module = driver()
        self._connection = _attempt(
            lambda: module.connect(bounded(uri), autocommit=True),
            lambda error: connecting(error, place),
            self._patience,
        )

    def __enter__(self) -> DatabaseSnapshot:
        """Begin the transaction."""
        for statement in _BEGIN:
            self._execute(statement, self._place)
        return self

    def __exit__(self, *_: object) -> None:
        """End the transaction and leave the server; one that was given up is left as it is."""
        if self._patience.given_up:
            _LEFT.append(self._connection)
            return
        with suppress(Exception):
            self._connection.close()

    def tables(self) -> list[str]:
        """Return the tables and views of the database that the user may see, named as SQL names them.

        Raises
        ------
        DataError
            The server does not answer.
        """
        return [str(row[0]) for row in self._rows(RELATIONS, self._place)]

    def stream(self, table: str, needed: set[str] | None, dropped: Sequence[str]) -> Stream:
        """Return the rows of a table or view, named as SQL names it.

        Parameters
        ----------
        table
            ``schema.name`` or a name on the search path; in double quotes where SQL needs them.
        needed
            Columns that are wanted whatever they hold. Of the others those are sent that may hold texts. None: all
            that the user may read.
        dropped
            Columns that are never sent.

        Raises
        ------
        DataError
            There is no such table, it may not be read, or none of its columns is of use.
        """
        where = f"'{table}' at {self._place}"
        self._execute(_AFRESH, where)
        relation = self._relation(table, where)
        every = [PgColumn.of(*row) for row in self._rows(COLUMNS.format(relation=literal(relation)), where)]
        if needed is None:
            needed = {column.name for column in every if column.readable}
        wanted = [c for c in every if c.name not in dropped and (c.name in needed or c.may_hold_text)]
        hidden = [c.name for c in wanted if not c.readable and c.name in needed]
        sent = [c for c in wanted if c.readable]
        if hidden or (wanted and not sent):
            names = ", ".join(hidden or [c.name for c in wanted])
            raise DataError(f"the user may not read {names} of {where}; ask for: GRANT SELECT ON {table}")
        if not sent:
            raise DataError(f"expected columns of the contract in {where}, got none; map them under columns:")
        query = f"SELECT {', '.join(c.expression for c in sent)} FROM {relation}"
        return self._asked(lambda: Stream(self._cursor(query), sent, where, self._patience), where)

    def _relation(self, table: str, where: str) -> str:
        """Return the table's name quoted as SQL needs it."""
        found = self._rows(RELATION.format(table=literal(table)), where)
        if found:
            return str(found[0][0])
        names = [str(name) for row in self._rows(RELATIONS, where) for name in row]
        close = did_you_mean(table.lower(), names)
        raise DataError(f"expected a table or view {where}, found none{close or '; check schema and name'}")

    def _cursor(self, query: str) -> Any:
        cursor = self._connection.cursor()
        cursor.execute(query)
        return cursor

    def _execute(self, statement: str, where: str) -> None:
        self._asked(lambda: self._cursor(statement).close(), where)

    def _rows(self, query: str, where: str) -> list[tuple[Any, ...]]:
        def fetch() -> list[tuple[Any, ...]]:
            with self._cursor(query) as cursor:
                rows: list[tuple[Any, ...]] = cursor.fetchall()
            return rows

        return self._asked(fetch, where)

    def _asked(self, work: Callable[[], T], where: str) -> T:
        return _attempt(work, lambda error: reading(error, where), self._patience)


def bounded(uri: str) -> str:
    """Return ``uri`` with a time limit for connecting, unless it or the environment sets one."""
    if "connect_timeout=" in uri or "PGCONNECT_TIMEOUT" in os.environ:
        return uri
    return f"{uri}{'&' if '?' in uri else '?'}connect_timeout={_SECONDS}"
