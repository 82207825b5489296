"""Indicators of the customer base: contacts and cost a customer, complaints, churn, products, payment, duration."""

from __future__ import annotations

from functools import reduce

import ibis

from ...expressions import Rows, Value
from ...timeline.look_ahead import as_money, microseconds
from ...timeline.spells import forever, lasting
from ..declare import Kind, Ratio, Source, Unit, only_of, ratio
from ..scope import CLUSTER, MONTH, Scope, key
from .contacts import contact_cost, costed, inbound

__all__ = ["ACTIVE", "RUNNING", "SPELLS"]

_CUSTOMER = ("product", "segment")
_SUBSCRIBED = "subscriptions.started_at"
_DAY = 86_400e6

_EVENTS = ("contacts", "reached", "cost", "complaints", "referrals", "reviews")


def _active(scope: Scope) -> Rows:
    """Return what each customer of a month was there for, and what happened: a row each, other columns 0.

    ``share`` is the part of the month in which a subscription of the customer ran, so that its sum over customers is
    the mean number of active customers.
    """
    parts = [_shares(scope)]
    if scope.has("contacts.opened_at"):
        parts.append(_contacts(scope))
    for table, at, who in (("referrals", "referred_at", "referrer_id"), ("reviews", "posted_at", "customer_id")):
        if scope.has(f"{table}.{at}", f"{table}.{who}"):
            rows = scope.within(scope.tables[table], at)
            named = key(rows[who])
            if table == "reviews":
                named = named.coalesce(ibis.literal("review ") + key(rows.review_id))
            parts.append(_line(rows, named, **{table: ibis.literal(1.0)}))
    return reduce(lambda left, right: left.union(right), parts)


def _line(rows: Rows, cluster: Value, **columns: Value) -> Rows:
    zero = ibis.literal(0.0)
    figures = {name: columns.get(name, zero).cast("float64") for name in ("share", *_EVENTS)}
    return rows.select(MONTH, **{CLUSTER: cluster}, **figures)


def _shares(scope: Scope) -> Rows:
    rows = scope.spells()
    lived = microseconds(ibis.least(rows.spell_ends, rows["ends"]), ibis.greatest(rows.spell_begins, rows.begins))
    return _line(rows, key(rows.customer_id), share=lived / microseconds(rows["ends"], rows.begins))


def _contacts(scope: Scope) -> Rows:
    rows = scope.within(inbound(scope), "opened_at")
    of_month = ibis.window(group_by=["customer_id", MONTH], order_by=["opened_at", "contact_id"])
    complaint = rows.is_complaint.fill_null(False) if "is_complaint" in rows.columns else ibis.literal(False)
    return _line(
        rows,
        key(rows.customer_id),
        contacts=ibis.literal(1.0),
        reached=(ibis.row_number().over(of_month) == 0).cast("float64"),
        cost=as_money(contact_cost(scope, rows)),
        complaints=complaint.cast("float64"),
    )


ACTIVE = Source("active customers", _active, _CUSTOMER)


def _per_customer(name: str, column: str, needs: tuple[str, ...]) -> None:
    @ACTIVE.indicator(unit=Unit.PER_CUSTOMER, needs=(_SUBSCRIBED, *needs), name=name)
    def per_customer(e: Rows, _: Scope) -> Ratio:
        """What happened in the month over the mean of the active customers."""
        return only_of(e[column], e.share)


@ACTIVE.indicator(unit=Unit.MONEY, needs=(_SUBSCRIBED, "contacts.opened_at"), condition=costed)
def cost_to_serve(e: Rows, _: Scope) -> Ratio:
    """What contacts cost in the month over the mean of the active customers."""
    return only_of(e.cost, e.share)


_per_customer("contact_rate", "reached", ("contacts.opened_at",))
_per_customer("contacts_per_customer", "contacts", ("contacts.opened_at",))
_per_customer("complaint_rate", "complaints", ("contacts.is_complaint",))
_per_customer("referral_rate", "referrals", ("referrals.referred_at",))
_per_customer("reviews_posted", "reviews", ("reviews.posted_at",))


