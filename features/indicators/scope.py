"""What a count of indicators looks at: the tables, the calendar months, and what is known when the data end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import ibis
import pandas as pd

from ...core.config.indicators import IndicatorsConfig
from ...core.short_repr import ShortRepr
from ...core.time import instant, local_day, month_starts
from ..expressions import Rows, Value
from ..tables.tables import Tables
from ..timeline.spells import lasting, spells

__all__ = ["CLUSTER", "MONTH", "Scope", "key", "month_day", "month_of"]

MONTH = "month"
"""Column of the calendar month as a whole number that grows by one a month; see :func:`month_of`."""

CLUSTER = "cluster"
"""Column of who the rows of one person belong to: rows of one cluster vary together."""


def month_of(day: dt.date) -> int:
    """Return the calendar month of a day as a whole number that grows by one a month.

    >>> month_of(dt.date(2024, 2, 1)) - month_of(dt.date(2023, 12, 31))
    2
    """
    return day.year * 12 + day.month - 1


def month_day(month: int) -> dt.date:
    """Return the first day of a month that :func:`month_of` numbered."""
    return dt.date(month // 12, month % 12 + 1, 1)


def key(value: Value) -> Value:
    """Return an identifier as a text: clusters of all sources are of one type."""
    return value.cast("string")


@dataclass(frozen=True)
class Scope(ShortRepr):
    """The tables of a business and the calendar months of an indicator.

    Parameters
    ----------
    tables
        The business's tables.
    first, last
        First and last month, as :func:`month_of` numbers them.
    """

    tables: Tables
    first: int
    last: int

    @property
    def config(self) -> IndicatorsConfig:
        """How indicators are counted."""
        return self.tables.config.indicators

    @cached_property
    def months(self) -> pd.DataFrame:
        """One row a month: month, begins, ends (naive UTC), on the calendar of the config's time zone."""
        begins = month_starts(
            month_day(self.first), month_day(self.last + 1), timezone=self.tables.config.timezone
        )  # fmt: skip
        numbers = pd.Series(range(self.first, self.last + 1), dtype="int64")
        return pd.DataFrame({MONTH: numbers, "begins": begins[:-1], "ends": begins[1:]})

    @cached_property
    def calendar(self) -> Rows:
        """The months as a table of the engine."""
        return ibis.memtable(self.months.astype({"begins": "datetime64[us]", "ends": "datetime64[us]"}))

    def over(self, month: int, wait_days: int) -> bool:
        """Return whether ``month`` and so many days after it, on the calendar, lie before the end of the data."""
        zone = self.tables.config.timezone
        day = month_day(month + 1) + dt.timedelta(days=wait_days)
        return instant(day, zone) <= self.tables.data_until

    def within(self, rows: Rows, at: str) -> Rows:
        """Return the rows with ``at`` in one of the months and before the end of the data, with their month."""
        end = self.tables.data_until.to_pydatetime()
        months = self.calendar
        rows = rows.filter(rows[at].notnull(), rows[at] < end)
        return rows.join(months, [rows[at] >= months.begins, rows[at] < months.ends])

    def seen(self, rows: Rows, column: str) -> Value:
        """Return a column of instants, null where they lie at or after the end of the data."""
        value = rows[column]
        return ibis.ifelse(value < self.tables.data_until.to_pydatetime(), value, ibis.null(value.type()))

    def has(self, *columns: str) -> bool:
        """Return whether the business brings every ``table.column``."""
        return all(self.tables.has(*column.split(".", 1)) for column in columns)

    def spells(self) -> Rows:
        """Return one row a month and spell of a customer's subscriptions that ran in it.

        Added to the month's columns: customer_id, spell_begins, spell_ends, failed.
        """
        past = spells(self.tables).rename(spell_begins="begins", spell_ends="ends")
        months = self.calendar
        return past.join(months, [past.spell_begins < months.ends, past.spell_ends > months.begins])

    def products(self) -> Rows:
        """Return the product of each customer and month: of the subscription that started last of those that ran."""
        rows = lasting(self.tables, self.tables["subscriptions"])
        rows = rows.select("customer_id", "product", "started_at", "subscription_id", sub_ends=rows["ends"])
        months = self.calendar
        pairs = rows.join(months, [rows.started_at < months.ends, rows.sub_ends > months.begins])
        order = ibis.struct({"at": pairs.started_at, "key": key(pairs.subscription_id)})
        return pairs.group_by(product_cluster=key(pairs.customer_id), product_month=pairs[MONTH]).aggregate(
            product=pairs["product"].argmax(order)
        )

    def last_month_of_data(self) -> int:
        """Return the month in which the data end."""
        last = self.tables.data_until - pd.Timedelta(1, "us")
        return month_of(local_day(last, self.tables.config.timezone))
