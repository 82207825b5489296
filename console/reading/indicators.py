"""The service indicators that `indicators` wrote: months, groups, and what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from .engine import Engine, Row, fingerprint

__all__ = ["Indicators", "read_indicators"]

_NEEDED = ("indicator", "month", "by", "group", "value", "low", "high", "n", "unit", "status")
_MORE = ("response_rate", "weighted", "bound_low", "bound_high", "month_before", "year_before", "target")
_MONTHS = 24


@dataclass(frozen=True)
class Indicators(ShortRepr):
    """The indicators of one folder, in the engine's memory.

    Parameters
    ----------
    engine, table
        Where they lie.
    worth
        What each is worth: rows of ``indicators_worth.parquet``; empty without the file.
    """

    engine: Engine
    table: str
    worth: tuple[Row, ...]

    def months(self) -> list[str]:
        """Return the months, YYYY-MM-DD, the latest first."""
        return [str(row["m"]) for row in self.engine.rows(f"select distinct month m from {self.table} order by 1 desc")]

    def groupings(self) -> list[str]:
        """Return by what there are groups, such as ``channel``; "" is everything."""
        return [str(row["by"]) for row in self.engine.rows(f'select distinct "by" from {self.table} order by 1')]

    def groups(self, by: str) -> list[str]:
        """Return the groups of a grouping."""
        query = f'select distinct "group" g from {self.table} where "by" = ? order by 1 limit 500'
        return [str(row["g"]) for row in self.engine.rows(query, [by])]

    def rows(self, month: str, by: str, group: str) -> list[Row]:
        """Return the indicators of a month and group, in alphabetical order."""
        query = f'select * from {self.table} where month = ? and "by" = ? and "group" = ? order by indicator'
        return self.engine.rows(query, [month, by, group])

    def trend(self, by: str, group: str, until: str) -> dict[str, list[float]]:
        """Return the known values of each indicator by month, the oldest first, up to a month."""
        query = (
            f'select indicator, list(value order by month) v from (select * from {self.table} where "by" = ? and'
            ' "group" = ? and month <= ? and value is not null) group by indicator'
        )
        found = self.engine.rows(query, [by, group, until])
        return {str(row["indicator"]): [float(value) for value in row["v"]][-_MONTHS:] for row in found}


def read_indicators(engine: Engine, folder: Path) -> Indicators | None:
    """Read a folder that `indicators` wrote; None where it holds none.

    Raises
    ------
    DataError
        The file lacks a column.
    """
    file = folder / "indicators.parquet"
    if not file.is_file():
        return None
    source: tuple[str, list[Any]] = ("select * from read_parquet(?, hive_partitioning=false)", [str(file)])
    there = engine.columns(*source)
    missing = [name for name in _NEEDED if name not in there]
    if missing:
        raise DataError(f"expected a column '{missing[0]}' in '{file}', found none; run `servicelift indicators` again")
    more = ", ".join(f'"{name}"' if name in there else f'null::double "{name}"' for name in _MORE)
    query = (
        'select indicator, cast(cast(month as date) as varchar) "month", coalesce("by", \'\') "by",'
        f' coalesce(cast("group" as varchar), \'\') "group", value, low, high, n, unit, status, {more}'
        " from read_parquet(?, hive_partitioning=false)"
    )
    table = engine.kept(("indicators", *fingerprint([file])), query, [str(file)])
    worth = folder / "indicators_worth.parquet"
    rows = (
        engine.rows("select * from read_parquet(?, hive_partitioning=false)", [str(worth)]) if worth.is_file() else []
    )
    return Indicators(engine, table, tuple(rows))
