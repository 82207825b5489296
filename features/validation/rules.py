"""The rules a table is checked against: from the contract what it declares, here what it cannot say."""

from __future__ import annotations

import functools
import operator
from collections.abc import Collection, Iterable, Sequence

import ibis
import pandas as pd

from ...core.config.business import Config
from ...core.contract import Column, Kind, Table
from ...core.time import local_text
from ..contract.exchange import LARGEST_RATE
from ..contract.mapping import UNREAD
from ..expressions import BooleanValue, Rows, Value
from .row_rule import RowRule
from .row_rule import flag_without as _flag_without
from .row_rule import negative as _negative
from .row_rule import order as _order
from .row_rule import without as _without
from .rules_around import AROUND_RULES

__all__ = ["RowRule", "row_rules"]

_UNREADABLE = {
    Kind.INSTANT: ("unparseable date", "set date_format or dayfirst for this table"),
    Kind.DATE: ("unparseable date", "set date_format or dayfirst for this table"),
    Kind.MONEY: ("unparseable number", "expected at most 14 digits before a decimal point, see decimal:"),
    Kind.NUMBER: ("unparseable number", "expected finite numbers, see decimal:"),
    Kind.INTEGER: ("unparseable number", "expected whole numbers"),
    Kind.BOOL: ("unparseable yes or no", "expected true or false, or map yours under codes:"),
    Kind.ID: ("unknown customer", "expected identifiers of the same type as in customers"),
}

_LARGEST = 1e12
_LONGEST_TERM = 1_200
_LONGEST_DAYS = 36_525
_AGREED = ("trial_until", "paused_from", "paused_until")
"""Instants that are agreed in advance, so that one after the end of the data is nothing strange."""


def row_rules(config: Config, table: Table, columns: Iterable[str], until: pd.Timestamp) -> list[RowRule]:
    """Return the rules that apply to a table with these stored ``columns``.

    Parameters
    ----------
    config
        Gives the survey scales, and the timezone of the days that are shown.
    table
        The contract's table.
    columns
        Stored columns, helper columns ``<name>__unread`` included.
    until
        Exclusive end of the data, naive UTC.
    """
    present = set(columns)
    late = _late(table, until, config.timezone)
    rules = [*_declared(table, present), *_large(table), *late, *_contradictions(table)]
    if table.name == "surveys":
        rules += _scale_rules(config)
    return [rule for rule in rules if set(rule.needs) <= present]


def _contradictions(table: Table) -> tuple[RowRule, ...]:
    return _CONTRADICTIONS.get(table.name, ()) + AROUND_RULES.get(table.name, ())


def _declared(table: Table, present: set[str]) -> Iterable[RowRule]:
    """Yield what the contract declares of single values: readable, and there where needed."""
    for name in sorted(present):
        if name.endswith(UNREAD):
            yield _readable(table, name.removesuffix(UNREAD))
    for column in table.columns:
        if not column.nullable and column.references != "customers":
            key = column.name in table.key
            yield _there(_present(column, present), "missing key" if key else "missing value", present)
        if column.instead is not None:
            yield _one_of(column.name, column.instead)


def _readable(table: Table, name: str) -> RowRule:
    column = table.column.get(name)
    kind = Kind.INSTANT if column is None else column.kind
    if column is not None and kind is Kind.CODE:
        codes = ", ".join(column.codes)
        rule, hint = "unknown code", f"expected {codes}; map yours under codes: {table.name}.{name}"
    else:
        rule, hint = _UNREADABLE[kind]
    return RowRule("error", name, rule, (name,), lambda t: t[name + UNREAD], hint)


def _present(column: Column, present: Collection[str]) -> tuple[str, ...]:
    """Return the column and the one that may stand in its place, as far as the table has them."""
    names = (column.name,) if column.instead is None else (column.name, column.instead)
    return tuple(name for name in names if name in present) or names[:1]


def _there(names: Sequence[str], rule: str, present: Collection[str]) -> RowRule:
    """Return the rule that a row has a value in one of ``names``."""

    def missing(t: Rows, name: str) -> BooleanValue:
        return t[name].isnull() & ~t[name + UNREAD] if name + UNREAD in present else t[name].isnull()

    def broken(t: Rows) -> BooleanValue:
        return functools.reduce(operator.and_, (missing(t, name) for name in names))

    return RowRule("error", names[0], rule, tuple(names), broken)


