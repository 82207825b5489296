"""Seasons of a calendar: named spans of days, every year or once, known for the past and for the future.

A span is ``MM-DD/MM-DD``, every year, or ``YYYY-MM-DD/YYYY-MM-DD``, once; both ends belong to it. One day is written
without the slash. A span of every year may run over New Year: ``12-20/01-06``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .arrays import Positions
from .errors import ConfigError

__all__ = ["AS_OF_DAY", "day_number", "in_season", "season_of", "spans_between"]

AS_OF_DAY = "as_of_day"
"""Column of a purchase summary: days from 1970-01-01 to the day at which its customer is looked at."""
_EVERY_YEAR = re.compile(r"(\d{2})-(\d{2})")
_EPOCH = dt.date(1970, 1, 1)
_LEAP_YEAR = 2024
_EXPECTED = "expected MM-DD/MM-DD for a span of every year, or YYYY-MM-DD/YYYY-MM-DD for one"


def in_season(name: str) -> str:
    """Return the column of a purchase summary that counts purchases in a season, the first and the last left out."""
    return f"between.{name}"


def day_number(day: dt.date) -> int:
    """Return the days from 1970-01-01 to a day.

    Examples
    --------
    >>> day_number(__import__("datetime").date(1970, 1, 31))
    30
    """
    return (day - _EPOCH).days


def spans_between(span: str, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Return the runs of days of a span that meet ``first`` to ``last``, both ends included.

    Raises
    ------
    ConfigError
        It is no span, or ends before it begins.

    Examples
    --------
    >>> import datetime as dt
    >>> [(str(a), str(b)) for a, b in spans_between("12-20/01-06", dt.date(2023, 1, 1), dt.date(2023, 12, 31))]
    [('2022-12-20', '2023-01-06'), ('2023-12-20', '2024-01-06')]
    """
    begin, _, end = (part.strip() for part in span.partition("/"))
    end = end or begin
    found = list(_yearly(span, begin, end, first, last) if _EVERY_YEAR.fullmatch(begin) else _once(span, begin, end))
    return [(a, b) for a, b in found if b >= first and a <= last]


def _once(span: str, begin: str, end: str) -> Iterator[tuple[dt.date, dt.date]]:
    try:
        a, b = dt.date.fromisoformat(begin), dt.date.fromisoformat(end)
    except ValueError:
        raise ConfigError(f"{_EXPECTED}, got '{span}'") from None
    if b < a:
        raise ConfigError(f"expected a span that ends after it begins, got '{span}'; swap the days")
    yield a, b


def _yearly(span: str, begin: str, end: str, first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    a, b = (_of_year(span, text, _LEAP_YEAR) for text in (begin, end))
    over = int(b < a)
    for year in range(first.year - 1, last.year + 1):
        yield _of_year(span, begin, year), _of_year(span, end, year + over)


def _of_year(span: str, text: str, year: int) -> dt.date:
    """Return a day of a year; 29 February of a year without one is its last of February."""
    found = _EVERY_YEAR.fullmatch(text)
    if found is None:
        raise ConfigError(f"{_EXPECTED}, got '{span}'")
    month, day = int(found[1]), int(found[2])
    try:
        dt.date(_LEAP_YEAR, month, day)
    except ValueError:
        raise ConfigError(f"{_EXPECTED}, got '{span}', which names a day that is in no year") from None
    leap = (month, day) == (2, 29) and (year % 4 != 0 or (year % 100 == 0 and year % 400 != 0))
    return dt.date(year, month, 28 if leap else day)


def season_of(seasons: Mapping[str, Sequence[str]], first: dt.date, last: dt.date) -> Positions:
    """Return for each day from ``first`` to ``last`` the place of its season, counted from 1; 0 on other days.

    Raises
    ------
    ConfigError
        A span cannot be read, or two seasons share a day.

    Examples
    --------
    >>> import datetime as dt
    >>> season_of({"christmas": ["12-24/12-26"]}, dt.date(2023, 12, 23), dt.date(2023, 12, 27))
    array([0, 1, 1, 1, 0])
    """
    start, names = day_number(first), list(seasons)
    out = np.zeros((last - first).days + 1, dtype=np.intp)
    for place, name in enumerate(names, start=1):
        for span in seasons[name]:
            for a, b in spans_between(span, first, last):
                days = slice(max(day_number(a) - start, 0), day_number(b) - start + 1)
                taken = out[days][(out[days] != 0) & (out[days] != place)]
                if len(taken):
                    raise ConfigError(
                        f"expected seasons that share no day, got '{names[taken[0] - 1]}' and '{name}' in '{span}';"
                        " cut one of them"
                    )
                out[days] = place
    return out
