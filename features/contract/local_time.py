"""Local time in the engine: what the clocks of a zone show at an instant, the instant they mean, calendar months."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dt

from ..expressions import DataType, Value

__all__ = [
    "INSTANT",
    "Readings",
    "aware_at",
    "chosen",
    "clock_at",
    "days_after",
    "engine_function",
    "months_after",
    "readings_of",
    "to_utc",
    "wall_clock",
]

INSTANT = "timestamp(6)"


def engine_function(name: str, arguments: tuple[DataType, DataType], returns: DataType) -> Callable[..., Value]:
    """Return a function of two arguments that the engine has and ibis does not name."""

    def function(first: Value, second: Value) -> Value: ...

    function.__name__ = name
    builtin: Callable[..., Value] = ibis.udf.scalar.builtin(function, signature=(arguments, returns))
    return builtin


_UTC = dt.Timestamp(timezone="UTC")
aware_at = engine_function("timezone", (dt.string, dt.timestamp), _UTC)
"""The instant, with its zone, at which the clocks of a zone show a local time."""
clock_at = engine_function("timezone", (dt.string, _UTC), dt.timestamp)
"""What the clocks of a zone show at an instant that carries its zone."""


def wall_clock(moment: Value, timezone: str) -> Value:
    """Return what the clocks of ``timezone`` show at an instant (naive UTC), as a naive local time."""
    if timezone == "UTC":
        return moment
    return clock_at(timezone, aware_at("UTC", moment)).cast(INSTANT)


def to_utc(local: Value, timezone: str) -> Value:
    """Return naive UTC of a naive local time; one that exists twice means the first, as in core.time.

    One that does not exist moves forward by what is skipped. Of two, DuckDB takes the second. An hour earlier clocks
    may have run ahead: that instant and an hour is the first, if clocks show ``local`` then.
    """
    if timezone == "UTC":
        return local
    readings = readings_of(local, timezone)
    return chosen(local, readings.first, readings.second, timezone)


@dataclass(frozen=True)
class Readings:
    """The two instants, naive UTC, that a local time may mean, as ibis columns; most often one and the same."""

    first: Value
    second: Value


def readings_of(local: Value, timezone: str) -> Readings:
    """Return the two instants that a naive local time of a zone other than UTC may mean."""
    hour = ibis.interval(hours=1)
    second = clock_at("UTC", aware_at(timezone, local))
    return Readings(clock_at("UTC", aware_at(timezone, local - hour)) + hour, second)


def chosen(local: Value, first: Value, second: Value, timezone: str) -> Value:
    """Return which of two :class:`Readings` a local time means: the first, if clocks show it then."""
    twice = (first < second) & (clock_at(timezone, aware_at("UTC", first)) == local)
    return ibis.ifelse(twice, first, second).cast(INSTANT)


def months_after(moment: Value, months: Value, timezone: str) -> Value:
    """Return the instant (naive UTC) at ``months`` calendar months after ``moment``, at the same time of day.

    The calendar is that of ``timezone``; the 31st becomes the last day of a shorter month.
    """
    return to_utc(wall_clock(moment, timezone) + months.cast("int32").as_interval("M"), timezone)


def days_after(moment: Value, days: Value, timezone: str) -> Value:
    """Return the instant (naive UTC) at ``days`` calendar days of ``timezone`` after ``moment``, same time of day."""
    return to_utc(wall_clock(moment, timezone) + days.cast("int32").as_interval("D"), timezone)
