"""Features of payments: how the customer pays, switches of method, failures, amounts, refunds."""

from __future__ import annotations

from typing import Any

import ibis

from ..core.contract import METHODS
from .casts import first_midnight
from .declare import Form, Group, days_of, mean, within
from .sources import Tables
from .spine import Keys, age, known_events

__all__ = ["METHOD", "PAYMENT", "is_failed", "is_paid", "is_refund", "payment_rows"]


def is_failed(payments: Any) -> Any:
    """Return whether each payment failed; without a status it was paid."""
    if "status" not in payments.columns:
        return ibis.literal(False)
    return (payments.status == "failed").fill_null(False)


def is_refund(payments: Any) -> Any:
    """Return whether each payment gives money back: a negative amount, or of kind refund."""
    negative = payments.amount < 0
    if "kind" not in payments.columns:
        return negative
    return negative | (payments.kind == "refund").fill_null(False)


def is_paid(payments: Any) -> Any:
    """Return whether the customer paid: not failed, no refund."""
    return ~is_failed(payments) & ~is_refund(payments)


def payment_rows(tables: Tables, keys: Keys) -> Any:
    """Return each pair's known payments with ``paid``, ``failed`` and ``refund``."""
    e = known_events(tables, keys, "payments")
    return e.mutate(paid=is_paid(e), failed=is_failed(e), refund=is_refund(e) & ~is_failed(e))


PAYMENT = Group("payment", payment_rows)
_AMOUNT = ("payments.paid_at", "payments.amount")


@PAYMENT.feature(unit="payments", sources=("payments.paid_at",), known="paid_at", form=Form.COUNT, windows=True)
def payments(e: Any, days: int) -> Any:
    """Payments made in the window, without refunds and failures."""
    return e.count(where=e.paid & within(e.paid_at_age, days))


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", form=Form.SUM, windows=True)
def amount_paid(e: Any, days: int) -> Any:
    """Amount paid in the window, refunds not deducted."""
    return e.amount.sum(where=e.paid & within(e.paid_at_age, days))


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", form=Form.SUM, windows=(90,))
def amount_trend(e: Any, days: int) -> Any:
    """Amount paid in the window, minus that in the window of the same length before it."""
    recent = within(e.paid_at_age, days)
    earlier = ~recent & within(e.paid_at_age, 2 * days)
    return _total(e.amount, e.paid & recent) - _total(e.amount, e.paid & earlier)


def _total(money: Any, where: Any) -> Any:
    """Return the sum of money, 0 without rows."""
    return money.sum(where=where).fill_null(0)


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", windows=(365,))
def amount_mean(e: Any, days: int) -> Any:
    """Mean amount of the payments made in the window."""
    return mean(e.amount, 1.0, e.paid & within(e.paid_at_age, days))


@PAYMENT.feature(unit="days", sources=("payments.paid_at",), known="paid_at")
def days_since_payment(e: Any) -> Any:
    """Days since the last payment was made."""
    return days_of(e.paid_at_age.min(where=e.paid))


@PAYMENT.feature(unit="payments", sources=("payments.status",), known="paid_at", form=Form.COUNT, windows=True)
def payments_failed(e: Any, days: int) -> Any:
    """Payments that failed in the window."""
    return e.count(where=e.failed & within(e.paid_at_age, days))


@PAYMENT.feature(unit="refunds", sources=_AMOUNT, known="paid_at", form=Form.COUNT, windows=True)
def refunds(e: Any, days: int) -> Any:
    """Refunds in the window: payments of kind refund or with a negative amount."""
    return e.count(where=e.refund & within(e.paid_at_age, days))


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", form=Form.SUM, windows=(365,))
def amount_refunded(e: Any, days: int) -> Any:
    """Amount given back in the window, above 0."""
    return e.amount.abs().sum(where=e.refund & within(e.paid_at_age, days))


@PAYMENT.feature(unit="days", sources=_AMOUNT, known="paid_at")
def days_since_refund(e: Any) -> Any:
    """Days since the last refund."""
    return days_of(e.paid_at_age.min(where=e.refund))


@PAYMENT.feature(unit="days", sources=("payments.status",), known="paid_at")
def days_since_failed_payment(e: Any) -> Any:
    """Days since a payment failed last."""
    return days_of(e.paid_at_age.min(where=e.failed))


def _history(tables: Tables, keys: Keys) -> Any:
    """Return each pair's history of methods, one line a row, with the method ``before`` it.

    The history is that of ``payment_methods`` where the customer has a known row there, else the payments
    made. ``order`` runs by instant, then by key.
    """
    parts = []
    if tables.has("payments"):
        e = payment_rows(tables, keys)
        e = e.filter(e.paid).mutate(to_expiry=ibis.null("int64"))
        parts.append(_ordered(e, "paid_at", "payment_id").mutate(rank=0))
    if tables.has("payment_methods"):
        e = known_events(tables, keys, "payment_methods")
        e = e.mutate(to_expiry=_to_expiry(e, tables.config.timezone))
        parts.append(_ordered(e, "valid_from", "valid_from").mutate(rank=1))
    history = parts[0] if len(parts) == 1 else parts[0].union(parts[1])
    best = history.mutate(best=history["rank"].max().over(ibis.window(group_by="row")))
    return best.filter(best["rank"] == best.best)


def _to_expiry(e: Any, timezone: str) -> Any:
    """Return the microseconds until a card expires, at the first midnight of its last day."""
    if "expires_on" not in e.columns:
        return ibis.null("int64")
    left = age(first_midnight(e.expires_on, timezone), e.as_of)
    return ibis.ifelse(e.method == "card", left, ibis.null("int64")).cast("int64")


def _ordered(e: Any, moment: str, key: str) -> Any:
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
def method(e: Any) -> Any:
    """How the customer pays: the valid row of payment_methods, else the method of the last payment made."""
    return e.method.argmax(e.order)


@METHOD.feature(unit="switches", sources=_EITHER, known=_KNOWN, form=Form.COUNT)
def method_switches(e: Any) -> Any:
    """Times the method changed: in payment_methods, else from one payment made to the next."""
    return e.count(where=e.before != e.method)


@METHOD.feature(unit="days", sources=_EITHER, known=_KNOWN)
def days_since_method_switch(e: Any) -> Any:
    """Days since the method changed last."""
    return days_of(e.since_age.min(where=e.before != e.method))


@METHOD.feature(unit="methods", sources=_EITHER, known=_KNOWN, form=Form.COUNT)
def methods_used(e: Any) -> Any:
    """Different methods ever used: in payment_methods, else by payments made."""
    return sum((e.method == code).cast("int64").max() for code in METHODS)


@METHOD.feature(unit="days", sources=_EITHER, known=_KNOWN)
def days_with_method(e: Any) -> Any:
    """Days since the present method came into use, the last time it did."""
    return days_of(e.since_age.min(where=e.before.isnull() | (e.before != e.method)))


@METHOD.feature(unit="days", sources=("payment_methods.expires_on",), known="valid_from")
def card_expires_in_days(e: Any) -> Any:
    """Days until the card in use expires, negative afterwards; null for other methods."""
    return days_of(e.to_expiry.argmax(e.order))
