"""Features of purchases beside the subscription, and the summary that non-contractual models learn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import replace

import ibis
import pandas as pd

from ....core.errors import ConfigError, DataError, did_you_mean
from ....core.seasons import in_season, spans_between
from ....core.time import local_day
from ...contract.casts import MONEY
from ...contract.exchange import ORIGINAL_AMOUNT, ORIGINAL_REFUNDED
from ...contract.local_time import wall_clock
from ...expressions import Rows, Value
from ...tables.tables import Tables
from ...timeline.refund_shares import refund_shares
from ...timeline.spine import DAY, Keys, is_contractual, spine_keys
from ...timeline.spine_columns import typed_pairs
from ..declare import Form, Group, days_of, within
from .payments import payment_rows

__all__ = ["PURCHASES", "SUMMARY", "purchases_in_seasons", "rfm_summary", "summary_in"]

_EARLIEST = dt.date(1990, 1, 1)
"""Purchases before it are in no season."""

KINDS = ("one_off", "upsell", "cross_sell")
"""Kinds of payments that are purchases beside the subscription."""


def _rows(tables: Tables, keys: Keys) -> Rows:
    """Return each pair's known payments; ``bought`` tells the purchases."""
    e = payment_rows(tables, keys)
    return e.mutate(bought=e.paid & e.kind.isin(KINDS)) if "kind" in e.columns else e


PURCHASES = Group("purchases", _rows)


@PURCHASES.feature(unit="purchases", sources=("payments.kind",), known="paid_at", form=Form.COUNT, windows=True)
def purchases(e: Rows, days: int) -> Value:
    """Purchases beside the subscription in the window: payments of kind one_off, upsell or cross_sell."""
    return e.count(where=e.bought & within(e.paid_at_age, days))


@PURCHASES.feature(
    unit="currency",
    sources=("payments.kind", "payments.amount"),
    known="paid_at",
    form=Form.SUM,
    windows=True,
)
def purchases_amount(e: Rows, days: int) -> Value:
    """Amount of the purchases beside the subscription in the window."""
    return e.amount.sum(where=e.bought & within(e.paid_at_age, days))


@PURCHASES.feature(unit="purchases", sources=("payments.kind",), known="paid_at", form=Form.COUNT, windows=(365,))
def upsells(e: Rows, days: int) -> Value:
    """Upsells in the window: payments made of kind upsell."""
    return e.count(where=e.bought & (e.kind == "upsell") & within(e.paid_at_age, days))


@PURCHASES.feature(unit="purchases", sources=("payments.kind",), known="paid_at", form=Form.COUNT, windows=(365,))
def cross_sells(e: Rows, days: int) -> Value:
    """Cross-sells in the window: payments made of kind cross_sell."""
    return e.count(where=e.bought & (e.kind == "cross_sell") & within(e.paid_at_age, days))


@PURCHASES.feature(unit="days", sources=("payments.kind",), known="paid_at")
def days_since_purchase(e: Rows) -> Value:
    """Days since the last purchase beside the subscription."""
    return days_of(e.paid_at_age.min(where=e.bought))


def _line_kinds(tables: Tables) -> set[str | None]:
    """Return the payment kinds of the non-contractual lines; None among them means every payment."""
    lines = tables.config.lines.values()
    kinds = {line.payments_kind for line in lines if line.kind == "noncontractual"}
    return kinds or (set() if is_contractual(tables) else {None})


def _no_line(tables: Tables) -> str | None:
    kinds = _line_kinds(tables)
    if not kinds:
        return "needs a line of kind noncontractual in the config"
    if None not in kinds and not tables.has("payments", "kind"):
        return "needs payments.kind"
    return None


def _line_days(tables: Tables, keys: Keys) -> Rows:
    return _daily(tables, keys, _line_kinds(tables))


