"""Casts of source values to the contract's types; what cannot be read becomes null and is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from string import whitespace

import ibis
import ibis.expr.datatypes as dt

from ...core.config.sources import Epoch
from ...core.contract import Kind
from ..expressions import BooleanValue, Value
from .local_time import INSTANT, aware_at, clock_at, engine_function, to_utc
from .numbers import number_text, plain_number_text

__all__ = ["ReadSettings", "cast_to", "first_midnight", "parsed", "present", "typed"]

MONEY = "decimal(18, 4)"
YES = ("true", "t", "yes", "y", "1")
NO = ("false", "f", "no", "n", "0")

_DAY = r"^\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_CLOCK = r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
_NAIVE = rf"{_DAY}({_CLOCK})?$"
_AWARE = rf"{_DAY}{_CLOCK} ?([Zz]|[+-]\d{{2}}(:?\d{{2}})?)$"
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", "T%H:%M", "T%H:%M:%S", "T%H:%M:%S.%f")
_YEARS = ("1000-01-01 00:00:00", "9999-12-31 23:59:59.999999")
_LAST_MICROS = 253_402_300_800 * 1e6
_DAY_FIRST = ("%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y")
_SIGN = f"[^{whitespace}]"
"""Anything but a blank. To look for it costs an engine a third of what cutting the blanks off costs."""


@dataclass(frozen=True)
class ReadSettings:
    """How the texts of a source are read.

    Parameters
    ----------
    timezone
        Zone in which naive instants and dates are meant.
    date_format
        strptime format of the dates, with or without a time of day after it; None: ISO 8601. With an offset (%z) or a
        zone (%Z) in it each text names its instant, and ``timezone`` plays no part.
    dayfirst
        03-04-2024 is 3 April; ISO dates are read as well.
    decimal
        Decimal mark of numbers.
    thousands
        What separates thousands, where a text could mean two numbers without it.
    currency
        Currency whose code or sign may stand beside an amount.
    epoch
        Unit of numbers that count from 1970 in UTC and stand where dates do; None: such numbers are no dates.
    missing
        Words that stand for a missing value, case and blanks around aside.
    cents
        Columns of the contract whose amounts are in hundredths.
    """

    timezone: str = "UTC"
    date_format: str | None = None
    dayfirst: bool = False
    decimal: str = "."
    thousands: str | None = None
    currency: str = "EUR"
    epoch: Epoch | None = None
    missing: tuple[str, ...] = ()
    cents: frozenset[str] = frozenset()

    @property
    def zoned(self) -> bool:
        """Whether the format of the dates holds an offset (%z) or a zone (%Z)."""
        return any(directive in (self.date_format or "") for directive in _ZONES)

    @property
    def formats(self) -> tuple[str, ...]:
        """Formats tried on a text, in order."""
        days = (self.date_format,) if self.date_format else _DAY_FIRST if self.dayfirst else ()
        return days if self.zoned else tuple(day + clock for day in days for clock in _CLOCKS)


_UTC = dt.Timestamp(timezone="UTC")
_parsed = engine_function("try_strptime", (dt.string, dt.Array(dt.string)), dt.timestamp)
_parsed_with_zone = engine_function("try_strptime", (dt.string, dt.Array(dt.string)), _UTC)
_ZONES = ("%z", "%Z")


def parsed(kind: Kind, value: Value, reading: ReadSettings) -> tuple[Value, ...]:
    """Return ``value`` as one or two columns from which :func:`typed` makes the contract's type.

    Two steps with a stored column between them, because an expression that is used twice is computed twice.
    What cannot be read becomes null. Identifiers keep their type; codes are text, mapped elsewhere.
    """
    if kind is Kind.ID:
        return (_identifier(value),)
    value = _undressed(value)
    return _moments(value, reading) if kind in _CLOCKED else (_CASTS[kind](value, reading),)


def typed(kind: Kind, parts: tuple[Value, ...], reading: ReadSettings) -> Value:
    """Return the contract's type for ``kind`` from what :func:`parsed` returned."""
    return _CLOCKED[kind](parts, reading) if kind in _CLOCKED else parts[0]


def cast_to(kind: Kind, value: Value, reading: ReadSettings) -> Value:
    """Return ``value`` in the contract's type for ``kind``, null where it cannot be read."""
    return typed(kind, parsed(kind, value, reading), reading)


def present(value: Value) -> BooleanValue:
    """Return whether ``value`` is there: not null, not NaN, not blank."""
    there = value.notnull()
    if value.type().is_string():
        return there & value.re_search(_SIGN)
    if value.type().is_floating():
        return there & ~value.isnan()
    return there


def first_midnight(day: Value, timezone: str) -> Value:
    """Return the naive UTC instant at which a calendar ``day`` begins in ``timezone``."""
    return to_utc(day.cast(INSTANT), timezone)


def _undressed(value: Value) -> Value:
    """Return texts without surrounding blanks, NaN and blanks as null."""
    if value.type().is_string():
        return value.strip().nullif("")
    if value.type().is_floating():
        return ibis.ifelse(value.isnan(), ibis.null(value.type()), value)
    return value


def _in_range(moment: Value) -> Value:
    """Return instants of the years 1000 to 9999; others are misread texts or infinities."""
    kind = moment.type()
    least, greatest = (ibis.literal(text).cast(kind) for text in _YEARS)
    return ibis.ifelse(moment.between(least, greatest), moment, ibis.null(kind))


