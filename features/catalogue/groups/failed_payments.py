"""Features of failed payments: made good by a later payment, or not yet."""

from __future__ import annotations

from typing import Any

import ibis

from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, within
from .payments import is_failed, is_paid

__all__ = ["FAILURES"]

_RETRY_DAYS = 14


def _rows(tables: Tables, keys: Keys) -> Any:
    """Return each pair's known failed payments.

    ``answered`` tells those after which the customer is known to have paid anything, ``recovered`` those whose
    subscription was paid for within 14 days.
    """
    answered = tables.once("failed_payments", lambda: _with_answer(known_rows(tables, "payments")))
    e = known_events(tables, keys, "payments", rows=answered)
    return e.mutate(
        answered=(e.answered_known < e.as_of).fill_null(False),
        recovered=(e.recovered_known < e.as_of).fill_null(False),
    )


def _with_answer(rows: Any) -> Any:
    """Return the failed payments with when payments made after them were known.

    Failures are few: meeting them with the payments made costs one pass, where ordering all payments costs a sort.
    """
    failed = rows.filter(is_failed(rows))
    told = {"made_for": "subscription_id"} if "subscription_id" in rows.columns else {}
    made = rows.filter(is_paid(rows)).select(payer="customer_id", made_at="paid_at", made_known=KNOWN_AT, **told)
    met = failed.inner_join(made, [failed.customer_id == made.payer, made.made_at > failed.paid_at])
    good = met.made_at <= met.paid_at + ibis.interval(days=_RETRY_DAYS)
    if told:
        good &= met.made_for == met.subscription_id
    first = met.group_by(answered_id=met.payment_id).aggregate(
        answered_known=met.made_known.min(), recovered_known=met.made_known.min(where=good)
    )
    return failed.left_join(first, failed.payment_id == first.answered_id).drop("answered_id")


FAILURES = Group("payment", _rows)
_STATUS = ("payments.status",)


@FAILURES.feature(
    unit="payments",
    sources=("payments.status", "payments.subscription_id"),
    known="paid_at of both",
    form=Form.COUNT,
    windows=(365,),
)
def payments_recovered(e: Any, days: int) -> Any:
    """Payments that failed in the window and were followed by one made for the same subscription within 14 days."""
    return e.count(where=e.recovered & within(e.paid_at_age, days))


@FAILURES.feature(unit="payments", sources=_STATUS, known="paid_at", form=Form.COUNT)
def failed_in_a_row(e: Any) -> Any:
    """Payments that failed since the customer last paid anything."""
    return e.count(where=~e.answered)


@FAILURES.feature(unit="1 or 0", sources=_STATUS, known="paid_at", form=Form.COUNT)
def last_payment_failed(e: Any) -> Any:
    """Whether the customer's last payment failed; refunds do not count."""
    return (~e.answered).cast("int64").max()