def _daily(tables: Tables, keys: Keys, kinds: Collection[str | None]) -> Rows:
    """Return each pair's purchase days with ``days_ago``, from the day of ``as_of``, and ``total``, net of refunds.

    Days begin and end in the config's ``timezone``. Only what was given back by then is taken off; a purchase of which
    nothing is left is none.
    """
    e = payment_rows(tables, keys)
    e = e.filter(e.paid)
    if None not in kinds:
        e = e.filter(e.kind.isin([kind for kind in kinds if kind is not None]))
    day, today = (wall_clock(moment, tables.config.timezone).truncate("D") for moment in (e.paid_at, e.as_of))
    e = e.mutate(days_ago=(today.delta(day, unit="microsecond") // DAY).cast("int64"), given=_part_given_back(e))
    e = _with_refunds(tables, e)
    e = e.mutate(net=e.amount - e.given).filter((e.given == 0) | (e.amount - e.given > _NOTHING))
    return e.group_by("row", "days_ago").aggregate(total=e.net.sum())


def _part_given_back(e: Rows) -> Value:
    """Return what was given back of each payment in its own row, in money of the day on which it was paid."""
    if "refunded_amount" not in e.columns:
        return ibis.literal(0).cast(MONEY)
    given = e.refunded_amount
    if ORIGINAL_REFUNDED in e.columns:
        given = (e.amount * e[ORIGINAL_REFUNDED] / e[ORIGINAL_AMOUNT].nullif(0)).cast(MONEY)
        given = ibis.ifelse(e.refunded_amount.notnull(), given, ibis.null(MONEY))
    return given.fill_null(0).cast(MONEY)


def _with_refunds(tables: Tables, e: Rows) -> Rows:
    """Return payments with what refunds of their own gave back of them added to ``given``."""
    shares = refund_shares(tables)
    if shares is None:
        return e
    shares = shares.select("payment", "given_at", "undone_at", share=shares.given)
    met = e.left_join(shares, [e.payment_id == shares.payment, shares.given_at < e.as_of])
    stands = ~(met.undone_at < met.as_of).fill_null(False)
    part = ibis.ifelse(stands & met.share.notnull(), met.share, ibis.literal(0).cast(MONEY))
    return met.group_by("row", "payment_id", "days_ago", "amount").aggregate(
        given=(met.given.max() + part.sum()).cast(MONEY)
    )


SUMMARY = Group("purchases", _line_days, _no_line, "a line of kind noncontractual, or no contracts")
_NOTHING = 0.005
"""Less than this is left of a purchase that was given back whole, in parts at rates of several days."""
_SUMMARY_OF = {
    "purchases_frequency": "frequency",
    "purchases_recency_days": "recency",
    "purchases_T_days": "T",
    "purchases_monetary": "monetary_value",
}
"""Which feature is which column of the summary."""
_PAID = ("payments.paid_at",)
_SPENT = ("payments.paid_at", "payments.amount")


@SUMMARY.feature(unit="days", sources=_PAID, known="paid_at", form=Form.COUNT)
def purchases_frequency(e: Rows) -> Value:
    """Days with a purchase that was not given back in the non-contractual lines, without the first (x of BG/NBD)."""
    return e.count() - 1


@SUMMARY.feature(unit="days", sources=_PAID, known="paid_at")
def purchases_recency_days(e: Rows) -> Value:
    """Days from the first to the last purchase in the non-contractual lines (t_x of BG/NBD)."""
    return e.days_ago.max() - e.days_ago.min()


@SUMMARY.feature(unit="days", sources=_PAID, known="paid_at")
def purchases_T_days(e: Rows) -> Value:
    """Days from the first purchase in the non-contractual lines to the day of as_of (T of BG/NBD)."""
    return e.days_ago.max()


@SUMMARY.feature(unit="currency", sources=_SPENT, known="paid_at")
def purchases_monetary(e: Rows) -> Value:
    """Mean amount a purchase day in the non-contractual lines, net of refunds, without the first; 0 after one day."""
    repeat = (e.total.sum() - e.total.argmax(e.days_ago)).cast("float64")
    return (repeat / (e.count() - 1).nullif(0)).fill_null(0.0)


def rfm_summary(tables: Tables, spine: pd.DataFrame, line: str | None) -> pd.DataFrame:
    """Return the purchase summary of a line, as ``lifetimes`` defines it, in days of the config's ``timezone``.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        customer_id, as_of.
    line
        A line of the config, whose payments count; None: all payments made.

    Returns
    -------
    pandas.DataFrame
        Index as ``spine``; float64 columns frequency (purchase days - 1), recency (last - first day), T
        (day of as_of - first day), monetary_value (mean of the daily totals without the first day, 0 if
        there is none). Refunds known at as_of are taken off; a purchase given back whole is none. Without a
        purchase: frequency, recency and monetary_value 0, T NaN.

    Raises
    ------
    ConfigError
        The config has no such line.
    DataError
        There are no payments, or no ``kind`` to tell those of the line.
    """
    kinds = {_kind_of(tables, line)}
    if None not in kinds and not tables.has("payments", "kind"):
        raise DataError(f"line '{line}': needs payments.kind to tell its payments; add the column")
    keys = spine_keys(tables, spine)

    def summarised(pairs: Rows) -> Rows:
        daily = _daily(tables, replace(keys, table=typed_pairs(tables, pairs)), kinds)
        return daily.group_by("row").aggregate(
            frequency=purchases_frequency(daily),
            recency=purchases_recency_days(daily),
            T=purchases_T_days(daily),
            monetary_value=purchases_monetary(daily),
        )

    found = tables.prepared_query(("purchase summary", *kinds), keys.pairs, summarised)
    frame = tables.execute(found).set_index("row").astype("float64").reindex(range(len(keys)))
    return keys.spread(_filled(frame))


def purchases_in_seasons(tables: Tables, customers: pd.DataFrame, line: str) -> pd.DataFrame:
    """Return how many purchase days each customer of a line had in its seasons, without the first and the last.

    Parameters
    ----------
    tables
        The business's tables.
    customers
        customer_id, as_of; one instant for all.
    line
        A line of the config with seasons.

    Returns
    -------
    pandas.DataFrame
        Index as ``customers``; for each season the float64 column :func:`servicelift.core.seasons.in_season`.
    """
    keys = spine_keys(tables, customers)
    today = local_day(customers["as_of"].iloc[0], tables.config.timezone)
    daily = _daily(tables, keys, {_kind_of(tables, line)})
    alone = ibis.window(group_by="row")
    ends = daily.mutate(first=daily.days_ago.max().over(alone), last=daily.days_ago.min().over(alone))
    between = (ends.days_ago < ends.first) & (ends.days_ago > ends.last)
    found = ends.group_by("row").aggregate(
        **{
            in_season(name): (between & _in_spans(ends.days_ago, spans, today)).sum()
            for name, spans in tables.config.lines[line].seasons.items()
        }
    )
    frame = tables.execute(found).set_index("row").astype("float64").reindex(range(len(keys)))
    return keys.spread(frame.fillna(0.0))


def _in_spans(days_ago: Value, spans: Sequence[str], today: dt.date) -> Value:
    """Return whether a day lies in one of the spans."""
    runs = [run for span in spans for run in spans_between(span, _EARLIEST, today)]
    return ibis.or_(ibis.literal(False), *(days_ago.between((today - b).days, (today - a).days) for a, b in runs))


def summary_in(tables: Tables, features: pd.DataFrame, line: str) -> pd.DataFrame | None:
    """Return :func:`rfm_summary` of a line from features of the same spine; None where they do not tell it.

    They do where it is the only line without contracts: those features count its purchases.
    """
    if _line_kinds(tables) != {_kind_of(tables, line)} or not set(_SUMMARY_OF) <= set(features.columns):
        return None
    frame = features[list(_SUMMARY_OF)].rename(columns=_SUMMARY_OF)
    return _filled(frame.astype("float64"))


def _filled(summary: pd.DataFrame) -> pd.DataFrame:
    return summary.fillna({"frequency": 0.0, "recency": 0.0, "monetary_value": 0.0})


def _kind_of(tables: Tables, line: str | None) -> str | None:
    """Return the payment kind of a line; None for every payment."""
    if line is None:
        return None
    lines = tables.config.lines
    if line not in lines:
        raise ConfigError(f"lines: expected one of {', '.join(lines)}, got '{line}'{did_you_mean(line, lines)}")
    return lines[line].payments_kind