def _spells(scope: Scope) -> Rows:
    """Return each spell that ran in a month: whether it did at its start, whether it ended in it, and days lived."""
    rows = scope.spells()
    ended = (rows.spell_ends <= rows["ends"]) & (rows.spell_ends < scope.tables.data_until.to_pydatetime())
    lived = microseconds(ibis.least(rows.spell_ends, rows["ends"]), ibis.greatest(rows.spell_begins, rows.begins))
    rows = rows.mutate(
        at_start=rows.spell_begins < rows.begins,
        lost=ended,
        unpaid=ended & (rows.failed > 0),
        days=lived / _DAY,
        until=ibis.least(rows.spell_ends, rows["ends"]),
        **{CLUSTER: key(rows.customer_id)},
    )
    return _with_method(scope, rows, "until") if scope.has("payment_methods.method") else rows


def _with_method(scope: Scope, rows: Rows, at: str) -> Rows:
    """Add the payment method in use shortly before ``at``; null where none is known."""
    used = scope.tables["payment_methods"]
    until = used.valid_from.lead().over(ibis.window(group_by="customer_id", order_by="valid_from"))
    used = used.select("method", "valid_from", owner="customer_id", valid_until=ibis.coalesce(until, forever()))
    alike = [rows.customer_id == used.owner, used.valid_from < rows[at], used.valid_until >= rows[at]]
    return rows.left_join(used, alike).drop("owner", "valid_from", "valid_until")


SPELLS = Source("spells", _spells, (*_CUSTOMER, "method"))


def _grace(scope: Scope) -> int:
    return scope.tables.config.churn.grace_days


_ENDED = (_SUBSCRIBED, "subscriptions.ended_at")
_REASONED = (*_ENDED, "subscriptions.end_reason")


@SPELLS.indicator(unit=Unit.SHARE, needs=_ENDED, wait=_grace)
def churn_rate(e: Rows, _: Scope) -> Ratio:
    """Lost in the month, of those active at its start."""
    return ratio(e.lost, e.at_start)


@SPELLS.indicator(unit=Unit.SHARE, needs=_REASONED, wait=_grace)
def churn_voluntary(e: Rows, _: Scope) -> Ratio:
    """Lost by their own will."""
    return ratio(e.lost & ~e.unpaid, e.at_start)


@SPELLS.indicator(unit=Unit.SHARE, needs=_REASONED, wait=_grace)
def churn_involuntary(e: Rows, _: Scope) -> Ratio:
    """Lost because a payment failed."""
    return ratio(e.unpaid, e.at_start)


@SPELLS.indicator(unit=Unit.SHARE, needs=_ENDED, wait=_grace)
def retention_rate(e: Rows, _: Scope) -> Ratio:
    """Kept over the month, of those active at its start."""
    return ratio(~e.lost, e.at_start)


@SPELLS.indicator(unit=Unit.DAYS, needs=_ENDED, kind=Kind.INVERSE, wait=_grace, always=("method",))
def subscription_duration(e: Rows, _: Scope) -> Ratio:
    """Days lived by all in the month over those lost in it."""
    return only_of(e.days, e.lost)


def _running(scope: Scope) -> Rows:
    """Return the customers with a subscription that ran as a month began: how many products, paid by which method."""
    rows = lasting(scope.tables, scope.tables["subscriptions"])
    rows = rows.select("customer_id", "product", "started_at", sub_ends=rows["ends"])
    months = scope.calendar
    pairs = rows.join(months, [rows.started_at < months.begins, rows.sub_ends > months.begins])
    customers = pairs.group_by("customer_id", MONTH, "begins").aggregate(products=pairs["product"].nunique())
    customers = customers.mutate(**{CLUSTER: key(customers.customer_id)})
    return _with_method(scope, customers, "begins") if scope.has("payment_methods.method") else customers


RUNNING = Source("running", _running, _CUSTOMER)


@RUNNING.indicator(unit=Unit.SHARE, needs=(_SUBSCRIBED,))
def multi_product_rate(e: Rows, _: Scope) -> Ratio:
    """Customers with two products or more, of those active at the month's start."""
    return ratio(e["products"] >= 2, e.customer_id.notnull())


@RUNNING.indicator(unit=Unit.SHARE, needs=(_SUBSCRIBED, "payment_methods.method"))
def direct_debit_share(e: Rows, _: Scope) -> Ratio:
    """Customers who pay by direct debit, of those whose method is known."""
    return ratio(e.method == "iban", e.method.notnull())
