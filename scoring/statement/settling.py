"""What would settle an action that is not proven: the binding reason, and the cheapest experiment, as columns.

The pace of decisions is that of the period, so nothing is asked for that the business does not do already. What is
known counts beside the experiment's result only where chance decided and no check failed; else it has to speak for
itself.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...core.records import RowKind
from ...core.time import DAYS_PER_MONTH
from ...models.effects.doubt import Doubt, Evidence
from ...models.refutation.verdict import Ruling, Verdict
from ...models.targeting.knowing import Belief, Settling, cheapest
from ...models.targeting.power import WIDER
from .estimate import Estimated

__all__ = ["months_between", "settling_columns"]


def months_between(since: pd.Timestamp, until: pd.Timestamp) -> float:
    """Return the length of a period in months, a twelfth of a year each."""
    return float((until - since) / pd.Timedelta(days=DAYS_PER_MONTH))


def settling_columns(
    one: Estimated, verdict: Verdict, doubt: Doubt, unit_cost: float, months: float
) -> dict[str, object]:
    """Return the columns of one estimate; empty of contrasts and of actions that have their verdict.

    Parameters
    ----------
    one, verdict, doubt
        The estimate, the verdict on it, and what its checks take off it.
    unit_cost
        Cost of one treated customer.
    months
        Length of the period.
    """
    if one.kind != RowKind.ACTION or verdict.verdict != Ruling.NOT_PROVEN:
        return _columns("", "", None)
    belief = Belief(doubt.corrected - unit_cost, doubt.error, counts=doubt.evidence == Evidence.RANDOMISED)
    found = cheapest(belief, _spread(one, doubt), _per_month(one, months))
    reason = verdict.reasons[0].code
    if found is None:
        return _columns(reason, "", None)
    return _columns(reason, "experiment" if found.settles else "none", found)


def _spread(one: Estimated, doubt: Doubt) -> float:
    """Return how the outcome spreads after adjusting, with the error of the CLV model and of clusters."""
    spread = doubt.spread * WIDER
    if not one.randomised:
        return spread
    treated = one.trial.treated
    arms = 1 / max(int((treated == 1).sum()), 1) + 1 / max(int((treated == 0).sum()), 1)
    return max(spread, doubt.std_error / float(np.sqrt(arms)))


def _per_month(one: Estimated, months: float) -> float:
    """Return customers decided upon each month: treated ones, those too recent to judge, and those held out."""
    held = int((one.trial.treated == 0).sum()) if one.randomised else 0
    return (int(one.trial.treated.sum()) + one.trial.immature + held) / months if months > 0 else 0.0


def _columns(reason: str, settle: str, found: Settling | None) -> dict[str, object]:
    return {
        "binding_reason": reason,
        "settle": settle,
        "settle_months": np.nan if found is None else float(found.months),
        "settle_customers": np.nan if found is None else float(found.customers),
        "settle_held_out": np.nan if found is None else float(found.held_out),
        "settle_chance": np.nan if found is None else found.chance,
        "settle_forgone": np.nan if found is None else found.forgone,
        "settle_worth": np.nan if found is None else found.worth,
    }
