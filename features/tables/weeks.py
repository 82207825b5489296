"""What arrived in each table, day by day and week by week back from an instant: rows, missing values, new levels."""

from __future__ import annotations

from collections.abc import Iterator

import ibis
import pandas as pd

from ...core.contract import CONTRACT, RECORDED_AT, Column, Kind
from ..expressions import Rows, Value
from .tables import Tables

__all__ = ["WEEKS", "missing_by_week", "new_levels_by_week", "rows_by_day"]

WEEKS = 80
"""Weeks looked back."""

_KNOWN_BEFORE = 12
"""First weeks whose levels are only learnt: they are called new in none of them."""

_MOST_LEVELS = 1_000
"""Levels of a column from which on it is free text: nothing in it is new."""

_DAY = 86_400


def rows_by_day(tables: Tables, at: pd.Timestamp) -> pd.DataFrame:
    """Return how many rows each log got on each of the days before an instant.

    A day is 24 hours back from the instant; a row counts from when it was known (``recorded_at`` where there is one).

    Parameters
    ----------
    tables
        The business.
    at
        The instant, naive UTC.

    Returns
    -------
    pandas.DataFrame
        table, age (whole days before the instant, 0 for the last one), rows; days without rows have no line.
    """
    parts = [
        rows.group_by(age=rows["age"]).aggregate(rows=rows.count()).mutate(table=ibis.literal(name))
        for name, rows in _logs(tables, at)
    ]
    return _found(tables, parts, ["table", "age", "rows"])


def missing_by_week(tables: Tables, at: pd.Timestamp) -> pd.DataFrame:
    """Return how many values are missing in each column and week before an instant.

    Columns are those that are known with their row and may be missing: what is filled in later, such as the end of a
    contact, is missing most where it is young.

    Returns
    -------
    pandas.DataFrame
        table, column, week (0 for the last), rows, missing.
    """
    frames = []
    for name, rows in _logs(tables, at):
        columns = [c.name for c in _known_at_once(tables, name, rows) if c.nullable]
        if not columns:
            continue
        sums = {column: rows[column].isnull().cast("int64").sum() for column in columns}
        by_week = rows.group_by(week=rows["age"] // 7).aggregate(rows=rows.count(), **sums)
        wide = tables.execute(by_week)
        long = wide.melt(["week", "rows"], columns, "column", "missing")
        frames.append(long.assign(table=name))
    names = ["table", "column", "week", "rows", "missing"]
    return pd.concat(frames, ignore_index=True)[names] if frames else pd.DataFrame(columns=names)


def new_levels_by_week(tables: Tables, at: pd.Timestamp) -> pd.DataFrame:
    """Return how many rows of each week have a level that no earlier week had.

    Returns
    -------
    pandas.DataFrame
        table, column, week (0 for the last, up to 67), rows with any level, rows with a ``new`` one, and the most
        frequent new level of the week (``level``, None without one).
    """
    names = ["table", "column", "week", "rows", "new", "level"]
    parts = [
        rows.group_by(week=rows["age"] // 7, level=rows[column.name].cast("string"))
        .aggregate(rows=rows.count())
        .mutate(table=ibis.literal(name), column=ibis.literal(column.name))
        for name, rows in _logs(tables, at)
        for column in _known_at_once(tables, name, rows)
        if column.kind in (Kind.TEXT, Kind.CODE)
    ]
    counted = _found(tables, parts, ["table", "column", "week", "level", "rows"]).dropna(subset=["level"])
    found = [
        _new(one).assign(table=str(key[0]), column=str(key[1])) for key, one in counted.groupby(["table", "column"])
    ]
    kept = [one for one in found if len(one)]
    return pd.concat(kept, ignore_index=True)[names] if kept else pd.DataFrame(columns=names)


def _new(known: pd.DataFrame) -> pd.DataFrame:
    if known["level"].nunique() > _MOST_LEVELS:
        return pd.DataFrame()
    first = known.groupby("level")["week"].transform("max") == known["week"]
    known = known.assign(new=known["rows"].where(first, 0)).sort_values(["new", "level"], ascending=[False, True])
    known["level"] = known["level"].astype(object).where(known["new"] > 0, None)
    by_week = known.groupby("week").agg(rows=("rows", "sum"), new=("new", "sum"), level=("level", "first"))
    return by_week[by_week.index < WEEKS - _KNOWN_BEFORE].reset_index()


def _logs(tables: Tables, at: pd.Timestamp) -> Iterator[tuple[str, Rows]]:
    """Yield each table with an instant of its rows, with ``age``: days back from ``at``, those looked at only."""
    end = int(pd.Timestamp(at).timestamp())
    for name, rows in tables.frames.items():
        instant = CONTRACT[name].row_known
        if instant is None or CONTRACT[name].column[instant].kind is not Kind.INSTANT or instant not in rows.columns:
            continue
        known: Value = rows[instant]
        if RECORDED_AT in rows.columns:
            known = ibis.greatest(known, rows[RECORDED_AT].fill_null(known))
        seconds = known.cast("timestamp").epoch_seconds()
        aged = rows.mutate(age=((end - 1 - seconds) // _DAY).cast("int64"))
        yield name, aged.filter(known.notnull() & (seconds < end) & (aged["age"] < WEEKS * 7))


def _known_at_once(tables: Tables, name: str, rows: Rows) -> list[Column]:
    """Return the columns of a table that are filled when the row comes, keys left out."""
    table = CONTRACT[name]
    at_once = [c for c in table.columns if c.name in rows.columns and c.kind not in (Kind.ID, Kind.INSTANT)]
    own = [Column(c, Kind.TEXT, "", nullable=True) for c in tables.config.static if name == "customers"]
    words = [c for c in own if c.name in rows.columns and c.name not in table.column]
    return [c for c in at_once if c.known in (None, table.row_known)] + [
        c for c in words if str(rows[c.name].type()) == "string"
    ]


def _found(tables: Tables, parts: list[Rows], names: list[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=names)
    frame = tables.execute(parts[0] if len(parts) == 1 else ibis.union(*parts, distinct=False))
    return frame[names].sort_values(names[:2], ignore_index=True)
