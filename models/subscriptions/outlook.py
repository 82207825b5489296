"""Everything that scores tell of a customer's subscription, from one pass over their lead months.

Value, interval and what each cause of loss takes all rest on the same hazards and the same money by month, which cost
far more than what is made of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from ...core.short_repr import ShortRepr
from .contract import ContractLike, read_contract
from .loss_by_cause import taken_by_cause
from .value import ContractualCLV

__all__ = ["Outlook", "outlook"]


@dataclass(frozen=True)
class Outlook(ShortRepr):
    """What is expected of n customers over H months.

    Parameters
    ----------
    value
        E[V(s, s + H)], (n,), as :meth:`ContractualCLV.predict`.
    low, high
        Ends of the prediction interval, each (n,), as :meth:`ContractualCLV.predict_interval`.
    taken
        What voluntary and involuntary loss take from the expected value, (n, 2), as :func:`value_by_cause`; 0 where no
        subscription runs.
    """

    value: Floats
    low: Floats
    high: Floats
    taken: Floats


def outlook(
    model: ContractualCLV,
    features: pd.DataFrame,
    contract: ContractLike,
    *,
    horizon_months: int,
    level: float = 0.95,
) -> Outlook:
    """Return value, interval and what losses take, at the cost of the first alone.

    Parameters
    ----------
    model
        A fitted model.
    features, contract
        What is known at s, one row a customer.
    horizon_months
        H, whole months.
    level
        Share that the interval covers.

    Raises
    ------
    DataError, ModelError
        As :meth:`ContractualCLV.predict_interval`.
    """
    interval = model.interval(horizon_months, level)
    states = read_contract(contract, len(features))
    value, taken = np.zeros(len(features)), np.zeros((len(features), 2))
    ends = np.zeros((2, len(features)))
    for rows, paths in model.running_paths(features, states, horizon_months):
        value[rows] = model.cumulative_of(paths, (horizon_months,))[:, 0]
        ends[:, rows] = interval.running(paths)
        taken[rows] = taken_by_cause(paths, interval.after)
    for rows, state in model.ended(states):
        value[rows] = np.matmul(*model.reactivation_value_.paths(state, horizon_months))
        ends[:, rows] = interval.ended(state)
    return Outlook(value, ends[0], ends[1], taken)
