"""The lead months ahead of each row: renewals, baselines and tail movements as (n, months) arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats, Positions
from ...core.contract_state import ContractState
from ...core.short_repr import ShortRepr
from .baseline_hazard import Cells, LeadCurve
from .contract import TERM_CLASSES, bucket_of, term_class
from .tail import Tail

__all__ = ["Ahead"]


@dataclass(frozen=True)
class Ahead(ShortRepr):
    """The lead months of n rows.

    Parameters
    ----------
    months, last_lead
        How many lead months, and the last observed one, K.
    bucket
        Bucket of leads of each month, (months,); beyond K it stays that of K.
    renewal, first
        Whether a boundary falls in the month, and whether none was passed before it; 0 or 1, (n, months).
    term_class, pending
        Of each row, (n,).
    period
        Number of the last renewal reached by the end of each month, (n, months).
    period_at_last
        Number of the renewal that stands at lead K, (n,).
    """

    months: int
    last_lead: int
    bucket: Positions
    renewal: Positions
    first: Positions
    term_class: Positions
    pending: Positions
    period: Positions
    period_at_last: Positions

    @classmethod
    def of(cls, state: ContractState, boundaries: Floats, last_lead: int) -> Ahead:
        """Return the lead months of ``state``; beyond ``last_lead`` the bucket stays the last one."""
        months = boundaries.shape[1] - 1
        lead = np.minimum(np.arange(1, months + 1), last_lead)
        until_last = np.maximum(state.boundaries_until(float(last_lead)), 1)
        return cls(
            months,
            last_lead,
            bucket_of(lead),
            (np.diff(boundaries, axis=1) > 0).astype(np.intp),
            (boundaries[:, :-1] < 1).astype(np.intp),
            term_class(state.term_months),
            state.cancel_pending.astype(np.intp),
            (state.renewals_done[:, None] + boundaries[:, 1:]).astype(np.intp),
            (state.renewals_done + until_last).astype(np.intp),
        )

    def baseline(self, curve: LeadCurve) -> Floats:
        """Return the baseline logit of every row and month, (n, months)."""
        observed = min(self.months, self.last_lead)
        sizes = (len(TERM_CLASSES), 2, 2, 2, observed)
        kind, renewal, pending, first, month = np.unravel_index(np.arange(np.prod(sizes)), sizes)
        table = curve.logits(Cells(kind, renewal, pending, first, month + 1))
        lead = np.minimum(np.arange(self.months), observed - 1)
        code = (self.term_class[:, None] * 2 + self.renewal) * 2 + self.pending[:, None]
        return np.asarray(table[(code * 2 + self.first) * observed + lead])

    def movement(self, tail: Tail, cause: int) -> Floats:
        """Return the tail's movement of the logit since the last observed lead, (n, months)."""
        moved = np.zeros(self.renewal.shape)
        late = slice(self.last_lead, None)
        if self.months > self.last_lead:
            now = tail.logits(cause, self.term_class[:, None], self.period[:, late])
            then = tail.logits(cause, self.term_class, self.period_at_last)
            moved[:, late] = (now - then[:, None]) * self.renewal[:, late]
        return moved
