"""Features of the method of payment: which one it is now, and how often and when it changed."""

from __future__ import annotations

import ibis

from ....core.contract import METHODS, RECORDED_AT
from ...contract.casts import first_midnight
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import Keys, known_events
from ...timeline.terms import clock_time
from ..declare import Form, Group, days_of
from .payments import is_made, payment_rows

__all__ = ["METHOD"]


def _history(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's history of methods with the method ``before`` each line.

    The history is that of ``payment_methods``, one line a row, where the customer has a known row there, else that
    of the payments made. ``order`` runs by instant, then by key.
    """
    parts = []
    if tables.has("payments"):
        parts.append(_of_payments(tables, keys).mutate(rank=0))
    if tables.has("payment_methods"):
        e = known_events(tables, keys, "payment_methods")
        e = e.mutate(to_expiry=_to_expiry(e, tables.config.timezone))
        parts.append(_ordered(e, "valid_from", "valid_from").mutate(rank=1))
    history = parts[0] if len(parts) == 1 else parts[0].union(parts[1])
    best = history.mutate(best=history["rank"].max().over(ibis.window(group_by="row")))
    return best.filter(best["rank"] == best.best)


def _of_payments(tables: Tables, keys: Keys) -> Rows:
    """Return the payments made: only those that brought another method, where none is recorded late.

    What is known at an instant is then the first part of all payments in their order, so that each has the same one
    before it whenever it is looked at. A payment that came back later was made with its method all the same.
    """
    if tables.has("payments", RECORDED_AT):
        e = payment_rows(tables, keys)
        e = e.filter(e.made)
    else:
        changes = tables.once("method_changes", lambda: _changes(known_rows(tables, "payments")))
        e = known_events(tables, keys, "payments", rows=changes)
    return _ordered(e.mutate(to_expiry=ibis.null("int64")), "paid_at", "payment_id")


def _changes(rows: Rows) -> Rows:
    """Return the payments made that were the customer's first, or of another method than the one before.

    Most customers keep to one method; ordering all their payments would cost more than all else.
    """
    rows = rows.filter(is_made(rows))
    customers = rows.group_by("customer_id").aggregate(
        least=rows.method.min(),
        most=rows.method.max(),
        first=rows.paid_at.min(),
        some_id=rows.payment_id.min(),
    )
    constant = customers.filter(customers.least == customers.most)
    others = customers.filter(customers.least != customers.most)
    changing = rows.semi_join(others, "customer_id")
    in_order = ibis.window(group_by="customer_id", order_by=[changing.paid_at, changing.payment_id])
    changing = changing.mutate(before=changing.method.lag().over(in_order))
    changing = changing.filter(changing.before.isnull() | (changing.before != changing.method))
    return changing.select("customer_id", "payment_id", "paid_at", "method", KNOWN_AT).union(
        constant.select(
            "customer_id",
            payment_id=constant.some_id,
            paid_at=constant["first"],
            method=constant.least,
            **{KNOWN_AT: constant["first"]},
        )
    )


def _to_expiry(e: Rows, timezone: str) -> Value:
    """Return the microseconds that clocks move until a card expires, at the first midnight of its last day."""
    if "expires_on" not in e.columns:
        return ibis.null("int64")
    left = clock_time(first_midnight(e.expires_on, timezone), e.as_of, timezone)
    return ibis.ifelse(e.method == "card", left, ibis.null("int64")).cast("int64")


def _ordered(e: Rows, moment: str, key: str) -> Value:
    """Return the method, the one before, its age and its place in time."""
    window = ibis.window(group_by="row", order_by=[e[moment], e[key]])
    return e.select(
        "row",
        "method",
        "to_expiry",
        since_age=e[f"{moment}_age"],
        before=e.method.lag().over(window),
        order=ibis.row_number().over(window),
    )


METHOD = Group("payment", _history)
_EITHER = ("payment_methods.method or payments.method",)
_KNOWN = "valid_from, else paid_at"


@METHOD.feature(unit="code", sources=_EITHER, known=_KNOWN, form=Form.TEXT)
def method(e: Rows) -> Value:
    """How the customer pays: the valid row of payment_methods, else the method of the last payment made."""
    return e.method.argmax(e.order)


@METHOD.feature(unit="switches", sources=_EITHER, known=_KNOWN, form=Form.COUNT)
def method_switches(e: Rows) -> Value:
    """Times the method changed: in payment_methods, else from one payment made to the next."""
    return e.count(where=e.before != e.method)


@METHOD.feature(unit="days", sources=_EITHER, known=_KNOWN)
def days_since_method_switch(e: Rows) -> Value:
    """Days since the method changed last."""
    return days_of(e.since_age.min(where=e.before != e.method))


@METHOD.feature(unit="methods", sources=_EITHER, known=_KNOWN, form=Form.COUNT)
def methods_used(e: Rows) -> Value:
    """Different methods ever used: in payment_methods, else by payments made."""
    return sum((e.method == code).cast("int64").max() for code in METHODS)


@METHOD.feature(unit="days", sources=_EITHER, known=_KNOWN)
def days_with_method(e: Rows) -> Rows:
    """Days since the present method came into use, the last time it did."""
    return days_of(e.since_age.min(where=e.before.isnull() | (e.before != e.method)))


@METHOD.feature(unit="days", sources=("payment_methods.expires_on",), known="valid_from")
def card_expires_in_days(e: Rows) -> Value:
    """Days until the card in use expires, negative afterwards; null for other methods."""
    return days_of(e.to_expiry.argmax(e.order))
