"""Features of self-service: what customers did without an agent, whether it solved it, and the contacts after it."""

from __future__ import annotations

import ibis

from ....core.config.business import Config
from ....core.contract import CONTRACT
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of, share, within

__all__ = ["BOTH_WAYS", "SELF_SERVICE"]

_YEAR = 365
_SOON_DAYS = 2
"""Days within which a contact after self-service tells that it did not help."""


def _kinds(_: Config) -> tuple[str, ...]:
    return CONTRACT["interactions"].column["kind"].codes


SELF_SERVICE = Group("self-service", lambda tables, keys: known_events(tables, keys, "interactions"))


@SELF_SERVICE.feature(
    name="{kind}_interactions",
    unit="interactions",
    sources=("interactions.kind",),
    known="at",
    form=Form.COUNT,
    windows=True,
    items=_kinds,
)
def kind_interactions(e: Rows, item: str, days: int) -> Value:
    """Times the customer served themselves by {kind} in the window."""
    return e.count(where=(e.kind == item) & within(e.at_age, days))


@SELF_SERVICE.feature(unit="share", sources=("interactions.solved",), known="at", windows=(_YEAR,))
def self_service_solved_share(e: Rows, days: int) -> Value:
    """Share solved there and then of the self-service in the window that says whether it was."""
    return share(e.solved, e.solved.notnull() & within(e.at_age, days))


@SELF_SERVICE.feature(unit="days", sources=("interactions.at",), known="at")
def days_since_self_service(e: Rows) -> Value:
    """Days since the customer last served themselves."""
    return days_of(e.at_age.min())


def _both(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known self-service and contacts of a year, those that we began left out.

    ``alone`` tells the self-service, ``tried`` the contacts within two days after some that was known.
    """
    visits = known_rows(tables, "interactions")
    nothing = ibis.null("timestamp(6)")
    by_themselves = visits.select("customer_id", "at", KNOWN_AT, alone=ibis.literal(True), tried_known=nothing)
    calls = _theirs(tables)
    tried = tables.once("contacts_after_self_service", lambda: _tried(tables))
    calls = calls.left_join(tried, calls.contact_id == tried.tried_id)
    asked = calls.select("customer_id", KNOWN_AT, "tried_known", at="opened_at", alone=ibis.literal(False))
    both = by_themselves.union(asked.select(*by_themselves.columns))
    e = known_events(tables, keys, "interactions", rows=both)
    e = e.filter(within(e.at_age, _YEAR))
    return e.mutate(tried=(e.tried_known < e.as_of).fill_null(False))


def _theirs(tables: Tables) -> Rows:
    """Return the known contacts that we did not begin."""
    calls = known_rows(tables, "contacts")
    if "direction" not in calls.columns:
        return calls
    return calls.filter((calls.direction != "outbound").fill_null(True))


def _tried(tables: Tables) -> Rows:
    """Return for the contacts within two days after self-service of the customer when that was first known."""
    visits = known_rows(tables, "interactions")
    visits = visits.select(visitor="customer_id", visited="at", visit_known=KNOWN_AT)
    calls = _theirs(tables)
    pairs = calls.inner_join(
        visits,
        [
            calls.customer_id == visits.visitor,
            visits.visited <= calls.opened_at,
            calls.opened_at <= visits.visited + ibis.interval(days=_SOON_DAYS),
        ],
    )
    return pairs.group_by(tried_id=pairs.contact_id).aggregate(tried_known=pairs.visit_known.min())


BOTH_WAYS = Group("self-service", _both)
_BOTH = ("interactions.at", "contacts.opened_at")


@BOTH_WAYS.feature(unit="share", sources=_BOTH, known="at, opened_at", windows=(_YEAR,))
def self_service_share(e: Rows, days: int) -> Value:
    """Share of self-service in all that the customer did in the window: self-service, and contacts that we did not
    begin.
    """
    return share(e.alone, within(e.at_age, days))


@BOTH_WAYS.feature(unit="contacts", sources=_BOTH, known="at, opened_at", form=Form.COUNT, windows=(_YEAR,))
def contacts_after_self_service(e: Rows, days: int) -> Value:
    """Contacts opened in the window within two days after self-service; those that we began do not count."""
    return e.count(where=e.tried & within(e.at_age, days))
