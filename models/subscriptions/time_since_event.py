"""What events leave behind by the time since each: in the log-odds of a loss, and in a monthly rate of money.

Boosted trees are shrunk, and hardly see what changes the hazard of few customers by little. Whoever compares customers
with and without an event (a service action, say) needs just that contrast: so it is fitted once more, on top of trees
and baseline, as a step function of the time since the event. Under a light penalty the expected losses in each step
are nearly the observed ones: the targeting step of targeted learning (van der Laan & Rubin 2006, "Targeted maximum
likelihood learning"), with the events' indicators for its clever covariates. Money needs it as well: who was held out
is offered again sooner than who was not, and who was served well buys more extras for a while.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.special import expit

from ...core.arrays import Floats, Positions
from ...core.short_repr import ShortRepr

__all__ = ["Exposure", "MoneySinceEvent", "TimeSinceEvent", "months_in_steps"]


_STARTS = np.array([0.0, 3.0, 6.0, 12.0, 18.0])
"""Months since the event at which a step begins; the last step lasts."""
_RIDGE = np.array([2.0, 2.0, 2.0, 4.0, 60.0])
"""Penalty on the coefficient of each step: so many events pull as hard. The last step is carried to the end of every
horizon and seen least: it is believed on evidence only."""
_SMOOTH = 20.0
"""Penalty on the change from one step to the next: what an event does fades, it seldom turns, and each step alone sees
few losses."""
_STEPS = 8
_RATE_RIDGE = np.array([50.0, 50.0, 50.0, 100.0, 500.0])
"""As _RIDGE, in months: money says more in a month than whether a customer is lost in it."""
_RATE_SMOOTH = 200.0
"""As _SMOOTH, in months."""


def _step_of(since: Floats) -> Positions:
    """Return the step in which each time since an event lies, same shape; times are not missing."""
    return np.maximum(np.searchsorted(_STARTS, since, side="right") - 1, 0)


@dataclass(frozen=True)
class Exposure(ShortRepr):
    """The person-months that come after an event, of N in all.

    Parameters
    ----------
    rows
        Positions of the person-months after one event or more, (m,).
    kind
        Of each of these its row of ``design``, (m,): many lie in the same steps after the same events.
    design
        The distinct steps, one column a clock and step, (kinds, clocks x steps).
    """

    rows: Positions
    kind: Positions
    design: csr_matrix

    @classmethod
    def of(cls, since: Floats, row: Positions, lead: Positions) -> Exposure:
        """Return the exposure of person-months.

        Parameters
        ----------
        since
            Months from each event to the landmark, NaN where there was none, (landmarks, clocks).
        row, lead
            Landmark and lead month of each person-month, (N,).
        """
        after = np.asarray(np.isfinite(since).any(axis=1))
        rows = np.flatnonzero(after[row])
        at = since[row[rows]] + lead[rows, None] - 0.5
        # Numbered from 1, 0 where there was no event.
        step = np.where(np.isfinite(at), _step_of(at) + 1, 0).astype(np.int8)
        kinds, kind = np.unique(step, axis=0, return_inverse=True)
        place, event_age = np.nonzero(kinds)
        column = event_age * len(_STARTS) + kinds[place, event_age] - 1
        shape = (len(kinds), since.shape[1] * len(_STARTS))
        return cls(rows, kind.ravel(), csr_matrix((np.ones(len(place)), (place, column)), shape=shape))


class TimeSinceEvent:
    """Profile of the log-odds after each of c events.

    Attributes
    ----------
    coef_ : ndarray of shape (c, steps)
        What is added to the logit in each step of the time since the event.
    """

    coef_: Floats

    def fit(self, exposure: Exposure, weight: Floats, event: Floats, logits: Floats) -> TimeSinceEvent:
        """Fit to weights, events (0 or 1) and logits without aftermath of N person-months; returns self."""
        x, rows, kind = exposure.design, exposure.rows, exposure.kind
        w, y, eta = weight[rows], event[rows], logits[rows]
        penalty = _penalty(x.shape[1] // len(_STARTS), _RIDGE, _SMOOTH)
        coef = np.zeros(x.shape[1])
        for _ in range(_STEPS):
            p = expit(eta + (x @ coef)[kind])
            slope, bend = (np.bincount(kind, each, x.shape[0]) for each in (w * (y - p), w * p * (1 - p)))
            curvature = x.T @ x.multiply(bend[:, None])
            step = np.linalg.solve(curvature.toarray() + penalty, x.T @ slope - penalty @ coef)
            coef += np.clip(step, -1.0, 1.0)
            if np.abs(step).max(initial=0.0) < 1e-5:
                break
        self.coef_ = coef.reshape(-1, len(_STARTS))
        return self

    def added(self, exposure: Exposure, count: int) -> Floats:
        """Return what is added to the logits of ``count`` person-months, (count,)."""
        total = np.zeros(count)
        total[exposure.rows] = (exposure.design @ self.coef_.ravel())[exposure.kind]
        return total

    def ahead(self, since: Floats, months: int) -> Floats:
        """Return what is added in lead month 1..``months`` of rows with ``since`` (n, c), (n, months)."""
        return _ahead(self.coef_, since, months)


def months_in_steps(since: Floats, exposure: Floats) -> csr_matrix:
    """Return the months of each row's exposure that lie in each step after each event, (n, clocks x steps).

    Parameters
    ----------
    since
        Months from each event to the row's instant, NaN where there was none, (n, clocks).
    exposure
        Months from that instant on, (n,).
    """
    ends = np.append(_STARTS[1:], np.inf)
    row, event_age = np.nonzero(np.isfinite(since))
    begun = since[row, event_age][:, None]
    spent = np.minimum(begun + exposure[row][:, None], ends) - np.maximum(begun, _STARTS)
    place, step = np.nonzero(spent > 0)
    column = event_age[place] * len(_STARTS) + step
    return csr_matrix((spent[place, step], (row[place], column)), shape=(len(since), since.shape[1] * len(_STARTS)))


class MoneySinceEvent:
    """Profile of a monthly rate of money after each of c events: least squares on what is left of each exposure's sum.

    Attributes
    ----------
    coef_ : ndarray of shape (c, steps)
        Money a month that is added in each step of the time since the event.
    """

    coef_: Floats

    def fit(self, spent: csr_matrix, exposure: Floats, left: Floats, weight: Floats) -> MoneySinceEvent:
        """Fit to money ``left`` over the exposures of r rows, with the rows' weights; returns self.

        Parameters
        ----------
        spent
            As :func:`months_in_steps`, (r, c x steps).
        exposure
            Months, positive, (r,): chance adds variance in proportion to it.
        left, weight
            Shape (r,).
        """
        scaled = spent.T.multiply(weight / exposure).tocsr()
        penalty = _penalty(spent.shape[1] // len(_STARTS), _RATE_RIDGE, _RATE_SMOOTH)
        coef = np.linalg.solve((scaled @ spent).toarray() + penalty, scaled @ left)
        self.coef_ = coef.reshape(-1, len(_STARTS))
        return self

    def over(self, spent: csr_matrix) -> Floats:
        """Return the money that is added over exposures with ``spent`` months in each step, (r,)."""
        return np.asarray(spent @ self.coef_.ravel())

    def ahead(self, since: Floats, months: int) -> Floats:
        """Return what is added to the rate in lead month 1..``months`` of rows with ``since`` (n, c), (n, months)."""
        return _ahead(self.coef_, since, months)


def _ahead(coef: Floats, since: Floats, months: int) -> Floats:
    total = np.zeros((len(since), months))
    ahead = np.arange(1, months + 1) - 0.5
    for event_age, profile in enumerate(coef):
        rows = np.flatnonzero(np.isfinite(since[:, event_age]))
        # Ages are days or weeks for many rows at once: the steps of each are looked up once.
        ages, age = np.unique(since[rows, event_age], return_inverse=True)
        total[rows] += profile[_step_of(ages[:, None] + ahead)][age]
    return total


def _penalty(event_ages: int, ridge: Floats, smooth: float) -> Floats:
    """Return the ridge on each coefficient and on the change from one step to the next."""
    change = np.diff(np.eye(len(_STARTS)), axis=0)
    own = np.diag(ridge) + smooth * change.T @ change
    return np.asarray(np.kron(np.eye(event_ages), own))
