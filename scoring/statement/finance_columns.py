"""The columns of a row that finance asks for: paths, realised and predicted, customers kept, payback, bridge."""

from __future__ import annotations

import numpy as np

from ...features.outcomes.side_outcomes import SIDES
from ...models.actions.bridge import Bridge
from ...models.actions.by_month import payback_month
from ...models.actions.decomposition import Decomposition
from ...models.actions.mechanisms import PATHS
from ...models.effects.inference import EffectEstimate

__all__ = ["bridge_columns", "finance_columns"]

Columns = dict[str, float]


def finance_columns(decomposition: Decomposition | None, treated: int, cost: float, acquisition: float) -> Columns:
    """Return the columns of a decomposition, in total over the treated; NaN where they are not known.

    Parameters
    ----------
    decomposition
        Of the row's effect; None where it was not asked for.
    treated
        Treated decisions.
    cost
        All that they cost.
    acquisition
        What winning a customer cost; NaN where nobody says.
    """
    parts = decomposition
    columns: Columns = {}
    for path in PATHS:
        columns |= _total(f"path_{path}", None if parts is None else parts.paths[path], treated)
    columns |= _total("referral", None if parts is None else parts.referral, treated)
    for name in SIDES:
        columns |= _total(f"side_{name}", None if parts is None else parts.sides.get(name), treated)
    columns |= _total("realised_incremental_clv", None if parts is None else parts.realised, treated)
    columns |= _total("predicted_incremental_clv", None if parts is None else parts.predicted, treated)
    columns |= _total(
        "full_realised_incremental_clv",
        None if parts is None else parts.full_realised,
        0 if parts is None else parts.n_full,
    )
    columns["n_full_realised"] = 0 if parts is None else parts.n_full
    retained = None if parts is None else parts.retained
    columns |= _total("customers_retained", retained, treated)
    columns |= _cost_per("retained", retained, treated, cost)
    won_back = None if parts is None else parts.won_back
    columns |= _total("customers_won_back", won_back, treated)
    columns |= _cost_per("won_back", won_back, treated, cost)
    columns["cost_per_customer_acquired"] = acquisition
    month = None if parts is None or np.isnan(cost) else payback_month(parts.by_month, cost / treated)
    columns["payback_month"] = np.nan if month is None else float(month)
    return columns


def bridge_columns(bridge: Bridge, treated: int) -> Columns:
    """Return the steps of a bridge in total; naive + all but the last = incremental, + the last = programme."""
    return {
        "bridge_selection": bridge.selection * treated,
        "bridge_regression_to_mean": bridge.regression_to_mean * treated,
        "bridge_unseen": bridge.unseen * treated,
        "bridge_forecast": bridge.forecast * treated,
        "bridge_double_counting": bridge.double_counting * treated,
    }


def _total(name: str, effect: EffectEstimate | None, treated: int) -> Columns:
    ends = (np.nan,) * 3 if effect is None else (effect.estimate, effect.low, effect.high)
    return {f"{name}{end}": value * treated for end, value in zip(("", "_low", "_high"), ends, strict=True)}


def _cost_per(what: str, gained: EffectEstimate | None, treated: int, cost: float) -> Columns:
    """Return what a customer really gained cost, NaN where not one was; no upper end where perhaps not one was."""
    ends = (np.nan,) * 3 if gained is None else (gained.estimate, gained.high, gained.low)
    per = [cost / (kept * treated) if kept * treated >= 1 else np.nan for kept in ends]
    if np.isnan(per[0]):
        per = [np.nan] * 3
    names = ("", "_low", "_high")
    return {f"cost_per_customer_{what}{end}": value for end, value in zip(names, per, strict=True)}
