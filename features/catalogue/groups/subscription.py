"""Features of the subscriptions that run, ran, were changed, cancelled and begun again."""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.known import KNOWN_AT, known_rows, subscription_status
from ...timeline.spine import DAY, Keys, known_events
from ...timeline.terms import clock_time, term_in_months, with_terms
from ...timeline.terms import price_per_month as price_per_month_of
from ..declare import Form, Group, days_of

__all__ = ["SUBSCRIPTION", "subscription_rows"]

_KNOWN = "started_at, ended_at"
_TERM = "subscriptions.term_months or subscriptions.term_days"


def subscription_rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known subscriptions with their state at ``as_of``.

    Added columns: those of :func:`~servicelift.features.timeline.known.subscription_status`, and ``order`` (0, 1, ...
    by start, then by key).
    """
    rows = known_rows(tables, "subscriptions")
    if "previous_subscription_id" in rows.columns:
        rows = _with_previous(rows)
    e = known_events(tables, keys, "subscriptions", rows=rows)
    e = subscription_status(e)
    by_start = ibis.window(group_by="row", order_by=[e.started_at, e.subscription_id])
    return e.mutate(order=ibis.row_number().over(by_start))


def _with_previous(rows: Rows) -> Rows:
    """Return subscriptions with product, price a month and known instant of the one they continue."""
    before = rows.select(
        before_customer="customer_id",
        before_id="subscription_id",
        before_product="product",
        before_monthly=price_per_month_of(rows),
        before_known_at=KNOWN_AT,
    )
    link = rows.previous_subscription_id.cast(rows.subscription_id.type())
    return rows.left_join(before, [link == before.before_id, rows.customer_id == before.before_customer]).drop(
        "before_id", "before_customer"
    )


def _rows(tables: Tables, keys: Keys) -> Rows:
    e = _with_terms(subscription_rows(tables, keys), tables.config.timezone)
    e = _with_restart(e, tables.config.churn.grace_days)
    e = e.mutate(monthly=price_per_month_of(e), term=term_in_months(e))
    if "before_known_at" not in e.columns:
        return e
    continues = (e.before_known_at < e.as_of).fill_null(False)
    return e.mutate(
        continues=continues,
        price_change=e.monthly - e.before_monthly,
    )


def _with_restart(e: Rows, grace_days: int) -> Rows:
    """Return subscriptions with ``restart`` and ``fresh_time``.

    ``restart`` tells those begun after more than ``grace_days`` in which none ran; ``fresh_time`` are the microseconds
    in which the subscription ran and none begun before it did: their sum is the time covered.
    """
    e = e.mutate(end_age=e.ended_at_age.fill_null(0) if "ended_at" in e.columns else ibis.literal(0))
    earlier = ibis.window(group_by="row", order_by=e.order, preceding=(None, 1))
    e = e.mutate(last_end_age=e.end_age.min().over(earlier))
    gap = e.last_end_age - e.started_at_age
    fresh = ibis.ifelse(gap < 0, e.last_end_age, e.started_at_age) - e.end_age
    return e.mutate(
        restart=(gap > grace_days * DAY).fill_null(False), fresh_time=ibis.ifelse(fresh > 0, fresh, 0).cast("int64")
    )


def _with_terms(e: Rows, timezone: str) -> Rows:
    """Return subscriptions with ``terms_done`` and ``to_renewal`` (microseconds that clocks move to the next boundary).

    Boundaries are whole terms of the calendar after the start of the first (see :mod:`..timeline.terms`). One that
    falls on ``as_of``, or on the end of a subscription, is done.
    """
    upto = ibis.coalesce(e.ended_at, e.as_of) if "ended_at" in e.columns else e.as_of
    e = with_terms(e, upto, timezone)
    return e.mutate(terms_done=e.boundaries_done, to_renewal=clock_time(e.next_boundary, e.as_of, timezone))


def _of_latest(e: Rows, column: str) -> Value:
    """Return the value of the latest-started running subscription."""
    return e[column].argmax(e.order, where=e.running)


SUBSCRIPTION = Group("subscription", _rows)


@SUBSCRIPTION.feature(unit="subscriptions", sources=("subscriptions.started_at",), known=_KNOWN, form=Form.COUNT)
def subscriptions_running(e: Rows) -> Value:
    """Subscriptions that run at as_of: started, and not known to have ended."""
    return e.count(where=e.running)


@SUBSCRIPTION.feature(unit="name", sources=("subscriptions.product",), known=_KNOWN, form=Form.TEXT)
def product(e: Rows) -> Value:
    """Product of the running subscription, the one started last if several run."""
    return _of_latest(e, "product")


@SUBSCRIPTION.feature(unit="products", sources=("subscriptions.product",), known=_KNOWN, form=Form.COUNT)
def products_running(e: Rows) -> Value:
    """Different products among the running subscriptions."""
    return e["product"].nunique(where=e.running)


@SUBSCRIPTION.feature(unit="months", sources=(_TERM,), known=_KNOWN)
def term_months(e: Rows) -> Value:
    """Length of one term of the running subscription started last; days count as months of 365.25 / 12."""
    return _of_latest(e, "term")


@SUBSCRIPTION.feature(unit="currency", sources=("subscriptions.price",), known=_KNOWN)
def price(e: Rows) -> Value:
    """Price of one term of the running subscription started last."""
    return _of_latest(e, "price")


@SUBSCRIPTION.feature(unit="currency a month", sources=("subscriptions.price", _TERM), known=_KNOWN)
def price_per_month(e: Rows) -> Value:
    """What the running subscriptions cost a month, together; null if none runs."""
    return e.monthly.sum(where=e.running)


@SUBSCRIPTION.feature(unit="currency a month", sources=("subscriptions.price", _TERM), known=_KNOWN)
def price_versus_first(e: Rows) -> Rows:
    """Price a month of the running subscription started last, minus that of the customer's first subscription."""
    return _of_latest(e, "monthly") - e.monthly.argmin(e.order)


