"""How people read numbers, money and dates: by the Common Locale Data Repository (CLDR), through Babel.

Files that machines read keep ISO dates and decimal points; only what people open is written by a :class:`Locale`.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from typing import Any, Literal, TypeVar, cast
from zoneinfo import ZoneInfo

import babel
import pandas as pd
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_precision,
    get_currency_symbol,
    get_decimal_symbol,
)

__all__ = ["LANGUAGES", "Language", "Locale", "people_csv"]

Language = Literal["en", "fr"]
"""Language of what people read."""

LANGUAGES: tuple[Language, ...] = ("en", "fr")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""What a text begins with that a spreadsheet takes for a formula."""

MISSING = "–"
"""Stands for a figure that is not known."""

_INFINITE = "∞"
_NO_BREAK = "\u00a0"
_THIN = "\u202f"
_MOST_DIGITS = 350
_Write = TypeVar("_Write", bound=Callable[..., str])


@cache
def _cldr(language: Language) -> babel.Locale:
    return babel.Locale.parse(language)


def _pattern(digits: int) -> str:
    return "#,##0" + ("." + "0" * digits if digits > 0 else "")


def _wide(write: _Write) -> _Write:
    """Let figures have as many digits as a float can have; decimals, by which Babel rounds, have 28."""

    @wraps(write)
    def written(*args: Any, **kwargs: Any) -> str:
        with decimal.localcontext() as context:
            context.prec = _MOST_DIGITS
            return write(*args, **kwargs)

    return cast("_Write", written)


@dataclass(frozen=True)
class Locale:
    """How one business's people read figures.

    Parameters
    ----------
    language
        ``en`` or ``fr``.
    currency
        ISO code of the money, or any other name of it.
    timezone
        Where days begin and end.
    names
        What the business calls its actions, columns, products and codes, where that is another word.

    Examples
    --------
    >>> Locale("fr").money(1234.5).replace("\u202f", "_").replace("\u00a0", "_")
    '1_234,50_€'
    >>> Locale("en").money(1234.5)
    '€1,234.50'
    """

    language: Language = "en"
    currency: str = "EUR"
    timezone: str = "UTC"
    names: Mapping[str, str] = field(default_factory=dict)

    @_wide
    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with thousands apart; a dash where it is missing."""
        return _odd(value) or format_decimal(float(value), _pattern(digits), _cldr(self.language))

    @_wide
    def short(self, value: float) -> str:
        """Return a number with two decimals at most, below 1 three digits that count, and none it does not need."""
        small = 0 < abs(value) < 1
        places = 2 - math.floor(math.log10(abs(value))) if small else 2
        return _odd(value) or format_decimal(float(value), f"#,##0.{'#' * places}", _cldr(self.language))

    @_wide
    def signed(self, value: float, digits: int = 2) -> str:
        """Return a number with its sign, plus included."""
        shape = _pattern(digits)
        return _odd(value) or format_decimal(float(value), f"+{shape};-{shape}", _cldr(self.language))

    @_wide
    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share of 1 in per cent."""
        cldr = _cldr(self.language)
        pattern = cldr.percent_formats[None].pattern.replace("#,##0", _pattern(digits))
        return _odd(share) or format_percent(float(share), pattern, cldr)

    @_wide
    def money(self, amount: float, digits: int | None = None) -> str:
        """Return an amount with its currency; ``digits`` None: as many as the currency has."""
        cldr = _cldr(self.language)
        places = get_currency_precision(self.currency) if digits is None else digits
        pattern = re.sub(r"#,##0(\.0+)?", _pattern(places), cldr.currency_formats["standard"].pattern)
        if get_currency_symbol(self.currency, cldr).isalpha():  # letters need a space: "1,200 CHF"
            pattern = f"{_pattern(places)}{_NO_BREAK}¤"
        return _odd(amount) or format_currency(
            float(amount), self.currency, pattern, cldr, currency_digits=False
        )  # fmt: skip

    @property
    def currency_name(self) -> str:
        """The money's name in the plural, such as ``euros``."""
        return get_currency_name(self.currency, count=2, locale=_cldr(self.language))

    @property
    def decimal_mark(self) -> str:
        """What parts the whole from its decimals."""
        return str(get_decimal_symbol(_cldr(self.language)))

    def date(self, at: dt.date | pd.Timestamp) -> str:
        """Return a day, or the local day of a UTC instant, such as ``2 janvier 2024``.

        French writes the first of a month as an ordinal, which CLDR does not know: ``1er janvier 2024``.
        """
        day = self.day(at)
        text = format_date(day, "long", _cldr(self.language))
        return f"1er{text.removeprefix('1')}" if self.language == "fr" and day.day == 1 else text

    def day(self, at: dt.date | pd.Timestamp) -> dt.date:
        """Return the local day of a UTC instant (naive or aware); a day as it is."""
        if not isinstance(at, dt.datetime):
            return at
        stamp = pd.Timestamp(at)
        stamp = stamp.tz_localize("UTC") if stamp.tzinfo is None else stamp
        return stamp.tz_convert(ZoneInfo(self.timezone)).date()

    def plural(self, count: float) -> str:
        """Return CLDR's plural form of a noun after ``count``: ``one``, ``many`` or ``other``."""
        return str(_cldr(self.language).plural_form(float(count)))

    def listed(self, words: Sequence[str], *, choice: bool = False) -> str:
        """Return words as a list, with "and" before the last; with "or" for a ``choice``."""
        return format_list(list(words), "or" if choice else "standard", _cldr(self.language))

    def clauses(self, parts: Sequence[str]) -> str:
        """Return clauses one after another, parted by semicolons; French sets a narrow space before them."""
        return (f"{_THIN}; " if self.language == "fr" else "; ").join(parts)

    def named(self, code: str) -> str:
        """Return the name of an action, column, product or code as people write it."""
        return self.names.get(code, code.replace("_", " "))


def _odd(value: float) -> str:
    """Return what stands for a missing or infinite value; nothing for any other."""
    if pd.isna(value):
        return MISSING
    return "" if math.isfinite(value) else _INFINITE if value > 0 else f"-{_INFINITE}"


def people_csv(frame: pd.DataFrame, path: Path, locale: Locale, *, bom: bool = False) -> None:
    """Write a CSV that opens as a table in a spreadsheet of the locale.

    Where decimals have a comma, columns are parted by semicolons, and a byte-order mark says that the text is UTF-8:
    spreadsheets of those languages would show accents wrongly. Elsewhere it is plain CSV. Dates stay as they are. A
    text that a spreadsheet would take for a formula, such as a customer called ``=1+1``, gets an apostrophe in front.

    Parameters
    ----------
    frame
        The table; its index is not written.
    path
        File to write.
    locale
        Whose decimal mark counts.
    bom
        Whether plain CSV begins with a byte-order mark too: spreadsheets take accents for another encoding without.
    """
    frame = frame.apply(_without_formulas)
    if locale.decimal_mark == ",":
        frame.to_csv(path, index=False, sep=";", decimal=",", encoding="utf-8-sig")
    else:
        frame.to_csv(path, index=False, encoding="utf-8-sig" if bom else "utf-8")


def _without_formulas(column: pd.Series) -> pd.Series:
    """Return a column whose texts no spreadsheet takes for formulas; other values stay as they are."""
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column):
        return column
    return column.map(lambda value: f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value)
