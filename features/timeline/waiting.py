"""Customers who wait: each of their running subscriptions is in its free trial, or paused.

They are no churn population. In a trial there is nothing to renew yet, and a pause earns nothing until it is over: what
makes them go is not what makes payers go. Labels, landmarks and scores leave them out and say why.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from ...core.contract import CONTRACT
from ..expressions import Rows
from ..tables.tables import Tables
from .known import KNOWN_AT, known_rows, subscription_status, visible
from .look_ahead import ROW, asked

__all__ = ["PAUSED", "TRIAL", "can_wait", "waiting", "waiting_line"]

TRIAL = "trial"
"""None of the running subscriptions pays, and some are in their trial."""

PAUSED = "paused"
"""None of the running subscriptions pays, and all are paused."""


def can_wait(tables: Tables) -> bool:
    """Return whether the business's subscriptions know trials or pauses."""
    return tables.has("subscriptions", "trial_until") or tables.has("subscriptions", "paused_from")


def waiting(tables: Tables, spine: pd.DataFrame) -> pd.Series:
    """Return whether each customer waits at ``as_of``, as known strictly before it.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        Frame with customer_id and as_of, n rows.

    Returns
    -------
    pd.Series
        Index of ``spine``: :data:`TRIAL`, :data:`PAUSED`, or an empty text for all others.
    """
    if not can_wait(tables):
        return pd.Series("", index=spine.index)
    known = asked(tables, spine, "waiting", partial(_counts, tables)).fillna(0)
    waits = ((known["running"] > 0) & (known["paying"] == 0)).to_numpy()
    why = np.where((known["in_trial"] > 0).to_numpy(), TRIAL, PAUSED)
    return pd.Series(np.where(waits, why, ""), index=spine.index)


def waiting_line(why: pd.Series) -> str:
    """Return how many customers wait and why, in one line; empty if nobody does."""
    counts = {name: int((why == name).sum()) for name in (TRIAL, PAUSED)}
    words = {TRIAL: "in trial", PAUSED: "paused"}
    shown = " and ".join(f"{n:,} {words[name]}" for name, n in counts.items() if n)
    return f"left out, as none of their subscriptions pays: {shown}" if shown else ""


def _counts(tables: Tables, rows: Rows) -> Rows:
    """Return for each row whether subscriptions run, pay and are in trial, keyed by row."""
    known = known_rows(tables, "subscriptions").rename(subscriber="customer_id")
    met = rows.inner_join(known, [rows.customer_id == known.subscriber, known[KNOWN_AT] < rows.as_of])
    own = [c.name for c in CONTRACT["subscriptions"].columns if c.known is not None and c.name in met.columns]
    met = subscription_status(met.mutate(**{name: visible(met, "subscriptions", name, met.as_of) for name in own}))
    return met.group_by(ROW).aggregate(
        **{name: met[name].cast("int64").max() for name in ("running", "paying", "in_trial")}
    )
