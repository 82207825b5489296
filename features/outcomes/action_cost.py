"""What treated actions cost, by the one rule of :mod:`servicelift.core.action_cost`, from the table of actions."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd

from ...core.action_cost import ActionCost, DecisionCounts, action_cost
from ...core.config.business import ActionConfig
from ..expressions import Rows, Value
from ..tables.tables import Tables
from ..timeline.look_ahead import is_treated

__all__ = ["cost_of_decisions", "costs_of_actions"]

_COSTS = frozenset({"cost", "cost_if_accepted"})


def costs_of_actions(tables: Tables) -> dict[str, ActionCost]:
    """Return what one offer of each action costs: the config's actions first, then others of the table.

    The counts are those of all treated decisions whose follow-up is over when the data end.
    """
    counts = _counts(tables)
    configured = tables.config.incremental.actions
    return {name: _cost(counts.get(name, DecisionCounts()), configured.get(name)) for name in (*configured, *counts)}


def cost_of_decisions(tables: Tables, actions: Rows) -> Rows:
    """Return what each decision costs if it is treated: its own cost, else what its action's rule fills in.

    Parameters
    ----------
    tables
        Whose config and decisions say what is filled in.
    actions
        Rows of the table ``actions`` (an ibis table).

    Returns
    -------
    Any
        An ibis column of float64, never null.
    """
    rules = costs_of_actions(tables)
    cost: Value = ibis.literal(0.0)
    if rules:
        cost = actions.action.cases(*((name, rule.filled) for name, rule in rules.items()), else_=0.0)
        extra = {name: rule for name, rule in rules.items() if rule.if_accepted}
        if extra:
            unknown = actions.action.isin([name for name, rule in extra.items() if rule.acceptance is None])
            accepted = actions.accepted.fill_null(unknown) if tables.has("actions", "accepted") else unknown
            extra_cost = actions.action.cases(*((name, rule.if_accepted) for name, rule in extra.items()), else_=0.0)
            cost = cost + ibis.ifelse(accepted, extra_cost, 0.0)
    if tables.has("actions", "cost"):
        cost = ibis.coalesce(actions.cost.cast("float64"), cost)
    return cost.cast("float64")


def _cost(counts: DecisionCounts, action: ActionConfig | None) -> ActionCost:
    if action is None:
        return action_cost(counts, cost=0.0, cost_if_accepted=0.0, configured=False)
    return action_cost(
        counts,
        cost=action.cost,
        cost_if_accepted=action.cost_if_accepted,
        configured=bool(_COSTS & action.model_fields_set),
    )


def _counts(tables: Tables) -> dict[str, DecisionCounts]:
    """Return the counts of each action in the table."""
    if not tables.has("actions"):
        return {}
    counted = tables.execute(tables.once("action_cost_counts", lambda: _counted(tables)))
    return {str(row.pop("action")): _decision_counts(row) for row in counted.to_dict("records")}


def _decision_counts(row: dict[Any, Any]) -> DecisionCounts:
    return DecisionCounts(
        decisions=int(row["decisions"]),
        recorded=int(row["recorded"]),
        recorded_sum=float(row["recorded_sum"]) if row["recorded"] else 0.0,
        accepted=int(row["accepted"]),
        accepted_unrecorded=int(row["accepted_unrecorded"]),
        acceptance_known=bool(row["known"] > 0),
    )


def _counted(tables: Tables) -> Rows:
    """Return one row an action: how many matured treated decisions carry a cost and an acceptance."""
    rows = tables["actions"]
    last = tables.data_until - pd.Timedelta(days=tables.config.incremental.follow_up_days)
    rows = rows.filter(is_treated(rows), rows.decided_at <= ibis.literal(last.to_pydatetime()).cast("timestamp(6)"))
    cost = rows.cost.cast("float64") if tables.has("actions", "cost") else ibis.null("float64")
    accepted = rows.accepted if tables.has("actions", "accepted") else ibis.null("boolean")
    rows = rows.select("action", own=cost, answer=accepted)
    yes = rows.answer.fill_null(False)
    return (
        rows.group_by("action")
        .aggregate(
            decisions=rows.count(),
            recorded=rows.own.count(),
            recorded_sum=rows.own.cast("decimal(30, 8)").sum().cast("float64"),
            accepted=yes.cast("int64").sum(),
            accepted_unrecorded=(yes & rows.own.isnull()).cast("int64").sum(),
            known=rows.answer.count(),
        )
        .order_by("action")
    )