def _one_of(name: str, other: str) -> RowRule:
    def broken(t: Rows) -> BooleanValue:
        return t[name].notnull() & t[other].notnull()

    rule, hint = f"both {name} and {other}", "expected one of the two in each row; leave the other empty"
    return RowRule("error", other, rule, (name, other), broken, hint)


def _large(table: Table) -> Iterable[RowRule]:
    """Yield that numbers stay where sums of their thousandths are exact."""
    for column in table.columns:
        if column.kind is Kind.NUMBER:
            yield _large_rule(column.name)


def _large_rule(name: str) -> RowRule:
    return RowRule(
        "error", name, "number too large", (name,), lambda t: t[name].abs() > _LARGEST, "expected up to 1e12"
    )


def _late(table: Table, until: pd.Timestamp, timezone: str) -> Iterable[RowRule]:
    for column in table.columns:
        if column.kind is Kind.INSTANT and column.name not in _AGREED:
            yield _late_rule(column.name, until, local_text(until, timezone))


def _late_rule(name: str, until: pd.Timestamp, shown: str) -> RowRule:
    def broken(t: Rows) -> BooleanValue:
        return t[name] >= until.to_pydatetime()

    return RowRule("warning", name, f"dates after data_until ({shown})", (name,), broken)


def _scale_rules(config: Config) -> Iterable[RowRule]:
    for metric, (low, high) in config.scales.model_dump().items():
        yield _scale_rule(metric, low, high)


def _scale_rule(metric: str, low: float, high: float) -> RowRule:
    def broken(t: Rows) -> BooleanValue:
        return (t.metric == metric) & ((t.score < low) | (t.score > high))

    rule = f"{metric} outside its scale {low:g} to {high:g}"
    return RowRule("warning", "score", rule, ("metric", "score"), broken, f"see scales: {metric}")


def _kind(t: Rows) -> Value:
    """Return the kinds of payments, no word where there is none."""
    return t.kind.fill_null("") if "kind" in t.columns else ibis.literal("")


