"""Indicators of sales: payments and what they were for, offers, prospects, new customers."""

from __future__ import annotations

import ibis

from ...expressions import Rows, Value
from ...timeline.look_ahead import as_money
from ..declare import Lack, Ratio, Source, Unit, only_of, ratio
from ..scope import CLUSTER, MONTH, Scope, key
from .contacts import inbound

__all__ = ["NEWCOMERS", "OFFERS", "PROSPECTS", "SALES"]

_FIRST_DAYS = 30


def _payments(scope: Scope) -> Rows:
    """Return the payments that were made and did not come back by the data's end, refunds left out."""
    rows = scope.tables["payments"]
    kept = rows.amount > 0
    if "status" in rows.columns:
        kept &= rows.status.fill_null("paid") != "failed"
    if "failed_at" in rows.columns:
        kept &= scope.seen(rows, "failed_at").isnull()
    if "kind" in rows.columns:
        kept &= rows.kind.fill_null("renewal") != "refund"
    return scope.within(rows.filter(kept), "paid_at").mutate(**{CLUSTER: key(rows.customer_id)})


SALES = Source("payments", _payments, ("product", "segment"))


@SALES.indicator(unit=Unit.SHARE, needs=("payments.kind",))
def upsell_rate(e: Rows, _: Scope) -> Ratio:
    """Sales of a higher range, of all sales."""
    return ratio(e.kind == "upsell", e.kind.notnull())


@SALES.indicator(unit=Unit.SHARE, needs=("payments.kind",))
def cross_sell_rate(e: Rows, _: Scope) -> Ratio:
    """Additional sales, of all sales."""
    return ratio(e.kind == "cross_sell", e.kind.notnull())


@SALES.indicator(unit=Unit.MONEY, needs=("payments.amount",))
def average_basket(e: Rows, _: Scope) -> Ratio:
    """Amount of a payment."""
    return ratio(as_money(e.amount), e.amount.notnull())


def _offers(scope: Scope) -> Rows:
    """Return the actions carried out of a kind that customers can accept; ``took`` once they have."""
    rows = scope.tables["actions"]
    rows = rows.filter(rows.arm == "treated")
    answered = rows.accepted.notnull().cast("int64").max().over(ibis.window(group_by="action"))
    took = rows.accepted.fill_null(False)
    if "accepted_at" in rows.columns:
        took &= scope.seen(rows, "accepted_at").notnull() | rows.accepted_at.isnull()
    rows = rows.mutate(can=answered == 1, took=took, **{CLUSTER: key(rows.customer_id)})
    rows = scope.within(rows.filter(rows.can), "decided_at")
    if "agent_id" not in rows.columns:
        return rows
    rows = rows.mutate(agent=key(rows.agent_id))
    if not scope.has("agents.team"):
        return rows
    agents = scope.tables["agents"]
    agents = agents.select(known_agent=key(agents.agent_id), team="team")
    return rows.left_join(agents, rows.agent == agents.known_agent)


OFFERS = Source("offers", _offers, ("team", "agent", "product", "segment"))


@OFFERS.indicator(unit=Unit.SHARE, needs=("actions.accepted",), wait=lambda scope: scope.config.answer_days)
def acceptance_rate(e: Rows, _: Scope) -> Ratio:
    """Offers accepted, of those made."""
    return ratio(e.took, e.can)


def _prospects(scope: Scope) -> Rows:
    """Return the prospects by the month in which they were first known; ``won`` once they are customers."""
    rows = scope.tables["prospects"]
    customers = scope.tables["customers"]
    customers = customers.select(buyer="customer_id", signed="signed_up_at")
    rows = rows.left_join(customers, rows.converted_customer_id == customers.buyer)
    when = ibis.coalesce(rows.converted_at, rows.signed) if "converted_at" in rows.columns else rows.signed
    won = rows.converted_customer_id.notnull() & (when < scope.tables.data_until.to_pydatetime()).fill_null(False)
    return scope.within(rows.mutate(won=won, **{CLUSTER: key(rows.prospect_id)}), "created_at")


