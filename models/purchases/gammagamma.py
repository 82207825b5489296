"""Gamma-Gamma: what a purchase of a customer without a contract is worth on average.

Source: Fader & Hardie 2013, "The Gamma-Gamma model of monetary value", note 025, called FH here. A customer's
purchases are Gamma(p, nu), his nu is Gamma(q, v); his mean spend is p / nu. He is known by x (repeat purchases)
and m (their mean value). Spend is taken to be independent of frequency: look at ``correlation_``.

The fit and the expected spend are those of ``lifetimes``. Ours are the limits, where it has none (an infinite
population mean among them), and the covariance: of the CDNOW sample its variances are right, its covariances wrong by
up to 312% (``benchmarks/lifetimes_beside_ours.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import gammaln
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Floats
from ...core.errors import DataError, ModelError
from ...core.one_thread import one_thread
from ...core.short_repr import ShortRepr
from ..fitting.likelihood import covariance, maximise, unique_rows
from .interchange import fit_by_lifetimes, fitter_data, fitter_params, fitter_with

__all__ = ["GammaGamma", "SpendMoments", "gamma_gamma_log_likelihood"]


NAMES = ("p", "q", "v")

FITTER = "GammaGammaFitter"
"""The class of ``lifetimes`` that is the same model."""

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

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.integers(0, 8, 1_000)
    >>> nu = rng.gamma(4.0, 1 / 30.0, 1_000)
    >>> m = np.where(x > 0, rng.gamma(np.maximum(6.0 * x, 1)) / nu / np.maximum(x, 1), 0.0)
    >>> model = GammaGamma().fit(x, m)
    >>> round(model.population_mean)
    59
    >>> model.expected_spend([0, 1, 20], [0, 20.0, 20.0]).round()
    array([59., 31., 21.])
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
        with one_thread():
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
        money = np.array([0.0, 0.0, np.log(unit)])
        fits = [fit_by_lifetimes(FITTER, (x, m / unit), weight, np.array(start)) for start in _STARTS]
        thetas = [theta + money for theta in fits if theta is not None]
        return sorted(thetas, key=lambda theta: gamma_gamma_log_likelihood(theta, x, m, weight))[-1:]

    def to_lifetimes(self) -> Any:
        """Return this fit as a ``GammaGammaFitter`` of ``lifetimes``, which predicts as this does.

        It holds no customers; a customer without repeat purchases must be given as frequency 0 and any finite value.

        Raises
        ------
        ModelError
            The population mean is infinite (``heavy_tail``): what ``lifetimes`` would give for it is negative.
        """
        check_is_fitted(self)
        if self.limit_ == "heavy_tail":
            raise ModelError("the population mean of this fit is infinite (q <= 1): lifetimes cannot predict from it")
        return fitter_with(FITTER, self.params_, getattr(self, "covariance_", None))

    @classmethod
    def from_lifetimes(cls, fitter: Any) -> GammaGamma:
        """Return a fitted ``GammaGammaFitter`` as this model; what describes the data as far as it holds them.

        Raises
        ------
        ModelError
            Another fitter, not fitted, or an infinite population mean without the data that stand in for it.
        """
        theta = fitter_params(fitter, FITTER, NAMES)
        model = cls()
        model.params_ = pd.Series(np.exp(theta), index=list(NAMES))
        model.left_out_, model.message_ = 0, "taken from lifetimes"
        model.log_likelihood_ = model.correlation_ = model.mean_ = float("nan")
        model.limit_ = _limit(theta, np.zeros(3))
        matrix = np.full((3, 3), np.nan)
        data = fitter_data(fitter, ("frequency", "monetary_value"))
        if data is not None:
            x, m = (column.to_numpy() for _, column in data[0].items())
            model.mean_ = float(np.average(m, weights=data[1] * x))
            model.correlation_ = _correlation(x, m, data[1])
            model.limit_ = _limit(theta, np.array([0.0, 0.0, np.log(model.mean_)]))

            def log_likelihood(at: Floats) -> float:
                return gamma_gamma_log_likelihood(at, x, m, data[1])

            model.log_likelihood_, matrix = log_likelihood(theta), covariance(log_likelihood, theta)
        elif model.limit_ == "heavy_tail":
            raise ModelError("the population mean of this fitter is infinite (q <= 1) and its data are gone; fit anew")
        model.covariance_ = pd.DataFrame(matrix, index=NAMES, columns=NAMES)
        return model

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
        if np.isnan(self.log_likelihood_):
            return "spend and frequency: not known, the fit was taken from lifetimes without its data"
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
        x = np.where(m > 0, x, 0.0)
        if self.limit_ != "heavy_tail":
            return np.asarray(self.to_lifetimes().conditional_expected_average_profit(x, m))
        p, q, v = self.params_.to_numpy()
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
