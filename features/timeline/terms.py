"""Term boundaries on the calendar of the business, in the engine: one rule for features, states and schedules.

Boundary j of a subscription is its start plus j whole terms in calendar months on the clocks of the config's
``timezone``: the same time of day, the 31st the last day of a shorter month. A model that knows no calendar lays
boundaries out in months of 365.25 / 12 days: :mod:`servicelift.core.terms`.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis

from ..contract.local_time import months_after, wall_clock
from ..expressions import Rows, Scalar, Value
from .look_ahead import microseconds

__all__ = ["Terms", "calendar_months", "clock_time", "scheduled_terms", "terms_until"]


@dataclass(frozen=True)
class Terms:
    """Where subscriptions stand in their terms, as ibis columns.

    Parameters
    ----------
    done
        Boundaries in (start, upto]; null without a term of a month or more.
    next
        The first boundary after ``upto``, naive UTC.
    """

    done: Value
    next: Value


def calendar_months(earlier: Value, later: Value, timezone: str) -> Value:
    """Return how many month numbers lie between two instants (naive UTC): 1 from 31 January to 1 February."""
    first, last = wall_clock(earlier, timezone), wall_clock(later, timezone)
    return (last.year() - first.year()) * 12 + last.month() - first.month()


def terms_until(started: Value, term_months: Value, upto: Value, timezone: str) -> Terms:
    """Return the boundaries of subscriptions up to ``upto``; all arguments ibis columns, instants naive UTC."""
    months = calendar_months(started, upto, timezone)
    not_yet = months_after(started, months, timezone) > upto
    term = ibis.ifelse(term_months >= 1, term_months, ibis.null("int64"))
    done = ((months - not_yet.cast("int64")) // term).cast("int64")
    return Terms(done, months_after(started, (done + 1) * term, timezone))


def scheduled_terms(rows: Rows, last: Scalar, timezone: str) -> Rows:
    """Return one row a term of subscriptions that begins by ``last``: ``term`` (0, 1, ...) and its instant ``due``.

    Parameters
    ----------
    rows
        ibis table with started_at and term_months, above 0.
    last
        ibis scalar, the last instant that counts (naive UTC).
    timezone
        Zone of the calendar.
    """
    months = calendar_months(rows.started_at, last, timezone)
    rows = rows.mutate(term=ibis.range(0, (months // rows.term_months + 1).cast("int64")).unnest())
    rows = rows.mutate(due=months_after(rows.started_at, rows.term * rows.term_months, timezone))
    return rows.filter(rows.due <= last)


def clock_time(later: Value, earlier: Value, timezone: str) -> Value:
    """Return the microseconds that clocks move on from ``earlier`` to ``later``: a day is a day when clocks change."""
    return microseconds(wall_clock(later, timezone), wall_clock(earlier, timezone))
