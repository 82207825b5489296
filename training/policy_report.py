"""What the model's policy is worth on held-out decisions, beside the usual lists, at every budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..core.arrays import Floats
from ..core.errors import ServiceliftError
from ..core.short_repr import ShortRepr
from ..features.outcomes.clv_inputs import clv_inputs
from ..features.tables.tables import Tables
from ..models.portfolio import ClvModel
from ..models.registered import ChurnModel, IncrementalModel
from ..models.targeting.cost_curve import best_steps, cost_curves, ranked_steps
from ..models.targeting.rank_weighted import RankWeightedEffect, Target, rank_weighted_difference, rank_weighted_effect
from ..tracking import Tracker
from .action_models import Held

__all__ = ["PolicyReport", "policy_report", "usual_lists"]


OURS, RISK, CLV, RANDOM = "servicelift", "highest churn risk", "highest CLV", "random"
_SHARES = np.round(np.linspace(0, 1, 21), 2)
_TOLD = (0.1, 0.25, 0.5)
_TARGETS: tuple[Target, ...] = ("autoc", "qini")


@dataclass(frozen=True)
class PolicyReport(ShortRepr):
    """Policies judged on held-out decisions.

    Parameters
    ----------
    curve
        :func:`cost_curves` with ``budget_share``, the budget over the cost of treating
        everybody.
    rates
        One row an action, rule and target (AUTOC, QINI): ``estimate``, ``low``, ``high``, ``shown``.
    lines
        What a user reads about it.
    """

    curve: pd.DataFrame
    rates: pd.DataFrame
    lines: tuple[str, ...]


def usual_lists(tables: Tables, tracker: Tracker, clv: ClvModel, held: Mapping[str, Held]) -> dict[str, list[Floats]]:
    """Return by what the usual lists are sorted, one array an action: churn risk and CLV at the decision.

    Both come from the evaluation models, which did not learn from the latest snapshots. A list that cannot be
    made, because there is no champion or the tables lack its columns, is left out.
    """
    lists: dict[str, list[Floats]] = {}
    churn = tracker.find(tables.config.model_name("churn"))
    if churn is not None and all(set(churn.model.columns) <= set(h.features.columns) for h in held.values()):
        lists[RISK] = [_risk(churn.model, h.features) for h in held.values()]
    try:
        lists[CLV] = [
            clv.evaluation.predict(clv_inputs(tables, h.units, h.features), horizon_months=clv.horizon_months)
            for h in held.values()
        ]
    except ServiceliftError:
        lists.pop(CLV, None)
    return lists


def _risk(churn: ChurnModel, features: pd.DataFrame) -> Floats:
    causes = churn.evaluation.predict_causes(features[list(churn.columns)])
    return np.asarray(causes[:, 1] + causes[:, 2])


def policy_report(
    model: IncrementalModel, held: Mapping[str, Held], lists: Mapping[str, list[Floats]], *, seed: int, currency: str
) -> PolicyReport:
    """Judge the policy of the model's evaluation models on decisions that they did not learn from.

    A budget is shared over all actions: decisions with the highest predicted net value for their cost come first. Each
    held-out decision is on one action, so this values whom to treat among those decided upon, over the actions
    together; which of two actions one customer should get is not seen in it.

    Parameters
    ----------
    model
        Its ``judged`` twins are judged.
    held
        Held-out decisions by action; actions without a evaluation model play no part.
    lists
        What the usual lists are sorted by: arrays in the order of ``held``.
    seed, currency
        Of the halves, and for the reader.
    """
    kept = [place for place, action in enumerate(held) if action in model.evaluation]
    parts = {action: h for action, h in held.items() if action in model.evaluation}
    predicted = [model.evaluation[a].predict(h.features) - model.evaluation[a].cost for a, h in parts.items()]
    lists = {name: [arrays[place] for place in kept] for name, arrays in lists.items()}
    if not parts:
        return PolicyReport(pd.DataFrame(), pd.DataFrame(), ("no action has held-out decisions to value a policy on",))
    curve = _curve(model, parts, predicted, lists, seed)
    rates = _rates(parts, predicted, lists, seed)
    return PolicyReport(curve, rates, (*_curve_lines(curve, parts, currency), *_rate_lines(rates)))


def _curve(
    model: IncrementalModel,
    parts: Mapping[str, Held],
    predicted: list[Floats],
    lists: Mapping[str, list[Floats]],
    seed: int,
) -> pd.DataFrame:
    scores = np.concatenate([h.scores for h in parts.values()])
    cost = np.concatenate([np.full(len(h.scores), model.evaluation[a].cost) for a, h in parts.items()])
    weight = np.concatenate([h.weight / h.weight.mean() for h in parts.values()])
    column = (slice(None), None)
    policies = {OURS: best_steps(np.concatenate(predicted)[column], cost[column], scores[column])}
    policies |= {name: ranked_steps(np.concatenate(arrays), cost, scores) for name, arrays in lists.items()}
    policies[RANDOM] = ranked_steps(np.zeros(len(scores)), cost, scores)
    whole = float(np.average(cost, weights=weight))
    curve = cost_curves(
        policies,
        budgets=_SHARES * whole,
        groups=np.concatenate([h.customers for h in parts.values()]),
        weight=weight,
        seed=seed,
    )
    curve.insert(1, "budget_share", np.tile(_SHARES, len(policies)))
    return pd.concat([curve, _ends(curve)], ignore_index=True)


def _ends(curve: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of everybody, which is the random list without a limit, and of nobody."""
    everybody = curve[(curve["policy"] == RANDOM) & (curve["budget_share"] == 1)].assign(policy="everybody")
    ours = curve[(curve["policy"] == OURS) & (curve["budget_share"] == 1)]
    nobody = ours.assign(policy="nobody", lead=ours["value"], lead_low=ours["low"], lead_high=ours["high"])
    nobody[["treated_share", "value", "std_error", "low", "high"]] = 0.0
    return pd.concat([everybody, nobody])


