"""Who had churned by each of several days after an instant: the label of churn, seen while it ripens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.short_repr import ShortRepr
from ...core.time import utc_instants
from ..tables.tables import Tables
from .churn_labels import churn_labels

__all__ = ["ChurnByLead", "churn_by_lead"]


@dataclass(frozen=True)
class ChurnByLead(ShortRepr):
    """What became of n customers.

    Parameters
    ----------
    leads
        Days after ``as_of``, ascending.
    at_risk
        Who was at risk at ``as_of``, (n,).
    seen
        Whether each lead is over, grace period included, (n, leads).
    churned
        Whether each had churned by each of the leads, (n, leads), as the label with that horizon says; False where not
        at risk or not seen. Who had churned by a lead and runs again at a later one (after more than the grace period)
        has churned by the first and not by the second.
    """

    leads: tuple[int, ...]
    at_risk: Bools
    seen: Bools
    churned: Bools

    @property
    def gone(self) -> Bools:
        """Whether each had churned by that lead or an earlier one, (n, leads)."""
        return np.asarray(np.logical_or.accumulate(self.churned, axis=1))

    def take(self, rows: Bools) -> ChurnByLead:
        """Return it for some of the customers, by a mask (n,)."""
        return ChurnByLead(self.leads, self.at_risk[rows], self.seen[rows], self.churned[rows])


def churn_by_lead(tables: Tables, spine: pd.DataFrame, leads: Sequence[int], until: pd.Timestamp) -> ChurnByLead:
    """Return who of the spine had churned by each lead, as far as it is over by ``until`` and the end of the data.

    Each lead is the churn horizon of :func:`~.churn_labels.churn_labels` in its turn; that of the config is among them
    or not, as the caller likes. A lead is one query for all instants of the spine.

    Parameters
    ----------
    tables
        The business.
    spine
        customer_id and as_of (naive UTC instants), n rows.
    leads
        Days after ``as_of``.
    until
        Until when is looked, naive UTC.

    Raises
    ------
    DataError
        The spine is malformed, or the table that churn rests on is missing.
    """
    ordered = tuple(sorted(int(lead) for lead in leads))
    config, end = tables.config, min(until, tables.data_until)
    left = pd.Series(utc_instants(spine["as_of"]))
    seen = np.column_stack(
        [left + pd.Timedelta(days=lead + config.churn.grace_days) <= end for lead in ordered]
    ).reshape(len(spine), len(ordered))
    churned, at_risk = np.zeros_like(seen), np.zeros(len(spine), dtype=bool)
    for place, lead in enumerate(ordered):
        rows = np.ones(len(spine), dtype=bool) if place == 0 else seen[:, place]
        if not rows.any():
            continue
        churn = config.churn.model_copy(update={"horizon_days": lead})
        labels = churn_labels(replace(tables, config=config.model_copy(update={"churn": churn})), spine[rows])
        churned[rows, place] = (labels["churned"].to_numpy() == 1) & seen[rows, place]
        if place == 0:
            at_risk = labels["at_risk"].to_numpy(dtype=bool)
    return ChurnByLead(ordered, at_risk, seen, churned)
