"""All indicators of a period: their sums by month and group, what is known already, and what is absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import pandas as pd

from ...core.config.indicators import Dimension
from ...core.errors import ConfigError, did_you_mean
from ...core.progress import Say, silent
from ...core.short_repr import ShortRepr
from ...core.time import local_day
from ..tables.tables import Tables
from .aggregate import ALL, GROUP, SUMS, dimension_lack, moments
from .catalogue import SOURCES, absent, present
from .declare import Indicator, Lack
from .scope import MONTH, Scope, month_of

__all__ = ["Measured", "measure", "scope_of"]

_YEAR = 12
_DIMENSIONS = get_args(Dimension)


@dataclass(frozen=True)
class Measured(ShortRepr):
    """What was counted.

    Parameters
    ----------
    scope
        Tables and months, a year before the first one asked for included.
    first
        The first month that was asked for.
    rows
        One row an indicator, month, dimension and group: indicator, month, by, group, known, the sums; ``value`` of
        medians. Months that are not known yet have a row without sums.
    absent
        Why an indicator is absent, by name.
    not_split
        What is missing to split a source's rows by a dimension that was asked for: (indicator, dimension) to column.
    """

    scope: Scope
    first: int
    rows: pd.DataFrame
    absent: Mapping[str, Lack]
    not_split: Mapping[tuple[str, str], str]


def scope_of(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> tuple[Scope, int]:
    """Return the scope of the months that [since, until) touches, with a year before, and the first of them.

    Raises
    ------
    ConfigError
        The period is empty.
    """
    zone = tables.config.timezone
    if until <= since:
        raise ConfigError(
            f"expected --since before --until, got {since:%Y-%m-%d} and {until:%Y-%m-%d}; turn them round"
        )
    first = month_of(local_day(since, zone))
    last = month_of(local_day(until - pd.Timedelta(1, "us"), zone))
    return Scope(tables, first - _YEAR, last), first


def measure(
    tables: Tables, since: pd.Timestamp, until: pd.Timestamp, by: Sequence[str] = (), say: Say = silent
) -> Measured:
    """Count every indicator by the calendar months that [since, until) touches, and by some dimensions.

    Parameters
    ----------
    tables
        The business's tables.
    since, until
        Period, naive UTC; a month that it touches is counted whole.
    by
        Dimensions to split by, beside all rows together.
    say
        Is told what is counted.

    Raises
    ------
    ConfigError
        The period is empty, a dimension is unknown, or agents are not to be shown.
    """
    _check(tables, by)
    scope, first = scope_of(tables, since, until)
    there = present(scope)
    found: list[pd.DataFrame] = []
    not_split: dict[tuple[str, str], str] = {}
    for source in SOURCES:
        own = [each for each in there if each.source is source]
        if not own:
            continue
        say(f"indicators: {source.name}")
        for dimension, split in _splits(own, by).items():
            lack = None if dimension == ALL else dimension_lack(scope, source, dimension)
            if lack is None:
                found.append(_with_unknown(scope, split, moments(scope, split, dimension), dimension))
            elif dimension in by:
                not_split |= {(each.name, dimension): lack for each in split}
    columns = ["indicator", MONTH, "by", GROUP, "known", *SUMS, "value"]
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    rows = rows.reindex(columns=columns).astype({MONTH: "int64", "known": "bool"})
    return Measured(scope, first, rows, absent(scope), not_split)


def _splits(indicators: Sequence[Indicator], by: Sequence[str]) -> dict[str, list[Indicator]]:
    """Return which indicators of a source are split by what: by nothing, as asked for, and as they always are."""
    splits = {ALL: list(indicators)}
    for dimension in dict.fromkeys((*by, *(each for one in indicators for each in one.always))):
        chosen = [one for one in indicators if dimension in one.by and (dimension in by or dimension in one.always)]
        if chosen:
            splits[dimension] = chosen
    return splits


def _check(tables: Tables, by: Iterable[str]) -> None:
    config = tables.config.indicators
    for each in by:
        if each not in _DIMENSIONS:
            raise ConfigError(
                f"--by: expected some of {', '.join(_DIMENSIONS)}, got '{each}'{did_you_mean(each, _DIMENSIONS)}"
            )
        if each == "agent" and not config.agents.show:
            raise ConfigError(
                "--by agent: indicators of single agents are not to be shown; set indicators: {agents: {show: true}}"
            )
        if each == "segment" and config.segment is None:
            raise ConfigError(
                "--by segment: nothing says what a segment is; set indicators: {segment: a column under static}"
            )


def _with_unknown(scope: Scope, indicators: Sequence[Indicator], sums: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the sums with ``known``; of months that are not known no figure is left."""
    parts = []
    months = scope.months[MONTH]
    for each in indicators:
        own = sums[sums["indicator"] == each.name]
        wait = each.wait(scope)
        over = {month: scope.over(month, wait) for month in months}
        own = own.assign(by=by, known=own[MONTH].map(over).astype(bool))
        if by == ALL:
            missing = [month for month in months if month not in set(own[MONTH])]
            empty = pd.DataFrame({MONTH: missing}).assign(indicator=each.name, by=by, known=[over[m] for m in missing])
            own = pd.concat([own, empty.assign(**{GROUP: ""})], ignore_index=True)
        values = [name for name in (*SUMS, "value") if name in own]
        parts.append(own.assign(**{name: own[name].where(own["known"]) for name in values}))
    rows = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return rows.sort_values(["indicator", MONTH, GROUP], kind="stable")
