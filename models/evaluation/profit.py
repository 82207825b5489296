"""What a retention campaign earns at its best cut-off: the maximum profit measures of churn prediction.

Source: Verbraken, Verbeke & Baesens 2013, "A novel profit maximizing metric for measuring classification
performance of customer churn prediction models", IEEE TKDE 25(5), called VVB. Everybody above a cut-off is
contacted at a cost f; a would-be churner accepts an incentive of cost d with probability gamma and then stays,
worth CLV; a loyal customer always accepts. The profit a customer is, with delta = d / CLV and phi = f / CLV,

P(t) = CLV (gamma (1 - delta) - phi) pi1 TPR(t) - CLV (delta + phi) pi0 FPR(t).

A screening measure only: gamma is assumed, not measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = [
    "CampaignTerms",
    "Profit",
    "break_even_risk",
    "expected_maximum_profit",
    "maximum_profit",
    "profit_above",
]


_FEW = 64
"""Points of a curve from which on its corners are sought many at once."""


@dataclass(frozen=True)
class CampaignTerms:
    """What a saved customer is worth (``clv``), and the costs of the incentive and of the contact, in money.

    Examples
    --------
    >>> round(break_even_risk(CampaignTerms(clv=200, incentive_cost=10, contact_cost=1), accept_rate=0.3), 3)
    0.164
    """

    clv: float = 200.0
    incentive_cost: float = 10.0
    contact_cost: float = 1.0


@dataclass(frozen=True)
class Profit:
    """Profit a customer of the base, in money, and the ``fraction`` of the base contacted for it.

    Examples
    --------
    >>> Profit(profit=4.8, fraction=0.25).fraction
    0.25
    """

    profit: float
    fraction: float


def maximum_profit(y: ArrayLike, p: ArrayLike, terms: CampaignTerms, *, accept_rate: float) -> Profit:
    """Return the profit at the best cut-off for a known acceptance ``accept_rate`` (VVB's MPC).

    Parameters
    ----------
    y, p
        Outcome (1 = churner) and score (n,), larger meaning likelier to churn.

    Raises
    ------
    DataError
        No churners or nobody else to judge by.

    Examples
    --------
    >>> best = maximum_profit([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2], CampaignTerms(), accept_rate=0.3)
    >>> round(best.profit, 2), best.fraction
    (25.25, 0.75)
    """
    curve = _hull(y, p)
    delta, phi = terms.incentive_cost / terms.clv, terms.contact_cost / terms.clv
    profit = (accept_rate * (1 - delta) - phi) * curve.pi1 * curve.tpr - (delta + phi) * curve.pi0 * curve.fpr
    best = int(np.argmax(profit))
    return Profit(float(terms.clv * profit[best]), float(curve.contacted[best]))


def expected_maximum_profit(
    y: ArrayLike, p: ArrayLike, terms: CampaignTerms, *, accept_alpha: float = 6.0, accept_beta: float = 14.0
) -> Profit:
    """Return the profit expected over an acceptance ~ Beta, the best cut-off taken for each (VVB's EMPC).

    For acceptance between gamma_i and gamma_(i+1) the i-th corner of the ROC convex hull is best, so that the
    integral is a sum of incomplete beta functions. Arguments as in :func:`maximum_profit`.

    Raises
    ------
    DataError
        No churners or nobody else to judge by.

    Examples
    --------
    >>> best = expected_maximum_profit([1, 0, 1, 0], [0.8, 0.6, 0.4, 0.2], CampaignTerms())
    >>> round(best.profit, 2), round(best.fraction, 2)
    (25.25, 0.75)
    """
    curve = _hull(y, p)
    delta, phi = terms.incentive_cost / terms.clv, terms.contact_cost / terms.clv
    up, right = np.diff(curve.tpr), np.diff(curve.fpr)
    gain = (1 - delta) * curve.pi1 * up
    cost = (delta + phi) * curve.pi0 * right + phi * curve.pi1 * up
    turns = np.divide(cost, gain, out=np.full_like(cost, np.inf), where=gain > 0)
    edges = np.concatenate([[0.0], np.clip(turns, 0.0, 1.0), [1.0]])
    mass = np.diff(beta.cdf(edges, accept_alpha, accept_beta))
    mean = accept_alpha / (accept_alpha + accept_beta)
    accepted = mean * np.diff(beta.cdf(edges, accept_alpha + 1, accept_beta))
    earned = (1 - delta) * curve.pi1 * curve.tpr * accepted
    spent = (phi * curve.pi1 * curve.tpr + (delta + phi) * curve.pi0 * curve.fpr) * mass
    return Profit(float(terms.clv * np.sum(earned - spent)), float(curve.contacted @ mass))


def break_even_risk(terms: CampaignTerms, *, accept_rate: float) -> float:
    """Return the churn probability above which contacting a customer pays: where VVB's profit of one customer is 0.

    p (gamma (CLV - d) - f) = (1 - p) (d + f), so p = (d + f) / (gamma (CLV - d) + d). Above 1, or infinite where an
    accepted incentive costs more than it saves, contacting nobody pays.
    """
    saved = accept_rate * (terms.clv - terms.incentive_cost) + terms.incentive_cost
    return (terms.incentive_cost + terms.contact_cost) / saved if saved > 0 else float("inf")


def profit_above(y: ArrayLike, p: ArrayLike, terms: CampaignTerms, *, accept_rate: float, threshold: float) -> Profit:
    """Return the profit of contacting everybody whose probability ``p`` is above ``threshold``.

    Unlike :func:`maximum_profit` the cut-off is fixed before the outcome is known: this is what the probabilities earn
    as they are, and bad calibration costs. Arguments as there.

    Raises
    ------
    DataError
        Lengths differ, or there is nobody to judge by.
    """
    truth, score = np.asarray(y, dtype=np.float64), np.asarray(p, dtype=np.float64)
    if truth.shape != score.shape or truth.ndim != 1 or not len(truth):
        raise DataError(f"expected one score an outcome, got shapes {truth.shape} and {score.shape}")
    contacted = score > threshold
    saved = accept_rate * (terms.clv - terms.incentive_cost) - terms.contact_cost
    spent = terms.incentive_cost + terms.contact_cost
    each = np.where(truth == 1, saved, -spent) * contacted
    return Profit(float(each.mean()), float(contacted.mean()))


@dataclass(frozen=True)
class _Hull(ShortRepr):
    """Corners of the ROC convex hull from (0, 0) to (1, 1), and the shares of the two classes."""

    tpr: Floats
    fpr: Floats
    pi1: float
    pi0: float

    @property
    def contacted(self) -> Floats:
        return self.pi1 * self.tpr + self.pi0 * self.fpr


def _hull(y: ArrayLike, p: ArrayLike) -> _Hull:
    truth, score = np.asarray(y, dtype=np.float64), np.asarray(p, dtype=np.float64)
    if truth.shape != score.shape or truth.ndim != 1 or not 0 < truth.sum() < len(truth):
        raise DataError(f"expected outcomes 0 and 1 and a score for each, got {truth.sum():g} churners of {truth.size}")
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)
    positives = np.append(0.0, np.cumsum(truth[order])[last])
    negatives = np.append(0.0, np.cumsum(1 - truth[order])[last])
    fpr, tpr = _corners(negatives, positives)
    share = float(truth.mean())
    return _Hull(tpr / truth.sum(), fpr / (1 - truth).sum(), share, 1 - share)


def _corners(right: Floats, up: Floats) -> tuple[Floats, Floats]:
    """Return the corners of the upper convex hull of points that rise, the first and the last among them."""
    # A point on or below the line between its neighbours is no corner, whether those are corners or not: most go so,
    # many at once. The rest is gone through one by one (Andrew 1979).
    while len(right) > _FEW:
        inner = _bends_up(right[:-2], up[:-2], right[1:-1], up[1:-1], right[2:], up[2:])
        if 8 * int(inner.sum()) < len(right):
            break
        kept = np.concatenate([[True], ~inner, [True]])
        right, up = right[kept], up[kept]
    corners: list[tuple[float, float]] = []
    for point in zip(right.tolist(), up.tolist(), strict=True):
        while len(corners) > 1 and _bends_up(*corners[-2], *corners[-1], *point):
            corners.pop()
        corners.append(point)
    fpr, tpr = np.array(corners).T
    return fpr, tpr


def _bends_up(ax: Any, ay: Any, bx: Any, by: Any, cx: Any, cy: Any) -> Any:
    """Return whether the way a -> b -> c bends upwards or not at all: then b is no corner of the hull."""
    return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax) >= 0
