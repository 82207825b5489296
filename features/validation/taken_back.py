"""Money that may be taken back twice: a payment that failed, and a refund of the same amount that its export adds."""

from __future__ import annotations

import ibis

from ...core.contract import CONTRACT
from ..expressions import Backend, Rows
from .checks import example_keys
from .counts import rows_of
from .findings import Finding

__all__ = ["check_taken_back"]

_DAYS = 60
"""Banks take debits back within eight weeks."""


def check_taken_back(connection: Backend, payments: Rows) -> list[Finding]:
    """Return a warning for refunds of exactly the amount of a payment of the customer that failed shortly before.

    Some exports overwrite the status of a payment that comes back and add a row below 0 besides: both take it off.

    Parameters
    ----------
    connection
        The engine.
    payments
        The table in contract form.
    """
    if not {"status", "failed_at"} & set(payments.columns):
        return []
    failed = ibis.literal(False)
    if "status" in payments.columns:
        failed = (payments.status == "failed").fill_null(False)
    if "failed_at" in payments.columns:
        failed = failed | payments.failed_at.notnull()
    broken = payments.filter(failed, payments.amount > 0)
    broken = broken.select(whose=broken.customer_id, lost=broken.amount, tried=broken.paid_at)
    refunds = payments.filter(~failed, payments.amount < 0)
    within = [refunds.paid_at >= broken.tried, refunds.paid_at <= broken.tried + ibis.interval(days=_DAYS)]
    twice = refunds.semi_join(broken, [refunds.customer_id == broken.whose, -refunds.amount == broken.lost, *within])
    count, total = rows_of(connection, {"twice": twice, "all": payments}).values()
    if not count:
        return []
    rule = f"a refund of the amount of a payment that failed within {_DAYS} days before"
    hint = "if it is the same money it is taken off twice: leave one of the two out, as under where:"
    keys = example_keys(connection, CONTRACT["payments"], twice)
    return [Finding("warning", "payments", "amount", rule, count, keys, total, hint)]
