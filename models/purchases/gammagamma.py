"""Gamma-Gamma: what a purchase of a customer without a contract is worth on average.

Source: Fader & Hardie 2013, "The Gamma-Gamma model of monetary value", note 025, called FH here. A customer's
purchases are Gamma(p, nu), his nu is Gamma(q, v); his mean spend is p / nu. He is known by x (repeat purchases)
and m (their mean value). Spend is taken to be independent of frequency: look at ``correlation_``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import gammaln
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ..fitting.likelihood import covariance, maximise, quiet_lifetimes, unique_rows

__all__ = ["GammaGamma", "SpendMoments", "gamma_gamma_log_likelihood"]


NAMES = ("p", "q", "v")

_LOW = np.log([1e-2, 1e-2, 1e-6])
_HIGH = np.log([1e4, 1e4, 1e6])
"""Box of the search; v in units of the mean purchase."""

_ALIKE = 0.2
"""Largest correlation of spend and frequency that is let pass without a word; Fader & Hardie accept .11 of CDNOW."""

_STARTS = ((0.1, 0.1, 0.1), (1.5, 1.2, 1.0), (3.0, 1.0, -1.0))
"""log(p, q, v), v in units of the mean purchase."""


def gamma_gamma_log_likelihood(theta: Floats, x: Floats, m: Floats, weight: Floats) -> float:
    """Return the total log-likelihood of log(p, q, v), FH equation (1a), weights counting customers."""
    p, q, v = np.exp(theta)
    px = p * x
    terms = (
        gammaln(px + q)
        - gammaln(px)
        - gammaln(q)
        + q * np.log(v)
        + (px - 1) * np.log(m)
        + px * np.log(x)
        - (px + q) * np.log(v + x * m)
    )
    return float(np.sum(weight * terms))


class GammaGamma(BaseEstimator):
    """Gamma-Gamma fitted through ``lifetimes`` on distinct (x, m). Nothing of a customer is kept.

    Attributes
    ----------
    params_ : Series
        p, q and v (money).
    log_likelihood_ : float
        Total over repeat customers, FH equation (1a).
    covariance_ : DataFrame
        Of p, q, v, from the numerical Hessian of the log-likelihood; NaN at the edge of the search.
    limit_ : str or None
        ``constant_spend`` where a customer's purchases do not vary (p unbounded), ``equal_customers`` where
        customers do not differ (q unbounded), ``heavy_tail`` where the population mean is infinite (q <= 1):
        then the observed mean takes its place.
    correlation_ : float
        Correlation of x and m, which the model takes to be 0; NaN where one of them does not vary.
    left_out_ : int
        Repeat customers without a positive mean value.
    message_ : str
        How the fit came about.
    """

    params_: pd.Series[float]

    def fit(
        self,
        frequency: ArrayLike,
        monetary_value: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        start: GammaGamma | None = None,
    ) -> Self:
        """Learn from n customers; those without a repeat purchase carry no information and are left out.

        ``start`` is a fit to other weights of the same customers: the search begins there, on the same
        likelihood, instead of going through ``lifetimes`` anew.

        Raises
        ------
        DataError
            Fewer than two distinct repeat customers with a positive mean value, or ill-formed input.
        """
        x, m = _columns(frequency, monetary_value)
        used = (x > 0) & (m > 0)
        all_weights = np.ones(len(x)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        if all_weights.shape != x.shape:
            raise DataError(f"expected {len(x)} sample weights, got shape {all_weights.shape}")
        self.left_out_ = int(((x > 0) & (all_weights > 0) & ~used).sum())
        rows, weight, _ = unique_rows({"frequency": x[used], "monetary_value": m[used]}, all_weights[used])
        rows, weight = rows[weight > 0], weight[weight > 0]
        if len(rows) < 2:
            raise DataError(
                f"expected at least 2 distinct repeat customers with a positive mean value, got {len(rows)}; "
                "spend cannot be learnt from so few"
            )
        with threadpool_limits(1, user_api="blas"):
            self._learn(rows["frequency"].to_numpy(), rows["monetary_value"].to_numpy(), weight, start)
        return self

    def _learn(self, x: Floats, m: Floats, weight: Floats, start: GammaGamma | None) -> None:
        self.mean_ = float(np.average(m, weights=weight * x))
        self.correlation_ = _correlation(x, m, weight)
        centre = np.array([0.0, 0.0, np.log(self.mean_)])

        def log_likelihood(theta: Floats) -> float:
            return gamma_gamma_log_likelihood(theta, x, m, weight)

        if start is not None:
            starts, how = [np.log(start.params_.to_numpy(dtype=np.float64))], "continued from another fit"
        else:
            starts = self._lifetimes(x, m, weight, self.mean_)
            how = "fitted through lifetimes" if starts else "lifetimes did not converge; own bounded search"
        starts = starts or [np.array(start) + centre for start in _STARTS]
        best = maximise(log_likelihood, starts, _LOW + centre, _HIGH + centre)
        self.params_ = pd.Series(np.exp(best.theta), index=list(NAMES))
        self.log_likelihood_ = best.log_likelihood
        edge = best.at_bound.any()
        matrix = np.full((3, 3), np.nan) if edge else covariance(log_likelihood, best.theta)
        self.covariance_ = pd.DataFrame(matrix, index=NAMES, columns=NAMES)
        self.limit_ = _limit(best.theta, centre)
        self.message_ = how + (f"; limit: {_MEANING[self.limit_]}" if self.limit_ else "")

    @staticmethod
    def _lifetimes(x: Floats, m: Floats, weight: Floats, unit: float) -> list[Floats]:
        """Return the log-parameters of the best converged start of ``lifetimes``, money in units of the mean."""
        found: list[tuple[float, Floats]] = []
        with quiet_lifetimes() as lifetimes:
            for start in _STARTS:
                fitter = lifetimes.GammaGammaFitter(penalizer_coef=0.0)
                try:
                    fitter.fit(x, m / unit, weights=weight, initial_params=np.array(start))
                except (lifetimes.utils.ConvergenceError, np.linalg.LinAlgError):
                    continue
                theta = np.log(fitter.params_.loc[list(NAMES)].to_numpy(dtype=np.float64))
                theta[2] += np.log(unit)
                if np.isfinite(theta).all():
                    found.append((gamma_gamma_log_likelihood(theta, x, m, weight), theta))
        return [max(found, key=lambda pair: pair[0])[1]] if found else []

    def with_params(self, theta: Floats) -> GammaGamma:
        """Return this fit moved to other log-parameters (3,); for sensitivities."""
        moved = GammaGamma()
        moved.params_ = pd.Series(np.exp(theta), index=list(NAMES))
        moved.mean_, moved.limit_ = self.mean_, self.limit_
        return moved

    @property
    def independence(self) -> str:
        """Whether spend is independent of frequency, as the model takes it to be: a line for a log."""
        check_is_fitted(self)
        rho = self.correlation_
        if np.isnan(rho):
            return "spend and frequency: one of them does not vary, nothing to check"
        verdict = f"above {_ALIKE}: the model's assumption does not hold" if abs(rho) > _ALIKE else f"within {_ALIKE}"
        return f"spend and frequency: correlation {rho:.3f}, {verdict}"

    @property
    def population_mean(self) -> float:
        """E[M] = p v / (q - 1), FH equation (3); the observed mean where that is infinite."""
        check_is_fitted(self)
        p, q, v = self.params_.to_numpy()
        return self.mean_ if self.limit_ == "heavy_tail" else float(p * v / (q - 1))

    def expected_spend(self, frequency: ArrayLike, monetary_value: ArrayLike) -> Floats:
        """Return E[M | x, m], a customer's mean spend a purchase, shape (n,); FH equation (5).

        A weighted mean of his own and the population's; without repeat purchases the population's.
        """
        check_is_fitted(self)
        x, m = _columns(frequency, monetary_value)
        p, q, v = self.params_.to_numpy()
        x = np.where(m > 0, x, 0.0)
        below = p * x + q - 1
        safe = np.where(below > 0, below, 1.0)
        own = p * (v + x * np.where(x > 0, m, 0.0)) / safe
        return np.where((x > 0) & (below > 0), own, self.population_mean)

    def spend_moments(self, frequency: ArrayLike, monetary_value: ArrayLike) -> SpendMoments:
        """Return the moments of single purchases to come, given x and m.

        With nu ~ Gamma(q + p x, v + x m): E[z z'] = E[z]^2 (q' - 1) / (q' - 2) for q' = q + p x, and
        E[z^2] = E[z z'] (p + 1) / p. Below q' = 2.1, where the second moment is (nearly) infinite, 2.1 is taken.
        """
        x, m = _columns(frequency, monetary_value)
        p, q, _ = self.params_.to_numpy()
        mean = self.expected_spend(x, m)
        shape = np.maximum(q + p * np.where(m > 0, x, 0.0), 2.1)
        product = mean**2 * (shape - 1) / (shape - 2)
        return SpendMoments(mean, product * (p + 1) / p, product)


@dataclass(frozen=True)
class SpendMoments(ShortRepr):
    """E[z], E[z^2] and E[z z'] of two purchases z, z' of the same customer; each (n,)."""

    mean: Floats
    square: Floats
    product: Floats


_MEANING = {
    "constant_spend": "a customer's purchases do not vary",
    "equal_customers": "customers do not differ in their mean spend",
    "heavy_tail": "the population mean is infinite, the observed mean takes its place",
}


def _limit(theta: Floats, centre: Floats) -> str | None:
    high = _HIGH + centre - theta
    if high[0] < 1e-3:
        return "constant_spend"
    if high[1] < 1e-3 or high[2] < 1e-3:
        return "equal_customers"
    return "heavy_tail" if theta[1] <= 1e-3 else None


def _correlation(x: Floats, m: Floats, weight: Floats) -> float:
    matrix = np.cov(x, m, aweights=weight)
    spread = np.sqrt(matrix[0, 0] * matrix[1, 1])
    return float(matrix[0, 1] / spread) if spread > 0 else float("nan")


def _columns(frequency: ArrayLike, monetary_value: ArrayLike) -> tuple[Floats, Floats]:
    """Return x and m as floats; m may be missing where x = 0."""
    x, m = np.broadcast_arrays(
        np.atleast_1d(np.asarray(frequency, dtype=np.float64)),
        np.atleast_1d(np.asarray(monetary_value, dtype=np.float64)),
    )
    if x.ndim != 1 or not np.isfinite(x).all() or (x < 0).any():
        raise DataError("expected frequencies of at least 0 in one column; check the summary")
    if not np.isfinite(m[x > 0]).all():
        raise DataError("monetary_value is missing or infinite for customers who bought again; check the summary")
    return x, np.where(x > 0, m, 0.0)
