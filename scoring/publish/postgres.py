"""Nights in a PostgreSQL database: rows go by COPY, all tables of a night in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import pyarrow as pa

from ...core.errors import BusyError, DataError
from ...core.patience import Patience
from ...features.sources.postgres import bounded, driver
from ...features.sources.postgres_errors import connecting
from .destination import Destination, literal

__all__ = ["PostgresDatabase"]

T = TypeVar("T")
_WRITING = {
    "42501": "the user may not write there; ask for: GRANT CREATE ON DATABASE, or USAGE and CREATE on the schema and"
    " ownership of its tables",
    "23505": "two of its rows have one key; that is our fault, report it",
    "25006": "the server is read-only, such as a standby; name its primary in connection:",
    "53": "the server lacks memory, disk or connections; run again later",
    "57014": "it took longer than publish: timeout_seconds:; allow more, or look what the server does",
    "57": "the server was stopped; run again later",
    "08": "the connection was lost; run again",
    "40": "the server gave it up; run again",
}
_GRACE = 2
"""Seconds that the server has beyond its own time limit to say so."""
_LEFT: list[Any] = []
"""Connections whose server has stopped answering: nothing closes them while a thread still waits inside the driver."""
_LOCKED = "55P03"
_LOST = re.compile(r"server closed the connection|connection to server was lost|terminating connection|no connection")


class PostgresDatabase(Destination):
    """A PostgreSQL database.

    Parameters
    ----------
    uri
        Where it is, secrets and all.
    place
        The same for people: host and database only.
    schema
        Schema of the tables.
    seconds
        How long one step may take.

    Raises
    ------
    DataError
        It cannot be opened, or does not answer in time; the message has no user, password or value.
    """

    def __init__(self, uri: str, place: str, schema: str, seconds: int) -> None:
        super().__init__(place, schema)
        self._seconds = seconds
        self._patience = Patience()
        self._driver = driver()
        self._connection: Any = self._asked(
            lambda: self._driver.connect(bounded(uri)), lambda error: connecting(error, place)
        )

    def __exit__(self, *_: object) -> None:
        """Leave the server; one that has stopped answering is left as it is, for the driver is still at work there."""
        if self._patience.given_up:
            _LEFT.append(self._connection)
            return
        with suppress(Exception):
            self._patience.within(self._seconds, self._connection.close)

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement and return its rows, if it has any."""

        def run() -> list[tuple[object, ...]]:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []

        return self._asked(run, self._refused)

    def ingest(self, table: str, rows: pa.RecordBatchReader) -> int:
        """Append rows to a table by COPY; return how many."""

        def run() -> int:
            with self._connection.cursor() as cursor:
                return int(cursor.adbc_ingest(table, rows, mode="append", db_schema_name=self.schema))

        return self._asked(run, self._refused)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Return a block that is one transaction; a second run that begins one meanwhile is refused."""
        try:
            self.query(f"SET LOCAL statement_timeout = '{self._seconds}s'")
            self.query(f"SET LOCAL lock_timeout = '{self._seconds}s'")
            mine = f"SELECT pg_try_advisory_xact_lock(hashtext('servicelift'), hashtext({literal(self.schema)}))"
            if not self.query(mine)[0][0]:
                raise BusyError(self._busy())
            yield
            self._asked(self._connection.commit, self._not_confirmed)
        except BaseException:
            if not self._patience.given_up:
                with suppress(Exception):
                    self._patience.within(self._seconds, self._connection.rollback)
            raise

    def _asked(self, work: Callable[[], T], reason: Callable[[Exception], str]) -> T:
        """Return what the server answers; raised errors hold nothing of the driver's, which quotes users and values."""
        busy = False
        try:
            return self._patience.within(self._seconds + _GRACE, work)
        except TimeoutError:
            why = f"{self.place} does not answer within {self._seconds} s; look at the server, and run again"
        except (self._driver.Error, pa.ArrowException, OSError) as error:
            busy = str(getattr(error, "sqlstate", None)) == _LOCKED
            why = reason(error)
        raise (BusyError if busy else DataError)(why)

    def _not_confirmed(self, error: Exception) -> str:
        """Return what is known where the last word of a transaction failed: a lost answer may have been a yes."""
        if _LOST.search(str(error)):
            return (
                f"the connection to {self.place} was lost at the end, so whether '{self.schema}' took the night is not"
                " known; run again, a night that is there is left as it is"
            )
        return self._refused(error)

    def _busy(self) -> str:
        return f"another run publishes into '{self.schema}' at {self.place}; wait until it has ended"

    def _refused(self, error: Exception) -> str:
        """Return why the server refused, by its code (SQLSTATE) alone."""
        state = str(getattr(error, "sqlstate", None) or "")
        if state == _LOCKED:
            return self._busy()
        lost = "08" if _LOST.search(str(error)) else ""
        why = _WRITING.get(state) or _WRITING.get(state[:2]) or _WRITING.get(lost)
        code = f" (SQLSTATE {state})" if state else ""
        return (
            f"'{self.schema}' at {self.place} did not take the night: {why or 'the server reports an error'}{code};"
            " nothing there was changed"
        )
