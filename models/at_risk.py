"""What a customer stands to lose: the value that each cause of loss is expected to take from him."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..core.exchange import ClvInputs
from .causes import value_by_cause
from .portfolio import PortfolioCLV

__all__ = ["AT_RISK", "at_risk", "value_lost"]

AT_RISK = ("at_risk_voluntary", "at_risk_involuntary")
"""Columns of :func:`at_risk`: money over the horizon."""

_CAUSES = ["lost_voluntary", "lost_involuntary"]


def at_risk(model: PortfolioCLV, inputs: ClvInputs, *, horizon_months: int) -> pd.DataFrame:
    """Return what voluntary and involuntary loss take from each customer's expected value, (n, 2).

    Columns :data:`AT_RISK`, index of the features; 0 where no subscription runs. Without a contractual part there are
    no columns: nobody sees such a customer leave.
    """
    if model.contractual is None or inputs.contract is None:
        return pd.DataFrame(index=inputs.features.index)
    table = value_by_cause(model.contractual, inputs.features, inputs.contract, horizon_months=horizon_months)
    return table[_CAUSES].fillna(0.0).set_axis(list(AT_RISK), axis=1).clip(lower=0.0)


def value_lost(
    model: PortfolioCLV, start: ClvInputs, state: ClvInputs, *, horizon_months: int, remaining_months: int
) -> pd.DataFrame:
    """Return the value lost to each cause from a decision on, (n, 2): to those lost by s + F all, to others expected.

    Who still runs at s + F is expected to lose what :func:`at_risk` says of his state; who has gone has lost what one
    who is never lost would have brought.

    Parameters
    ----------
    start, state
        What is known at the decision and at s + F, the same n rows.
    horizon_months, remaining_months
        H, and whole months from s + F to its end.
    """
    if model.contractual is None or start.contract is None or state.contract is None:
        return pd.DataFrame(index=start.features.index)
    whole = value_by_cause(model.contractual, start.features, start.contract, horizon_months=horizon_months)
    later = value_by_cause(model.contractual, state.features, state.contract, horizon_months=remaining_months)
    gone = ~state.contract["running"].to_numpy(dtype=bool)
    failed = state.contract["ended_involuntary"].to_numpy(dtype=bool)
    every = whole["never_lost"].fillna(0.0).to_numpy()
    lost = [
        np.where(gone, every * (failed == involuntary), later[cause].fillna(0.0).to_numpy())
        for involuntary, cause in enumerate(_CAUSES)
    ]
    return pd.DataFrame(np.column_stack(lost), columns=list(AT_RISK), index=start.features.index)
