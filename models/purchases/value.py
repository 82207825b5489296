"""Lifetime value of customers without a contract: a purchase model for how often, Gamma-Gamma for how much.

Source: Fader, Hardie & Lee 2005, "RFM and CLV: using iso-value curves for customer base analysis", Journal of
Marketing Research 42(4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import gammaincinv
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Bools, Floats, Positions
from ...core.errors import DataError
from ...core.seasons import AS_OF_DAY
from ...core.time import months_to_days
from ..fitting.likelihood import delta_variance
from .base import PurchaseModel
from .bgnbd import BetaGeoNBD, ModifiedBetaGeoNBD
from .clock import PurchaseClock
from .covariates import PurchaseCovariates
from .gammagamma import GammaGamma
from .paretonbd import ParetoNBD
from .seasonal import discounted_in_steps, monthly_edges

__all__ = ["PURCHASE_MODELS", "SUMMARY_COLUMNS", "NonContractualCLV"]


SUMMARY_COLUMNS = ("frequency", "recency", "T", "monetary_value")
"""Repeat purchases, days from first to last, days from first to now, mean value of the repeat ones."""


PURCHASE_MODELS: dict[str, type[PurchaseModel]] = {
    "bgnbd": BetaGeoNBD,
    "mbgnbd": ModifiedBetaGeoNBD,
    "paretonbd": ParetoNBD,
}
"""The models of how often, by the name a configuration gives them."""


class NonContractualCLV(BaseEstimator):
    """Expected discounted revenue of a purchase history.

    A summary is a frame with :data:`SUMMARY_COLUMNS`, times in days; a row whose T is missing stands for a
    customer who never bought. The models describe what follows a first purchase, so such rows teach nothing
    and are worth 0.

    Parameters
    ----------
    purchase_model
        A name of :data:`PURCHASE_MODELS`.
    covariates
        Further columns of a summary, known from a customer's start, by which rates of purchase and of leaving differ.
    seasons
        Spans of days by name in which purchases come faster or slower (:mod:`servicelift.core.seasons`). A summary
        then has the column :data:`~servicelift.core.seasons.AS_OF_DAY`, and to learn from, a column
        :func:`~servicelift.core.seasons.in_season` for each season.

    Attributes
    ----------
    purchases_ : PurchaseModel
        Without covariates, by the clock of the seasons.
    clock_ : PurchaseClock or None
    covariates_ : PurchaseCovariates or None
    spend_ : GammaGamma

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase
    >>> rng = np.random.default_rng(0)
    >>> leaves = leaves_by_purchase(1_000, 0.8, 4.0, rng)
    >>> age = rng.uniform(100, 700, 1_000)
    >>> summary = draw_customers(age, 0, leaves, r=0.6, alpha=60.0, rng=rng, spend=(5.0, 4.5, 25.0))
    >>> model = NonContractualCLV("bgnbd").fit(summary)
    >>> customers = {"frequency": [0.0, 9.0], "recency": [0.0, 380.0], "T": [400.0, 400.0]}
    >>> two = pd.DataFrame({**customers, "monetary_value": [0.0, 12.0]})
    >>> model.predict(two, horizon_months=24, annual_discount_rate=0.1).round()
    array([ 27., 101.])
    >>> low, high = model.predict_interval(two, horizon_months=24, annual_discount_rate=0.1)
    >>> high.round()
    array([193., 319.])
    """

    purchases_: PurchaseModel
    spend_: GammaGamma
    covariates: Sequence[str] = ()
    covariates_: PurchaseCovariates | None = None
    seasons: Mapping[str, Sequence[str]] | None = None
    clock_: PurchaseClock | None = None

    def __init__(
        self,
        purchase_model: str = "bgnbd",
        covariates: Sequence[str] = (),
        seasons: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.purchase_model = purchase_model
        self.covariates = covariates
        self.seasons = seasons

    def fit(
        self,
        summary: pd.DataFrame,
        sample_weight: ArrayLike | None = None,
        *,
        start: NonContractualCLV | None = None,
    ) -> Self:
        """Learn from n histories; ``start`` is a fit to other weights of the same customers to begin from.

        Raises
        ------
        DataError
            Missing columns, impossible histories, too few repeat customers, or an unknown purchase model.
        """
        if self.purchase_model not in PURCHASE_MODELS:
            known = ", ".join(PURCHASE_MODELS)
            raise DataError(f"expected a purchase model of {known}, got '{self.purchase_model}'")
        bought = _bought(summary)
        weight = np.ones(len(summary)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        if weight.shape != (len(summary),):
            raise DataError(f"expected {len(summary)} sample weights, got shape {weight.shape}")
        rows, weight = summary[bought], weight[bought]
        if not (weight > 0).any():
            raise DataError(f"no purchase to learn from in {len(summary)} rows; check the line's payments")
        if self.seasons:
            self.clock_ = PurchaseClock(self.seasons).fit(rows, weight)
            rows = self.clock_.told(rows)
        before = (None, None) if start is None else (start.purchases_, start.spend_)
        model = PURCHASE_MODELS[self.purchase_model]()
        self.purchases_ = model.fit(rows["frequency"], rows["recency"], rows["T"], weight, start=before[0])
        self.spend_ = GammaGamma().fit(rows["frequency"], rows["monetary_value"], weight, start=before[1])
        if len(self.covariates):
            beside = self._covariates(rows)
            self.covariates_ = PurchaseCovariates(self.purchases_).fit(rows, beside, weight)
        return self

    def _covariates(self, summary: pd.DataFrame) -> pd.DataFrame:
        absent = [name for name in self.covariates if name not in summary]
        if absent:
            raise DataError(f"expected a summary with the covariate '{absent[0]}', it is missing")
        return summary[list(self.covariates)]

    def _by_group(self, summary: pd.DataFrame) -> Iterator[tuple[Positions, NonContractualCLV]]:
        """Yield the rows of each combination of covariates, by place, with the plain model that is theirs."""
        assert self.covariates_ is not None
        for rows, purchases in self.covariates_.groups(self._covariates(summary)):
            plain = NonContractualCLV(self.purchase_model)
            plain.purchases_, plain.spend_, plain.clock_ = purchases, self.spend_, self.clock_
            yield rows, plain

    @property
    def notes(self) -> tuple[str, ...]:
        """How the fits came about, and what speaks against them; a line each, for a log."""
        check_is_fitted(self)
        found = [f"purchases: {self.purchases_.message_}", f"spend: {self.spend_.message_}", self.spend_.independence]
        if self.clock_ is not None:
            found.append(f"seasons, against ordinary days: {'; '.join(self.clock_.lines())}")
        if self.covariates_ is None:
            return tuple(found)
        told = {"as often": self.covariates_.rate_, "as ready to leave": self.covariates_.dropout_}
        lines = (f"{name}: {np.exp(value):.2f} times {what}" for what, by in told.items() for name, value in by.items())
        return (*found, f"covariates, against the average: {'; '.join(lines)}")

    def predict(
        self,
        summary: pd.DataFrame,
        *,
        horizon_months: float,
        annual_discount_rate: float,
        skip_months: float = 0,
    ) -> Floats:
        """Return E[revenue over (s + skip, s + horizon]] discounted to s = now, shape (n,), in money.

        Purchases of a month are discounted from its middle; the horizon may be infinite where that converges.
        """
        check_is_fitted(self)
        bought = _bought(summary)
        rows = summary[bought]
        out = np.zeros(len(summary))
        if self.covariates_ is not None:
            settings = {"horizon_months": horizon_months, "annual_discount_rate": annual_discount_rate}
            for place, plain in self._by_group(summary):
                out[place] = plain.predict(summary.iloc[place], **settings, skip_months=skip_months)
            return out
        if len(rows) and self.clock_ is not None:
            edges = monthly_edges(skip_months, horizon_months)
            purchases = discounted_in_steps(self.purchases_, self.clock_, rows, edges, annual_discount_rate).sum(axis=1)
            out[bought] = purchases * self.spend_.expected_spend(rows["frequency"], rows["monetary_value"])
        elif len(rows):
            purchases = self.purchases_.discounted_expected_purchases(
                rows["frequency"],
                rows["recency"],
                rows["T"],
                horizon_days=months_to_days(horizon_months),
                annual_discount_rate=annual_discount_rate,
                skip_days=months_to_days(skip_months),
            )
            out[bought] = purchases * self.spend_.expected_spend(rows["frequency"], rows["monetary_value"])
        return out

    def predict_months(self, summary: pd.DataFrame, *, months: Sequence[int], annual_discount_rate: float) -> Floats:
        """Return :meth:`predict` over each of several whole-month horizons, (n, len(months)), in one pass."""
        check_is_fitted(self)
        bought = _bought(summary)
        rows = summary[bought]
        out = np.zeros((len(summary), len(months)))
        if self.covariates_ is not None:
            for place, plain in self._by_group(summary):
                out[place] = plain.predict_months(
                    summary.iloc[place], months=months, annual_discount_rate=annual_discount_rate
                )
            return out
        if len(rows) and max(months) > 0 and self.clock_ is not None:
            edges = monthly_edges(0, max(months))
            steps = discounted_in_steps(self.purchases_, self.clock_, rows, edges, annual_discount_rate)
            so_far = np.column_stack([np.zeros(len(rows)), np.cumsum(steps, axis=1)])[:, list(months)]
            out[bought] = so_far * self.spend_.expected_spend(rows["frequency"], rows["monetary_value"])[:, None]
        elif len(rows) and max(months) > 0:
            purchases = self.purchases_.discounted_by_months(
                rows["frequency"],
                rows["recency"],
                rows["T"],
                months=months,
                annual_discount_rate=annual_discount_rate,
            )
            out[bought] = purchases * self.spend_.expected_spend(rows["frequency"], rows["monetary_value"])[:, None]
        return out

    def predict_interval(
        self,
        summary: pd.DataFrame,
        *,
        horizon_months: float,
        annual_discount_rate: float,
        skip_months: float = 0,
        level: float = 0.95,
    ) -> tuple[Floats, Floats]:
        """Return low and high, each (n,): the ``level`` prediction interval of the revenue of :meth:`predict`.

        The chance of no purchase is exact. The revenue of those who buy has its exact mean and variance under
        the fitted model and the shape of a gamma distribution (an approximation); discounting scales it. The
        variance that uncertain parameters give the mean is added (delta method), as far as it is known: not at
        the edge of a search. No random numbers: a row's interval depends on nothing else.

        Raises
        ------
        DataError
            An infinite horizon: the number of purchases has no distribution to take quantiles of.
        """
        check_is_fitted(self)
        if np.isinf(horizon_months):
            raise DataError("expected a finite horizon for a prediction interval, got an infinite one; name months")
        bought = _bought(summary)
        rows = summary[bought]
        low, high = np.zeros(len(summary)), np.zeros(len(summary))
        if self.covariates_ is not None:
            for place, plain in self._by_group(summary):
                low[place], high[place] = plain.predict_interval(
                    summary.iloc[place],
                    horizon_months=horizon_months,
                    annual_discount_rate=annual_discount_rate,
                    skip_months=skip_months,
                    level=level,
                )
            return low, high
        if not len(rows):
            return low, high
        discounted = self.predict(
            rows, horizon_months=horizon_months, annual_discount_rate=annual_discount_rate, skip_months=skip_months
        )
        ends = (months_to_days(skip_months), months_to_days(horizon_months))
        ranges = np.full((len(rows), 2), np.nan)
        for place, those, start_days, end_days in self._by_clock(rows, ends):
            ranges[place] = np.column_stack(self._range(those, start_days, end_days, discounted[place], level))
        low[bought], high[bought] = ranges.T
        return low, high

    def _by_clock(
        self, rows: pd.DataFrame, ends: tuple[float, float]
    ) -> Iterator[tuple[Positions, pd.DataFrame, float, float]]:
        """Yield rows whose clock runs alike, by place, told by it, with the ends of what lies ahead, in its days."""
        if self.clock_ is None:
            yield np.arange(len(rows)), rows, *ends
            return
        days, of_row = np.unique(rows[AS_OF_DAY].to_numpy(dtype=np.float64), return_inverse=True)
        told = self.clock_.told(rows)
        for k, (start, end) in enumerate(self.clock_.ahead(days, ends)):
            place = np.flatnonzero(of_row == k)
            yield place, told.iloc[place], float(start), float(end)

    def _range(
        self, rows: pd.DataFrame, start_days: float, end_days: float, discounted: Floats, level: float
    ) -> tuple[Floats, Floats]:
        """Return the interval of what n customers spend in (start, end], scaled to its discounted mean (n,)."""
        x, m = rows["frequency"], rows["monetary_value"]
        count = self.purchases_.count_moments(x, rows["recency"], rows["T"], start_days=start_days, end_days=end_days)
        spend = self.spend_.spend_moments(x, m)
        mean = count.mean * spend.mean
        square = count.mean * spend.square + count.pairs * spend.product
        square += self._mean_variance(rows, start_days, end_days)
        factor = np.divide(discounted, mean, out=np.zeros_like(mean), where=mean > 0)
        tail = (1 - level) / 2
        return (
            factor * _quantile(tail, count.some, mean, square),
            factor * _quantile(1 - tail, count.some, mean, square),
        )

    def _mean_variance(self, rows: pd.DataFrame, start_days: float, end_days: float) -> Floats:
        """Return the variance of the expected revenue in (start, end] from both sets of parameters, (rows,)."""
        x, t_x, age, m = (rows[name].to_numpy(dtype=np.float64) for name in SUMMARY_COLUMNS)
        fit, spend = self.purchases_, self.spend_

        def purchases(theta: Floats) -> Floats:
            moved = fit.with_params(theta)
            first = moved.expected_purchases(start_days / fit.days_per_unit, x, t_x, age) if start_days else 0.0
            return np.asarray(moved.expected_purchases(end_days / fit.days_per_unit, x, t_x, age) - first)

        def value(theta: Floats) -> Floats:
            return spend.with_params(theta).expected_spend(x, m)

        estimated = np.log(fit.params_[list(fit.covariance_.index)].to_numpy(dtype=np.float64))
        of_count = delta_variance(purchases, estimated, fit.covariance_.to_numpy())
        priced = np.log(spend.params_.to_numpy(dtype=np.float64))
        of_spend = delta_variance(value, priced, spend.covariance_.to_numpy())
        return np.asarray(of_count * value(priced) ** 2 + of_spend * purchases(estimated) ** 2)

    @staticmethod
    def naive(summary: pd.DataFrame, *, horizon_days: float) -> Floats:
        """Return x / T * horizon * m, shape (n,): everybody goes on as before; nothing is discounted.

        The benchmark to print beside the model. A customer of age 0 or without repeat purchases counts 0.
        """
        bought = _bought(summary)
        x, age, m = (summary[name].to_numpy(dtype=np.float64) for name in ("frequency", "T", "monetary_value"))
        active = bought & (x > 0) & (age > 0)
        rate = np.divide(x, age, out=np.zeros(len(summary)), where=active)
        return np.where(active, rate * horizon_days * np.where(active, m, 0.0), 0.0)


def _quantile(q: float, some: Floats, mean: Floats, square: Floats) -> Floats:
    """Return the q-quantile of: 0 with chance 1 - some, else gamma; with the given overall moments."""
    chance = np.clip(some, 1e-12, 1.0)
    centre = mean / chance
    spread = np.maximum(square / chance - centre**2, 1e-12 * np.maximum(centre**2, 1e-300))
    shape = np.maximum(centre**2, 1e-300) / spread
    inside = (q - (1 - chance)) / chance
    value = gammaincinv(shape, np.clip(inside, 0.0, 1.0)) * spread / np.maximum(centre, 1e-300)
    return np.where(inside > 0, value, 0.0)


def _bought(summary: pd.DataFrame) -> Bools:
    """Return which rows ever bought; raise DataError where the summary lacks columns."""
    missing = [name for name in SUMMARY_COLUMNS if name not in summary.columns]
    if missing:
        raise DataError(f"expected a summary with {', '.join(SUMMARY_COLUMNS)}; {', '.join(missing)} missing")
    return summary["T"].notna().to_numpy(dtype=bool)