@SUBSCRIPTION.feature(unit="days", sources=(_TERM,), known=_KNOWN)
def days_to_renewal(e: Rows) -> Value:
    """Days until the term of the running subscription started last ends, or its trial; one ending at as_of is over."""
    return days_of(_of_latest(e, "to_renewal"))


@SUBSCRIPTION.feature(unit="days", sources=(_TERM,), known=_KNOWN)
def days_to_first_renewal(e: Rows) -> Value:
    """Days until the first term or trial of any running subscription ends; one ending at as_of is over."""
    return days_of(e.to_renewal.min(where=e.running))


@SUBSCRIPTION.feature(unit="terms", sources=(_TERM,), known=_KNOWN)
def renewals_done(e: Rows) -> Value:
    """Terms that the running subscription started last has completed by as_of."""
    return _of_latest(e, "terms_done")


@SUBSCRIPTION.feature(unit="terms", sources=(_TERM,), known=_KNOWN, form=Form.COUNT)
def terms_done(e: Rows) -> Value:
    """Terms that all subscriptions so far have completed by as_of or by their end."""
    return ibis.ifelse(e.terms_done > 0, e.terms_done, 0).sum()


@SUBSCRIPTION.feature(unit="1 or 0", sources=("subscriptions.auto_renew",), known=_KNOWN)
def auto_renew(e: Rows) -> Value:
    """Whether the running subscription started last renews by itself."""
    return e.auto_renew.cast("int64").argmax(e.order, where=e.running)


@SUBSCRIPTION.feature(unit="days", sources=("subscriptions.started_at",), known=_KNOWN)
def days_since_subscription_start(e: Rows) -> Value:
    """Days since the running subscription started last began."""
    return days_of(_of_latest(e, "started_at_age"))


@SUBSCRIPTION.feature(unit="subscriptions", sources=("subscriptions.started_at",), known="started_at", form=Form.COUNT)
def subscriptions_ever(e: Rows) -> Value:
    """Subscriptions that the customer ever began."""
    return e.count()


@SUBSCRIPTION.feature(unit="days", sources=("subscriptions.started_at",), known=_KNOWN)
def days_subscribed(e: Rows) -> Value:
    """Days in which a subscription ran, those of several at once counted once."""
    return days_of(e.fresh_time.sum())


@SUBSCRIPTION.feature(unit="days", sources=("subscriptions.ended_at",), known="ended_at")
def days_since_subscription_end(e: Rows) -> Value:
    """Days since a subscription ended last."""
    return days_of(e.ended_at_age.min())


@SUBSCRIPTION.feature(unit="subscriptions", sources=("subscriptions.end_reason",), known="ended_at", form=Form.COUNT)
def payment_failure_ends(e: Rows) -> Value:
    """Subscriptions that ended because a payment failed."""
    return e.count(where=e.end_reason == "payment_failure")


@SUBSCRIPTION.feature(unit="restarts", sources=("subscriptions.started_at",), known=_KNOWN, form=Form.COUNT)
def restarts(e: Rows) -> Value:
    """Times the customer came back: a start after more than the grace period in which none ran."""
    return e.count(where=e.restart)


@SUBSCRIPTION.feature(
    unit="changes",
    sources=("subscriptions.previous_subscription_id",),
    known="started_at of both rows",
    form=Form.COUNT,
)
def product_changes(e: Rows) -> Rows:
    """Times a subscription continued another one with a different product."""
    return e.count(where=e.continues & (e["product"] != e.before_product))


@SUBSCRIPTION.feature(
    unit="currency a month",
    sources=("subscriptions.previous_subscription_id",),
    known="started_at of both rows",
)
def price_change_last(e: Rows) -> Value:
    """Price a month of the latest subscription that continues another, minus that of the one it continues."""
    return e.price_change.argmax(e.order, where=e.continues)


@SUBSCRIPTION.feature(
    unit="1 or 0",
    sources=("subscriptions.cancel_requested_at",),
    known="cancel_requested_at, cancel_withdrawn_at",
    form=Form.COUNT,
)
def cancel_pending(e: Rows) -> Value:
    """Whether a cancellation of a running subscription is asked for and not taken back."""
    return e.pending.cast("int64").max()


@SUBSCRIPTION.feature(
    unit="cancellations",
    sources=("subscriptions.cancel_withdrawn_at",),
    known="cancel_withdrawn_at",
    form=Form.COUNT,
)
def cancellations_withdrawn(e: Rows) -> Value:
    """Cancellations that the customer took back."""
    return e.count(where=e.withdrawn)
