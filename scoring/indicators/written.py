"""Values of indicators as people read them: shares in per cent, times in the unit that suits them."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
from babel.dates import format_date

from ...core.locale import Locale
from ...features.indicators.words import title_of
from .words import COLUMNS, STATES

__all__ = ["ends_written", "group_name", "month_name", "people_frame", "written"]

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_ROUND = {"share": 4, "points": 2, "seconds": 0, "money": 2, "count": 1, "days": 1, "per_customer": 4}
_VALUES = (
    "value", "low", "high", "response_rate", "weighted", "bound_low", "bound_high", "month_before", "year_before",
    "target",
)  # fmt: skip
_SHARES = ("response_rate",)


def written(locale: Locale, unit: str, value: float) -> str:
    """Return a value with its unit.

    >>> written(Locale("en"), "share", 0.8123), written(Locale("en"), "seconds", 5400.0)
    ('81.2%', '1.5 h')
    """
    if unit == "share":
        return locale.percent(value, 1)
    if unit == "money":
        return locale.money(value)
    if unit == "seconds":
        return _time(locale, value)
    if unit == "days":
        return f"{locale.number(value)} {'j' if locale.language == 'fr' else 'd'}"
    if unit == "per_customer":
        return f"{locale.number(100 * value, 1)} {'pour' if locale.language == 'fr' else 'per'} 100"
    return locale.number(value, 1)


def ends_written(locale: Locale, unit: str, low: float, high: float) -> tuple[str, str]:
    """Return both ends of an interval; a unit that is a phrase stands once, behind the second.

    >>> ends_written(Locale("en"), "per_customer", 0.1, 0.2)
    ('10.0', '20.0 per 100')
    """
    first = locale.number(100 * low, 1) if unit == "per_customer" else written(locale, unit, low)
    return first, written(locale, unit, high)


def _time(locale: Locale, seconds: float) -> str:
    if pd.isna(seconds) or not math.isfinite(seconds):
        return locale.number(seconds)
    for length, name in ((_DAY, "j" if locale.language == "fr" else "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if seconds >= 1.5 * length:
            return f"{locale.number(seconds / length, 1)} {name}"
    return f"{locale.number(seconds)} s"


def month_name(locale: Locale, month: dt.date) -> str:
    """Return a month as people write it.

    >>> month_name(Locale("fr"), dt.date(2024, 3, 1))
    'mars 2024'
    """
    return format_date(month, "LLLL y", locale.language)


def group_name(locale: Locale, group: str) -> str:
    """Return what a group is called; rows of which nobody says where they belong are "not stated"."""
    return COLUMNS.say(locale, group) if group == "(none)" else locale.named(group)


def people_frame(rows: pd.DataFrame, locale: Locale) -> pd.DataFrame:
    """Return the rows for people: headed and named in their language, rounded to what the unit bears."""
    shown = rows.copy()
    for unit, digits in _ROUND.items():
        own = shown["unit"] == unit
        for name in _VALUES:
            places = _ROUND["share"] if name in _SHARES else digits
            shown.loc[own, name] = shown.loc[own, name].astype("float64").round(places)
    shown["indicator"] = [title_of(name, locale) for name in shown["indicator"]]
    shown["by"] = [COLUMNS.say(locale, each) if each else "" for each in shown["by"]]
    shown["group"] = [group_name(locale, each) if each else "" for each in shown["group"]]
    shown["status"] = [STATES.say(locale, each) for each in shown["status"]]
    shown["unit"] = [COLUMNS.say(locale, each) for each in shown["unit"]]
    return shown.rename(columns={name: COLUMNS.say(locale, name) for name in rows.columns})
