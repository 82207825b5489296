"""Term boundaries on the calendar of the business, in the engine: one rule for features, states and schedules.

Boundary j of a subscription is the start of its first term plus j whole terms on the clocks of the config's
``timezone``, at the same time of day: terms in calendar months (the 31st is the last day of a shorter month), or in
calendar days. The first term begins with the subscription, or when its free trial is over. A pause lets the terms run
on. A model that knows no calendar lays boundaries out in months of 365.25 / 12 days:
:mod:`servicelift.core.terms`.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis

from ...core.time import DAYS_PER_MONTH
from ..contract.local_time import INSTANT, chosen, days_after, months_after, readings_of, wall_clock
from ..expressions import Rows, Scalar, Value
from .look_ahead import MICROSECONDS_PER_DAY, microseconds

__all__ = [
    "calendar_days",
    "calendar_months",
    "clock_time",
    "first_due",
    "price_per_month",
    "scheduled_terms",
    "term_in_months",
    "with_terms",
]


def calendar_months(earlier: Value, later: Value, timezone: str) -> Value:
    """Return how many month numbers lie between two instants (naive UTC): 1 from 31 January to 1 February."""
    first, last = wall_clock(earlier, timezone), wall_clock(later, timezone)
    return (last.year() - first.year()) * 12 + last.month() - first.month()


def calendar_days(earlier: Value, later: Value, timezone: str) -> Value:
    """Return how many midnights of ``timezone`` lie between two instants (naive UTC)."""
    first, last = (wall_clock(moment, timezone).truncate("D") for moment in (earlier, later))
    return (microseconds(last, first) // MICROSECONDS_PER_DAY).cast("int64")


def term_in_months(rows: Rows) -> Value:
    """Return the length of a term in months; one in days is its days over 365.25 / 12.

    Parameters
    ----------
    rows
        ibis table of subscriptions.
    """
    if "term_days" not in rows.columns:
        return rows.term_months
    in_days = rows.term_days.cast("float64") / DAYS_PER_MONTH
    return ibis.coalesce(rows.term_months.cast("float64"), in_days) if "term_months" in rows.columns else in_days


def price_per_month(rows: Rows) -> Value:
    """Return the price of one month of subscriptions, float64; null without a term."""
    return rows.price.cast("float64") / term_in_months(rows).nullif(0)


def first_due(rows: Rows) -> Value:
    """Return when the first term begins: at the start, or when the trial is over."""
    if "trial_until" not in rows.columns:
        return rows.started_at
    return ibis.greatest(rows.started_at, ibis.coalesce(rows.trial_until, rows.started_at))


def with_terms(rows: Rows, upto: Value, timezone: str) -> Rows:
    """Return subscriptions with where they stand in their terms at ``upto``.

    Each step is a column of its own, so that an engine that reads the steps one by one never sees them multiplied.

    Parameters
    ----------
    rows
        ibis table of subscriptions.
    upto
        Its column of instants (naive UTC).
    timezone
        Zone of the calendar.

    Returns
    -------
    ibis table
        ``rows`` with ``boundaries_done``, boundaries in (start, upto], null without a term of a month or a day or
        more; and ``next_boundary``, the first one after ``upto``, naive UTC, during a trial its end.
    """
    e = rows.mutate(**{_START: first_due(rows), _UPTO: upto})
    e = e.mutate(**{_CLOCK: wall_clock(e[_START], timezone), _UPTO_CLOCK: wall_clock(e[_UPTO], timezone)})
    months = (e[_UPTO_CLOCK].year() - e[_CLOCK].year()) * 12 + e[_UPTO_CLOCK].month() - e[_CLOCK].month()
    midnights = microseconds(e[_UPTO_CLOCK].truncate("D"), e[_CLOCK].truncate("D")) // MICROSECONDS_PER_DAY
    e = e.mutate(**{_UNITS: _by_unit(e, lambda _: months, lambda _: midnights.cast("int64"))})
    e = _with_instant(e, e[_UNITS], timezone)
    term = _by_unit(e, _at_least_one, _at_least_one)
    e = e.mutate(**{_TERM: term, _DONE: ((e[_UNITS] - (e[_INSTANT] > e[_UPTO]).cast("int64")) // term).cast("int64")})
    if "trial_until" in rows.columns:
        e = e.mutate(**{_DONE: ibis.ifelse(e[_DONE] < -1, -1, e[_DONE])})
    e = _with_instant(e, (e[_DONE] + 1) * e[_TERM], timezone)
    done = ibis.ifelse(e[_DONE] < 0, 0, e[_DONE]) if "trial_until" in rows.columns else e[_DONE]
    e = e.mutate(boundaries_done=done, next_boundary=e[_INSTANT])
    return e.drop(_START, _UPTO, _CLOCK, _UPTO_CLOCK, _UNITS, _TERM, _DONE, _INSTANT)


_START, _UPTO, _CLOCK, _UPTO_CLOCK = "terms_start", "terms_upto", "terms_clock", "terms_upto_clock"
_UNITS, _TERM, _DONE, _INSTANT = "terms_units", "terms_length", "terms_over", "terms_instant"
_LOCAL, _LATER, _FIRST = "terms_local", "terms_later", "terms_first"


def _at_least_one(term: Value) -> Value:
    return ibis.ifelse(term >= 1, term, ibis.null("int64"))


def _with_instant(e: Rows, units: Value, timezone: str) -> Rows:
    """Return rows with the instant, naive UTC, that lies so many months or days of the calendar after the start."""
    e = e.drop(*({_INSTANT} & set(e.columns))).mutate(**{_LOCAL: units})
    months, days = (e[_LOCAL].cast("int32").as_interval(unit) for unit in ("M", "D"))
    e = e.mutate(**{_LOCAL: _by_unit(e, lambda _: e[_CLOCK] + months, lambda _: e[_CLOCK] + days)})
    if timezone == "UTC":
        return e.mutate(**{_INSTANT: e[_LOCAL].cast(INSTANT)}).drop(_LOCAL)
    readings = readings_of(e[_LOCAL], timezone)
    e = e.mutate(**{_FIRST: readings.first, _LATER: readings.second})
    return e.mutate(**{_INSTANT: chosen(e[_LOCAL], e[_FIRST], e[_LATER], timezone)}).drop(_LOCAL, _FIRST, _LATER)


def _by_unit(rows: Rows, in_months: Callable[[Value], Value], in_days: Callable[[Value], Value]) -> Value:
    """Return what one of two functions of the term says, by the unit that a row's term is in."""
    if "term_days" not in rows.columns:
        return in_months(rows.term_months)
    if "term_months" not in rows.columns:
        return in_days(rows.term_days)
    return ibis.ifelse(rows.term_days.notnull(), in_days(rows.term_days), in_months(rows.term_months))


