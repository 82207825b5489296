"""Where the data end, and which tables end long before: one row far after all others moves nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import ibis
import pandas as pd

from ...core.contract import CONTRACT
from ..expressions import Backend, Rows
from .checks import example_keys
from .findings import Finding

__all__ = ["EndOfData", "StaleTable", "end_of_data", "event_days", "freshness_findings", "stale_tables", "stragglers"]

_LEAST_ROWS = 20
"""Rows from which on a table has a rhythm."""

_FEW_ROWS = 3
_FEW_SHARE = 0.001
_LONG_DAYS = 31
"""Days without a row from which on a silence is long."""

_RHYTHM = 3
"""How many times the longest usual silence a long one lasts."""

_USUAL = 0.5
"""Share of the first rows whose silences do not count as usual: logs begin thinly."""


@dataclass(frozen=True)
class EndOfData:
    """Where the data end.

    Parameters
    ----------
    last
        The latest instant of all rows but those far after all others, naive UTC; None: there is none.
    day
        The first day after it.
    silence_days
        Days from there to the rows far after; 0 where there are none.
    """

    last: pd.Timestamp | None
    day: pd.Timestamp | None = None
    silence_days: int = 0


def event_days(connection: Backend, tables: Mapping[str, tuple[Rows, Sequence[str]]]) -> pd.DataFrame:
    """Return on which days columns of tables have instants: table, column, day, rows, and the day's last instant.

    Parameters
    ----------
    connection
        The ibis backend.
    tables
        Rows and columns of instants by the name of the table.
    """
    parts = [
        _by_day(rows, column).mutate(table=ibis.literal(name), column=ibis.literal(column))
        for name, (rows, columns) in tables.items()
        for column in columns
    ]
    if not parts:
        return pd.DataFrame({"day": [], "rows": [], "last": [], "table": [], "column": []})
    days: pd.DataFrame = connection.execute(parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False))
    return days


def _by_day(rows: Rows, column: str) -> Rows:
    dated = rows.filter(rows[column].notnull())
    return dated.group_by(day=dated[column].truncate("D")).aggregate(rows=dated.count(), last=dated[column].max())


def end_of_data(days: pd.DataFrame) -> EndOfData:
    """Return where the data end, from the days of all tables: day, rows, last.

    A few rows that lie far after all others, by the rhythm of the days before them, do not count: a start that is
    planned, or a date of 2099.
    """
    if days.empty:
        return EndOfData(None)
    by_day = days.groupby("day").agg(rows=("rows", "sum"), last=("last", "max")).sort_index()
    total = int(by_day["rows"].sum())
    after = by_day["rows"][::-1].cumsum()[::-1].to_numpy()
    few = max(_FEW_ROWS, _FEW_SHARE * total)
    gaps = by_day.index.to_series().diff().dt.days.fillna(0).to_numpy()
    for place in range(1, len(by_day)):
        if after[place] > few or total - after[place] < _LEAST_ROWS:
            continue
        if gaps[place] > max(_LONG_DAYS, _RHYTHM * _longest(by_day.iloc[:place])):
            kept = by_day.iloc[:place]
            return EndOfData(kept["last"].max(), kept.index[-1] + pd.Timedelta(days=1), int(gaps[place]))
    return EndOfData(by_day["last"].max())


def _longest(by_day: pd.DataFrame) -> float:
    """Return the longest usual silence in days."""
    usual = by_day[by_day["rows"].cumsum() > _USUAL * by_day["rows"].sum()]
    return float(usual.index.to_series().diff().dt.days.max()) if len(usual) > 1 else 0.0


def stragglers(connection: Backend, tables: Mapping[str, Rows], days: pd.DataFrame, end: EndOfData) -> list[Finding]:
    """Return a warning for each column with rows far after all others."""
    if end.day is None:
        return []
    hint = f"the data are taken to end on {end.last:%Y-%m-%d}; set data_until to say otherwise"
    found = []
    for (table, column), late in days[days["day"] >= end.day].groupby(["table", "column"]):
        whole = tables[str(table)]
        rows = whole.filter(whole[str(column)] >= end.day.to_pydatetime())
        keys = example_keys(connection, CONTRACT[str(table)], rows)
        total = int(days.loc[(days["table"] == table) & (days["column"] == column), "rows"].sum())
        rule = f"{end.silence_days} days or more after everything else"
        found.append(Finding("warning", str(table), str(column), rule, int(late["rows"].sum()), keys, total, hint))
    return found


@dataclass(frozen=True)
class StaleTable:
    """A table without a row for long before an instant, by its own rhythm.

    Parameters
    ----------
    table
        Its name in the contract.
    last
        Its last row before the instant, naive UTC.
    silence_days
        Whole days from there to the instant.
    """

    table: str
    last: pd.Timestamp
    silence_days: int


def stale_tables(days: pd.DataFrame, at: pd.Timestamp) -> tuple[list[StaleTable], list[str]]:
    """Return the tables that end long before an instant, and the names of all that have a rhythm by then.

    Parameters
    ----------
    days
        Table, day, rows and the last instant of each day: :func:`event_days` of several tables.
    at
        The instant, naive UTC.
    """
    by_table = dict(_by_table(days, at))
    return _stale(by_table, at), list(by_table)


def _stale(by_table: Mapping[str, pd.DataFrame], at: pd.Timestamp) -> list[StaleTable]:
    stale = []
    for name, by_day in by_table.items():
        silence = (at - by_day["last"].max()).days
        if len(by_day) > 1 and silence > max(_LONG_DAYS, _RHYTHM * _longest(by_day)):
            stale.append(StaleTable(name, by_day["last"].max(), silence))
    return stale


def _by_table(days: pd.DataFrame, until: pd.Timestamp) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each table that has a rhythm, with rows and last instant of its days before ``until``."""
    for name, all_days in days.groupby("table") if len(days) else ():
        own = all_days[all_days["day"] < until]
        by_day = own.groupby("day").agg(rows=("rows", "sum"), last=("last", "max")).sort_index()
        if by_day["rows"].sum() >= _LEAST_ROWS:
            yield str(name), by_day


def freshness_findings(days: pd.DataFrame, until: pd.Timestamp) -> Iterator[Finding]:
    """Yield a warning for each table that ends long before the data do, or whose rows lie all on one day."""
    by_table = dict(_by_table(days, until))
    for name, by_day in by_table.items():
        if len(by_day) == 1:
            hint = "expected when each happened, not when it was written; features count back from these dates"
            rule = f"all rows on one day, {by_day.index[0]:%Y-%m-%d}"
            yield Finding("warning", name, "", rule, int(by_day["rows"].sum()), hint=hint)
    for stale in _stale(by_table, until):
        hint = f"the last is of {stale.last:%Y-%m-%d}, the data end on {until:%Y-%m-%d}; bring newer rows"
        yield Finding("warning", stale.table, "", f"no row in the last {stale.silence_days} days", hint=hint)
