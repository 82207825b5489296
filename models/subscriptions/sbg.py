"""How long contracts last: shifted-beta-geometric and beta-discrete-Weibull survival, period by period.

Sources: Fader & Hardie 2007, "How to project customer retention", Journal of Interactive Marketing 21(1) (sBG,
called FH07); Fader, Hardie, Liu, Davin & Steenburgh 2018, "How to project customer retention revisited: the role
of duration dependence", same journal 43 (BdW); Fader & Hardie 2010, "Customer-base valuation in a contractual
setting: the perils of ignoring heterogeneity", Marketing Science 29(1) (residual lifetime, called FH10).

A customer who has survived t - 1 periods is lost in period t with the hazard h(t); S(t) survive t periods.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import betaln, hyp2f1
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Floats, Ints
from ...core.errors import DataError, ModelError
from ...core.short_repr import ShortRepr
from ..fitting.likelihood import Fit, WithGradient, covariance, maximise

__all__ = ["BetaDiscreteWeibull", "RiskTable", "ShiftedBetaGeometric", "risk_table"]


_LARGEST_IN_2F1 = 60.0
_GAIN = 0.01
"""A log-likelihood gain below this over customers who do not differ is no evidence that they do."""


@dataclass(frozen=True)
class RiskTable(ShortRepr):
    """Counts by period t = 1, 2, ...: customers ``at_risk`` (survived t - 1, under observation), ``lost`` of them."""

    period: Ints
    at_risk: Floats
    lost: Floats


def risk_table(entry: ArrayLike, last: ArrayLike, lost: ArrayLike, sample_weight: ArrayLike | None = None) -> RiskTable:
    """Return the counts of n customers, those who began before the log included (delayed entry).

    Parameters
    ----------
    entry
        Periods a customer had already survived when observation began, whole and >= 0; 0 if seen from the start.
        He counts at risk from period ``entry`` + 1 on: his contribution is conditional on S(entry).
    last
        Last period observed to its end, or the one in which he was lost; whole, >= ``entry``.
    lost
        Whether he was lost in period ``last``.
    sample_weight
        Customers that each row stands for.

    Raises
    ------
    DataError
        Numbers that are not whole, an observation that ends before it begins, or a loss outside it.

    Examples
    --------
    >>> table = risk_table(entry=[0, 0, 2], last=[1, 3, 4], lost=[True, False, True])
    >>> table.period.tolist(), table.at_risk.tolist(), table.lost.tolist()
    ([1, 2, 3, 4], [2.0, 1.0, 2.0, 1.0], [1.0, 0.0, 0.0, 1.0])
    """
    start, stop = np.asarray(entry, dtype=np.float64), np.asarray(last, dtype=np.float64)
    gone = np.asarray(lost, dtype=bool)
    weight = np.ones(len(start)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if not (start == np.round(start)).all() or not (stop == np.round(stop)).all():
        raise DataError("expected whole periods; count completed periods, not months with a fraction")
    if (start < 0).any() or (stop < start).any() or (gone & (stop == start)).any():
        raise DataError("expected 0 <= entry <= last, and entry < last where a customer was lost; check the periods")
    size = int(stop.max(initial=0)) + 2
    begins = np.bincount(start.astype(int) + 1, weights=weight, minlength=size)[:size]
    ends = np.bincount(stop.astype(int) + 1, weights=weight, minlength=size)[:size]
    at_risk = np.cumsum(begins - ends)
    losses = np.bincount(stop[gone].astype(int), weights=weight[gone], minlength=size)[:size]
    return RiskTable(np.arange(1, size - 1), at_risk[1:-1].astype(float), losses[1:-1].astype(float))


Curve = Callable[[Floats, Floats], Floats]
Slope = Callable[[Floats, Floats, Floats, Floats], tuple[float, Floats]]


def _log_s_sbg(theta: Floats, t: Floats) -> Floats:
    alpha, beta = np.exp(theta)
    return np.asarray(betaln(alpha, beta + t) - betaln(alpha, beta))


def _log_s_bdw(theta: Floats, t: Floats) -> Floats:
    alpha, beta, c = np.exp(theta)
    return np.asarray(betaln(alpha, beta + t**c) - betaln(alpha, beta))


def _log_s_geometric(theta: Floats, t: Floats) -> Floats:
    return np.asarray(-t * np.log1p(np.exp(theta[0])))


def _log_s_weibull(theta: Floats, t: Floats) -> Floats:
    return np.asarray(-(t ** np.exp(theta[1])) * np.log1p(np.exp(theta[0])))


def _slope_sbg(theta: Floats, t: Floats, n: Floats, d: Floats) -> tuple[float, Floats]:
    """Return log-likelihood and gradient by h(t) = alpha / (alpha + beta + t - 1), FH07, equation (6)."""
    alpha, beta = np.exp(theta)
    kept, whole = beta + t - 1.0, alpha + beta + t - 1.0
    value = d.sum() * theta[0] + (n - d) @ np.log(kept) - n @ np.log(whole)
    among = (n / whole).sum()
    return float(value), np.array([d.sum() - alpha * among, beta * (((n - d) / kept).sum() - among)])


def _slope_geometric(theta: Floats, _: Floats, n: Floats, d: Floats) -> tuple[float, Floats]:
    """Return log-likelihood and gradient by h(t) = odds / (1 + odds)."""
    odds, lost, seen = np.exp(theta[0]), d.sum(), n.sum()
    return float(lost * theta[0] - seen * np.log1p(odds)), np.array([lost - seen * odds / (1.0 + odds)])


@dataclass(frozen=True)
class _Family:
    """A survival curve: its name, its positive parameters, log S(log parameters, t), and where to start.

    ``slope`` is the log-likelihood with its gradient, (log parameters, t, at risk, lost), where the formula is known.
    """

    name: str
    parameters: tuple[str, ...]
    log_survival: Curve
    starts: tuple[tuple[float, ...], ...]
    slope: Slope | None = None

    def maximise(self, t: Floats, n: Floats, d: Floats) -> Fit:
        """Return the maximum in the box; exponents within [1/20, 20], others within [1e-6, 1e4]."""
        low = np.log([0.05 if name == "c" else 1e-6 for name in self.parameters])
        high = np.log([20.0 if name == "c" else 1e4 for name in self.parameters])
        likelihood, gradient = self.likelihood(t, n, d)
        return maximise(likelihood, [np.log(start) for start in self.starts], low, high, gradient)

    def likelihood(self, t: Floats, n: Floats, d: Floats) -> tuple[Callable[[Floats], float], WithGradient | None]:
        """Return the log-likelihood of d lost of n at risk in period t, and the same with its gradient if known."""
        slope = self.slope
        gradient = None if slope is None else lambda theta: slope(theta, t, n, d)
        return lambda theta: _log_likelihood(self, theta, t, n, d), gradient


class _DiscreteSurvival(BaseEstimator):
    """What both models share: the likelihood of a risk table, its maximum, and what follows from S(t).

    A family declares log S(t) of customers who differ (``_mixed``) and of customers who are alike (``_alike``),
    the limit where heterogeneity vanishes (alpha and beta grow without bound).
    """

    _mixed: ClassVar[_Family]
    _alike: ClassVar[_Family]

    @classmethod
    def of(cls, *parameters: float) -> Self:
        """Return the model with known parameters, in the order of ``params_``, as if fitted: a published curve.

        Its log-likelihood and covariance are NaN.

        Raises
        ------
        ModelError
            Not as many positive numbers as the model has parameters.
        """
        names = list(cls._mixed.parameters)
        if len(parameters) != len(names) or not all(np.isfinite(p) and p > 0 for p in parameters):
            raise ModelError(f"expected positive numbers for {', '.join(names)}, got {parameters}")
        model = cls()
        model.family_, model.limit_, model.message_ = cls._mixed, None, "parameters as given"
        model.theta_ = np.log(np.array(parameters, dtype=np.float64))
        model.params_ = pd.Series(parameters, index=names, dtype=float)
        model.log_likelihood_ = np.nan
        model.covariance_ = pd.DataFrame(np.nan, index=names, columns=names)
        return model

    def fit(self, period: ArrayLike, at_risk: ArrayLike, lost: ArrayLike) -> Self:
        """Learn from counts, one row a period or a (cohort, period); periods need not begin at 1.

        The log-likelihood is sum lost log h(t) + (at_risk - lost) log(1 - h(t)): that of FH07 where a cohort is
        seen from its start, and conditional on S(entry) where it is not.

        Parameters
        ----------
        period
            t of each row, whole and >= 1.
        at_risk, lost
            Customers who survived t - 1 periods under observation, and those of them lost in t; may be weighted.

        Raises
        ------
        DataError
            Impossible counts, nobody lost, or nobody kept.
        """
        t, n, d = _counts(period, at_risk, lost)
        fits = {family: family.maximise(t, n, d) for family in (self._mixed, self._alike)}
        gain = fits[self._mixed].log_likelihood - fits[self._alike].log_likelihood
        self.family_ = self._mixed if gain > _GAIN else self._alike
        self.limit_ = None if gain > _GAIN else self._alike.name
        best = fits[self.family_]
        self.theta_ = best.theta
        names = list(self.family_.parameters)
        self.params_ = pd.Series(np.exp(best.theta), index=names)
        self.log_likelihood_ = best.log_likelihood
        matrix = np.full((len(names),) * 2, np.nan)
        if not best.at_bound.any():
            likelihood, gradient = self.family_.likelihood(t, n, d)
            matrix = covariance(likelihood, best.theta, gradient)
        self.covariance_ = pd.DataFrame(matrix, index=names, columns=names)
        edge = [name for name, at in zip(names, best.at_bound, strict=True) if at]
        self.message_ = "customers do not differ: " + self.family_.name if self.limit_ else "customers differ"
        self.message_ += f"; at the edge of the search: {', '.join(edge)}" if edge else ""
        return self

    def survival(self, t: ArrayLike) -> Floats:
        """Return S(t), the share that survives t periods, same shape as t (t >= 0, S(0) = 1)."""
        check_is_fitted(self)
        return np.asarray(np.exp(self.family_.log_survival(self.theta_, _times(t, 0))))

    def conditional_survival(self, t: ArrayLike, *, survived: ArrayLike) -> Floats:
        """Return S(survived + t) / S(survived): who reached ``survived`` periods survives t more; they broadcast.

        In logarithms, so that it holds where S itself is no longer a number above 0.
        """
        check_is_fitted(self)
        begun = _times(survived, 0)
        ahead = self.family_.log_survival(self.theta_, begun + _times(t, 0))
        return np.asarray(np.exp(ahead - self.family_.log_survival(self.theta_, begun)))

    def hazard(self, t: ArrayLike) -> Floats:
        """Return h(t) = 1 - S(t) / S(t - 1), the share lost in period t of those who reached it (t >= 1)."""
        check_is_fitted(self)
        return _hazard(self.family_, self.theta_, _times(t, 1))

    def retention(self, t: ArrayLike) -> Floats:
        """Return 1 - h(t), the retention rate of period t (t >= 1)."""
        return 1.0 - self.hazard(t)

    def discounted_residual_lifetime(self, n: ArrayLike, *, discount_rate: float) -> Floats:
        """Return the discounted periods still expected of a customer in period n, same shape as n.

        Counted just before his n-th renewal decision, the first renewed period undiscounted: DERL = sum over
        t >= n of S(t) / S(n - 1) (1 + d)^-(t - n), FH10 equation (5), d > 0 a period. Summed until the discount is
        below 1e-14: for d of .001 and more the relative error stays below 1e-10.

        Raises
        ------
        ModelError
            ``discount_rate`` is not positive: the sum need not be finite.
        """
        check_is_fitted(self)
        if discount_rate <= 0:
            raise ModelError(f"expected a positive discount rate a period, got {discount_rate}")
        start = np.asarray(_times(n, 1))
        ahead = np.arange(int(np.ceil(np.log(1e14) / np.log1p(discount_rate))))
        log_s = self.family_.log_survival(self.theta_, start[..., None] + ahead)
        before = self.family_.log_survival(self.theta_, start - 1.0)
        return np.asarray(np.exp(log_s - before[..., None]) @ (1.0 + discount_rate) ** -ahead.astype(float))

    def discounted_lifetime(self, *, discount_rate: float) -> float:
        """Return DEL, the discounted periods expected of a customer who starts now, the first one included.

        DEL = sum over t >= 0 of S(t) (1 + d)^-t = 1 + DERL(1) / (1 + d); for the sBG 2F1(1, beta; alpha + beta;
        1 / (1 + d)), FH10. Raises as :meth:`discounted_residual_lifetime`.
        """
        return 1.0 + float(self.discounted_residual_lifetime(1, discount_rate=discount_rate)) / (1.0 + discount_rate)


class ShiftedBetaGeometric(_DiscreteSurvival):
    """sBG: a constant chance of loss for each customer, Beta(alpha, beta) over customers; FH07, equation (5).

    S(t) = B(alpha, beta + t) / B(alpha, beta), h(t) = alpha / (alpha + beta + t - 1): retention rises with age
    because those likely to leave go first.

    Attributes
    ----------
    params_ : Series
        alpha and beta; in the limit ``geometric``, where customers do not differ, odds of loss.
    log_likelihood_ : float
    covariance_ : DataFrame
        From the numerical Hessian; NaN at the edge of the search.
    limit_ : str or None
        ``geometric`` where heterogeneity adds less than 0.01 to the log-likelihood.
    message_ : str

    Examples
    --------
    >>> model = ShiftedBetaGeometric().fit([1, 2, 3, 4], [1000, 869, 743, 653], [131, 126, 90, 60])
    >>> model.params_.round(3).to_dict()
    {'alpha': 1.281, 'beta': 7.79}
    >>> model.survival([4, 12]).round(3)
    array([0.592, 0.307])
    >>> round(ShiftedBetaGeometric.of(3.80, 15.20).discounted_residual_lifetime(1, discount_rate=0.1).item(), 2)
    3.31
    """

    _mixed = _Family("sBG", ("alpha", "beta"), _log_s_sbg, ((1.0, 2.0), (0.5, 5.0), (5.0, 50.0)), _slope_sbg)
    _alike = _Family("geometric", ("odds",), _log_s_geometric, ((0.1,), (0.01,)), _slope_geometric)

    def discounted_residual_lifetime(self, n: ArrayLike, *, discount_rate: float) -> Floats:
        """Return DERL in closed form, FH10 equation (6); see the base class for arguments.

        (beta + n - 1) / (alpha + beta + n - 1) 2F1(1, beta + n; alpha + beta + n; 1 / (1 + d)). The sum stands in
        where alpha + beta + n passes 60: from there scipy's 2F1 loses digits (1e-4 near 165), and is NaN beyond 171.
        """
        check_is_fitted(self)
        summed = super().discounted_residual_lifetime
        if self.limit_ or discount_rate <= 0:
            return summed(n, discount_rate=discount_rate)
        alpha, beta = np.exp(self.theta_)
        number = np.atleast_1d(_times(n, 1))
        at = beta + number
        small = alpha + at <= _LARGEST_IN_2F1
        found = np.empty(at.shape)
        here = at[small]
        found[small] = (here - 1) / (alpha + here - 1) * hyp2f1(1, here, alpha + here, 1 / (1 + discount_rate))
        found[~small] = summed(number[~small], discount_rate=discount_rate)
        return found.reshape(np.shape(n))


class BetaDiscreteWeibull(_DiscreteSurvival):
    """BdW: as sBG, but each customer's chance of loss falls (c < 1) or rises (c > 1) with age.

    S(t) = B(alpha, beta + t^c) / B(alpha, beta); Fader et al. 2018, equation (9).

    Attributes
    ----------
    params_ : Series
        alpha, beta and c; in the limit ``discrete_weibull``, where customers do not differ, odds and c.
    log_likelihood_, covariance_, limit_, message_
        As in :class:`ShiftedBetaGeometric`.

    Examples
    --------
    >>> model = BetaDiscreteWeibull.of(0.2593, 1.7225, 1.5844)
    >>> model.survival([1, 4, 12]).round(3)
    array([0.869, 0.593, 0.389])
    >>> model.conditional_survival(1, survived=[0, 4]).round(3)
    array([0.869, 0.922])
    """

    _mixed = _Family(
        "BdW", ("alpha", "beta", "c"), _log_s_bdw, ((1.0, 2.0, 1.0), (0.3, 1.0, 1.5), (5.0, 50.0, 1.0), (0.5, 5.0, 0.7))
    )
    _alike = _Family("discrete_weibull", ("odds", "c"), _log_s_weibull, ((0.1, 1.0), (0.01, 1.2)))


def _log_likelihood(family: _Family, theta: Floats, t: Floats, n: Floats, d: Floats) -> float:
    hazard = np.clip(_hazard(family, theta, t), 1e-300, 1 - 1e-15)
    return float(np.sum(d * np.log(hazard) + (n - d) * np.log1p(-hazard)))


def _hazard(family: _Family, theta: Floats, t: Floats) -> Floats:
    return np.asarray(-np.expm1(family.log_survival(theta, t) - family.log_survival(theta, t - 1)))


def _times(t: ArrayLike, least: int) -> Floats:
    times = np.asarray(t, dtype=np.float64)
    if not (times >= least).all():
        raise DataError(f"expected periods of at least {least}")
    return times


def _counts(period: ArrayLike, at_risk: ArrayLike, lost: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return the rows with somebody at risk, checked."""
    t, n, d = (np.atleast_1d(np.asarray(column, dtype=np.float64)) for column in (period, at_risk, lost))
    if not t.shape == n.shape == d.shape or t.ndim != 1:
        raise DataError(f"expected three columns of equal length, got {t.shape}, {n.shape} and {d.shape}")
    if not (np.isfinite(t) & (t >= 1) & (t == np.round(t))).all():
        raise DataError("expected whole periods of at least 1; count completed periods")
    if not (np.isfinite(n) & (d >= 0) & (d <= n * (1 + 1e-9) + 1e-9)).all():
        raise DataError("expected 0 <= lost <= at_risk in every period; check the risk table")
    if d.sum() <= 0 or (n - d).sum() <= 1e-9:
        raise DataError(
            f"expected customers lost and customers kept to learn from, got {d.sum():g} losses among {n.sum():g} "
            "periods at risk"
        )
    used = n > 0
    return t[used], n[used], np.minimum(d, n)[used]
