"""Nights in a DuckDB file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from ...core.errors import BusyError, DataError
from ...core.files import try_folder
from .destination import Destination, quoted

__all__ = ["DuckDBFile"]

_HELD = "could not set lock"
_NIGHT = "night"


class DuckDBFile(Destination):
    """A DuckDB file; only one process may have it open for writing.

    Parameters
    ----------
    file
        Where it is; it is made if it is not there.
    schema
        Schema of the tables.

    Raises
    ------
    BusyError
        Another process has it open.
    DataError
        It is no DuckDB file, or cannot be written.
    """

    def __init__(self, file: Path, schema: str) -> None:
        super().__init__(f"'{file}'", schema)
        try_folder(file.parent)
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._connection = duckdb.connect(str(file))
        except duckdb.Error as error:
            if _HELD in str(error).lower():
                raise BusyError(
                    f"another process has {self.place} open; wait until it has ended, or publish into another file"
                ) from None
            raise DataError(
                f"expected a DuckDB file that can be written at {self.place}, got another; choose another name"
            ) from error

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._connection.close()

    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement and return its rows, if it has any."""
        rows: list[tuple[object, ...]] = self._connection.execute(statement).fetchall()
        return rows

    def ingest(self, table: str, rows: pa.RecordBatchReader) -> int:
        """Append rows to a table; return how many."""
        self._connection.register(_NIGHT, rows)
        try:
            name = f"{quoted(self.schema)}.{quoted(table)}"
            done = self.query(f"INSERT INTO {name} BY NAME SELECT * FROM {_NIGHT}")
        finally:
            self._connection.unregister(_NIGHT)
        return int(str(done[0][0]))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Return a block that is one transaction."""
        self._connection.execute("BEGIN")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException as error:
            self._connection.execute("ROLLBACK")
            if isinstance(error, duckdb.Error):
                raise DataError(
                    f"{self.place} did not take the night: {str(error).splitlines()[0]}; nothing there was changed"
                ) from error
            raise
