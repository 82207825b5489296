"""Smooth baseline of a monthly hazard: a ridge logistic regression on cells of person-months.

A cell is (term class, renewal month or not, cancellation pending, first boundary not yet passed, lead). The
logit of the hazard is linear in the cell's basis: term class x renewal, hinges in log lead, both crossed,
what a pending cancellation adds, and what sets a renewal in the first month apart. Fitted by penalised Newton steps
on sums over cells.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

from ...core.arrays import Floats, Positions
from ...core.short_repr import ShortRepr
from .contract import BUCKET_STARTS, TERM_CLASSES, totals

__all__ = ["Cells", "LeadCurve"]


_STIFF = 25.0  # few are left at late leads, and the tail starts there: bends need evidence
_LARGEST_STEP = 2.0
_STEPS = 60


@dataclass(frozen=True)
class Cells(ShortRepr):
    """C cells of person-months: five arrays of shape (C,); flags are 0 or 1."""

    term_class: Positions
    renewal: Positions
    pending: Positions
    first: Positions
    lead: Positions

    def basis(self) -> tuple[Floats, Floats]:
        """Return the basis (C, P) and the ridge penalty (P,) of each column."""
        one = np.ones(len(self.lead))
        log_lead = np.log(self.lead)
        renewal = self.renewal.astype(float)
        bends = [np.maximum(log_lead - np.log(start - 0.5), 0) for start in BUCKET_STARTS[1:]]
        columns = [(one, 1e-6), (renewal, 1e-3), (log_lead, 1.0), (log_lead * renewal, 5.0)]
        columns += [(bend, _STIFF) for bend in bends]
        columns += [(bend * renewal, 2 * _STIFF) for bend in bends]
        for position in range(len(TERM_CLASSES)):
            inside = (self.term_class == position).astype(float)
            columns += [(inside, 0.05), (inside * renewal, 0.05), (inside * log_lead, 5.0)]
            columns += [(inside * bend, 2 * _STIFF) for bend in bends]
            # Who must give notice and has not can no longer leave at a boundary that is near.
            columns += [(inside * renewal * (self.lead == 1), 0.2)]
        pending = self.pending.astype(float)
        columns += [(pending, 0.2), (pending * renewal, 0.2), (pending * renewal * self.first, 0.2)]
        return np.column_stack([column for column, _ in columns]), np.array([p for _, p in columns])


class LeadCurve:
    """Baseline logit of one cause's hazard.

    Attributes
    ----------
    coef_ : ndarray of shape (P,)
        Coefficients of :meth:`Cells.basis`.
    """

    coef_: Floats

    def fit(self, cells: Cells, at_risk: Floats, events: Floats) -> LeadCurve:
        """Fit to weighted person-months and events of each cell, both (C,); returns self."""
        basis, penalty = cells.basis()
        start = np.zeros(basis.shape[1])
        start[0] = logit(np.clip(events.sum() / max(at_risk.sum(), 1e-12), 1e-7, 1 - 1e-7))

        def sums(eta: Floats) -> tuple[Floats, Floats]:
            p = expit(eta)
            return events - at_risk * p, at_risk * p * (1 - p)

        self.coef_ = _newton(basis, penalty, start, sums)
        return self

    def refit(self, cells: Cells, cell: Positions, weight: Floats, event: Floats, score: Floats) -> LeadCurve:
        """Refit from the present coefficients with person-months' own scores added to the logit.

        Parameters
        ----------
        cells
            The C cells.
        cell, weight, event, score
            Of each of N person-months: its cell, weight, whether the event happened, and its score on the
            logit scale; all of shape (N,).
        """
        basis, penalty = cells.basis()
        count = len(cells.lead)
        events = totals(cell, weight * event, count)

        def sums(eta: Floats) -> tuple[Floats, Floats]:
            p = expit(eta[cell] + score)
            expected = weight * p
            return (
                events - totals(cell, expected, count),
                totals(cell, expected * (1 - p), count),
            )

        self.coef_ = _newton(basis, penalty, self.coef_, sums, steps=6)
        return self

    def logits(self, cells: Cells) -> Floats:
        """Return the logit of the baseline hazard of each cell, (C,)."""
        return np.asarray(cells.basis()[0] @ self.coef_)


def _newton(
    basis: Floats,
    penalty: Floats,
    start: Floats,
    sums: Callable[[Floats], tuple[Floats, Floats]],
    steps: int = _STEPS,
) -> Floats:
    """Return the penalised maximum; ``sums`` gives residual and curvature of each cell at its logit."""
    coef = start.copy()
    for _ in range(steps):
        residual, curvature = sums(basis @ coef)
        gradient = basis.T @ residual - penalty * coef
        hessian = (basis * curvature[:, None]).T @ basis + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        largest = np.abs(basis @ step).max()
        coef += step * min(1.0, _LARGEST_STEP / max(largest, 1e-12))
        if largest < 1e-6:
            break
    return coef
