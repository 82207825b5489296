"""Time arithmetic: instants in UTC, years of 365.25 days, discount factors."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arrays import Floats, Instants
from .errors import ConfigError

__all__ = [
    "DAYS_PER_MONTH",
    "DAYS_PER_YEAR",
    "discount",
    "instant",
    "local_day",
    "local_days",
    "local_months",
    "local_text",
    "local_today",
    "month_starts",
    "months_to_days",
    "utc_instants",
    "with_zone",
]

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12
_ISO = re.compile(
    r"\s*\d{4}-\d{2}-\d{2}([T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d{1,9})?)?)?\s*(Z|UTC|[+-]\d{2}(:?\d{2})?)?)?\s*",
    re.IGNORECASE,
)


def instant(value: str | dt.date | dt.datetime | pd.Timestamp, timezone: str = "UTC") -> pd.Timestamp:
    """Return ``value`` as a naive UTC instant: a date means its first midnight in ``timezone``.

    Naive values are read in ``timezone``. A local time that does not exist (spring) moves forward by the hour
    that is skipped; one that exists twice (autumn) means the first. The engine reads tables alike.

    Raises
    ------
    ConfigError
        ``value`` is not a date or time, or a text that is not written as 2024-06-01 or 2024-06-01 12:30 is.
    """
    expected = f"expected a date such as 2024-06-01, got {value!r}"
    if isinstance(value, str) and not _ISO.fullmatch(value):
        raise ConfigError(expected)
    try:
        stamp = pd.Timestamp(value)
        if pd.isna(stamp):
            raise ConfigError(expected)
        if stamp.tzinfo is None:
            local = stamp.as_unit("us").to_pydatetime().replace(tzinfo=ZoneInfo(timezone), fold=0)
            stamp = pd.Timestamp(local.astimezone(dt.UTC))
    except (ValueError, TypeError, OverflowError) as error:
        raise ConfigError(expected) from error
    return stamp.tz_convert("UTC").tz_localize(None).as_unit("us")


def local_day(moment: pd.Timestamp, timezone: str) -> dt.date:
    """Return the day that calendars in ``timezone`` show at an instant; a naive one is in UTC."""
    day: dt.date = _aware(moment).tz_convert(timezone).date()
    return day


def local_today(timezone: str) -> dt.date:
    """Return the day that calendars in ``timezone`` show now."""
    return local_day(_now(), timezone)


def _now() -> pd.Timestamp:
    return pd.Timestamp.now("UTC")


def local_days(instants: pd.Series, timezone: str) -> pd.Series:
    """Return the day, YYYY-MM-DD, that calendars in ``timezone`` show at naive UTC instants."""
    days: pd.Series = instants.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.strftime("%Y-%m-%d").astype("str")
    return days


def local_text(moment: pd.Timestamp, timezone: str) -> str:
    """Return an instant as the clocks of ``timezone`` show it; a naive one is in UTC.

    Examples
    --------
    >>> local_text(pd.Timestamp("2024-05-31 20:30"), "Europe/Paris")
    '2024-05-31 22:30 Europe/Paris'
    """
    return f"{_aware(moment).tz_convert(timezone):%Y-%m-%d %H:%M} {timezone}"


def local_months(instants: pd.Series, timezone: str) -> pd.Series:
    """Return the calendar month, YYYY-MM, of naive UTC instants on the clocks of ``timezone``."""
    local = instants.dt.tz_localize("UTC").dt.tz_convert(timezone)
    months: pd.Series = local.dt.strftime("%Y-%m").astype("str")
    return months


def _aware(moment: pd.Timestamp) -> pd.Timestamp:
    stamp = pd.Timestamp(moment)
    return stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp


def month_starts(first: dt.date, last: dt.date, every_months: int = 1, timezone: str = "UTC") -> list[pd.Timestamp]:
    """Return the instants ``first``, ``first`` + ``every_months`` months, ..., not after ``last``.

    Raises
    ------
    ConfigError
        ``every_months`` is not above 0.
    """
    if every_months < 1:
        raise ConfigError(f"expected every_months of 1 or more, got {every_months}")
    days = []
    step = 0
    while (day := pd.Timestamp(first) + pd.DateOffset(months=step)) <= pd.Timestamp(last):
        days.append(instant(day.date(), timezone))
        step += every_months
    return days


def months_to_days(months: float) -> float:
    """Return the days in ``months`` months of 365.25 / 12 days."""
    return months * DAYS_PER_MONTH


def discount(days: ArrayLike, annual_rate: float) -> Floats:
    """Return the discount factors (1 + annual_rate) ** -(days / 365.25), same shape as ``days``."""
    return np.asarray((1.0 + annual_rate) ** (-np.asarray(days, dtype=float) / DAYS_PER_YEAR))


def utc_instants(values: Any) -> Instants:
    """Return instants as naive UTC ``datetime64[us]``, aware ones converted first."""
    stamps = pd.to_datetime(pd.Series(values), utc=True)
    return stamps.dt.tz_localize(None).astype("datetime64[us]").to_numpy()


def with_zone(frame: pd.DataFrame, column: str = "as_of") -> pd.DataFrame:
    """Return a frame whose instants in ``column``, naive ones in UTC, say so, for machines."""
    return frame.assign(**{column: pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")})
