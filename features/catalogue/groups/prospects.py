"""Features of how the customer was won: the prospects who became them, known once they did."""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of

__all__ = ["PROSPECTS"]


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return the prospects who are known to have become each pair's customer, ``converted_at`` filled."""
    return known_events(tables, keys, "prospects", rows=tables.once("converted_prospects", lambda: _converted(tables)))


def _converted(tables: Tables) -> Rows:
    """Return the prospects who became customers, each known once that was; without an instant, at the sign-up."""
    rows = known_rows(tables, "prospects")
    rows = rows.filter(rows.converted_customer_id.notnull())
    kind = tables["customers"].customer_id.type()
    rows = rows.mutate(customer_id=rows.converted_customer_id.cast(kind)).drop("converted_customer_id")
    if "converted_at" not in rows.columns:
        signed = known_rows(tables, "customers")
        signed = signed.select(signed_id="customer_id", converted_at="signed_up_at", signed_known=KNOWN_AT)
        rows = rows.inner_join(signed, rows.customer_id == signed.signed_id).drop("signed_id")
        return rows.mutate(**{KNOWN_AT: ibis.greatest(rows[KNOWN_AT], rows.signed_known)}).drop("signed_known")
    rows = rows.filter(rows.converted_at.notnull())
    return rows.mutate(**{KNOWN_AT: ibis.greatest(rows[KNOWN_AT], rows.converted_at)})


PROSPECTS = Group("prospects", _rows)
_CONVERTED = "prospects.converted_customer_id"
_KNOWN = "converted_at, else signed_up_at"


@PROSPECTS.feature(unit="name", sources=(_CONVERTED, "prospects.channel"), known=_KNOWN, form=Form.TEXT)
def prospect_channel(e: Rows) -> Value:
    """Channel by which the customer first came as a prospect; of several at that instant, the last in the alphabet."""
    return e.channel.argmax(ibis.struct({"age": e.created_at_age, "text": e.channel}), where=e.channel.notnull())


@PROSPECTS.feature(unit="currency", sources=(_CONVERTED, "prospects.cost"), known=_KNOWN)
def prospect_cost(e: Rows) -> Value:
    """What winning the customer cost: the cost of all prospects who became them."""
    return e.cost.sum()


@PROSPECTS.feature(unit="days", sources=(_CONVERTED, "prospects.created_at"), known=_KNOWN)
def days_as_prospect(e: Rows) -> Value:
    """Days from when the customer was first known as a prospect to when they became a customer."""
    return days_of(e.created_at_age.max() - e.converted_at_age.max())
