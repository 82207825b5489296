"""Payments as they were known: a failure that came later, and refunds written above 0.

Exports hold one row a payment whose status is overwritten when the bank takes it back weeks later. Here ``status``
becomes what was known at ``paid_at``, and ``failed_at`` stays only where it is later, so that both are facts.
"""

from __future__ import annotations

import ibis

from ..expressions import Rows

__all__ = ["settled_payments"]


def settled_payments(rows: Rows) -> Rows:
    """Return payments whose ``status`` is that of ``paid_at`` and whose refunds are below 0.

    A payment with ``failed_at`` failed, whatever its status says: later than ``paid_at`` it was paid until then and
    keeps the instant, otherwise it failed at once. An amount of kind ``refund`` was given back, whatever its sign. An
    amount below 0 of another kind that failed is a payment that came back, booked as its reversal: the money is gone. A
    failed one of kind ``refund`` never reached the customer.
    """
    changed = {}
    if "kind" in rows.columns:
        given_back = ((rows.kind == "refund") & (rows.amount > 0)).fill_null(False)
        changed["amount"] = ibis.ifelse(given_back, -rows.amount, rows.amount)
    if "status" in rows.columns:
        refund = (rows.kind == "refund").fill_null(False) if "kind" in rows.columns else ibis.literal(False)
        reversal = ((rows.amount < 0) & (rows.status == "failed")).fill_null(False) & ~refund
        rows = rows.mutate(status=ibis.ifelse(reversal, ibis.literal("paid"), rows.status))
    if "failed_at" in rows.columns:
        later = (rows.failed_at > rows.paid_at).fill_null(False)
        status = rows.status if "status" in rows.columns else ibis.null("string")
        at_once = ibis.ifelse(rows.failed_at.notnull(), ibis.literal("failed"), status)
        changed["status"] = ibis.ifelse(later, ibis.literal("paid"), at_once)
        changed["failed_at"] = ibis.ifelse(later, rows.failed_at, ibis.null(rows.failed_at.type()))
    return rows.mutate(**changed) if changed else rows
