"""Realised value: what customers brought in and cost after an instant, by part, discounted to it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import ibis
import pandas as pd

from ...core.errors import DataError
from ...core.time import instant
from ..contract.casts import MONEY
from ..expressions import Rows, Value
from ..tables.tables import Tables
from ..timeline.look_ahead import ROW, as_money, asked, discount_factor, is_treated
from ..timeline.refund_shares import refund_shares
from ..timeline.spells import forever, lasting
from ..timeline.spine_columns import check_columns, read_instants
from ..timeline.terms import scheduled_terms, term_in_months
from .action_cost import cost_of_decisions

__all__ = ["PARTS", "ends_of", "realised_value", "sums_ahead"]

PARTS = ("subscription", "ancillary", "refunds", "contact_cost", "action_cost")
"""Parts of realised value: three of revenue, two of cost."""

_EXTRAS = ("upsell", "cross_sell", "one_off")
_EXACT = "decimal(30, 8)"


def realised_value(
    tables: Tables,
    spine: pd.DataFrame,
    until: pd.Series | pd.Timestamp,
    *,
    exclude_kinds: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the realised value of each spine row over (as_of, until], discounted to ``as_of``.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        Frame with customer_id and as_of, n rows.
    until
        Last instant that counts, naive UTC: one for all, or one a row with the index of ``spine``.
    exclude_kinds
        Kinds of payments that another model values, such as those of a non-contractual line.

    Returns
    -------
    pd.DataFrame
        Index of ``spine``; money in the config's currency: ``subscription``, ``ancillary`` and ``refunds``
        (negative) are amounts x margin rate, ``contact_cost`` and ``action_cost`` are positive, and
        ``value`` = subscription + extras + refunds - contact_cost - action_cost.

    Raises
    ------
    DataError
        ``until`` lies before ``as_of`` or beyond the end of the data, or ``exclude_kinds`` is given and
        payments carry no kind.

    Notes
    -----
    ``V(s, u) = sum of d(t) x flow over s < t <= u``, ``d(t) = (1 + annual rate) ** -(days / 365.25)``. Failed
    payments count 0, and one that came back counts until then; refunds are payments of that kind, negative ones, and
    what was given back of a payment. A payment without kind belongs to the
    subscription where there are subscriptions, else to the extras. Without payments they are scheduled: the
    price at the start of each term before the end, on the calendar of :mod:`..timeline.terms`, and none while the
    subscription is paused: [paused_from, paused_until). A contact costs its own cost, else the config's; a treated
    action costs what :func:`~servicelift.features.outcomes.action_cost.cost_of_decisions` says, and one decided at
    ``as_of`` is outside.
    """
    sums = sums_ahead(
        tables,
        spine,
        until,
        annual_rate=tables.config.value.annual_discount_rate,
        exclude_kinds=exclude_kinds,
    )
    value = sums["subscription"] + sums["ancillary"] + sums["refunds"]
    sums.insert(0, "value", value - sums["contact_cost"] - sums["action_cost"])
    return sums


