"""What voluntary and involuntary loss each take from a customer's expected value.

With lost_c(j) the probability to be lost to cause c in month j, R_j the value from there to the horizon of one who is
never lost, and W_c what an ended customer is still worth, the expected value splits exactly:

    V = V(never lost) - sum over c of  sum over j of  lost_c(j) (R_j - W_c(0, H - j))

The second term is what cause c takes while the other is at work. Turning one cause off is another question: who does
not leave of himself lives on to have a payment fail, so the gain is less than what the cause takes. It needs the
assumption that, given the features, turning off one cause leaves the other's hazard among those at risk as it is
(competing risks are not identified without it: Tsiatis 1975, PNAS 72(1)).
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from ...core.arrays import Floats
from .cash_flow import RunningPaths
from .contract import ContractLike, read_contract
from .hazard import HazardPaths
from .reactivation import AfterLoss
from .value import ContractualCLV

__all__ = ["taken_by_cause", "value_by_cause"]


_COLUMNS = (
    "clv",
    "lost_voluntary",
    "lost_involuntary",
    "never_lost",
    "without_voluntary",
    "without_involuntary",
    "chance_stays",
    "chance_voluntary",
    "chance_involuntary",
)


def value_by_cause(
    model: ContractualCLV, features: pd.DataFrame, contract: ContractLike, *, horizon_months: int
) -> pd.DataFrame:
    """Return the outcomes of n customers and their expected value under each cause of loss.

    Parameters
    ----------
    model
        A fitted model.
    features, contract
        What is known at s, one row a customer.
    horizon_months
        H, whole months.

    Returns
    -------
    pandas.DataFrame
        Index of ``features``; NaN where no subscription runs, but ``clv``:

        - ``clv``: expected value over (s, s + H], as :meth:`ContractualCLV.predict`.
        - ``lost_voluntary``, ``lost_involuntary``: what the expected value loses to each cause, restarts counted
          against it; clv + both = ``never_lost``, the value of one who is never lost.
        - ``without_voluntary``, ``without_involuntary``: expected value with that cause turned off; who is lost to the
          other one and comes back faces both again.
        - ``chance_stays``, ``chance_voluntary``, ``chance_involuntary``: of running without a loss until s + H, and
          of a first loss to each cause; they sum to 1.

    Raises
    ------
    DataError, ModelError
        As :meth:`ContractualCLV.predict`.
    """
    state = read_contract(contract, len(features))
    table = np.full((len(features), len(_COLUMNS)), np.nan)
    table[:, 0] = model.predict(features, state, horizon_months=horizon_months)
    after = model.reactivation_value_.after_loss(horizon_months)
    for rows, paths in model.running_paths(features, state, horizon_months):
        never = paths.payment.sum(axis=1) + (paths.ancillary - paths.costs).sum(axis=1)
        off = [_value(_without(paths, cause), after) for cause in (0, 1)]
        chances = [paths.survival[:, -1], *paths.lost().sum(axis=2)]
        table[rows, 1:] = np.column_stack([taken_by_cause(paths, after), never, *off, *chances])
    return pd.DataFrame(table, columns=list(_COLUMNS), index=features.index)


def taken_by_cause(paths: RunningPaths, after: AfterLoss) -> Floats:
    """Return what each cause of loss takes from the expected value of n running customers, (n, 2)."""
    lost, rest = paths.lost(), _rest_of_one_who_stays(paths)
    return np.column_stack([((rest - after.mean[c]) * lost[c]).sum(axis=1) for c in (0, 1)])


def _rest_of_one_who_stays(paths: RunningPaths) -> Floats:
    """Return R_j for a loss in month j: payments from j on, extras and costs from the middle of j, (n, months)."""
    besides = paths.ancillary - paths.costs
    whole = paths.payment + besides
    from_here = np.cumsum(whole[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(from_here - besides / 2)


def _without(paths: RunningPaths, cause: int) -> RunningPaths:
    """Return the paths with one cause turned off (0 voluntary, 1 involuntary).

    Payment failure strikes those who have not left in the month: its own hazard is involuntary / (1 - voluntary).
    """
    h1, both = paths.hazards.voluntary, paths.hazards.involuntary
    alone = both / np.maximum(1 - h1, 1e-12)
    none = np.zeros_like(h1)
    hazards = HazardPaths(none, alone) if cause == 0 else HazardPaths(h1, none)
    return dataclasses.replace(paths, hazards=hazards, survival=hazards.survival())


def _value(paths: RunningPaths, after: AfterLoss) -> Floats:
    return np.asarray(paths.flow().sum(axis=1) + paths.after_loss(after.mean))
