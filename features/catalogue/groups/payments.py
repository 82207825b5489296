"""Features of payments: how the customer pays, switches of method, failures, amounts, refunds."""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.refund_shares import is_refund
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, days_of, mean, within

__all__ = ["PAYMENT", "failure_age", "is_failed", "is_made", "is_paid", "payment_rows"]


def _fell_through(payments: Rows) -> Value:
    """Return whether each payment or refund failed at once, or came back by now."""
    failed = ibis.literal(False)
    if "status" in payments.columns:
        failed = (payments.status == "failed").fill_null(False)
    return failed | payments.failed_at.notnull() if "failed_at" in payments.columns else failed


def is_failed(payments: Rows) -> Value:
    """Return whether each payment failed or came back; a refund that failed is no failure of the customer's."""
    return _fell_through(payments) & ~is_refund(payments)


def is_paid(payments: Rows) -> Value:
    """Return whether the customer paid: not failed, no refund."""
    return ~_fell_through(payments) & ~is_refund(payments)


def is_made(payments: Rows) -> Value:
    """Return whether the customer paid at ``paid_at``, whatever became of the payment later."""
    if "status" not in payments.columns:
        return ~is_refund(payments)
    return (payments.status != "failed").fill_null(True) & ~is_refund(payments)


def failure_age(payments: Rows) -> Value:
    """Return the microseconds since each known payment that failed did so: at ``paid_at``, or at its ``failed_at``."""
    if "failed_at" not in payments.columns:
        return payments.paid_at_age
    came_back = is_made(payments) & payments.failed_at_age.notnull()
    return ibis.ifelse(came_back, payments.failed_at_age, payments.paid_at_age)


def payment_rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known payments with ``made``, ``paid``, ``failed`` and ``refund``.

    ``failed_age`` is the time since a failure, ``refund_age`` that since a refund, whose ``refunded`` is above 0: a
    payment of its own, or the amount given back of another payment.
    """
    e = known_events(tables, keys, "payments")
    refund = is_refund(e) & ~_fell_through(e)
    given, since = e.amount.abs(), e.paid_at_age
    if "refunded_amount" in e.columns:
        partly = ~is_refund(e) & ~_fell_through(e) & (e.refunded_amount > 0).fill_null(False)
        given = ibis.ifelse(partly, e.refunded_amount, given)
        since = ibis.ifelse(partly, e.refunded_at_age, since) if "refunded_at" in e.columns else since
        refund = refund | partly
    return e.mutate(
        made=is_made(e),
        paid=is_paid(e),
        failed=is_failed(e),
        failed_age=failure_age(e),
        refund=refund,
        refund_age=since,
        refunded=given,
    )


PAYMENT = Group("payment", payment_rows)
_AMOUNT = ("payments.paid_at", "payments.amount")


@PAYMENT.feature(unit="payments", sources=("payments.paid_at",), known="paid_at", form=Form.COUNT, windows=True)
def payments(e: Rows, days: int) -> Value:
    """Payments made in the window, without refunds and failures."""
    return e.count(where=e.paid & within(e.paid_at_age, days))


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", form=Form.SUM, windows=True)
def amount_paid(e: Rows, days: int) -> Value:
    """Amount paid in the window, refunds not deducted."""
    return e.amount.sum(where=e.paid & within(e.paid_at_age, days))


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", form=Form.SUM, windows=(90,))
def amount_trend(e: Rows, days: int) -> Value:
    """Amount paid in the window, minus that in the window of the same length before it."""
    recent = within(e.paid_at_age, days)
    earlier = ~recent & within(e.paid_at_age, 2 * days)
    return _total(e.amount, e.paid & recent) - _total(e.amount, e.paid & earlier)


def _total(money: Value, where: Value) -> Value:
    """Return the sum of money, 0 without rows."""
    return money.sum(where=where).fill_null(0)


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", windows=(365,))
def amount_mean(e: Rows, days: int) -> Value:
    """Mean amount of the payments made in the window."""
    return mean(e.amount, 1.0, e.paid & within(e.paid_at_age, days))


@PAYMENT.feature(unit="days", sources=("payments.paid_at",), known="paid_at")
def days_since_payment(e: Rows) -> Value:
    """Days since the last payment was made."""
    return days_of(e.paid_at_age.min(where=e.paid))


@PAYMENT.feature(unit="payments", sources=("payments.status",), known="paid_at", form=Form.COUNT, windows=True)
def payments_failed(e: Rows, days: int) -> Value:
    """Payments that failed or came back in the window; a refund that failed is none."""
    return e.count(where=e.failed & within(e.failed_age, days))


@PAYMENT.feature(unit="refunds", sources=_AMOUNT, known="paid_at", form=Form.COUNT, windows=True)
def refunds(e: Rows, days: int) -> Value:
    """Refunds in the window: payments of kind refund or with a negative amount, and payments given back in part."""
    return e.count(where=e.refund & within(e.refund_age, days))


@PAYMENT.feature(unit="currency", sources=_AMOUNT, known="paid_at", form=Form.SUM, windows=(365,))
def amount_refunded(e: Rows, days: int) -> Value:
    """Amount given back in the window, above 0."""
    return e.refunded.sum(where=e.refund & within(e.refund_age, days))


@PAYMENT.feature(unit="days", sources=_AMOUNT, known="paid_at")
def days_since_refund(e: Rows) -> Value:
    """Days since the last refund."""
    return days_of(e.refund_age.min(where=e.refund))


@PAYMENT.feature(unit="days", sources=("payments.status",), known="paid_at")
def days_since_failed_payment(e: Rows) -> Value:
    """Days since a payment failed or came back last."""
    return days_of(e.failed_age.min(where=e.failed))