def scheduled_terms(rows: Rows, last: Scalar, timezone: str) -> Rows:
    """Return one row a term of subscriptions that begins by ``last``: ``term`` (0, 1, ...) and its instant ``due``.

    Parameters
    ----------
    rows
        ibis table with started_at and a term above 0.
    last
        ibis scalar, the last instant that counts (naive UTC).
    timezone
        Zone of the calendar.
    """
    if "trial_until" in rows.columns:
        rows = rows.filter(first_due(rows) <= last)
    start = first_due(rows)
    terms = _by_unit(
        rows,
        lambda term: calendar_months(start, last, timezone) // term,
        lambda term: calendar_days(start, last, timezone) // term,
    )
    rows = rows.mutate(term=ibis.range(0, (terms + 1).cast("int64")).unnest())
    rows = rows.mutate(
        due=_by_unit(
            rows,
            lambda term: months_after(first_due(rows), rows.term * term, timezone),
            lambda term: days_after(first_due(rows), rows.term * term, timezone),
        )
    )
    return rows.filter(rows.due <= last)


def clock_time(later: Value, earlier: Value, timezone: str) -> Value:
    """Return the microseconds that clocks move on from ``earlier`` to ``later``: a day is a day when clocks change."""
    return microseconds(wall_clock(later, timezone), wall_clock(earlier, timezone))
