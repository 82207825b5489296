"""Controls of a trial on treatments that nobody was held out of: who could have been treated at the same instants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd

from ...core.arrays import Bools, Positions
from ...core.contract import RECORDED_AT
from ...core.contract_state import RUNNING
from ...core.hashing import uniform_hash
from ...core.short_repr import ShortRepr
from ...core.time import local_months
from ..expressions import Value
from ..tables.tables import Tables
from ..timeline.contract_state import contract_state
from ..timeline.known import KNOWN_AT, known_rows
from ..timeline.spine import is_contractual

__all__ = ["SINCE_END", "draw_controls", "first_of_month"]

SINCE_END = (1.0, 2.0, 3.0, 6.0, 12.0, 24.0)
"""Months since the end at which the classes of lapsed customers begin, but the first one."""


@dataclass
class _Pool(ShortRepr):
    """Candidates of one month in random order, and how many of each kind are still wanted."""

    candidates: pd.DataFrame
    wanted: dict[int, int]
    taken: int = 0

    @property
    def lacking(self) -> int:
        """How many are still wanted, of all kinds."""
        return sum(self.wanted.values())


def draw_controls(
    tables: Tables,
    salt: str,
    treated: pd.DataFrame,
    exposed: pd.DataFrame,
    fits: Callable[[pd.DataFrame], Bools],
    *,
    state: str = RUNNING,
) -> tuple[pd.DataFrame, int]:
    """Return drawn controls (customer_id, as_of, period) and how many could not be found.

    Candidates are looked at in random order, a growing batch at a time over all months, until each month has
    its number: what is found does not depend on the batches.

    Parameters
    ----------
    tables
        The business's tables.
    salt
        What each customer's draw depends on, beside the month and the customer's identifier.
    treated
        Treated units: as_of and period.
    exposed
        Every treatment that there was, of whom and when: customer_id, period and first, the first of the month.
    fits
        Takes rows with customer_id and as_of, and tells which could be treated then.
    state
        ``running`` or ``lapsed``: whom the treatment is for. Lapsed controls are as many as the treated in each class
        of months since the end (:data:`SINCE_END`), times the config's rate.
    """
    rate = tables.config.incremental.controls_per_treated
    pools: dict[str, _Pool] = {}
    spans = _spans(tables)
    treated = treated.assign(kind=_kind(tables, treated, state))
    for period, group in treated.groupby("period", sort=True):
        kinds, times = np.unique(group["kind"], return_counts=True)
        wanted = {int(kind): int(np.ceil(rate * n)) for kind, n in zip(kinds, times, strict=True)}
        pools[str(period)] = _Pool(_candidates(spans, f"{salt}/{period}", group, str(period), state), wanted)
    treated_later: list[pd.DataFrame] = []
    share = 1.5
    while batch := [_next_batch(pool, share) for pool in pools.values() if _unfinished(pool)]:
        rows = pd.concat(batch, ignore_index=True)
        before = rows.merge(exposed, on=["customer_id", "period"], how="left")["first"]
        rows = rows[~(before <= rows["as_of"]).to_numpy()]
        rows = rows[fits(rows)]
        rows = rows.assign(kind=_kind(tables, rows, state))
        for _, group in rows.groupby(["period", "kind"], sort=False):
            wanted, kind = pools[str(group["period"].iloc[0])].wanted, int(group["kind"].iloc[0])
            taken = group.head(wanted.get(kind, 0))
            wanted[kind] = wanted.get(kind, 0) - len(taken)
            treated_later.append(taken.drop(columns="kind"))
        share *= 2
    missing = sum(pool.lacking for pool in pools.values())
    empty = treated.drop(columns="kind").iloc[:0]
    return (pd.concat(treated_later, ignore_index=True) if treated_later else empty), missing


def _kind(tables: Tables, rows: pd.DataFrame, state: str) -> Positions:
    """Return the class of months since the end of each lapsed row, (n,); running ones are all alike."""
    if state == RUNNING or rows.empty:
        return np.zeros(len(rows), dtype=np.intp)
    since = contract_state(tables, rows[["customer_id", "as_of"]])["months_since_end"].to_numpy()
    return np.searchsorted(SINCE_END, since, side="right")


def _unfinished(pool: _Pool) -> bool:
    return pool.lacking > 0 and pool.taken < len(pool.candidates)


def _next_batch(pool: _Pool, share: float) -> pd.DataFrame:
    start, pool.taken = pool.taken, pool.taken + int(share * pool.lacking) + 50
    return pool.candidates.iloc[start : pool.taken]


def _candidates(spans: pd.DataFrame, salt: str, treated: pd.DataFrame, period: str, state: str) -> pd.DataFrame:
    """Return who may serve as a control of one month, each at its drawn instant, in random order."""
    instants = np.sort(treated["as_of"].to_numpy())
    if state == RUNNING:
        there = (spans["known"] < instants[-1]) & ~(spans["ended"] < instants[0])
    else:
        there = spans["ended"] < instants[-1]
    customers = spans.loc[there, "customer_id"].drop_duplicates()
    draw = uniform_hash(customers, f"trial/instant/{salt}")
    order = np.argsort(uniform_hash(customers, f"trial/order/{salt}"), kind="stable")
    at = instants[(draw * len(instants)).astype(np.intp)]
    return pd.DataFrame({"customer_id": customers.to_numpy()[order], "as_of": at[order], "period": period})


def _spans(tables: Tables) -> pd.DataFrame:
    """Return from when until when customers may be running: customer_id, known, ended (missing: to this day).

    Without contracts a customer is there from sign-up on. Ordered by customer.
    """
    name = "subscriptions" if is_contractual(tables) else "customers"
    rows = known_rows(tables, name)
    ended: Value = ibis.null("timestamp(6)")
    if name == "subscriptions" and "ended_at" in rows.columns:
        seen = ibis.coalesce(rows[RECORDED_AT], rows.ended_at) if RECORDED_AT in rows.columns else rows.ended_at
        ended = ibis.ifelse(rows.ended_at.isnull(), ended, ibis.greatest(rows.ended_at, seen))
    return tables.execute(rows.select("customer_id", known=rows[KNOWN_AT], ended=ended).order_by("customer_id"))


def first_of_month(exposures: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return the first exposure of each customer and month: customer_id, period, first."""
    frame = exposures.assign(period=local_months(exposures["at"], timezone))
    return frame.groupby(["customer_id", "period"], as_index=False).agg(first=("at", "min"))
