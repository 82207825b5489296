"""The effect of each row month by month after the decision: when value comes, and when it covers the cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ...core.records import RowKind
from .estimate import Estimated

__all__ = ["effects_by_month"]

_COLUMNS = ("kind", "action", "initiative", "month", "cumulated_incremental_clv", "realised", "cost")


def effects_by_month(estimated: Sequence[Estimated], rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line a row with a decomposition and month 0, 1, ..., H after the decision.

    Parameters
    ----------
    estimated, rows
        The estimates, and their rows of the statement in the same order.

    Returns
    -------
    pandas.DataFrame
        kind, action, initiative, month, cumulated_incremental_clv (total over the treated until the month's end),
        realised (whether the month lies wholly within the follow-up, so that its value came in) and cost.
    """
    parts = []
    for one, cost in zip(estimated, rows["cost"], strict=True):
        decomposition = one.effect.decomposition
        if decomposition is None or not (one.headline or one.kind != RowKind.ACTION):
            continue
        months = np.arange(len(decomposition.by_month))
        seen = 0 if one.trial.monthly is None else one.trial.monthly.shape[1]
        part = pd.DataFrame(
            {"month": months, "cumulated_incremental_clv": decomposition.by_month * one.trial.treated.sum()}
        )
        part = part.assign(kind=one.kind.value, action=one.trial.action, initiative=one.initiative, cost=cost)
        parts.append(part.assign(realised=months <= seen))
    return pd.concat(parts, ignore_index=True)[list(_COLUMNS)] if parts else pd.DataFrame(columns=list(_COLUMNS))
