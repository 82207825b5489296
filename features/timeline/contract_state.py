"""The state of a customer's subscriptions at an instant: term, price, next renewal, what went before."""

from __future__ import annotations

from functools import partial

import ibis
import numpy as np
import pandas as pd

from ...core.contract import CONTRACT
from ..expressions import Rows, Value
from ..tables.tables import Tables
from .known import KNOWN_AT, known_rows, subscription_status, visible
from .look_ahead import MONTH, ROW, as_micros, asked
from .spells import forever, lasting
from .terms import clock_time, price_per_month, term_in_months, with_terms

__all__ = ["contract_state"]

_MAIN_FIRST = ("running", "paying", "latest", "subscription_id")
"""What makes a subscription the main one, all the greater first."""


def contract_state(tables: Tables, spine: pd.DataFrame) -> pd.DataFrame:
    """Return the state of each customer's subscriptions as known strictly before ``as_of``.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        Frame with customer_id and as_of, n rows.

    Returns
    -------
    pd.DataFrame
        Index of ``spine``. The *main* subscription is the latest-started running one, one that pays before those in
        trial or paused, or where none runs the last that ended (ties: the greater subscription_id); a month is
        365.25 / 12 days.

        - ``running`` (bool): a subscription started and is not known to have ended.
        - ``term_months`` (float): term of the main subscription; NaN without any, as the numbers below.
        - ``price`` (float): price for one term of the main subscription; what several running ones cost
          together is expressed for that term, those in trial or paused left out where any pays.
        - ``months_to_renewal`` (float): to the next term boundary after ``as_of``, or the end of the trial, on the
          calendar of :mod:`.terms`, as clocks of the config's ``timezone`` move on; NaN if not running.
        - ``renewals_done`` (float): term boundaries of the main subscription up to ``as_of``, or before its end.
        - ``months_since_start`` (float): since its present spell began, that is since subscriptions have
          followed each other without a gap longer than ``grace_days``.
        - ``months_since_end`` (float): since the last end; NaN if running or never.
        - ``cancel_pending`` (bool): a running subscription is cancelled and the cancellation not withdrawn.
        - ``ended_involuntary`` (bool): none runs and the last one ended by payment failure.

    Raises
    ------
    DataError
        There is no table of subscriptions, or the spine is not as expected.
    """
    known = _main_subscriptions(tables, spine)
    as_of = as_micros(spine["as_of"])
    ended = as_micros(known["ended_at"])
    running = known["running"].fillna(False).to_numpy(dtype=bool)
    term = known["term_months"].to_numpy(dtype=float)
    none = known["started_at"].isna().to_numpy()
    since_start = (as_of - as_micros(known["stretch_start"])) / MONTH
    return pd.DataFrame(
        {
            "running": running,
            "term_months": term,
            "price": known["monthly"].to_numpy(dtype=float) * term,
            "months_to_renewal": np.where(running, known["to_renewal"].to_numpy(dtype=float) / MONTH, np.nan),
            "renewals_done": known["renewals_done"].to_numpy(dtype=float),
            "months_since_start": np.where(none, np.nan, since_start),
            "months_since_end": np.where(none | running, np.nan, (as_of - ended) / MONTH),
            "cancel_pending": known["pending"].fillna(0).to_numpy(dtype=int) > 0,
            "ended_involuntary": ~running & (known["failed"].fillna(0).to_numpy(dtype=int) > 0),
        },
        index=spine.index,
    )


def _main_subscriptions(tables: Tables, spine: pd.DataFrame) -> pd.DataFrame:
    """Return the main subscription of each spine row and what the known ones add up to, in spine order."""
    return asked(tables, spine, "main subscriptions", partial(_main, tables))


def _main(tables: Tables, rows: Rows) -> Rows:
    """Return the main subscription of each row and sums over all, keyed by row."""
    known = lasting(tables, known_rows(tables, "subscriptions")).rename(subscriber="customer_id")
    subscriptions = rows.inner_join(known, [rows.customer_id == known.subscriber, known[KNOWN_AT] < rows.as_of])
    subscriptions = _as_known(subscriptions)
    grace = ibis.interval(days=tables.config.churn.grace_days)
    order = [subscriptions.started_at, subscriptions.subscription_id]
    before = subscriptions.ends_known.max().over(ibis.window(group_by=ROW, order_by=order, rows=(None, -1)))
    subscriptions = subscriptions.mutate(fresh=before.isnull() | (subscriptions.started_at > before + grace))
    nothing = ibis.null("timestamp(6)")
    each = ibis.window(group_by=ROW)
    subscriptions = subscriptions.mutate(
        stretch_start=ibis.ifelse(subscriptions.fresh, subscriptions.started_at, nothing).max().over(each),
        running_sum=subscriptions.monthly.sum(where=subscriptions.running).over(each),
        paying_sum=subscriptions.monthly.sum(where=subscriptions.paying).over(each),
        any_pending=subscriptions.pending.max().over(each),
        latest=ibis.ifelse(subscriptions.running, subscriptions.started_at, subscriptions.ends_known),
    )
    place = ibis.row_number().over(ibis.window(group_by=ROW, order_by=[ibis.desc(c) for c in _MAIN_FIRST]))
    subscriptions = subscriptions.mutate(place=place)
    main = subscriptions.filter(subscriptions.place == 0)
    # A running one stands at as_of, whose own boundary is passed; one that ended stands just before its end.
    upto = ibis.ifelse(main.running, main.as_of, main.ends_known - ibis.interval(microseconds=1))
    zone = tables.config.timezone
    main = main.mutate(upto=upto, term=term_in_months(main))
    if "term_months" in main.columns:
        main = main.mutate(term_months=ibis.greatest(main.term_months.fill_null(1), 1))
    main = with_terms(main, main.upto, zone)
    return main.select(
        ROW,
        "running",
        "started_at",
        "stretch_start",
        ended_at=main.ends_known,
        term_months=main.term.cast("float64"),
        monthly=ibis.ifelse(main.running, ibis.ifelse(main.paying, main.paying_sum, main.running_sum), main.monthly),
        pending=main.any_pending,
        failed=main.failed_known.cast("int64"),
        renewals_done=main.boundaries_done,
        to_renewal=clock_time(main.next_boundary, main.as_of, zone),
    )


def _as_known(subscriptions: Rows) -> Rows:
    """Add what of each subscription was known at ``as_of``: running, its end, cancellation, monthly price."""
    own = [column.name for column in CONTRACT["subscriptions"].columns if column.known is not None]
    present = [column for column in own if column in subscriptions.columns]
    seen = {column: visible(subscriptions, "subscriptions", column, subscriptions.as_of) for column in present}
    subscriptions = subscriptions.mutate(**seen)
    subscriptions = subscription_status(subscriptions)
    ended = subscriptions.ended_at if "ended_at" in present else ibis.null("timestamp(6)")
    failed: Value = ibis.literal(False)
    if {"ended_at", "end_reason"} <= set(present):
        failed = subscriptions.end_reason.fill_null("other") == "payment_failure"
    return subscriptions.mutate(
        ends_known=ibis.coalesce(ended, forever()),
        failed_known=failed,
        pending=subscriptions.pending.cast("int64"),
        monthly=price_per_month(subscriptions),
    )
