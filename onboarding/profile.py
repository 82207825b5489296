"""What a column holds, from a sample of its values: kind, date order, decimal mark, words, personal data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pandas as pd

from ..core.privacy import personal_kind

__all__ = ["ColumnProfile", "Dates", "Numbers", "profile"]

_MOST_WORDS = 50
_LONGEST_WORD = 40
_ISO = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}([T ]\d{1,2}:\d{2}.*)?$")
_ORDERED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})([T ]\d{1,2}:\d{2}.*)?$")
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?$|[+-]?[.,]\d+$")
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,'\u00a0\u202f ]\d{3})+([.,]\d+)?$")
_EXACT_SHARE = 0.98


@dataclass(frozen=True)
class Dates:
    """How the dates of a column are written, and what their values prove of the order of day and month.

    Parameters
    ----------
    form
        ``typed``, ``iso``, ``compact`` (20240131) or ``ordered`` (31/01/2024).
    sign
        Between the parts of an ordered date.
    short_year
        The year has two digits.
    day_first, month_first
        Values whose first, or second, part is above 12: they can be read one way only.
    """

    form: str
    sign: str = ""
    short_year: bool = False
    day_first: int = 0
    month_first: int = 0


@dataclass(frozen=True)
class Numbers:
    """How the numbers of a column are written.

    Parameters
    ----------
    whole
        All are whole.
    comma, point
        Values in which that sign can only be the decimal mark.
    either
        Values such as 1,234 or 1.234, which can be read both ways.
    """

    whole: bool
    comma: int = 0
    point: int = 0
    either: int = 0


@dataclass(frozen=True)
class ColumnProfile:
    """What one column holds, as far as a sample shows.

    Parameters
    ----------
    name
        As the source names it.
    there
        Values in the sample that are there.
    missing
        Share of the sample that is missing.
    distinct
        Different values in the sample.
    unique
        No value of the whole column is missing or stands twice.
    words
        Rows of each word where there are few; empty otherwise. They enter the configuration for code columns only.
    dates, numbers
        How its values are written, if they are dates or numbers; a compact date is both.
    flags
        It is of the source's own type for yes and no.
    personal
        What personal data it holds; empty: none.
    """

    name: str
    there: int
    missing: float
    distinct: int
    unique: bool = False
    words: dict[str, int] = field(default_factory=dict)
    dates: Dates | None = None
    numbers: Numbers | None = None
    flags: bool = False
    personal: str = ""


def profile(name: str, values: pd.Series[Any]) -> ColumnProfile:
    """Return what a sample of a column shows; ``unique`` is left to the whole column."""
    kind = values.dtype
    texts = _texts(values)
    counts: Counter[str] = Counter(texts)
    few = 0 < len(counts) <= _MOST_WORDS and max(map(len, counts)) <= _LONGEST_WORD
    typed = pd.api.types.is_datetime64_any_dtype(kind) or _holds_dates(values)
    flags = bool(pd.api.types.is_bool_dtype(kind)) or _holds_flags(values)
    return ColumnProfile(
        name=name,
        there=len(texts),
        missing=1 - len(texts) / max(len(values), 1),
        distinct=len(counts),
        words=dict(counts.most_common()) if few and not typed else {},
        dates=Dates("typed") if typed else None if flags else _dates(texts),
        numbers=None if typed or flags else _typed_numbers(values) or _numbers(texts),
        flags=flags,
        personal="" if typed or flags else personal_kind(texts),
    )


def _texts(values: pd.Series[Any]) -> list[str]:
    """Return the values that are there as texts; whole floats without their point."""
    there = values.dropna()
    if pd.api.types.is_float_dtype(there.dtype):
        return [str(int(v)) if v == int(v) else repr(v) for v in there.tolist() if abs(v) != float("inf")]
    return [text for text in (str(value).strip() for value in there.tolist()) if text]


def _holds_dates(values: pd.Series[Any]) -> bool:
    first = values.dropna().head(1).tolist()
    return bool(first) and hasattr(first[0], "year") and not isinstance(first[0], str)


def _holds_flags(values: pd.Series[Any]) -> bool:
    first = values.dropna().head(20).tolist()
    return bool(first) and all(isinstance(value, bool) for value in first)


def _typed_numbers(values: pd.Series[Any]) -> Numbers | None:
    """Return what holds of values that are of the source's own type for numbers: no sign has to be told apart."""
    there = values.dropna()
    if not pd.api.types.is_numeric_dtype(there.dtype) and not all(isinstance(v, Decimal) for v in there.head(20)):
        return None
    return Numbers(bool((there % 1 == 0).all())) if len(there) else None


def _dates(texts: Sequence[str]) -> Dates | None:
    if not texts:
        return None
    least = _EXACT_SHARE * len(texts)
    if sum(_ISO.match(text) is not None for text in texts) >= least:
        return Dates("iso")
    if sum(_COMPACT.match(text) is not None for text in texts) >= least:
        return Dates("compact")
    matches = [match for match in map(_ORDERED.match, texts) if match]
    if len(matches) < least:
        return None
    first, second = ([int(match[place]) for match in matches] for place in (1, 3))
    return Dates(
        "ordered",
        sign=Counter(match[2] for match in matches).most_common(1)[0][0],
        short_year=all(len(match[4]) == 2 for match in matches),
        day_first=sum(part > 12 for part in first),
        month_first=sum(part > 12 for part in second),
    )


def _numbers(texts: Sequence[str]) -> Numbers | None:
    bare = [re.sub(r"\s*(€|\$|£|EUR|USD|GBP|CHF)\s*", "", text) for text in texts]
    if not bare or sum(bool(_NUMBER.match(t) or _GROUPED.match(t)) for t in bare) < _EXACT_SHARE * len(bare):
        return None
    comma = point = either = 0
    for text in bare:
        sign = _decimal_sign(text)
        comma, point, either = comma + (sign == ","), point + (sign == "."), either + (sign == "?")
    return Numbers(not (comma or point or either) or all(_whole(t) for t in bare), comma, point, either)


def _decimal_sign(text: str) -> str:
    """Return the decimal mark of a number, ``?`` if it may be one or part thousands, empty without one."""
    signs = [sign for sign in text if sign in ",."]
    if not signs:
        return ""
    last = signs[-1]
    if len(set(signs)) == 2:
        return last
    if len(signs) > 1:
        return "." if last == "," else ","
    before, _, after = text.partition(last)
    thousands = len(after) == 3 and 1 <= len(before.lstrip("+-")) <= 3 and before.lstrip("+-") != "0"
    return "?" if thousands else last


def _whole(text: str) -> bool:
    return re.search(r"[.,]\d*[1-9]\d*$", text) is None
