"""Churn labels. They look ahead of ``as_of`` by design: never a feature, only what models learn to tell."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.time import utc_instants
from ..catalogue.groups.payments import is_paid, payment_rows
from ..catalogue.groups.subscription import subscription_rows
from ..expressions import Rows
from ..tables.tables import Tables
from ..timeline.spells import lasting
from ..timeline.spine import DAY, Keys, age, is_contractual, spine_keys

__all__ = ["at_risk", "churn_labels"]

_COLUMNS = ("churned", "voluntary", "involuntary")


def churn_labels(tables: Tables, spine: pd.DataFrame) -> pd.DataFrame:
    """Return who was at risk at ``as_of`` and lost within the config's churn horizon h.

    With contracts, a customer is at risk if a subscription is known to run at ``as_of``, neither in its trial nor
    paused, and no cancellation of a running one is pending. The customer churns if none runs at ``as_of + h``, and
    none begins within the grace period after the last one ended; a paused one runs on. Several subscriptions: the last
    to end decides. A row that continues another begins when that one ends, so that a change of product is no churn.
    *Involuntary*: the last one to end (ties by key) ended by payment_failure; *voluntary*: all others.

    *Churn* forgives a return: whoever runs again at ``as_of + h``, or begins within the grace period, has not churned.
    A *loss* does not: it is the event of the lifetime value's hazard (:func:`~.landmarks.lead_outcomes`), and a return
    after more than the grace period is a reactivation. Every churn is a loss; ``benchmarks/losses_two_ways.py`` prints
    both rates.

    Without contracts, a customer is at risk after a purchase (a payment made, no refund) known before
    ``as_of``, and churns without one in [as_of, as_of + h]; all such churn counts as voluntary.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        customer_id and as_of (naive UTC instants).

    Returns
    -------
    pandas.DataFrame
        Index, order and length of ``spine``. bool ``at_risk``; bool ``observed``: as_of + h + grace lies
        within the data; int64 0/1 ``churned`` = ``voluntary`` + ``involuntary``, which hold where at_risk
        and observed are both true and are 0 elsewhere.

    Raises
    ------
    DataError
        The spine is malformed, or the table that churn rests on is missing.
    """
    keys = spine_keys(tables, spine)
    found = _contractual(tables, keys) if is_contractual(tables) else _noncontractual(tables, keys)
    frame = tables.execute(found).set_index("row").reindex(np.arange(len(keys))).fillna(0).astype("int64")
    labels = keys.spread(frame)
    churn = tables.config.churn
    ahead = pd.Timedelta(days=churn.horizon_days + churn.grace_days)
    labels.insert(0, "at_risk", labels.pop("at_risk").astype(bool))
    labels.insert(1, "observed", _instants(keys, spine) + ahead <= tables.data_until)
    counts = labels["at_risk"] & labels["observed"]
    labels[list(_COLUMNS)] = labels[list(_COLUMNS)].where(counts, 0)
    return labels


def at_risk(tables: Tables, spine: pd.DataFrame) -> Bools:
    """Return who is at risk at ``as_of``, (n,), as :func:`churn_labels` says; nobody looks at what comes later."""
    keys = spine_keys(tables, spine)
    found = (_subscribers if is_contractual(tables) else _buyers)(tables, keys)
    risky = np.zeros(len(keys), dtype=bool)
    rows = tables.arrow(found)
    risky[rows["row"].to_numpy()] = rows["at_risk"].fill_null(0).to_numpy() == 1
    return risky[keys.codes]


def _subscribers(tables: Tables, keys: Keys) -> Rows:
    """Return ``at_risk`` of each pair with subscriptions."""
    known = subscription_rows(tables, keys)
    paying, pending = (known[column].cast("int64").max() for column in ("paying", "pending"))
    state = known.group_by("row").aggregate(paying=paying, pending=pending)
    return state.select("row", at_risk=((state.paying == 1) & (state.pending == 0)).cast("int64"))


def _buyers(tables: Tables, keys: Keys) -> Rows:
    """Return ``at_risk`` of each pair with payments."""
    before = payment_rows(tables, keys)
    return before.group_by("row").aggregate(at_risk=before.paid.cast("int64").max())


def _contractual(tables: Tables, keys: Keys) -> Rows:
    state = _subscribers(tables, keys)
    fate = _fate(tables, keys)
    joined = state.left_join(fate, "row").drop("row_right")
    churned = (joined.runs_on == 0) & (joined.back == 0)
    involuntary = churned & (joined.failed == 1)
    return joined.select(
        "row",
        "at_risk",
        churned=churned.cast("int64"),
        voluntary=(churned & ~involuntary).cast("int64"),
        involuntary=involuntary.cast("int64"),
    )


def _fate(tables: Tables, keys: Keys) -> Rows:
    """Return for each pair whether a subscription runs on at as_of + h, and how the last one ended.

    Facts, known at ``as_of`` or not: ``runs_on``, ``back`` (one begins later, within the grace period after
    the last end), ``failed`` (the last one to end was not paid); each 0 or 1.
    """
    horizon = tables.config.churn.horizon_days * DAY
    pair = keys.table
    rows = lasting(tables, tables["subscriptions"]).rename(fact_customer_id="customer_id")
    e = pair.inner_join(rows, pair.customer_id == rows.fact_customer_id)
    e = e.mutate(start=-age(e.as_of, e.started_at), end=-age(e.as_of, e.ends))
    by_end = ibis.window(group_by="row", order_by=[e.end, e.subscription_id])
    e = e.mutate(order=ibis.row_number().over(by_end), began=e.start <= horizon)
    ended = e.group_by("row").aggregate(
        runs_on=(e.end > horizon).cast("int64").max(where=e.began),
        last=e.end.max(where=e.began),
        failed=e.failed.cast("int64").argmax(e.order, where=e.began),
        next=e.start.min(where=~e.began),
    )
    grace = tables.config.churn.grace_days * DAY
    back = (ended.next - ended["last"] <= grace).fill_null(False)
    return ended.select("row", "runs_on", "failed", back=back.cast("int64"))


def _noncontractual(tables: Tables, keys: Keys) -> Rows:
    before = _buyers(tables, keys)
    payments = tables["payments"]
    bought = payments.filter(is_paid(payments)).select("paid_at", fact_customer_id="customer_id")
    pair = keys.table
    ahead = pair.inner_join(bought, [pair.customer_id == bought.fact_customer_id, bought.paid_at >= pair.as_of])
    until = age(ahead.paid_at, ahead.as_of)
    stays = (until <= tables.config.churn.horizon_days * DAY).cast("int64")
    after = ahead.group_by("row").aggregate(stays=stays.max())
    joined = before.left_join(after, "row").drop("row_right")
    churned = 1 - joined.stays.fill_null(0)
    return joined.select("row", "at_risk", churned=churned, voluntary=churned, involuntary=ibis.literal(0))


def _instants(keys: Keys, spine: pd.DataFrame) -> pd.Series:
    """Return ``as_of`` as naive UTC instants, indexed as the spine."""
    return pd.Series(utc_instants(spine["as_of"]), index=keys.index)
