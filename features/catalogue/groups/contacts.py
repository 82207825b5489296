"""Features of contacts with customer service: how many, on what, by which way, and how long ago.

How they were handled is in :mod:`.contact_handling`, which completes the group.
"""

from __future__ import annotations

import ibis

from ....core.config.business import Config
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import DAY, Keys, known_events
from ..declare import Form, Group, days_of, latest_text, within

__all__ = ["CONTACTS", "FIRST", "REPEATS"]

_FIRST_DAYS = 30


def _channels(config: Config) -> tuple[str, ...]:
    return config.features.channels


def _reasons(config: Config) -> tuple[str, ...]:
    return config.features.reasons


CONTACTS = Group("contacts", lambda tables, keys: known_events(tables, keys, "contacts"))
_OPENED = ("contacts.opened_at",)


@CONTACTS.feature(unit="contacts", sources=_OPENED, known="opened_at", form=Form.COUNT, windows=True)
def contacts(e: Rows, days: int) -> Value:
    """Contacts opened in the window, inbound and outbound."""
    return e.count(where=within(e.opened_at_age, days))


@CONTACTS.feature(unit="contacts", sources=_OPENED, known="opened_at", form=Form.COUNT, windows=(90,))
def contacts_trend(e: Rows, days: int) -> Value:
    """Contacts opened in the window, minus those in the window of the same length before it."""
    recent = within(e.opened_at_age, days)
    return e.count(where=recent) - e.count(where=~recent & within(e.opened_at_age, 2 * days))


@CONTACTS.feature(
    name="{channel}_contacts",
    unit="contacts",
    sources=("contacts.channel",),
    known="opened_at",
    form=Form.COUNT,
    windows=(365,),
    items=_channels,
)
def channel_contacts(e: Rows, item: str, days: int) -> Value:
    """Contacts by {channel} opened in the window."""
    return e.count(where=(e.channel == item) & within(e.opened_at_age, days))


@CONTACTS.feature(
    name="{reason}_contacts",
    unit="contacts",
    sources=("contacts.reason",),
    known="opened_at",
    form=Form.COUNT,
    windows=(365,),
    items=_reasons,
)
def reason_contacts(e: Rows, item: str, days: int) -> Value:
    """Contacts about {reason} opened in the window."""
    return e.count(where=(e.reason == item) & within(e.opened_at_age, days))


@CONTACTS.feature(unit="contacts", sources=("contacts.direction",), known="opened_at", form=Form.COUNT, windows=(90,))
def inbound_contacts(e: Rows, days: int) -> Value:
    """Contacts opened in the window that the customer began."""
    return e.count(where=(e.direction == "inbound") & within(e.opened_at_age, days))


@CONTACTS.feature(unit="contacts", sources=("contacts.direction",), known="opened_at", form=Form.COUNT, windows=(90,))
def outbound_contacts(e: Rows, days: int) -> Value:
    """Contacts opened in the window that we began."""
    return e.count(where=(e.direction == "outbound") & within(e.opened_at_age, days))


@CONTACTS.feature(unit="name", sources=("contacts.channel",), known="opened_at", form=Form.TEXT, windows=(365,))
def contact_channel_last(e: Rows, days: int) -> Value:
    """Channel of the last contact opened in the window; of several at that instant, the last in the alphabet."""
    return latest_text(e.channel, e.opened_at_age, days)


@CONTACTS.feature(unit="name", sources=("contacts.reason",), known="opened_at", form=Form.TEXT, windows=(365,))
def contact_reason_last(e: Rows, days: int) -> Value:
    """Reason of the last contact opened in the window that has one; of several at that instant, the last in the
    alphabet.
    """
    return latest_text(e.reason, e.opened_at_age, days)


@CONTACTS.feature(unit="contacts", sources=("contacts.is_complaint",), known="opened_at", form=Form.COUNT, windows=True)
def complaints(e: Rows, days: int) -> Value:
    """Complaints opened in the window."""
    return e.count(where=e.is_complaint & within(e.opened_at_age, days))


@CONTACTS.feature(unit="days", sources=_OPENED, known="opened_at")
def days_since_contact(e: Rows) -> Value:
    """Days since the last contact was opened."""
    return days_of(e.opened_at_age.min())


@CONTACTS.feature(unit="days", sources=("contacts.is_complaint",), known="opened_at")
def days_since_complaint(e: Rows) -> Value:
    """Days since the last complaint was opened."""
    return days_of(e.opened_at_age.min(where=e.is_complaint))


def _by_reason(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's reasons with the number of known contacts on each, a column a window."""
    e = known_events(tables, keys, "contacts")
    windows = tables.config.features.windows_days
    e = e.filter(e.reason.notnull(), within(e.opened_at_age, max(windows)))
    return e.group_by("row", "reason").aggregate(
        **{f"times_{days}": e.count(where=within(e.opened_at_age, days)) for days in windows}
    )


REPEATS = Group("contacts", _by_reason)


@REPEATS.feature(unit="contacts", sources=("contacts.reason",), known="opened_at", form=Form.COUNT, windows=True)
def repeat_contacts(e: Rows, days: int) -> Value:
    """Contacts in the window beyond the first on each reason; those without a reason do not count."""
    times = e[f"times_{days}"]
    return (times - 1).sum(where=times > 1)


def _first(tables: Tables, keys: Keys) -> Rows:
    """Return the pairs whose customer is known to have contacted us in the first 30 days, one row each."""
    first = tables.once("first_contacts", lambda: _soon(tables))
    return known_events(tables, keys, "contacts", rows=first)


def _soon(tables: Tables) -> Rows:
    """Return for the customers with a contact in the 30 days after sign-up when such a contact was first known."""
    signed = known_rows(tables, "customers").select(
        signed_id="customer_id", signed_up_at="signed_up_at", signed_known=KNOWN_AT
    )
    e = known_rows(tables, "contacts")
    e = e.inner_join(signed, e.customer_id == signed.signed_id)
    after = e.opened_at.delta(e.signed_up_at, unit="microsecond")
    e = e.filter(after >= 0, after < _FIRST_DAYS * DAY)
    return e.group_by("customer_id").aggregate(**{KNOWN_AT: ibis.greatest(e[KNOWN_AT], e.signed_known).min()})


FIRST = Group("contacts", _first)


@FIRST.feature(
    unit="1 or 0",
    sources=("contacts.opened_at", "customers.signed_up_at"),
    known="opened_at",
    form=Form.COUNT,
)
def contact_first_30_days(e: Rows) -> Value:
    """Whether a contact was opened within 30 days of sign-up; 0 as long as none is known."""
    return e.count()
