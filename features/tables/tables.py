"""The business's tables in contract form: opened, mapped, cast and checked once, here."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial

import ibis
import pandas as pd
import pyarrow as pa
from ibis.util import gen_name

from ...core.config.business import Config
from ...core.contract import CONTRACT
from ...core.errors import DataError, did_you_mean
from ...core.short_repr import ShortRepr
from ..engines.base import Engine
from ..engines.choose import connect, engine_of
from ..expressions import Backend, Expression, Rows, Scalar
from ..sources.databases import Databases
from ..sources.durations import durations, in_seconds
from ..sources.frames import arrow_table
from ..sources.read import read_source
from ..validation.config_fit import absent_words
from ..validation.findings import Report, causes
from .assemble import Assembled, assemble

__all__ = ["Opener", "Tables", "assemble_sources", "open_tables", "tables_from_frames", "validate"]


@dataclass(frozen=True)
class Tables(ShortRepr):
    """The tables of one business in contract form.

    Parameters
    ----------
    config
        The configuration they were opened with.
    connection
        The ibis backend that holds them.
    frames
        One ibis table for each table of the contract that the business brings: contract names, canonical
        types (instants naive UTC, money DECIMAL(18, 4)), only the columns that are present.
    data_until
        Exclusive end of the data, naive UTC.
    days
        On which days each log has rows: table, day, rows, and the last instant of the day; without logs no line.
    planned_days
        The same of instants that may have been set beforehand, such as the end of a contract.
    """

    config: Config
    connection: Backend
    frames: Mapping[str, Rows]
    data_until: pd.Timestamp
    days: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)
    planned_days: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)
    _derived: dict[str, Rows] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def engine(self) -> Engine:
        """What is particular to the engine behind ``connection``; it keeps the queries it has prepared."""
        return engine_of(self.connection)

    def once(self, name: str, expr: Callable[[], Rows]) -> Rows:
        """Return a table derived from the tables alone, computed when it is first asked for and kept in the engine.

        What does not depend on an instant, such as which payment followed a failed one, is the same for every
        spine: computing it for each part of each spine would cost more than all features.

        Parameters
        ----------
        name
            Its name among all that is derived.
        expr
            Returns the ibis expression.
        """
        if name not in self._derived:
            self._derived[name] = self.engine.store(gen_name(name), expr())
        return self._derived[name]

    def prepared_query(self, key: Hashable, rows: pa.Table, expr: Callable[[Rows], Rows]) -> Rows:
        """Return ``expr(rows)`` as a table; read it before the same key is queried again.

        One spine is queried with the same SQL as the next. On a few thousand rows writing the SQL, from expression to
        query, costs more than running it: an engine that can prepares it once.

        Parameters
        ----------
        key
            Names the query: whatever the expression depends on beside ``rows`` and these tables.
        rows
            The rows to query.
        expr
            Returns the ibis expression over them, which may hold no other rows of this kind.
        """
        return self.engine.prepared_query((key, rows.schema), rows, expr)

    def prepared_queries(
        self,
        key: Hashable,
        values: Mapping[str, Scalar],
        exprs: Callable[[Mapping[str, Scalar]], Sequence[Rows]],
    ) -> Sequence[Rows]:
        """Return ``exprs(values)`` as tables; read them before any value is given anew.

        As :meth:`prepared_query`, for queries over millions of rows with a few values as parameters: the engine plans
        with them as with constants.

        Parameters
        ----------
        key
            Names the queries: whatever the expressions depend on beside ``values`` and these tables.
        values
            Typed ibis literals by name; a key always has the same names and types.
        exprs
            Returns the ibis expressions over values of these names.
        """
        return self.engine.prepared_queries(key, values, exprs)

    def has(self, table: str, *columns: str) -> bool:
        """Return whether the business brings ``table`` with all ``columns``."""
        return table in self.frames and set(columns) <= set(self.frames[table].columns)

    def __getitem__(self, table: str) -> Rows:
        """Return one table.

        Raises
        ------
        DataError
            The business does not bring it.
        """
        if table not in self.frames:
            raise DataError(
                f"table '{table}' is needed and not among the config's tables ({', '.join(self.frames)})"
                f"{did_you_mean(table, self.frames)}; add it under tables:"
            )
        return self.frames[table]

    def execute(self, expr: Expression) -> pd.DataFrame:
        """Return the result of an ibis expression."""
        result: pd.DataFrame = self.connection.execute(expr)
        return result

    def arrow(self, expr: Expression) -> pa.Table:
        """Return the result of an ibis expression as an Arrow table."""
        result: pa.Table = self.connection.to_pyarrow(expr)
        return result


Opener = Callable[[Config], Tables]
"""Gives the tables of a configuration: :func:`open_tables`, or who has opened them already."""


def open_tables(config: Config) -> Tables:
    """Open, map, cast and check the tables that ``config`` names.

    Raises
    ------
    DataError
        A table is missing or breaks the contract; names table, column, rule, rows and three keys.
    ConfigError
        The engine is not available.
    """
    connection, found = assemble_sources(config)
    return _checked(connection, config, found)


def assemble_sources(config: Config) -> tuple[Backend, Assembled]:
    """Return the engine and what the config's sources hold, findings and all.

    Raises
    ------
    ConfigError
        The engine is not available.
    """
    connection = connect(config)
    with ExitStack() as stack:
        databases = stack.enter_context(Databases(config))
        readers = {name: partial(read_source, connection, config, name, databases) for name in config.tables}
        found = assemble(connection, config, readers, config.tables)
        if engine_of(connection).rereads:
            weakref.finalize(connection, stack.pop_all().close)
        return connection, found


def tables_from_frames(frames: Mapping[str, pd.DataFrame], config: Config) -> Tables:
    """Return the tables held in pandas frames (contract names or the config's), checked as files are.

    ``config.tables`` plays no part; every other key does.

    Raises
    ------
    DataError
        A table breaks the contract.
    """
    for name in frames:
        if name not in CONTRACT:
            raise DataError(f"unknown table '{name}'{did_you_mean(name, CONTRACT)}")
    connection = connect(config)
    readers = {name: partial(_memtable, config, name, frame) for name, frame in frames.items()}
    return _checked(connection, config, assemble(connection, config, readers, dict.fromkeys(frames)))


def _checked(connection: Backend, config: Config, found: Assembled) -> Tables:
    """Return the tables, or raise the first error that was found."""
    errors = found.report.errors
    if errors:
        lines = causes(errors)
        more = f" (and {len(lines) - 1} more: see servicelift validate)" if len(lines) > 1 else ""
        raise DataError(lines[0] + more)
    return Tables(config, connection, found.frames, found.data_until, found.days, found.planned_days)


def _memtable(config: Config, name: str, frame: pd.DataFrame) -> Rows:
    rows = arrow_table(name, frame)
    units = durations(name, [rows.schema])
    for column in units:
        place = rows.schema.get_field_index(column)
        rows = rows.set_column(place, column, rows.column(column).cast(pa.int64()))
    return in_seconds(ibis.memtable(rows), config, name, units)


def validate(config: Config) -> Report:
    """Check the tables of ``config`` against the contract and report everything that is found.

    Errors stop every other command; warnings are counted and shown.

    Raises
    ------
    ConfigError
        The engine is not available.
    """
    connection, assembled = assemble_sources(config)
    report = assembled.report
    absent = absent_words(connection, config, assembled.frames)
    return Report((*report.findings, *absent), report.rows, report.notes)
