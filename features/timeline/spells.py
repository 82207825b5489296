"""Spells: times in which a customer had a subscription without a gap longer than the grace period."""

from __future__ import annotations

import ibis
import pandas as pd

from ..expressions import Rows, Value
from ..tables.tables import Tables
from .look_ahead import FOREVER, ROW, by_row, spine_table

__all__ = ["forever", "lasting", "spell_at", "spells"]


def forever() -> Value:
    """Return the literal end of what still runs."""
    return ibis.literal(FOREVER.to_pydatetime()).cast("timestamp(6)")


def lasting(tables: Tables, rows: Rows) -> Rows:
    """Return the subscriptions in ``rows`` that ran at all, with ``ends`` (never null) and ``failed`` (unpaid)."""
    ends: Value = forever()
    if tables.has("subscriptions", "ended_at"):
        ends = ibis.coalesce(rows.ended_at, ends)
    failed: Value = ibis.literal(False)
    if tables.has("subscriptions", "end_reason"):
        failed = rows.end_reason.fill_null("other") == "payment_failure"
    rows = rows.mutate(ends=ends, failed=failed)
    return rows.filter(rows.ends > rows.started_at)


def spells(tables: Tables) -> Rows:
    """Return one row a spell: customer_id, begins, ends, failed (1: the last to end, ties by key, was not paid).

    A subscription that starts within ``grace_days`` of the end of all earlier ones continues the spell: so
    do a change of product, price or term, a second subscription, and a quick return. These are the facts, known
    when they were or not, so they serve outcomes only.
    """
    rows = lasting(tables, tables["subscriptions"])
    grace = ibis.interval(days=tables.config.churn.grace_days)
    by_start = {"group_by": "customer_id", "order_by": ["started_at", "subscription_id"]}
    before = rows.ends.max().over(ibis.window(**by_start, rows=(None, -1)))
    rows = rows.mutate(fresh=(before.isnull() | (rows.started_at > before + grace)).cast("int64"))
    rows = rows.mutate(spell=rows.fresh.sum().over(ibis.window(**by_start, rows=(None, 0))))
    by_end = ibis.window(group_by="customer_id", order_by=["ends", "subscription_id"])
    rows = rows.mutate(order=ibis.row_number().over(by_end))
    return rows.group_by("customer_id", "spell").aggregate(
        begins=rows.started_at.min(), ends=rows.ends.max(), failed=rows.failed.cast("int64").argmax(rows.order)
    )


def spell_at(tables: Tables, spine: pd.DataFrame) -> pd.DataFrame:
    """Return how the latest spell that began before each ``as_of`` goes on to end.

    These are the facts, as of :func:`spells`: for outcomes only.

    Returns
    -------
    pandas.DataFrame
        One row a spine row, in its order: ``ends`` (instant, the year 9999 while it runs) and ``failed`` (1: the last
        subscription to end was not paid); missing where none began.
    """
    rows = spine_table(tables, spine)
    past = spells(tables).rename(spell_customer="customer_id")
    pairs = rows.inner_join(past, [rows.customer_id == past.spell_customer, past.begins < rows.as_of])
    latest = pairs.group_by(ROW).aggregate(
        ends=pairs.ends.argmax(pairs.begins), failed=pairs.failed.argmax(pairs.begins)
    )
    return by_row(tables, latest, spine)
