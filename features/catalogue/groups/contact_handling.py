"""Features of how contacts were handled: how fast, how well and at what cost. They complete the group of contacts."""

from __future__ import annotations

from ...expressions import Rows, Value
from ...timeline.spine import DAY
from ..declare import Form, days_of, mean, share, thousandths, within
from .contacts import CONTACTS, FIRST, REPEATS

__all__ = ["CONTACTS", "FIRST", "REPEATS"]

_HOUR = DAY / 24
_CLOSED = ("contacts.closed_at",)
_SOLVED = ("contacts.closed_at", "contacts.resolved")
_HANDLED = ("contacts.closed_at", "contacts.handle_seconds")
_COST = ("contacts.closed_at", "contacts.cost")


@CONTACTS.feature(unit="contacts", sources=_SOLVED, known="closed_at", form=Form.COUNT, windows=True)
def contacts_unresolved(e: Rows, days: int) -> Value:
    """Contacts opened in the window and closed before as_of without being solved."""
    return e.count(where=~e.resolved & within(e.opened_at_age, days))


@CONTACTS.feature(unit="share", sources=_SOLVED, known="closed_at", windows=(365,))
def resolved_share(e: Rows, days: int) -> Value:
    """Share solved of the contacts opened in the window and closed before as_of."""
    return share(e.resolved, e.resolved.notnull() & within(e.opened_at_age, days))


@CONTACTS.feature(
    unit="contacts",
    sources=("contacts.closed_at", "contacts.resolved", "contacts.is_complaint"),
    known="opened_at, closed_at",
    form=Form.COUNT,
    windows=(365,),
)
def complaints_unresolved(e: Rows, days: int) -> Value:
    """Complaints opened in the window that are still open or were closed without being solved."""
    unsolved = e.closed_at.isnull() | ~e.resolved
    return e.count(where=e.is_complaint & unsolved & within(e.opened_at_age, days))


@CONTACTS.feature(unit="contacts", sources=_CLOSED, known="opened_at, closed_at", form=Form.COUNT)
def contacts_open(e: Rows) -> Value:
    """Contacts opened and not closed before as_of."""
    return e.count(where=e.closed_at.isnull())


@CONTACTS.feature(unit="days", sources=_CLOSED, known="opened_at, closed_at")
def days_open_oldest(e: Rows) -> Value:
    """Days for which the oldest contact that is not closed has been open."""
    return days_of(e.opened_at_age.max(where=e.closed_at.isnull()))


@CONTACTS.feature(unit="days", sources=_SOLVED, known="closed_at")
def days_since_unresolved_contact(e: Rows) -> Value:
    """Days since a contact was opened last that was closed without being solved."""
    return days_of(e.opened_at_age.min(where=~e.resolved))


@CONTACTS.feature(unit="hours", sources=("contacts.answered_at",), known="answered_at", windows=True)
def hours_to_answer_mean(e: Rows, days: int) -> Value:
    """Mean time to the first answer of the contacts opened in the window and answered before as_of."""
    return mean(e.opened_at_age - e.answered_at_age, _HOUR, within(e.opened_at_age, days))


@CONTACTS.feature(unit="hours", sources=("contacts.answered_at",), known="answered_at", windows=(365,))
def hours_to_answer_max(e: Rows, days: int) -> Value:
    """Longest time to the first answer of the contacts opened in the window and answered before as_of."""
    longest = (e.opened_at_age - e.answered_at_age).max(where=within(e.opened_at_age, days))
    return longest.cast("float64") / _HOUR


@CONTACTS.feature(unit="hours", sources=_CLOSED, known="closed_at", windows=True)
def hours_to_close_mean(e: Rows, days: int) -> Value:
    """Mean time to closing of the contacts opened in the window and closed before as_of."""
    return mean(e.opened_at_age - e.closed_at_age, _HOUR, within(e.opened_at_age, days))


@CONTACTS.feature(unit="seconds", sources=_HANDLED, known="closed_at", windows=True)
def handle_seconds_mean(e: Rows, days: int) -> Value:
    """Mean handling time of the contacts opened in the window and closed before as_of."""
    return mean(thousandths(e.handle_seconds), 1000.0, within(e.opened_at_age, days))


@CONTACTS.feature(unit="seconds", sources=_HANDLED, known="closed_at", form=Form.SUM, windows=(365,))
def handle_seconds(e: Rows, days: int) -> Value:
    """Handling time of all contacts opened in the window and closed before as_of."""
    return thousandths(e.handle_seconds).sum(where=within(e.opened_at_age, days)).cast("float64") / 1000.0


@CONTACTS.feature(unit="currency", sources=_COST, known="closed_at", form=Form.SUM, windows=True)
def contact_cost(e: Rows, days: int) -> Value:
    """Cost of the contacts opened in the window and closed before as_of."""
    return e.cost.sum(where=within(e.opened_at_age, days))


@CONTACTS.feature(unit="currency", sources=_COST, known="closed_at", form=Form.SUM)
def cost_to_serve(e: Rows) -> Value:
    """Cost of all contacts so far that were closed before as_of."""
    return e.cost.sum()