def _curve_lines(curve: pd.DataFrame, parts: Mapping[str, Held], currency: str) -> list[str]:
    decisions = sum(len(h.scores) for h in parts.values())
    lines = [
        f"value of policies on {decisions:,} held-out decisions on {len(parts)} actions, doubly robust, net"
        f" {currency} a decision against nobody (95% interval):"
    ]
    for share in _TOLD:
        ours, *rest = curve[curve["budget_share"] == share].to_dict("records")
        others = [f"{row['policy']} {row['value']:,.2f}, ahead by {_between(row, 'lead')}" for row in rest]
        lines.append(
            f"  with {share:.0%} of what treating everybody costs: {_between(ours, 'value')}; {'; '.join(others)}"
        )
    whole = curve[curve["budget_share"] == 1].set_index("policy")
    everybody, unlimited = (dict(whole.loc[name]) for name in ("everybody", OURS))
    lines.append(
        f"  without a limit: {_between(unlimited, 'value')}, treating {unlimited['treated_share']:.0%};"
        f" everybody {_between(everybody, 'value')}"
    )
    return lines


def _between(row: Mapping[Any, Any], name: str) -> str:
    """Return a value of a table's row with its interval."""
    ends = ("low", "high") if name == "value" else (f"{name}_low", f"{name}_high")
    middle, low, high = (float(row[column]) for column in (name, *ends))
    return f"{middle:,.2f} ({low:,.2f} to {high:,.2f})"


def _rates(
    parts: Mapping[str, Held], predicted: list[Floats], lists: Mapping[str, list[Floats]], seed: int
) -> pd.DataFrame:
    """Return AUTOC and QINI of the predicted effect for each action, and by how much it beats each usual list."""
    rows = []
    for place, (action, held) in enumerate(parts.items()):
        for target in _TARGETS:
            own = rank_weighted_effect(predicted[place], held.scores, target=target, groups=held.customers, seed=seed)
            rows.append((action, OURS, own))
            for name, arrays in lists.items():
                ahead = rank_weighted_difference(
                    predicted[place], arrays[place], held.scores, target=target, groups=held.customers, seed=seed
                )
                rows.append((action, f"{OURS} minus {name}", ahead))
    return pd.DataFrame([_rate_row(action, rule, rate) for action, rule, rate in rows])


def _rate_row(action: str, rule: str, rate: RankWeightedEffect) -> dict[str, object]:
    return {
        "action": action,
        "rule": rule,
        "target": rate.target,
        "estimate": rate.estimate,
        "low": rate.low,
        "high": rate.high,
        "shown": rate.shown,
    }


def _rate_lines(rates: pd.DataFrame) -> list[str]:
    own = rates[(rates["rule"] == OURS) & (rates["target"] == "autoc")]
    lines = []
    for row in own.to_dict("records"):
        said = "its ranking finds who gains more" if row["low"] > 0 else "no evidence that its ranking helps"
        said = "its ranking is worse than none" if row["high"] < 0 else said
        figures = f"{row['estimate']:,.2f} ({row['low']:,.2f} to {row['high']:,.2f})"
        lines.append(f"{row['action']}: AUTOC {figures}: {said}")
    return lines
