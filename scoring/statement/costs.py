"""What an action cost: its own unit costs, and its initiative's items."""

from __future__ import annotations

import pandas as pd

from ...core.action_cost import CONFIGURED, RECORDED
from ...core.contract import CONTRACT
from ...core.records import TrialData
from ...features.tables.tables import Tables
from ...features.timeline.known import KNOWN_AT, known_rows
from ...features.timeline.look_ahead import is_treated

__all__ = ["ITEMS", "acquisition_cost", "cost_rule", "initiative_costs", "no_costs", "treated_costs"]

ITEMS = CONTRACT["initiative_costs"].column["item"].codes
"""What an initiative's money goes to."""


def treated_costs(
    tables: Tables, trial: TrialData, initiative: str | None, since: pd.Timestamp, until: pd.Timestamp
) -> dict[str, float]:
    """Return the cost of the treated decisions of a trial by ``actions`` and the initiative's items; it adds up.

    Unit costs of those decisions, plus what the initiative cost over the period, in the share of its treated decisions
    of the period, of whatever action, that the trial judges: gain and cost belong to the same decisions, and no cost is
    counted twice.
    """
    costs = {"actions": float(trial.units.loc[trial.treated == 1, "cost"].sum())}
    if initiative is None:
        return costs | dict.fromkeys(ITEMS, 0.0)
    spent = initiative_costs(tables, initiative, since, until)
    share = int(trial.treated.sum()) / max(_treated_decisions(tables, initiative, since, until), 1)
    return costs | {item: min(share, 1.0) * spent.get(item, 0.0) for item in ITEMS}


def cost_rule(trial: TrialData, acts: bool) -> dict[str, object]:
    """Return which rule the unit costs of the treated follow, and how many of them carry a cost of their own.

    ``cost_source`` is ``recorded`` or ``configured`` (:mod:`servicelift.core.action_cost`), None where nothing acts.
    """
    own = int(trial.units.loc[trial.treated == 1, "cost_recorded"].sum()) if acts else 0
    source = None if not acts else RECORDED if own else CONFIGURED
    return {"cost_source": source, "n_cost_recorded": own}


def _treated_decisions(tables: Tables, initiative: str, since: pd.Timestamp, until: pd.Timestamp) -> int:
    rows = tables["actions"]
    rows = rows.filter(is_treated(rows), rows.initiative.cast("string") == initiative)
    rows = rows.filter(rows.decided_at >= since.to_pydatetime(), rows.decided_at < until.to_pydatetime())
    return int(tables.execute(rows.aggregate(times=rows.count()))["times"].iloc[0])


def no_costs() -> dict[str, float]:
    """Return the items of what was no action: nobody says what it cost, so no return is claimed."""
    return dict.fromkeys(("actions", *ITEMS), float("nan"))


def initiative_costs(tables: Tables, initiative: str, since: pd.Timestamp, until: pd.Timestamp) -> dict[str, float]:
    """Return what ``initiative`` cost in [since, until) by item; nothing without a table of initiative costs."""
    if not tables.has("initiative_costs"):
        return {}
    rows = known_rows(tables, "initiative_costs")
    within = (rows[KNOWN_AT] >= since.to_pydatetime()) & (rows[KNOWN_AT] < until.to_pydatetime())
    chosen = rows.filter(rows.initiative.cast("string") == initiative, within)
    summed = tables.execute(chosen.group_by("item").aggregate(total=chosen.amount.sum().cast("float64")))
    return {str(item): float(total) for item, total in zip(summed["item"], summed["total"], strict=True)}


def acquisition_cost(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> float:
    """Return what winning a customer who signed up in [since, until) cost on average; NaN where nobody says.

    It is the mean of ``customers.acquisition_cost``; where no customer of the period carries one, what the prospects of
    the period cost (``prospects.cost``), divided by those of them who became customers.
    """
    mean = _of_customers(tables, since, until)
    return _of_prospects(tables, since, until) if pd.isna(mean) else mean


def _of_customers(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> float:
    if not tables.has("customers", "acquisition_cost"):
        return float("nan")
    rows = tables["customers"]
    rows = rows.filter(rows.signed_up_at >= since.to_pydatetime(), rows.signed_up_at < until.to_pydatetime())
    mean = tables.execute(rows.aggregate(mean=rows.acquisition_cost.cast("float64").mean()))["mean"].iloc[0]
    return float("nan") if pd.isna(mean) else float(mean)


def _of_prospects(tables: Tables, since: pd.Timestamp, until: pd.Timestamp) -> float:
    if not (tables.has("prospects", "cost") and tables.has("prospects", "converted_customer_id")):
        return float("nan")
    rows = tables["prospects"]
    rows = rows.filter(rows.created_at >= since.to_pydatetime(), rows.created_at < until.to_pydatetime())
    summed = rows.aggregate(cost=rows.cost.cast("float64").sum(), won=rows.converted_customer_id.nunique())
    spent = tables.execute(summed).iloc[0]
    return float(spent["cost"] / spent["won"]) if pd.notna(spent["cost"]) and spent["won"] else float("nan")