def sums_ahead(
    tables: Tables,
    spine: pd.DataFrame,
    until: pd.Series | pd.Timestamp,
    *,
    annual_rate: float,
    exclude_kinds: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the five :data:`PARTS` over (as_of, until], index as ``spine``; revenue is times margin rate.

    Each discounted flow is rounded to 1e-8 and added exactly, so that sums do not depend on the order in
    which the engine meets the rows.

    Raises
    ------
    DataError
        As for :func:`realised_value`.
    """
    ends = ends_of(tables, spine, until)
    kinds = tuple(sorted(exclude_kinds))
    last = None if tables.has("payments") else ends.max()
    summed = partial(_summed, tables, kinds, last, annual_rate)
    found = asked(tables, spine, ("sums ahead", kinds, last, annual_rate), summed, until=ends)
    result = found.astype("float64").fillna(0.0)
    result[["subscription", "ancillary", "refunds"]] *= tables.config.value.margin_rate
    return result[list(PARTS)].set_axis(spine.index)


def _summed(
    tables: Tables, exclude_kinds: Sequence[str], last: pd.Timestamp | None, annual_rate: float, rows: Rows
) -> Value:
    """Return the discounted parts of each row over (as_of, until], keyed by row."""
    flows = _flows(tables, exclude_kinds, last).rename(flow_customer="customer_id")
    met = rows.inner_join(
        flows,
        [rows.customer_id == flows.flow_customer, flows.at > rows.as_of, flows.at <= rows.until],
    )
    factor = discount_factor(met["at"], met["as_of"], annual_rate)
    flow = (met["amount"] * factor).cast(_EXACT)
    return met.group_by(ROW).aggregate(**{part: flow.sum(where=met["part"] == part).cast("float64") for part in PARTS})


def ends_of(tables: Tables, spine: pd.DataFrame, until: pd.Series | pd.Timestamp) -> pd.Series:
    """Return ``until`` as one instant a row, index as ``spine``.

    Raises
    ------
    DataError
        It has another index, lies before ``as_of``, or beyond the end of the data.
    """
    check_columns(spine)
    if isinstance(until, pd.Series):
        if not until.index.equals(spine.index):
            raise DataError("until: expected one instant a spine row with the spine's index, got another index")
        ends = pd.Series(read_instants(until, "until"), index=spine.index)
    else:
        ends = pd.Series(instant(until), index=spine.index, dtype="datetime64[us]")
    early = int((ends.to_numpy() < read_instants(spine["as_of"])).sum())
    if early:
        raise DataError(f"until: expected an instant at or after as_of, {early} rows have an earlier one")
    late = int((ends > tables.data_until).sum())
    if late:
        raise DataError(
            f"until: the data end at {tables.data_until}, {late} of {len(ends)} rows ask for later events;"
            " take only rows whose follow-up is over"
        )
    return ends


def _flows(tables: Tables, exclude_kinds: Sequence[str], last: pd.Timestamp | None) -> Rows:
    """Return every flow of money: customer_id, at, part, amount (float, before margin and discount).

    Payments are scheduled up to ``last``; None: they are in the tables.
    """
    flows = [_payments(tables, exclude_kinds) if last is None else _scheduled(tables, last)]
    if tables.has("contacts"):
        flows.append(_contact_costs(tables))
    if tables.has("actions"):
        flows.append(_action_costs(tables))
    return ibis.union(*flows) if len(flows) > 1 else flows[0]


def _flow(rows: Rows, at: str, part: Value, amount: Value) -> Rows:
    return rows.select(customer_id="customer_id", at=rows[at], part=part, amount=amount)


def _payments(tables: Tables, exclude_kinds: Sequence[str]) -> Rows:
    """Return what payments brought at ``paid_at``, and what came back or was given back later."""
    payments = tables["payments"]
    if tables.has("payments", "status"):
        payments = payments.filter(payments.status.fill_null("paid") != "failed")
    payments = _refunds_of_others(tables, payments, exclude_kinds)
    parts = [_paid(tables, payments, exclude_kinds)]
    if tables.has("payments", "failed_at"):
        came_back = payments.filter(payments.failed_at.notnull())
        came_back = came_back.mutate(amount=-came_back.amount, paid_at=came_back.failed_at, sign=came_back.amount)
        parts.append(_paid(tables, came_back, exclude_kinds))
    if tables.has("payments", "refunded_amount"):
        parts.append(_given_back(tables, payments, exclude_kinds))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _refunds_of_others(tables: Tables, payments: Rows, exclude_kinds: Sequence[str]) -> Value:
    """Return the payments with refunds without what they gave back of payments of ``exclude_kinds``."""
    shares = refund_shares(tables) if exclude_kinds and tables.has("payments", "kind") else None
    if shares is None:
        return payments
    others = payments.filter(payments.kind.isin(list(exclude_kinds))).select(other="payment_id")
    taken = shares.semi_join(others, shares.payment == others.other)
    taken = taken.group_by("refund").aggregate(taken=taken.taken.sum())
    met = payments.left_join(taken, payments.payment_id == taken.refund)
    rest = (met.amount + met.taken.fill_null(0)).cast(MONEY)
    return met.mutate(amount=ibis.ifelse(met.taken.notnull(), rest, met.amount)).drop("refund", "taken")


def _given_back(tables: Tables, payments: Rows, exclude_kinds: Sequence[str]) -> Value:
    """Return the refunds that stand in their payment's own row; without an instant of their own, at ``paid_at``."""
    payments = payments.filter(payments.amount >= 0, payments.refunded_amount > 0)
    moment = payments.paid_at
    if tables.has("payments", "refunded_at"):
        moment = ibis.coalesce(payments.refunded_at, moment)
    if tables.has("payments", "failed_at"):
        payments = payments.filter(payments.failed_at.isnull())
    refunds = payments.mutate(amount=-payments.refunded_amount, paid_at=moment)
    return _paid(tables, refunds, exclude_kinds)


def _paid(tables: Tables, payments: Rows, exclude_kinds: Sequence[str]) -> Value:
    """Return amounts by part of value, at ``paid_at``; ``sign``, if it is there, tells a refund by its sign."""
    sign = payments.sign if "sign" in payments.columns else payments.amount
    unnamed = "subscription" if tables.has("subscriptions") else "ancillary"
    if not tables.has("payments", "kind"):
        if exclude_kinds:
            raise DataError(
                f"payments.kind: expected it, to leave out payments of kind {', '.join(exclude_kinds)};"
                " bring the column or drop payments.kind under lines:"
            )
        part = ibis.ifelse(sign < 0, "refunds", unnamed)
        return _flow(payments, "paid_at", part, as_money(payments.amount))
    kind = payments.kind.fill_null("")
    if exclude_kinds:
        payments = payments.filter(kind.notin(list(exclude_kinds)))
        kind = payments.kind.fill_null("")
        sign = payments.sign if "sign" in payments.columns else payments.amount
    part = ibis.cases(
        ((kind == "refund") | (sign < 0), "refunds"),
        (kind.isin(_EXTRAS), "ancillary"),
        (kind == "renewal", "subscription"),
        else_=unnamed,
    )
    return _flow(payments, "paid_at", part, as_money(payments.amount))


def _scheduled(tables: Tables, last: pd.Timestamp) -> Rows:
    """Return a payment of the price at the start of each term while it runs and is not paused, up to ``last``."""
    rows = lasting(tables, tables["subscriptions"])
    horizon = ibis.literal(last.to_pydatetime()).cast("timestamp(6)")
    rows = rows.filter(rows.started_at <= horizon, term_in_months(rows) > 0)
    rows = scheduled_terms(rows, horizon, tables.config.timezone)
    rows = rows.filter(rows.due < rows.ends)
    if "paused_from" in rows.columns:
        over = rows.paused_until.fill_null(forever()) if "paused_until" in rows.columns else forever()
        rows = rows.filter(~((rows.due >= rows.paused_from) & (rows.due < over)).fill_null(False))
    return _flow(rows, "due", ibis.literal("subscription"), as_money(rows.price))


def _contact_costs(tables: Tables) -> Rows:
    contacts = tables["contacts"]
    cost: Value = ibis.literal(tables.config.value.cost_per_contact)
    if tables.has("contacts", "cost"):
        cost = contacts.cost.cast("float64").fill_null(cost)
    return _flow(contacts, "opened_at", ibis.literal("contact_cost"), cost.cast("float64"))


def _action_costs(tables: Tables) -> Rows:
    actions = tables["actions"]
    actions = actions.filter(is_treated(actions))
    return _flow(actions, "decided_at", ibis.literal("action_cost"), cost_of_decisions(tables, actions))
