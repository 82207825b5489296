"""Why there are too few churners to learn from, in one line for whoever has to change tables or configuration."""

from __future__ import annotations

import pandas as pd

from ..core.time import local_day
from ..features.tables.tables import Tables
from ..features.timeline.spells import lasting, spells
from ..features.timeline.spine import is_contractual

__all__ = ["FEWEST_CHURNERS", "too_few"]

FEWEST_CHURNERS = 30
"""Customers that have to be lost for a model to be learnt."""


def too_few(tables: Tables, spine: pd.DataFrame, churners: int) -> str:
    """Return what was expected, what came and where the ended subscriptions went.

    Parameters
    ----------
    tables
        The business's tables.
    spine
        The labelled rows: customers at risk with a complete label.
    churners
        Customers among them that were lost.
    """
    churn = tables.config.churn
    found = f"{'too few churners' if churners else 'no churner'} to learn from: expected at least {FEWEST_CHURNERS}"
    found += f" customers lost within {churn.horizon_days} days of a snapshot, found {churners} among"
    found += f" {spine['customer_id'].nunique():,}"
    if not is_contractual(tables):
        return f"{found}; bring more history or shorten churn.horizon_days, after which silence counts as lost"
    ended, left = _ended(tables)
    if not ended:
        return f"{found}: no subscription ends before the data do; check subscriptions.ended_at"
    why = f"of {ended:,} customers with an ended subscription, {ended - left:,} had another one that ran on or began"
    why += f" within {churn.grace_days} days (churn.grace_days)"
    if left > churners:
        first, last = (local_day(at, tables.config.timezone) for at in (spine["as_of"].min(), spine["as_of"].max()))
        span = f"{first} to {last}"
        why += f", and {left - churners:,} left so that it does not count: not within {churn.horizon_days} days of a"
        why += f" snapshot ({span}), with notice given before it, or back by the end of the {churn.horizon_days} days"
    return f"{found}: {why}; bring more history or snapshots, lengthen churn.horizon_days or shorten churn.grace_days"


def _ended(tables: Tables) -> tuple[int, int]:
    """Return how many customers had a subscription that ended, and how many of them had none within the grace."""
    rows, gone = lasting(tables, tables["subscriptions"]), spells(tables)
    ended, left = (each.filter(each.ends <= tables.data_until.to_pydatetime()) for each in (rows, gone))
    counts = [tables.execute(each.aggregate(n=each.customer_id.nunique()))["n"].iloc[0] for each in (ended, left)]
    return int(counts[0]), int(counts[1])
