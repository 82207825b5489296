"""Term boundaries on the calendar of the business, in the engine: one rule for features, states and schedules.

Boundary j of a subscription is the start of its first term plus j whole terms on the clocks of the config's
``timezone``, at the same time of day: terms in calendar months (the 31st is the last day of a shorter month), or in
calendar days. The first term begins with the subscription, or when its free trial is over. A pause lets the terms run
on. A model that knows no calendar lays boundaries out in months of 365.25 / 12 days:
:mod:`servicelift.core.terms`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis

from ...core.time import DAYS_PER_MONTH
from ..contract.local_time import days_after, months_after, wall_clock
from ..expressions import Rows, Scalar, Value
from .look_ahead import MICROSECONDS_PER_DAY, microseconds

__all__ = [
    "Terms",
    "calendar_days",
    "calendar_months",
    "clock_time",
    "first_due",
    "price_per_month",
    "scheduled_terms",
    "term_in_months",
    "terms_until",
]


@dataclass(frozen=True)
class Terms:
    """Where subscriptions stand in their terms, as ibis columns.

    Parameters
    ----------
    done
        Boundaries in (start, upto]; null without a term of a month or a day or more.
    next
        The first boundary after ``upto``, naive UTC; during a trial its end.
    """

    done: Value
    next: Value


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


def terms_until(rows: Rows, upto: Value, timezone: str) -> Terms:
    """Return the boundaries of subscriptions up to ``upto``.

    Parameters
    ----------
    rows
        ibis table of subscriptions.
    upto
        Its column of instants (naive UTC).
    timezone
        Zone of the calendar.
    """
    start = first_due(rows)
    done = _by_unit(
        rows,
        lambda term: _whole_terms(calendar_months(start, upto, timezone), start, upto, term, months_after, timezone),
        lambda term: _whole_terms(calendar_days(start, upto, timezone), start, upto, term, days_after, timezone),
    )
    if "trial_until" not in rows.columns:
        return Terms(done, _boundary(rows, start, done + 1, timezone))
    done = ibis.ifelse(done < -1, -1, done)
    return Terms(ibis.ifelse(done < 0, 0, done), _boundary(rows, start, done + 1, timezone))


def _by_unit(rows: Rows, in_months: Callable[[Value], Value], in_days: Callable[[Value], Value]) -> Value:
    """Return what one of two functions of the term says, by the unit that a row's term is in."""
    if "term_days" not in rows.columns:
        return in_months(rows.term_months)
    if "term_months" not in rows.columns:
        return in_days(rows.term_days)
    return ibis.ifelse(rows.term_days.notnull(), in_days(rows.term_days), in_months(rows.term_months))


def _whole_terms(
    units: Value, start: Value, upto: Value, term: Value, after: Callable[[Value, Value, str], Value], timezone: str
) -> Value:
    """Return the whole terms in (start, upto], ``units`` of the calendar apart; null without a term of one or more."""
    not_yet = after(start, units, timezone) > upto
    term = ibis.ifelse(term >= 1, term, ibis.null("int64"))
    return ((units - not_yet.cast("int64")) // term).cast("int64")


def _boundary(rows: Rows, start: Value, number: Value, timezone: str) -> Value:
    """Return the instant of a boundary by its number, 0 at ``start``."""
    return _by_unit(
        rows,
        lambda term: months_after(start, number * ibis.ifelse(term >= 1, term, ibis.null("int64")), timezone),
        lambda term: days_after(start, number * ibis.ifelse(term >= 1, term, ibis.null("int64")), timezone),
    )


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
