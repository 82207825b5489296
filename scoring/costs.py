"""What an action cost: its own unit costs, and its initiative's items."""

from __future__ import annotations

import pandas as pd

from ..core.exchange import TrialData
from ..features.known import KNOWN_AT, known_rows
from ..features.sources import Tables

__all__ = ["initiative_cost", "treated_cost"]


def treated_cost(
    tables: Tables, trial: TrialData, initiative: str | None, since: pd.Timestamp, until: pd.Timestamp
) -> float:
    """Return the cost of the treated decisions of a trial.

    Unit costs of those decisions, plus what the initiative cost over the period, in the share of the period's
    treated decisions that the trial judges: gain and cost belong to the same decisions.
    """
    own = float(trial.units.loc[trial.treated == 1, "cost"].sum())
    if initiative is None:
        return own
    judged = int(trial.treated.sum())
    share = judged / (judged + trial.immature + trial.ineligible)
    return own + share * initiative_cost(tables, initiative, since, until)


def initiative_cost(tables: Tables, initiative: str, since: pd.Timestamp, until: pd.Timestamp) -> float:
    """Return the items of ``initiative_costs`` incurred in [since, until); 0 without such a table."""
    if not tables.has("initiative_costs"):
        return 0.0
    rows = known_rows(tables, "initiative_costs")
    within = (rows[KNOWN_AT] >= since.to_pydatetime()) & (rows[KNOWN_AT] < until.to_pydatetime())
    chosen = rows.filter(rows.initiative.cast("string") == initiative, within)
    total = tables.execute(chosen.aggregate(total=chosen.amount.sum()))["total"].iloc[0]
    return 0.0 if pd.isna(total) else float(total)
