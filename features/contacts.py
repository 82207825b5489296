"""Features of contacts with customer service: how many, how urgent, how well and at what cost."""

from __future__ import annotations

from typing import Any

from .declare import Form, Group, days_of, mean, thousandths, within
from .known import KNOWN_AT, known_rows
from .sources import Tables
from .spine import DAY, Keys, known_events

__all__ = ["CONTACTS"]

_HOUR = DAY / 24
_FIRST_DAYS = 30


def _rows(tables: Tables, keys: Keys) -> Any:
    """Return each pair's known contacts; ``early`` tells those in the first 30 days after sign-up."""
    e = known_events(tables, keys, "contacts")
    signed = known_rows(tables, "customers").select(
        signed_id="customer_id", signed_up_at="signed_up_at", signed_known=KNOWN_AT
    )
    e = e.left_join(signed, e.customer_id == signed.signed_id)
    after = e.opened_at.delta(e.signed_up_at, unit="microsecond")
    early = (e.signed_known < e.as_of) & (after >= 0) & (after < _FIRST_DAYS * DAY)
    return e.mutate(early=early.fill_null(False))


CONTACTS = Group("contacts", _rows)
_OPENED = ("contacts.opened_at",)


@CONTACTS.feature(unit="contacts", sources=_OPENED, known="opened_at", form=Form.COUNT, windows=True)
def contacts(e: Any, days: int) -> Any:
    """Contacts opened in the window, inbound and outbound."""
    return e.count(where=within(e.opened_at_age, days))


@CONTACTS.feature(unit="contacts", sources=("contacts.is_complaint",), known="opened_at", form=Form.COUNT, windows=True)
def complaints(e: Any, days: int) -> Any:
    """Complaints opened in the window."""
    return e.count(where=e.is_complaint & within(e.opened_at_age, days))


@CONTACTS.feature(
    unit="contacts",
    sources=("contacts.closed_at", "contacts.resolved"),
    known="closed_at",
    form=Form.COUNT,
    windows=True,
)
def contacts_unresolved(e: Any, days: int) -> Any:
    """Contacts opened in the window and closed before as_of without being solved."""
    return e.count(where=~e.resolved & within(e.opened_at_age, days))


@CONTACTS.feature(unit="contacts", sources=("contacts.closed_at",), known="opened_at, closed_at", form=Form.COUNT)
def contacts_open(e: Any) -> Any:
    """Contacts opened and not closed before as_of."""
    return e.count(where=e.closed_at.isnull())


@CONTACTS.feature(unit="contacts", sources=("contacts.reason",), known="opened_at", form=Form.COUNT, windows=True)
def repeat_contacts(e: Any, days: int) -> Any:
    """Contacts in the window beyond the first on each reason; those without a reason do not count."""
    recent = within(e.opened_at_age, days)
    return e.reason.count(where=recent) - e.reason.nunique(where=recent)


@CONTACTS.feature(unit="days", sources=_OPENED, known="opened_at")
def days_since_contact(e: Any) -> Any:
    """Days since the last contact was opened."""
    return days_of(e.opened_at_age.min())


@CONTACTS.feature(unit="days", sources=("contacts.is_complaint",), known="opened_at")
def days_since_complaint(e: Any) -> Any:
    """Days since the last complaint was opened."""
    return days_of(e.opened_at_age.min(where=e.is_complaint))


@CONTACTS.feature(unit="hours", sources=("contacts.answered_at",), known="answered_at", windows=True)
def hours_to_answer_mean(e: Any, days: int) -> Any:
    """Mean time to the first answer of the contacts opened in the window and answered before as_of."""
    return mean(e.opened_at_age - e.answered_at_age, _HOUR, within(e.opened_at_age, days))


@CONTACTS.feature(unit="hours", sources=("contacts.closed_at",), known="closed_at", windows=True)
def hours_to_close_mean(e: Any, days: int) -> Any:
    """Mean time to closing of the contacts opened in the window and closed before as_of."""
    return mean(e.opened_at_age - e.closed_at_age, _HOUR, within(e.opened_at_age, days))


@CONTACTS.feature(
    unit="seconds",
    sources=("contacts.closed_at", "contacts.handle_seconds"),
    known="closed_at",
    windows=True,
)
def handle_seconds_mean(e: Any, days: int) -> Any:
    """Mean handling time of the contacts opened in the window and closed before as_of."""
    return mean(thousandths(e.handle_seconds), 1000.0, within(e.opened_at_age, days))


@CONTACTS.feature(
    unit="currency",
    sources=("contacts.closed_at", "contacts.cost"),
    known="closed_at",
    form=Form.SUM,
    windows=True,
)
def contact_cost(e: Any, days: int) -> Any:
    """Cost of the contacts opened in the window and closed before as_of."""
    return e.cost.sum(where=within(e.opened_at_age, days))


@CONTACTS.feature(
    unit="1 or 0",
    sources=("contacts.opened_at", "customers.signed_up_at"),
    known="opened_at",
    form=Form.COUNT,
)
def contact_first_30_days(e: Any) -> Any:
    """Whether a contact was opened within 30 days of sign-up; 0 as long as none is known."""
    return e.early.cast("int64").max()
