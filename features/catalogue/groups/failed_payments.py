"""Features of failed payments: made good by a later payment, or not yet."""

from __future__ import annotations

import ibis

from ...contract.local_time import INSTANT
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows
from ...timeline.spine import Keys, known_events
from ..declare import Form, Group, within
from .payments import failure_age, is_failed, is_made, is_paid

__all__ = ["FAILURES"]

_RETRY_DAYS = 14


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known failed payments with ``failed_age``, the time since they failed.

    ``answered`` tells those after which the customer is known to have paid anything, ``recovered`` those whose
    subscription was paid for within 14 days; a payment that came back answers until then.
    """
    answered = tables.once("failed_payments", lambda: _with_answer(known_rows(tables, "payments")))
    e = known_events(tables, keys, "payments", rows=answered)
    e = e.filter(is_failed(e))
    e = e.mutate(
        failed_age=failure_age(e),
        answered=(e.answered_known < e.as_of).fill_null(False),
        recovered=(e.recovered_known < e.as_of).fill_null(False),
    )
    return _answered_for_a_while(tables, e) if "failed_at" in e.columns else e


def _answered_for_a_while(tables: Tables, e: Rows) -> Value:
    """Return failed payments with the answers of payments that were to come back, but had not by then."""
    rows = known_rows(tables, "payments")
    returned = _made(rows.filter(is_made(rows) & rows.failed_at.notnull()))
    pairs = e.select("row", "payment_id", "as_of", "customer_id", *_subscription(e), broke_at=_broke_at(e))
    pairs = pairs.rename(failed_id="payment_id", pair="row")
    joined = pairs.inner_join(
        returned,
        [
            pairs.customer_id == returned.payer,
            returned.made_at > pairs.broke_at,
            returned.made_known < pairs.as_of,
            returned.back_at >= pairs.as_of,
        ],
    )
    found = joined.group_by("pair", "failed_id").aggregate(
        answers=joined.count(), good=_recovers(joined).cast("int64").sum()
    )
    e = e.left_join(found, [e.row == found.pair, e.payment_id == found.failed_id]).drop("pair", "failed_id")
    return e.mutate(answered=e.answered | e.answers.notnull(), recovered=e.recovered | (e.good > 0).fill_null(False))


def _broke_at(rows: Rows) -> Value:
    """Return when each failed payment failed: at once, or when it came back."""
    if "failed_at" not in rows.columns:
        return rows.paid_at
    return ibis.ifelse(is_made(rows), ibis.coalesce(rows.failed_at, rows.paid_at), rows.paid_at)


def _subscription(rows: Rows) -> list[str]:
    return [name for name in ("subscription_id",) if name in rows.columns]


def _made(rows: Rows) -> Value:
    """Return payments made as answers: ``payer``, ``made_at``, ``made_known``, ``back_at`` and ``made_for``."""
    subscription = {"made_for": rows.subscription_id} if _subscription(rows) else {}
    back = rows.failed_at if "failed_at" in rows.columns else ibis.null(INSTANT)
    return rows.select(payer="customer_id", made_at="paid_at", made_known=KNOWN_AT, back_at=back, **subscription)


def _recovers(joined: Rows) -> Value:
    """Return whether a payment was made for the same subscription within 14 days of the failure."""
    soon = joined.made_at <= joined.broke_at + ibis.interval(days=_RETRY_DAYS)
    if "made_for" not in joined.columns:
        return soon
    return (soon & (joined.made_for == joined.subscription_id)).fill_null(False)


def _with_answer(rows: Rows) -> Rows:
    """Return the failed payments with when payments made after them, and never brought back, were known.

    Failures are few: meeting them with the payments made costs one pass, where ordering all payments costs a sort.
    """
    failed = rows.filter(is_failed(rows))
    failed = failed.mutate(broke_at=_broke_at(failed))
    made = _made(rows.filter(is_paid(rows)))
    joined = failed.inner_join(made, [failed.customer_id == made.payer, made.made_at > failed.broke_at])
    first = joined.group_by(answered_id=joined.payment_id).aggregate(
        answered_known=joined.made_known.min(), recovered_known=joined.made_known.min(where=_recovers(joined))
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
def payments_recovered(e: Rows, days: int) -> Value:
    """Payments that failed in the window and were followed by one made for the same subscription within 14 days."""
    return e.count(where=e.recovered & within(e.failed_age, days))


@FAILURES.feature(unit="payments", sources=_STATUS, known="paid_at", form=Form.COUNT)
def failed_in_a_row(e: Rows) -> Value:
    """Payments that failed since the customer last paid anything."""
    return e.count(where=~e.answered)


@FAILURES.feature(unit="1 or 0", sources=_STATUS, known="paid_at", form=Form.COUNT)
def last_payment_failed(e: Rows) -> Value:
    """Whether the customer's last payment failed; refunds do not count."""
    return (~e.answered).cast("int64").max()