_CONTRADICTIONS: dict[str, tuple[RowRule, ...]] = {
    "customers": (_negative("acquisition_cost"),),
    "subscriptions": (
        RowRule("error", "term_months", "terms not above 0 months", ("term_months",), lambda t: t.term_months <= 0),
        RowRule(
            "error",
            "term_months",
            "terms above 100 years",
            ("term_months",),
            lambda t: t.term_months > _LONGEST_TERM,
            "expected months",
        ),
        RowRule("error", "term_days", "terms not above 0 days", ("term_days",), lambda t: t.term_days <= 0),
        RowRule(
            "error",
            "term_days",
            "terms above 100 years",
            ("term_days",),
            lambda t: t.term_days > _LONGEST_DAYS,
            "expected days",
        ),
        _negative("price"),
        _order("ended_at", "started_at", "end before start"),
        _order("cancel_requested_at", "started_at", "cancellation before start"),
        _order("cancel_withdrawn_at", "cancel_requested_at", "withdrawn before it was requested"),
        _without("cancel_withdrawn_at", "cancel_requested_at", "withdrawn but never requested"),
        _without("end_reason", "ended_at", "a reason but no end"),
        _order("trial_until", "started_at", "trial over before start"),
        RowRule(
            "warning",
            "trial_until",
            "a trial longer than the subscription",
            ("trial_until", "ended_at"),
            lambda t: t.trial_until > t.ended_at,
            "it counts until the end",
        ),
        _order("paused_from", "started_at", "paused before start"),
        RowRule(
            "warning",
            "paused_from",
            "paused after the end",
            ("paused_from", "ended_at"),
            lambda t: t.paused_from >= t.ended_at,
            "counted as no pause",
        ),
        RowRule(
            "warning",
            "paused_until",
            "a pause over before it began",
            ("paused_until", "paused_from"),
            lambda t: t.paused_until < t.paused_from,
            "counted as no pause",
        ),
        _without("paused_until", "paused_from", "a pause over that never began"),
        RowRule(
            "warning",
            "previous_subscription_id",
            "a subscription that continues itself",
            ("previous_subscription_id", "subscription_id"),
            lambda t: t.previous_subscription_id == t.subscription_id,
        ),
    ),
    "payments": (
        RowRule(
            "warning",
            "kind",
            "refund with a positive amount",
            ("kind", "amount"),
            lambda t: (t.kind == "refund") & (t.amount > 0),
            "counted as money given back",
        ),
        RowRule(
            "error",
            "refunded_amount",
            "below 0",
            ("refunded_amount",),
            lambda t: t.refunded_amount < 0,
            "expected what was given back, not negative",
        ),
        RowRule(
            "error",
            "refunded_amount",
            "more given back than paid",
            ("refunded_amount", "amount"),
            lambda t: (t.amount >= 0) & (t.refunded_amount > t.amount),
        ),
        RowRule(
            "warning",
            "refunded_amount",
            "a refund of a refund",
            ("refunded_amount", "amount"),
            lambda t: (t.amount < 0) & (t.refunded_amount > 0),
            "it counts for nothing",
        ),
        RowRule(
            "warning",
            "refunded_amount",
            "given back, but not when",
            ("refunded_amount", "refunded_at"),
            lambda t: (t.refunded_amount > 0) & t.refunded_at.isnull(),
            "features leave it out, value counts it at paid_at",
        ),
        RowRule(
            "warning",
            "status",
            "a failed amount below 0 that is no refund",
            ("status", "amount"),
            lambda t: (t.amount < 0) & (t.status == "failed") & (_kind(t) != "refund"),
            "counted as a payment that came back; a refund that failed is of kind refund",
        ),
        RowRule(
            "warning",
            "status",
            "paid although failed_at says when it failed",
            ("status", "failed_at"),
            lambda t: (t.status == "paid") & t.failed_at.notnull(),
            "counted as failed from then on",
        ),
        _order("failed_at", "paid_at", "failed before it was tried"),
        _order("refunded_at", "paid_at", "given back before it was paid"),
        RowRule(
            "warning",
            "amount",
            "negative amount that is no refund",
            ("kind", "amount"),
            lambda t: (t.kind != "refund") & (t.amount < 0),
        ),
    ),
    "payment_methods": (
        RowRule(
            "warning",
            "expires_on",
            "expiry of a method that is no card",
            ("expires_on", "method"),
            lambda t: t.expires_on.notnull() & (t.method != "card"),
        ),
    ),
    "contacts": (
        _order("answered_at", "opened_at", "answered before it was opened"),
        _order("closed_at", "opened_at", "closed before it was opened"),
        _order("closed_at", "answered_at", "closed before it was answered"),
        _flag_without("resolved", "closed_at", "resolved but not closed"),
        _negative("handle_seconds"),
        _negative("cost"),
    ),
    "surveys": (
        _order("responded_at", "sent_at", "answered before it was sent"),
        _without("score", "responded_at", "a score but no answer"),
        _without("responded_at", "score", "an answer but no score"),
    ),
    "actions": (
        _order("accepted_at", "decided_at", "accepted before it was decided"),
        _flag_without("accepted", "accepted_at", "accepted but not when"),
        RowRule(
            "warning",
            "accepted",
            "accepted although held out",
            ("accepted", "arm"),
            lambda t: t.accepted & (t.arm == "control"),
        ),
        RowRule(
            "warning",
            "accepted",
            "an acceptance date but not accepted",
            ("accepted", "accepted_at"),
            lambda t: ~t.accepted & t.accepted_at.notnull(),
        ),
        RowRule(
            "error",
            "propensity",
            "outside 0 to 1",
            ("propensity",),
            lambda t: (t.propensity < 0) | (t.propensity > 1),
            "expected the probability of being treated",
        ),
        _negative("cost"),
    ),
    "initiatives": (_order("ended_on", "started_on", "end before start"),),
    "initiative_costs": (_negative("amount"),),
    "fx": (
        RowRule("error", "rate", "rates not above 0", ("rate",), lambda t: t.rate <= 0),
        RowRule(
            "error",
            "rate",
            "rates too large",
            ("rate",),
            lambda t: t.rate >= LARGEST_RATE,
            f"expected below {LARGEST_RATE:,.0f}, what one unit is worth in the config's currency",
        ),
    ),
    "referrals": (
        RowRule(
            "warning",
            "referred_id",
            "a customer who referred themselves",
            ("referrer_id", "referred_id"),
            lambda t: t.referrer_id == t.referred_id,
        ),
    ),
}
"""Contradictions inside one row, by table."""
