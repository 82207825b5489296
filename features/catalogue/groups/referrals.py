"""Features of referrals: whom the customer brought, and whether somebody brought the customer."""

from __future__ import annotations

from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import known_rows
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of, within

__all__ = ["REFERRALS"]


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known referrals, a line for each side; ``made`` tells the customer's own."""
    rows = known_rows(tables, "referrals")
    kind = tables["customers"].customer_id.type()
    given = rows.mutate(customer_id=rows.referrer_id.cast(kind), made=True)
    taken = rows.mutate(customer_id=rows.referred_id.cast(kind), made=False)
    return known_events(tables, keys, "referrals", rows=given.union(taken))


REFERRALS = Group("referrals", _rows)
_GIVEN = ("referrals.referrer_id",)
_TAKEN = ("referrals.referred_id",)


@REFERRALS.feature(unit="referrals", sources=_GIVEN, known="referred_at", form=Form.COUNT)
def referrals_made(e: Rows) -> Value:
    """Referrals that the customer made so far."""
    return e.count(where=e.made)


@REFERRALS.feature(
    name="referrals_made", unit="referrals", sources=_GIVEN, known="referred_at", form=Form.COUNT, windows=(365,)
)
def recent_referrals(e: Rows, days: int) -> Value:
    """Referrals that the customer made in the window."""
    return e.count(where=e.made & within(e.referred_at_age, days))


@REFERRALS.feature(unit="days", sources=_GIVEN, known="referred_at")
def days_since_referral(e: Rows) -> Value:
    """Days since the customer last made a referral."""
    return days_of(e.referred_at_age.min(where=e.made))


@REFERRALS.feature(unit="1 or 0", sources=_TAKEN, known="referred_at", form=Form.COUNT)
def was_referred(e: Rows) -> Value:
    """Whether another customer brought this one."""
    return (~e.made).cast("int64").max()
