"""Inputs of a night: how fresh each table is, how much came, what is missing, and which words are new."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ...features.tables.staleness import stale_in
from ...features.tables.tables import Tables
from ...features.tables.weeks import WEEKS, missing_by_week, new_levels_by_week, rows_by_day
from ...models.evaluation.rhythm import (
    Expected,
    comes_in_bursts,
    count_against_before,
    share_against_before,
    silence_chance,
)
from .measures import Level, Measure

__all__ = ["SILENCE", "STALE", "input_measures", "new_levels", "same_dates"]

SILENCE = "silence_days"
"""Measure of the days since a table's last row."""

STALE = "stale"
"""Note of a table that is silent for longer than its own rhythm allows."""

_WEEK = 7
_MONTH = 4
"""Weeks in a month of tables that come in bursts."""

_MONTHS_BEFORE = (1, 2, 3)
_EARLIER = 2
"""Months that a billing day is looked for in, and the days that a weekend moves it."""

_STEADY = 0.8
"""Share of weeks with rows from which on a table is told week by week."""


def input_measures(tables: Tables, at: pd.Timestamp) -> Iterator[Measure]:
    """Yield the measures of the tables as they stand at an instant.

    Parameters
    ----------
    tables
        The business.
    at
        Tonight's instant, naive UTC.
    """
    stale = {each.table for each in stale_in(tables, at)}
    for name, days in rows_by_day(tables, at).groupby("table"):
        by_age = np.zeros(WEEKS * _WEEK)
        by_age[days["age"].to_numpy(dtype=int)] = days["rows"].to_numpy(dtype=float)
        yield _silence(str(name), by_age, stale)
        yield from _volumes(str(name), by_age[::-1], at)
    shares = (
        ("missing_share", missing_by_week(tables, at), "missing"),
        ("new_level_share", new_levels_by_week(tables, at), "new"),
    )
    for measure, weeks, hits in shares:
        for (table, column), rows in weeks.groupby(["table", "column"]):
            yield _share(measure, f"{table}.{column}", rows, hits)


def new_levels(tables: Tables, at: pd.Timestamp) -> dict[str, str]:
    """Return the most frequent new level of the last week by ``table.column``; columns without one are left out."""
    weeks = new_levels_by_week(tables, at)
    last = weeks[(weeks["week"] == 0) & weeks["level"].notna()]
    return {f"{row.table}.{row.column}": str(row.level) for row in last.itertuples()}


def _silence(table: str, by_age: Floats, stale: set[str]) -> Measure:
    ages = np.flatnonzero(by_age)
    gaps, silence = np.diff(ages), int(ages[0])
    return Measure(
        "inputs",
        SILENCE,
        table,
        silence,
        low=0.0,
        high=float(gaps.max()) if len(gaps) else float("nan"),
        expected=float(np.median(gaps)) - 1 if len(gaps) else float("nan"),
        n=int(by_age.sum()),
        days=WEEKS * _WEEK,
        note=STALE if table in stale else "",
        rule=Level(silence_chance(gaps, silence)),
    )


def _volumes(table: str, by_day: Floats, at: pd.Timestamp) -> Iterator[Measure]:
    """Yield rows of the last week, and of the last day beside the same weekday of the weeks before; oldest first.

    A table that comes in bursts, as debits on fixed days of the month do, stands beside the same dates of the months
    before, too. One with weeks without rows now and then is told by four weeks instead.
    """
    began = int(np.flatnonzero(by_day)[0]) // _WEEK + 1  # the first whole week after the first row
    days = by_day[began * _WEEK :]
    weeks = days.reshape(-1, _WEEK)
    if not len(weeks):
        return
    if np.mean(weeks.sum(axis=1) > 0) < _STEADY:
        months = _by_month(weeks.sum(axis=1))
        if len(months):
            yield _judged("rows_month", table, count_against_before(months), n=int(months[-1]), days=_MONTH * _WEEK)
        return
    bursts = comes_in_bursts(days)
    for measure, counts, length in (("rows_week", weeks.sum(axis=1), _WEEK), ("rows_day", weeks[:, -1], 1)):
        dates = same_dates(days, at, length) if bursts else None
        yield _judged(measure, table, count_against_before(counts, dates), n=int(counts[-1]), days=length)


def same_dates(by_day: Floats, at: pd.Timestamp, length: int) -> Floats:
    """Return the least and the most rows that periods of so many days had on the same dates of the months before.

    Each period ends with a week; debits may come a day or two earlier or later, by weekends. NaN where the tables do
    not reach back.

    Parameters
    ----------
    by_day
        Rows of each day, whole weeks, oldest first.
    at
        The instant at which the last day ends.
    length
        Days of a period: 7 or 1.

    Returns
    -------
    numpy.ndarray
        (weeks, 2), as :func:`~servicelift.models.evaluation.rhythm.count_against_before` takes them.

    Examples
    --------
    >>> dates = pd.date_range("2023-01-02", periods=210)
    >>> on_the_fifth = np.where(dates.day == 5, 500.0, 0.0)
    >>> same_dates(on_the_fifth, pd.Timestamp("2023-07-31"), 7)[-1].tolist()
    [0.0, 0.0]
    >>> same_dates(on_the_fifth[:-21], pd.Timestamp("2023-07-10"), 7)[-1].tolist()
    [500.0, 500.0]
    """
    ends = [at - pd.Timedelta(days=back) for back in range(len(by_day) - _WEEK, -1, -_WEEK)]
    before = [[(at - (end - pd.DateOffset(months=months))).days for months in _MONTHS_BEFORE] for end in ends]
    until = len(by_day) - np.asarray(before)[:, :, None] + np.arange(-_EARLIER, _EARLIER + 1)  # (periods, months, days)
    summed = np.concatenate([[0.0], np.cumsum(by_day)])
    rows = summed[np.maximum(until, 0)] - summed[np.maximum(until - length, 0)]
    found = np.stack([rows.min(axis=(1, 2)), rows.max(axis=(1, 2))], axis=1)
    return np.where((until.min(axis=(1, 2)) >= length)[:, None], found, np.nan)


def _share(measure: str, subject: str, rows: pd.DataFrame, hits: str) -> Measure:
    by_week = rows.set_index("week").reindex(range(int(rows["week"].max()), -1, -1)).fillna({"rows": 0, hits: 0})
    total, hit = by_week["rows"].to_numpy(dtype=float), by_week[hits].to_numpy(dtype=float)
    days = _WEEK
    if np.mean(total > 0) < _STEADY:
        total, hit, days = _by_month(total), _by_month(hit), _MONTH * _WEEK
    if not len(total) or total[-1] == 0:
        return Measure("inputs", measure, subject, float("nan"), days=days, note="no_rows")
    return _judged(measure, subject, share_against_before(hit, total), n=int(total[-1]), days=days)


def _by_month(weeks: Floats) -> Floats:
    """Return sums over four weeks each, the oldest weeks left out that fill no such month."""
    kept = weeks[len(weeks) % _MONTH :]
    return np.asarray(kept.reshape(-1, _MONTH).sum(axis=1))


def _judged(measure: str, subject: str, found: Expected, n: int, days: int) -> Measure:
    known = found.periods > 0
    return Measure(
        "inputs",
        measure,
        subject,
        found.value,
        low=found.low,
        high=found.high,
        reference=found.before,
        expected=found.expected,
        n=n,
        days=days,
        note="" if known else "short_past",
        rule=Level(found.chance) if known else None,
    )
