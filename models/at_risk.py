"""What a customer stands to lose: the value that each cause of loss is expected to take from him."""

from __future__ import annotations

import pandas as pd

from ..core.exchange import ClvInputs
from .causes import value_by_cause
from .portfolio import PortfolioCLV

__all__ = ["AT_RISK", "at_risk"]

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