PROSPECTS = Source("prospects", _prospects, ("channel",))


@PROSPECTS.indicator(
    unit=Unit.SHARE, needs=("prospects.converted_customer_id",), wait=lambda scope: scope.config.conversion_days
)
def conversion_rate(e: Rows, _: Scope) -> Ratio:
    """Prospects who became customers."""
    return ratio(e.won, e.prospect_id.notnull())


def _newcomers(scope: Scope) -> Rows:
    """Return those who signed up in the month; and, where customers carry no cost of their own, what prospects cost."""
    rows = scope.within(scope.tables["customers"], "signed_up_at")
    own = _carry_costs(scope)
    columns = {
        "new": ibis.literal(1.0),
        "spent": as_money(rows.acquisition_cost) if own else ibis.literal(0.0),
        "won": rows.acquisition_cost.notnull().cast("float64") if own else ibis.literal(1.0),
    }
    columns |= _early(scope, rows) | _referred(scope, rows)
    new = rows.select(MONTH, **{CLUSTER: key(rows.customer_id)}, **columns)
    if own or not scope.has("prospects.cost"):
        return new
    prospects = scope.within(scope.tables["prospects"], "created_at")
    named = ibis.literal("prospect ") + key(prospects.prospect_id)
    rest = {name: ibis.literal(0.0) for name in columns} | {"spent": as_money(prospects.cost)}
    return new.union(prospects.select(MONTH, **{CLUSTER: named}, **rest))


def _carry_costs(scope: Scope) -> bool:
    """Return whether any customer carries an acquisition cost of their own."""
    if not scope.has("customers.acquisition_cost"):
        return False
    customers = scope.tables["customers"]
    return bool(scope.tables.execute(customers.aggregate(n=customers.acquisition_cost.count()))["n"].iloc[0])


def _early(scope: Scope, rows: Rows) -> dict[str, Value]:
    """Return whether each new customer had a contact in the first days."""
    if not scope.has("contacts.opened_at"):
        return {}
    contacts = inbound(scope).select(caller="customer_id", called="opened_at")
    soon = rows.signed_up_at + ibis.interval(days=_FIRST_DAYS)
    starts = rows.select("customer_id", "signed_up_at", soon=soon)
    pairs = contacts.join(
        starts,
        [contacts.caller == starts.customer_id, contacts.called >= starts.signed_up_at, contacts.called <= starts.soon],
    )
    return {"early": rows.customer_id.isin(pairs.select("customer_id").distinct().customer_id).cast("float64")}


def _referred(scope: Scope, rows: Rows) -> dict[str, Value]:
    if not scope.has("referrals.referred_id"):
        return {}
    return {"referred": rows.customer_id.isin(scope.tables["referrals"].referred_id).cast("float64")}


NEWCOMERS = Source("new customers", _newcomers, ("segment",))


def _spend_known(scope: Scope) -> Lack | None:
    known = _carry_costs(scope) or scope.has("prospects.cost")
    return None if known else Lack("columns", ("customers.acquisition_cost or prospects.cost",))


@NEWCOMERS.indicator(unit=Unit.MONEY, needs=("customers.signed_up_at",), condition=_spend_known)
def acquisition_cost(e: Rows, _: Scope) -> Ratio:
    """What winning a customer cost; where customers carry costs of their own, of those who do."""
    return only_of(e.spent, e.won)


@NEWCOMERS.indicator(unit=Unit.SHARE, needs=("contacts.opened_at",), wait=lambda _: _FIRST_DAYS)
def early_contact_share(e: Rows, _: Scope) -> Ratio:
    """New customers with a contact in their first month."""
    return ratio(e.early, e.new > 0)


@NEWCOMERS.indicator(unit=Unit.SHARE, needs=("referrals.referred_id",))
def referred_share(e: Rows, _: Scope) -> Ratio:
    """New customers whom another customer brought."""
    return ratio(e.referred, e.new > 0)
