"""Where a reader of the statement would fool himself."""

from __future__ import annotations

import pandas as pd

from ...core.records import TrialData
from ...features.tables.tables import Tables
from ...models.refutation.overlap import Overlap

__all__ = ["business_warnings", "response_rate", "trial_warnings"]

SHORTEST_HORIZON = 12
"""Months below which a return leaves out most of what loyal customers bring."""
LOWEST_RESPONSE = 0.3
MOST_IMMATURE = 0.25
FEWEST_CONTROLS = 200.0

_JOURNEY = {
    "acquisition": ("customers.acquisition_channel", "customers.acquisition_cost"),
    "subscription": ("subscriptions.started_at",),
    "payment": ("payments.paid_at", "payment_methods.method"),
    "service": ("contacts.opened_at",),
    "satisfaction": ("surveys.score",),
    "referral": ("referrals.referred_at",),
}
"""Stages of a customer's journey, and the columns of which one tells of it."""


def business_warnings(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> tuple[str, ...]:
    """Return what holds for the whole statement: a short horizon, silent customers, stages that nobody writes down."""
    found = []
    horizon = tables.config.value.horizon_months
    if horizon < SHORTEST_HORIZON:
        found.append(
            f"the horizon of {horizon} months is under {SHORTEST_HORIZON}: value that comes later is not counted, and"
            " a return over it is not that of a customer's life"
        )
    blind = [stage for stage, columns in _JOURNEY.items() if not any(_told(tables, column) for column in columns)]
    if blind:
        found.append(f"no data on {', '.join(blind)}: what happens there is neither adjusted for nor counted")
    rate = response_rate(tables, since, until)
    if rate is not None and rate < LOWEST_RESPONSE:
        found.append(
            f"only {rate:.0%} of the surveys sent in the period were answered: satisfaction speaks for those who answer"
        )
    return tuple(found)


def trial_warnings(trial: TrialData, overlap: Overlap) -> tuple[str, ...]:
    """Return what holds for one estimate: decisions too recent to judge, few controls."""
    found = []
    treated = int(trial.treated.sum())
    share = trial.immature / max(treated + trial.immature, 1)
    if share > MOST_IMMATURE:
        found.append(
            f"{share:.0%} of the treated decisions are too recent to judge and are left out: the others may differ"
        )
    if overlap.effective_controls < FEWEST_CONTROLS:
        found.append(f"few controls: as informative as {overlap.effective_controls:,.0f} customers left alone")
    return tuple(found)


def response_rate(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> float | None:
    """Return the share of the surveys sent in [since, until) that were answered; None where it cannot be told."""
    if not tables.has("surveys", "sent_at"):
        return None
    rows = tables["surveys"]
    rows = rows.filter(rows.sent_at >= since.to_pydatetime(), rows.sent_at < until.to_pydatetime())
    found = tables.execute(rows.aggregate(sent=rows.count(), answered=rows.responded_at.count())).iloc[0]
    return float(found["answered"] / found["sent"]) if found["sent"] else None


def _told(tables: Tables, column: str) -> bool:
    """Return whether a column is there and says anything at all."""
    table, name = column.split(".")
    if not tables.has(table, name):
        return False
    rows = tables[table]
    return bool(tables.execute(rows.aggregate(said=rows[name].count()))["said"].iloc[0])
