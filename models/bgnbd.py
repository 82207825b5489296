"""BG/NBD: how often customers without a contract will buy again.

Source: Fader, Hardie & Lee 2005, "Counting your customers the easy way", Marketing Science 24(2), called
FHL here. While alive a customer buys at a Poisson rate lambda ~ Gamma(r, alpha); after every purchase he
leaves with probability p ~ Beta(a, b). A customer is known by x (repeat purchases), t_x (time of the last
one) and T (age), all times since the first purchase.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, gammaln
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ..core.errors import DataError
from ..core.time import DAYS_PER_MONTH, discount
from .likelihood import Fit, covariance, maximise, quiet_lifetimes, unique_rows
from .quadrature import beta_nodes

__all__ = ["BetaGeoNBD", "CountMoments", "bgnbd_log_likelihood", "nbd_log_likelihood"]

Floats = NDArray[np.float64]

NAMES = ("r", "alpha", "a", "b")

_NODES = 32
_CHUNK = 2_000
_GAIN = 0.01
"""A log-likelihood gain below this over the model without dropout is no evidence of dropout."""

_STARTS = ((0.1, 0.1, 0.1, 0.1), (-1.0, 1.0, 0.0, 1.0), (0.5, 1.5, -1.0, 1.5))
"""Where ``lifetimes`` starts: log(r, alpha, a, b), its times scaled so that the oldest customer is 10."""

_LOW = np.log([1e-4, 1e-6, 1e-5, 1e-4])
_HIGH = np.log([1e4, 1e4, 1e4, 1e4])
"""Box of the own search; alpha in units of the mean age."""


@dataclass(frozen=True)
class CountMoments:
    """P(N >= 1), E[N] and E[N (N - 1)] of a number N of purchases to come; each (n,)."""

    some: Floats
    mean: Floats
    pairs: Floats


def bgnbd_log_likelihood(theta: Floats, x: Floats, t_x: Floats, T: Floats, weight: Floats) -> float:
    """Return the total log-likelihood of log(r, alpha, a, b), FHL equation (6), weights counting customers."""
    r, alpha, a, b = np.exp(theta)
    a1 = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    a2 = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    a3 = -(r + x) * np.log(alpha + T)
    left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    a4 = np.where(x > 0, left, -np.inf)
    return float(np.sum(weight * (a1 + a2 + np.logaddexp(a3, a4))))


def nbd_log_likelihood(theta: Floats, x: Floats, T: Floats, weight: Floats) -> float:
    """Return the total log-likelihood of log(r, alpha) where nobody ever leaves: the limit a -> 0."""
    r, alpha = np.exp(theta)
    return float(np.sum(weight * (gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T))))


class BetaGeoNBD(BaseEstimator):
    """BG/NBD fitted through ``lifetimes`` on distinct (x, t_x, T), with its no-dropout limit recognised.

    Follows scikit-learn's parameter conventions; its input is a purchase history, not (X, y). Nothing of a
    customer is kept.

    Parameters
    ----------
    days_per_unit
        Length of the time unit of t_x and T in days: 1 for days, 7 for weeks.

    Attributes
    ----------
    params_ : Series
        r, alpha (time units), a, b. In the limit without dropout a is 0 and b is NaN.
    log_likelihood_ : float
        Total over customers, FHL equation (6).
    covariance_ : DataFrame
        Of the estimated parameters, from the numerical Hessian of the log-likelihood; NaN at a bound.
    limit_ : str or None
        ``nbd`` where the maximum lies at a -> 0: customers differ in rate, none leaves.
    message_ : str
        How the fit came about.
    """

    def __init__(self, *, days_per_unit: float = 1.0) -> None:
        self.days_per_unit = days_per_unit

    def fit(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        start: BetaGeoNBD | None = None,
    ) -> Self:
        """Learn from n customers: x whole and >= 0, 0 <= t_x <= T, t_x = 0 exactly where x = 0.

        ``start`` is a fit to other weights of the same customers: the search begins there, on the same
        likelihood, instead of going through ``lifetimes`` anew.

        Raises
        ------
        DataError
            A history that cannot be, or nobody who bought again.
        """
        rows, weight, _ = unique_rows({"frequency": frequency, "recency": recency, "T": T}, sample_weight)
        rows, weight = rows[weight > 0], weight[weight > 0]
        check_histories(rows)
        x, t_x, age = (rows[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
        if not (x > 0).any():
            raise DataError(
                f"no repeat purchase among {len(x)} distinct histories; expected some customers to buy twice"
            )

        def bg(theta: Floats) -> float:
            return bgnbd_log_likelihood(theta, x, t_x, age, weight)

        def nbd(theta: Floats) -> float:
            return nbd_log_likelihood(theta, x, age, weight)

        centre = np.array([0.0, np.log(max(float(np.average(age, weights=weight)), 1e-6)), 0.0, 0.0])
        without = maximise(
            nbd, [np.array([s, s]) + centre[:2] for s in (-1.5, 0.0, 1.0)], (_LOW + centre)[:2], (_HIGH + centre)[:2]
        )
        if start is not None:
            inside = {"a": 0.1, "b": 1.0} if start.limit_ else {}
            before = np.array([inside.get(name, float(start.params_[name])) for name in NAMES])
            starts, how = [np.log(before)], "continued from another fit"
        else:
            starts = self._lifetimes(x, t_x, age, weight)
            how = "fitted through lifetimes" if starts else "lifetimes did not converge; own bounded search"
        starts = starts or [np.array(start) + centre for start in _STARTS]
        best = maximise(bg, starts, _LOW + centre, _HIGH + centre)
        if best.log_likelihood < without.log_likelihood + _GAIN:
            self._keep(without, nbd, "nbd", "likelihood rises as a -> 0: nobody leaves, the NBD limit is used")
        else:
            alike = "; customers hardly differ in how soon they leave" if np.exp(best.theta[2:]).sum() > 300 else ""
            self._keep(best, bg, None, how + alike)
        return self

    @staticmethod
    def _lifetimes(x: Floats, t_x: Floats, T: Floats, weight: Floats) -> list[Floats]:
        """Return the best log-parameters of ``lifetimes``, over starts until two agree; none if none converged."""
        found: list[tuple[float, Floats]] = []
        with quiet_lifetimes() as lifetimes:
            for start in _STARTS:
                fitter = lifetimes.BetaGeoFitter(penalizer_coef=0.0)
                try:
                    fitter.fit(x, t_x, T, weights=weight, initial_params=np.array(start))
                except (lifetimes.utils.ConvergenceError, np.linalg.LinAlgError):
                    continue
                theta = np.log(fitter.params_.loc[list(NAMES)].to_numpy(dtype=np.float64))
                if np.isfinite(theta).all():
                    found.append((bgnbd_log_likelihood(theta, x, t_x, T, weight), theta))
                if len(found) > 1 and abs(found[-1][0] - found[-2][0]) < _GAIN:
                    break
        return [max(found, key=lambda pair: pair[0])[1]] if found else []

    def _keep(self, fit: Fit, log_likelihood: Any, limit: Literal["nbd"] | None, message: str) -> None:
        names = NAMES[: len(fit.theta)]
        bounded = [name for name, at in zip(names, fit.at_bound, strict=True) if at]
        if bounded:
            message += f"; at the edge of the search: {', '.join(bounded)}"
        values = dict(zip(names, np.exp(fit.theta), strict=True))
        self.params_ = pd.Series({"a": 0.0, "b": np.nan} | values)[list(NAMES)]
        matrix = np.full((len(names),) * 2, np.nan) if bounded else covariance(log_likelihood, fit.theta)
        self.covariance_ = pd.DataFrame(matrix, index=names, columns=names)
        self.log_likelihood_ = fit.log_likelihood
        self.limit_, self.message_ = limit, message

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Return P(still alive at T | x, t_x, T), shape (n,); 1 for x = 0 and in the NBD limit.

        Source: Fader, Hardie & Lee 2008, "Computing P(alive) using the BG/NBD model".
        """
        rows, place = self._histories(frequency, recency, T)
        return self._alive(rows)[place]

    def expected_purchases(self, t: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Return E[purchases in (T, T + t] | x, t_x, T], shape (n,), FHL equation (10); t in time units.

        Computed as the average over p ~ Beta(a, b + x) of (1 - (1 + p t / (alpha + T))^-(r + x)) / p, which
        stays exact where the hypergeometric form cancels (a near 1) and is several times faster.
        """
        rows, place = self._histories(frequency, recency, T)
        return self._over_nodes(rows, lambda p, shape, age: _purchases(p, shape, age, t))[place]

    def expected_purchases_new(self, t: ArrayLike) -> Floats:
        """Return E[X(t)], the repeat purchases of a new customer by time t, same shape as t; FHL equation (9)."""
        times = np.atleast_1d(np.asarray(t, dtype=np.float64))
        return np.array([self.expected_purchases(float(at), 0.0, 0.0, 0.0)[0] for at in times])

    def discounted_expected_purchases(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        *,
        horizon_days: float,
        annual_discount_rate: float,
        skip_days: float = 0.0,
        step_days: float = DAYS_PER_MONTH,
        discount_at: Literal["middle", "end"] = "middle",
    ) -> Floats:
        """Return the expected purchases in (T + skip, T + horizon], each discounted to T, shape (n,).

        Purchases of a step of ``step_days`` count as made in its middle, or at its end.
        """
        rows, place = self._histories(frequency, recency, T)
        edges = np.append(np.arange(skip_days, horizon_days - 1e-9, step_days), horizon_days)
        at = (edges[:-1] + edges[1:]) / 2 if discount_at == "middle" else edges[1:]
        factors = discount(at, annual_discount_rate)

        def total(p: Floats, shape: Floats, age: Floats) -> Floats:
            so_far = _purchases(p, shape, age, edges[0] / self.days_per_unit)
            out = np.zeros(np.broadcast_shapes(p.shape, shape.shape))
            for edge, factor in zip(edges[1:], factors, strict=True):
                by_then = _purchases(p, shape, age, edge / self.days_per_unit)
                out += factor * (by_then - so_far)
                so_far = by_then
            return out

        return self._over_nodes(rows, total)[place]

    def discounted_by_months(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        *,
        months: Sequence[int],
        annual_discount_rate: float,
    ) -> Floats:
        """Return the discounted expected purchases over each of several whole-month horizons, (n, len(months)).

        As :meth:`discounted_expected_purchases` with steps of a month discounted from their middle, at the
        cost of the longest horizon.
        """
        rows, place = self._histories(frequency, recency, T)
        wanted = {month: [i for i, m in enumerate(months) if m == month] for month in months}
        factors = discount((np.arange(max(months)) + 0.5) * DAYS_PER_MONTH, annual_discount_rate)

        def total(p: Floats, shape: Floats, age: Floats) -> Floats:
            out = np.zeros((len(months), *np.broadcast_shapes(p.shape, shape.shape)))
            so_far: Floats | float = 0.0
            summed = np.zeros(out.shape[1:])
            for month, factor in enumerate(factors, start=1):
                by_then = _purchases(p, shape, age, month * DAYS_PER_MONTH / self.days_per_unit)
                summed += factor * (by_then - so_far)
                so_far = by_then
                out[wanted.get(month, [])] = summed
            return out

        return np.asarray(self._over_nodes(rows, total, outputs=len(months))[place])

    def count_moments(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, *, start_days: float, end_days: float
    ) -> CountMoments:
        """Return the moments of N, the purchases in (T + start, T + end].

        Given lambda, p and life at T, a purchase comes at rate lambda exp(-lambda p t), and the purchases
        since ``start`` of a customer still alive at t are Poisson(lambda (1 - p) (t - start)); hence
        E[N (N - 1)] = 2 lambda^2 (1 - p) int (t - start) exp(-lambda p t) dt, averaged over lambda in closed
        form and over t and p by Gauss quadrature.
        """
        rows, place = self._histories(frequency, recency, T)
        start, end = start_days / self.days_per_unit, end_days / self.days_per_unit
        at, at_weight = np.polynomial.legendre.leggauss(_NODES)
        times, steps = start + (end - start) * (at + 1) / 2, at_weight * (end - start) / 2

        def some(p: Floats, shape: Floats, age: Floats) -> Floats:
            awake = np.exp(-shape * np.log1p(p * start / age))
            return awake - np.exp(-shape * np.log1p((p * start + end - start) / age))

        def pairs(p: Floats, shape: Floats, age: Floats) -> Floats:
            out = np.zeros(np.broadcast_shapes(p.shape, shape.shape))
            for t, step in zip(times, steps, strict=True):
                out += step * (t - start) * np.exp(-(shape + 2) * np.log1p(p * t / age))
            return np.asarray(2 * (1 - p) * shape * (shape + 1) / age**2 * out)

        def mean(p: Floats, shape: Floats, age: Floats) -> Floats:
            return _purchases(p, shape, age, end) - _purchases(p, shape, age, start)

        parts = (self._over_nodes(rows, given)[place] for given in (some, mean, pairs))
        return CountMoments(*parts)

    def _alive(self, rows: pd.DataFrame) -> Floats:
        x, t_x, age = (rows[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T"))
        if self.limit_ == "nbd":
            return np.ones(len(rows))
        r, alpha, a, b = (float(value) for value in self.params_)
        gone = np.log(a / (b + np.maximum(x, 1) - 1)) + (r + x) * np.log((alpha + age) / (alpha + t_x))
        return np.where(x == 0, 1.0, expit(-gone))

    def _over_nodes(
        self, rows: pd.DataFrame, given: Callable[[Floats, Floats, Floats], Floats], outputs: int = 0
    ) -> Floats:
        """Return P(alive) times the average of ``given``(p, r + x, alpha + T) over p | alive, for each row.

        Given life at T, lambda ~ Gamma(r + x, alpha + T) and p ~ Beta(a, b + x), independent: the average is
        the same for all rows of equal x and T. With ``outputs`` = k > 0, ``given`` returns k quantities (first
        axis) and the result is (rows, k), else (rows,).
        """
        r, alpha, a, b = (float(value) for value in self.params_)
        pairs = rows[["frequency", "T"]].drop_duplicates()
        of_pair = pairs.assign(pair=np.arange(len(pairs))).merge(rows, on=["frequency", "T"], how="right")["pair"]
        x, age = (pairs[name].to_numpy(dtype=np.float64) for name in ("frequency", "T"))
        out = np.empty((max(outputs, 1), len(pairs)))
        for count in np.unique(x).tolist():
            nodes, weights = (np.zeros(1), np.ones(1)) if self.limit_ == "nbd" else beta_nodes(a, b + count, _NODES)
            members = np.flatnonzero(x == count)
            for start in range(0, len(members), _CHUNK):
                part = members[start : start + _CHUNK, None]
                out[:, part[:, 0]] = given(nodes[None, :], r + x[part], alpha + age[part]) @ weights
        spread = out[:, of_pair.to_numpy()] * self._alive(rows)
        return np.asarray(spread.T if outputs else spread[0])

    def _histories(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
    ) -> tuple[pd.DataFrame, NDArray[np.intp]]:
        check_is_fitted(self)
        rows, _, place = unique_rows({"frequency": frequency, "recency": recency, "T": T})
        check_histories(rows)
        return rows, place


def _purchases(p: Floats, shape: Floats, age: Floats, t: float) -> Floats:
    """Return E[purchases within t | alive, p] with lambda ~ Gamma(shape, age): FHL equation (5) averaged."""
    safe = np.where(p > 1e-12, p, 1.0)
    return np.where(p > 1e-12, -np.expm1(-shape * np.log1p(safe * t / age)) / safe, shape * t / age)


def check_histories(rows: pd.DataFrame) -> None:
    """Raise DataError unless x is whole and >= 0, 0 <= t_x <= T, and t_x = 0 exactly where x = 0."""
    x, t_x, age = (rows[name].to_numpy() for name in ("frequency", "recency", "T"))
    rules = {
        "frequency is a whole number of at least 0": (x >= 0) & (x == np.round(x)),
        "0 <= recency <= T": (t_x >= 0) & (t_x <= age + 1e-9),
        "recency is 0 exactly where frequency is 0": (t_x > 0) == (x > 0),
    }
    for rule, holds in rules.items():
        if not holds.all():
            raise DataError(
                f"expected that {rule}; {int((~holds).sum())} distinct histories break it: check the summary"
            )
