"""Features of payments: how the customer pays, switches of method, failures, amounts, refunds."""

from __future__ import annotations

from typing import Any

import ibis

from ...tables.tables import Tables
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of, mean, within

__all__ = ["PAYMENT", "is_failed", "is_paid", "is_refund", "payment_rows"]


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
