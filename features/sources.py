"""The business's tables in contract form: opened, mapped, cast and checked once, here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import ibis
import pandas as pd
import pyarrow as pa

from ..core.config import Config
from ..core.contract import CONTRACT, Kind
from ..core.errors import DataError, did_you_mean
from ..core.time import instant
from .engine import connect
from .mapping import UNREAD, contract_form, missing_columns
from .reading import engine_reason, read_source, reading_of

__all__ = ["Tables", "open_tables", "tables_from_frames"]

_PLANNED = ("ended_at",)
_EVENTS = ("customers", "subscriptions", "payments", "contacts", "surveys", "actions", "referrals")


@dataclass(frozen=True)
class Tables:
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
    """

    config: Config
    connection: Any
    frames: Mapping[str, Any]
    data_until: pd.Timestamp

    def has(self, table: str, *columns: str) -> bool:
        """Return whether the business brings ``table`` with all ``columns``."""
        return table in self.frames and set(columns) <= set(self.frames[table].columns)

    def __getitem__(self, table: str) -> Any:
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

    def execute(self, expr: Any) -> pd.DataFrame:
        """Return the result of an ibis expression."""
        result: pd.DataFrame = self.connection.execute(expr)
        return result


def open_tables(config: Config) -> Tables:
    """Open, map, cast and check the tables that ``config`` names.

    Raises
    ------
    DataError
        A table is missing or breaks the contract; names table, column, rule, rows and three keys.
    ConfigError
        The engine is not available.
    """
    connection = connect(config)
    raw = {name: read_source(connection, config, name) for name in config.tables}
    return _build(connection, config, raw, from_frames=False)


def tables_from_frames(frames: Mapping[str, pd.DataFrame], config: Config) -> Tables:
    """Return the tables held in pandas frames (contract names or the config's), checked as files are.

    ``config.tables`` plays no part; every other key does.

    Raises
    ------
    DataError
        A table breaks the contract.
    """
    connection = connect(config)
    raw = {name: _from_pandas(name, frame) for name, frame in frames.items()}
    return _build(connection, config, raw, from_frames=True)


def _from_pandas(name: str, frame: pd.DataFrame) -> Any:
    if name not in CONTRACT:
        raise DataError(f"unknown table '{name}'{did_you_mean(name, CONTRACT)}")
    try:
        arrow = pa.Table.from_pandas(frame, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError) as error:
        raise DataError(f"{name}: expected one type in each column, got a mixture") from error
    fields = [f.with_type(pa.string()) if pa.types.is_null(f.type) else f for f in arrow.schema]
    return ibis.memtable(arrow.cast(pa.schema(fields)))


def _build(connection: Any, config: Config, raw: Mapping[str, Any], *, from_frames: bool) -> Tables:
    frames = {}
    for name, table in raw.items():
        missing = missing_columns(config, CONTRACT[name], table.columns)
        if missing:
            raise DataError(f"{name}.{missing[0].column}: missing column; {missing[0].hint}")
        source = None if from_frames else config.tables[name]
        mapped = contract_form(table, CONTRACT[name], config, reading_of(source, config))
        try:
            stored = connection.create_table(f"contract_{name}", mapped, temp=True)
        except duckdb.Error as error:
            raise DataError(f"{name}: the source could not be read: {engine_reason(error)}") from None
        frames[name] = stored.select([c for c in stored.columns if not c.endswith(UNREAD)])
    return Tables(config, connection, frames, _data_until(connection, config, frames))


def _data_until(connection: Any, config: Config, frames: Mapping[str, Any]) -> pd.Timestamp:
    """Return the config's first midnight, or just after the latest event."""
    if config.data_until is not None:
        return instant(config.data_until, config.timezone)
    latest = []
    for name in _EVENTS:
        if name in frames:
            columns = [c.name for c in CONTRACT[name].columns if c.kind is Kind.INSTANT]
            present = [c for c in columns if c in frames[name].columns and c not in _PLANNED]
            row = connection.execute(frames[name].aggregate(**{c: frames[name][c].max() for c in present}))
            latest += [value for value in row.iloc[0] if not pd.isna(value)]
    if not latest:
        raise DataError("expected events with dates to tell where the data end, found none; set data_until")
    return pd.Timestamp(max(latest)).as_unit("us") + pd.Timedelta(1, "us")