def _moments(value: Value, reading: ReadSettings) -> tuple[Value, ...]:
    """Return naive local times, or instants that carry their zone, or for texts both."""
    kind = value.type()
    if reading.epoch is not None and (kind.is_string() or kind.is_numeric()):
        return _counted(value, reading)
    if kind.is_timestamp() and kind.timezone is not None:
        return (value.cast("timestamp('UTC', 6)"),)
    if kind.is_timestamp() or kind.is_date():
        return (_in_range(value.cast(INSTANT)),)
    if kind.is_string():
        aware = ibis.ifelse(value.re_search(_AWARE), value, ibis.null("string")).try_cast("timestamp('UTC', 6)")
        return (_with_zone(value, aware, reading),) if reading.zoned else (_local(value, reading), aware)
    return (ibis.null(INSTANT),)


def _counted(value: Value, reading: ReadSettings) -> tuple[Value, ...]:
    """Return the instants that numbers count from 1970 on; texts of another form are read as without ``epoch``."""
    number = value.try_cast("float64")
    factor = {"s": 1_000_000.0, "ms": 1_000.0, "us": 1.0, "ns": 0.001}[reading.epoch or "s"]
    micros = (number * factor).round()
    held = ibis.ifelse(micros.abs() < _LAST_MICROS, micros, ibis.null("float64")).try_cast("int64")
    start = ibis.literal("1970-01-01 00:00:00").cast(INSTANT)
    moment = aware_at("UTC", (start + held.as_interval("us")).cast(INSTANT))
    if not value.type().is_string():
        return (moment,)
    others = _moments(value, replace(reading, epoch=None))
    return *others[:-1], ibis.coalesce(moment, others[-1])


def _local(text: Value, reading: ReadSettings) -> Value:
    """Return the naive local time of texts without an offset."""
    tries = []
    if reading.formats:
        tries.append(_parsed(text, ibis.array(list(reading.formats))).cast(INSTANT))
    if not reading.date_format:
        iso = ibis.ifelse(text.re_search(_NAIVE), text.try_cast(INSTANT), ibis.null(INSTANT))
        tries.append(iso)
    return _in_range(ibis.coalesce(*tries))


def _with_zone(text: Value, iso: Value, reading: ReadSettings) -> Value:
    """Return the instants of texts whose format holds the zone: the engine then returns instants, not local times.

    Z, which ISO writes for UTC, is no offset to every engine.
    """
    plain = text.re_replace("[Zz]$", "+00:00") if "%z" in str(reading.date_format) else text
    found = _parsed_with_zone(plain, ibis.array(list(reading.formats))).cast("timestamp('UTC', 6)")
    return ibis.coalesce(found, iso)


def _instant(moments: tuple[Value, ...], reading: ReadSettings) -> Value:
    """Return naive UTC of naive local times and of instants that carry their zone."""
    tries = [_in_range(clock_at("UTC", m)) if _zoned(m) else to_utc(m, reading.timezone) for m in moments]
    return ibis.coalesce(*tries).cast(INSTANT)


def _date(moments: tuple[Value, ...], reading: ReadSettings) -> Value:
    """Return the days that calendars in the business's zone showed."""
    tries = [_in_range(clock_at(reading.timezone, m)) if _zoned(m) else m for m in moments]
    return ibis.coalesce(*tries).date()


def _zoned(moment: Value) -> bool:
    return moment.type().timezone is not None


def _number(value: Value, reading: ReadSettings) -> Value:
    number = _numeric(value, reading, "float64")
    finite = number.notnull() & ~number.isinf() & ~number.isnan()
    return ibis.ifelse(finite, number, ibis.null("float64"))


def _numeric(value: Value, reading: ReadSettings, kind: str) -> Value:
    """Return numbers and texts of numbers as ``kind``, null where they are none; most texts are plain numbers."""
    came = value.type()
    if came.is_string():
        plain = plain_number_text(value, reading.decimal)
        written = number_text(value, reading.decimal, reading.thousands, reading.currency)
        return ibis.coalesce(plain.try_cast(kind), written.try_cast(kind))
    return value.try_cast(kind) if came.is_numeric() and not came.is_boolean() else ibis.null(kind)


def _integer(value: Value, reading: ReadSettings) -> Value:
    if value.type().is_integer():
        return value.try_cast("int64")
    number = _number(value, reading)
    return ibis.ifelse((number % 1) == 0, number.try_cast("int64"), ibis.null("int64"))


def _money(value: Value, reading: ReadSettings) -> Value:
    return _numeric(value, reading, MONEY)


def _bool(value: Value, reading: ReadSettings) -> Value:
    kind = value.type()
    if kind.is_boolean():
        return value
    if not (kind.is_string() or kind.is_numeric()):
        return ibis.null("boolean")
    text = value.lower() if kind.is_string() else _integer(value, reading).cast("string")
    pairs = [(word, True) for word in YES] + [(word, False) for word in NO]
    return text.cases(*pairs, else_=ibis.null("boolean"))


def _text(value: Value, _: ReadSettings) -> Value:
    return value if value.type().is_string() else value.cast("string")


def _identifier(value: Value) -> Value:
    """Return identifiers as they are, blanks and NaN as null; kinds other than text and number as text."""
    kind = value.type()
    if not (kind.is_string() or kind.is_numeric()) or kind.is_boolean():
        value = value.cast("string")
    return ibis.ifelse(present(value), value, ibis.null(value.type()))


_CASTS: dict[Kind, Callable[[Value, ReadSettings], Value]] = {
    Kind.MONEY: _money,
    Kind.NUMBER: _number,
    Kind.INTEGER: _integer,
    Kind.BOOL: _bool,
    Kind.CODE: _text,
    Kind.TEXT: _text,
}

_CLOCKED: dict[Kind, Callable[[tuple[Value, ...], ReadSettings], Value]] = {Kind.INSTANT: _instant, Kind.DATE: _date}
