"""A database that takes nights: one transaction a night, so that a reader sees the old one or the new one, never half.

Tables are made when they are first needed, and get the columns that later nights bring. A column that has another type
there is refused before anything changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...core.errors import DataError
from .tables import NIGHTS, NightTable

__all__ = ["Destination", "literal", "quoted"]

_SQL = {
    pa.string(): "TEXT",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE PRECISION",
    pa.bool_(): "BOOLEAN",
    pa.timestamp("us", tz="UTC"): "TIMESTAMP WITH TIME ZONE",
    pa.date32(): "DATE",
}
_SAME = {"VARCHAR": "TEXT", "CHARACTER VARYING": "TEXT", "DOUBLE": "DOUBLE PRECISION"}
_ARROW = {name: kind for kind, name in _SQL.items()}


def quoted(name: str) -> str:
    """Return a name as SQL quotes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as SQL quotes it."""
    return "'" + text.replace("'", "''") + "'"


class Destination(AbstractContextManager["Destination"], ABC):
    """An open database.

    Parameters
    ----------
    place
        Where it is, as people read it: no user, no password.
    schema
        Schema of the tables.
    """

    def __init__(self, place: str, schema: str) -> None:
        self.place = place
        self.schema = schema

    @abstractmethod
    def query(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement and return its rows, if it has any."""

    @abstractmethod
    def ingest(self, table: str, rows: pa.RecordBatchReader) -> int:
        """Append rows to a table whose columns have their types; return how many."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Return a block that is one transaction: all of it or nothing, and one run at a time."""

    def published(self) -> dict[str, str]:
        """Return the digest of each night that is there, by day; none where nothing was published yet."""
        if not self._columns(NIGHTS):
            return {}
        return {str(day): str(digest) for day, digest in self.query(f"SELECT day, digest FROM {self._name(NIGHTS)}")}

    def replace(
        self, as_of: pd.Timestamp, tables: Iterable[tuple[NightTable, pa.RecordBatchReader | None]]
    ) -> dict[str, int]:
        """Put one night in the place of what is there of its instant; return the rows of each table.

        Parameters
        ----------
        as_of
            The night's instant, naive UTC.
        tables
            Rows of each table; None: the night has none, and what is there of it goes. What is raised while they are
            asked for takes everything back.

        Raises
        ------
        DataError
            The database does not take it; nothing of it has changed.
        """
        moment = f"TIMESTAMP WITH TIME ZONE {literal(as_of.isoformat() + '+00:00')}"
        written: dict[str, int] = {}
        with self.transaction():
            self.query(f"CREATE SCHEMA IF NOT EXISTS {quoted(self.schema)}")
            for table, rows in tables:
                there = self._columns(table.name)
                if there:
                    self.query(f"DELETE FROM {self._name(table.name)} WHERE as_of = {moment}")
                if rows is None:
                    written[table.name] = 0
                    continue
                kinds = self._prepared(table, rows.schema, there)
                written[table.name] = self.ingest(table.name, _as(rows, kinds))
        return written

    def _prepared(self, table: NightTable, schema: pa.Schema, there: dict[str, str]) -> pa.Schema:
        """Make the table, or bring it the columns that it lacks; return the types of the rows to send."""
        wanted = {field.name: _SQL[field.type] for field in schema}
        if not there:
            columns = ", ".join(f"{quoted(name)} {kind}" for name, kind in wanted.items())
            key = ", ".join(quoted(name) for name in table.key)
            self.query(f"CREATE TABLE {self._name(table.name)} ({columns}, PRIMARY KEY ({key}))")
            return schema
        for name, kind in wanted.items():
            if name not in there:
                self.query(f"ALTER TABLE {self._name(table.name)} ADD COLUMN {quoted(name)} {kind}")
            elif there[name] != kind and (kind, there[name]) != ("BIGINT", "DOUBLE PRECISION"):
                raise DataError(
                    f"expected column {name} of '{self.schema}.{table.name}' at {self.place} to hold {kind}, it holds"
                    f" {there[name]}; rename that table, or publish into another schema"
                )
        return pa.schema([pa.field(name, _ARROW[there.get(name, kind)]) for name, kind in wanted.items()])

    def _columns(self, table: str) -> dict[str, str]:
        """Return the columns of a table with their types; none where there is no such table."""
        rows = self.query(
            "SELECT column_name, data_type FROM information_schema.columns"
            f" WHERE table_schema = {literal(self.schema)} AND table_name = {literal(table)}"
        )
        kinds = ((str(name), str(kind).upper()) for name, kind in rows)
        return {name: _SAME.get(kind, kind) for name, kind in kinds}

    def _name(self, table: str) -> str:
        return f"{quoted(self.schema)}.{quoted(table)}"


def _as(rows: pa.RecordBatchReader, schema: pa.Schema) -> pa.RecordBatchReader:
    """Return rows with whole numbers as numbers where the table holds those."""
    if rows.schema.equals(schema):
        return rows
    batches = (
        pa.record_batch([pc.cast(batch.column(field.name), field.type) for field in schema], schema=schema)
        for batch in rows
    )
    return pa.RecordBatchReader.from_batches(schema, batches)
