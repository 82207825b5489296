"""What the models of purchases without a contract share: the entrance, the fit, and averages over who is alive.

A customer is known by x (repeat purchases), t_x (time of the last one) and T (age), all times since the first
purchase. While alive he buys at a Poisson rate lambda ~ Gamma(r, alpha); the models differ in how he leaves. Given
that he is alive at T, his rate is Gamma(r + x, alpha + T), whatever the model. Where nobody leaves, all of them
become the NBD.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import gammaln
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from ...core.arrays import Floats, Positions
from ...core.errors import DataError
from ...core.time import DAYS_PER_MONTH, DAYS_PER_YEAR, discount
from ..fitting.likelihood import Fit, WithGradient, covariance, maximise, unique_rows
from .alive import Alive, Block, CountMoments, SteadyAlive, check_histories

__all__ = ["PurchaseModel", "gradient_of", "nbd_log_likelihood"]


_GAIN = 0.01
"""A log-likelihood gain below this over the model without dropout is no evidence of dropout."""

_RACE = 2_000
"""Distinct histories on which the starts of a fit compete; the best goes on with all of them."""


def nbd_log_likelihood(theta: Floats, x: Floats, T: Floats, weight: Floats) -> float:
    """Return the total log-likelihood of log(r, alpha) where nobody ever leaves."""
    r, alpha = np.exp(theta)
    return float(np.sum(weight * (gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T))))


class PurchaseModel(BaseEstimator):
    """A model of purchases fitted to distinct (x, t_x, T), with its no-dropout limit recognised.

    Follows scikit-learn's parameter conventions; its input is a purchase history, not (X, y). Nothing of a
    customer is kept. The likelihood is that of ``lifetimes``; the search is ours, as theirs fails at the limit.

    Parameters
    ----------
    days_per_unit
        Length of the time unit of t_x and T in days: 1 for days, 7 for weeks.

    Attributes
    ----------
    params_ : Series
        The model's parameters, alpha in time units. In the limit without dropout those of the dropout are 0 and NaN.
    log_likelihood_ : float
        Total over customers.
    covariance_ : DataFrame
        Of the estimated parameters, from the Hessian of the log-likelihood; NaN at a bound.
    limit_ : str or None
        ``nbd`` where the maximum lies at no dropout: customers differ in rate, none leaves.
    message_ : str
        How the fit came about.
    """

    params_: pd.Series[float]

    names: ClassVar[tuple[str, ...]]
    """The parameters: r, alpha, and two of the dropout."""

    dropout_limit: ClassVar[dict[str, float]]
    """The dropout's parameters in the limit."""

    box: ClassVar[tuple[tuple[float, ...], tuple[float, ...]]]
    """Lowest and highest parameters of the search, times in units of the mean age."""

    starts: ClassVar[tuple[tuple[float, ...], ...]]
    """Where the search begins: log-parameters, times in units of the mean age."""

    in_time: ClassVar[tuple[bool, ...]]
    """Which parameters are times."""

    def __init__(self, *, days_per_unit: float = 1.0) -> None:
        self.days_per_unit = days_per_unit

    @classmethod
    @abstractmethod
    def likelihood(cls, rows: pd.DataFrame, weight: Floats) -> Callable[[Floats], float]:
        """Return the total log-likelihood as a function of the log-parameters (4,); weights count customers.

        ``rows`` has frequency, recency and T. The function may know its ``with_gradient``.
        """

    @abstractmethod
    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Return P(alive at T), (rows,), away from the limit."""

    @abstractmethod
    def _blocks(self, x: Floats, age: Floats, reach: float) -> Iterator[Block]:
        """Return those alive, block by block, for questions up to ``reach`` ahead, away from the limit."""

    @abstractmethod
    def _forever(self, x: Floats, age: Floats, force: float) -> Floats:
        """Return E[purchases to come discounted at ``force`` a time unit] of those alive, away from the limit."""

    def fit(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        start: PurchaseModel | None = None,
    ) -> Self:
        """Learn from n customers: x whole and >= 0, 0 <= t_x <= T, t_x = 0 exactly where x = 0.

        ``start`` is a fit of the same model to other weights of the same customers: the search begins there.

        Raises
        ------
        DataError
            A history that cannot be, or nobody who bought again.
        """
        # Threads only get into each other's way in products as small as these.
        with threadpool_limits(1, user_api="blas"):
            return self._fit(frequency, recency, T, sample_weight, start)

    def _fit(
        self,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        sample_weight: ArrayLike | None,
        start: PurchaseModel | None,
    ) -> Self:
        rows, weight, _ = unique_rows({"frequency": frequency, "recency": recency, "T": T}, sample_weight)
        rows, weight = rows[weight > 0], weight[weight > 0]
        check_histories(rows)
        if not (rows["frequency"] > 0).any():
            raise DataError(
                f"no repeat purchase among {len(rows)} distinct histories; expected some customers to buy twice"
            )
        without, nbd = _fit_nbd(rows, weight)
        centre = np.log(_mean_age(rows, weight)) * np.array(self.in_time)
        low, high = (np.log(edge) + centre for edge in self.box)
        target = self.likelihood(rows, weight)
        if start is not None:
            begin, how = self._continued(start), "continued from another fit"
        else:
            begin, how = self._race(rows, weight, low, high, centre), f"best of {len(self.starts)} starts"
        best = maximise(target, [begin], low, high, gradient_of(target))
        if best.log_likelihood < without.log_likelihood + _GAIN:
            how = f"likelihood rises as {self.names[2]} -> 0: nobody leaves, the NBD limit is used"
            return self._keep(without, nbd, "nbd", how)
        return self._keep(best, target, None, how + self._remark(np.exp(best.theta)))

    def _race(self, rows: pd.DataFrame, weight: Floats, low: Floats, high: Floats, centre: Floats) -> Floats:
        """Return the best log-parameters over the starts, on evenly picked rows where there are many."""
        pick = slice(None, None, max(1, len(rows) // _RACE))
        target = self.likelihood(rows.iloc[pick], weight[pick])
        starts = [np.array(start) + centre for start in self.starts]
        return maximise(target, starts, low, high, gradient_of(target), roughly=True).theta

    def _continued(self, start: PurchaseModel) -> Floats:
        """Return the log-parameters of another fit, its dropout small but there if it stands at the limit."""
        before = start.params_.to_numpy(dtype=np.float64)
        if start.limit_:
            scale = before[1] if self.in_time[3] else 1.0
            before = np.append(before[:2], [0.1, scale])
        return np.asarray(np.log(before))

    def _remark(self, params: Floats) -> str:
        """Return what is to be said of a maximum, beginning with a semicolon; else nothing."""
        alike = params[2] if self.in_time[3] else params[2:].sum()
        return "; customers hardly differ in how soon they leave" if alike > 300 else ""

    def _keep(
        self, fit: Fit, log_likelihood: Callable[[Floats], float], limit: Literal["nbd"] | None, message: str
    ) -> Self:
        names = self.names[: len(fit.theta)]
        bounded = [name for name, at in zip(names, fit.at_bound, strict=True) if at]
        if bounded:
            message += f"; at the edge of the search: {', '.join(bounded)}"
        self.params_ = self._named(fit.theta)
        unknown = np.full((len(names),) * 2, np.nan)
        matrix = unknown if bounded else covariance(log_likelihood, fit.theta, gradient_of(log_likelihood))
        self.covariance_ = pd.DataFrame(matrix, index=names, columns=names)
        self.log_likelihood_ = fit.log_likelihood
        self.limit_, self.message_ = limit, message
        return self

    def with_params(self, theta: Floats) -> Self:
        """Return this fit moved to other log-parameters, (4,), or (2,) in the limit; for sensitivities."""
        moved = self.__class__(days_per_unit=self.days_per_unit)
        moved.params_, moved.limit_ = self._named(theta), self.limit_
        return moved

    def _named(self, theta: Floats) -> pd.Series[float]:
        """Return the parameters by name, (4,), from all log-parameters or from those of the limit."""
        rest = [self.dropout_limit[name] for name in self.names[len(theta) :]]
        return pd.Series(np.append(np.exp(theta), rest), index=list(self.names))

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Return P(still alive at T | x, t_x, T), shape (n,); 1 in the NBD limit."""
        rows, place = self._histories(frequency, recency, T)
        return self._alive_or_limit(rows)[place]

    def expected_purchases(self, t: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Return E[purchases in (T, T + t] | x, t_x, T], shape (n,); t in time units."""
        rows, place = self._histories(frequency, recency, T)
        return self._over(rows, lambda living: living.mean(t), t)[place]

    def expected_purchases_new(self, t: ArrayLike) -> Floats:
        """Return E[X(t)], the repeat purchases of a new customer by time t, same shape as t."""
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

        Purchases of a step of ``step_days`` count as made in its middle, or at its end. An infinite horizon is
        discounted from the instant of each purchase instead: up to a few 1e-5 away from monthly middles.

        Raises
        ------
        DataError
            An infinite horizon whose sum does not converge.
        """
        if np.isinf(horizon_days):
            whole = self._to_infinity(frequency, recency, T, annual_discount_rate)
            if skip_days == 0:
                return whole
            first = self.discounted_expected_purchases(
                frequency,
                recency,
                T,
                horizon_days=skip_days,
                annual_discount_rate=annual_discount_rate,
                step_days=step_days,
                discount_at=discount_at,
            )
            return whole - first
        rows, place = self._histories(frequency, recency, T)
        edges = np.append(np.arange(skip_days, horizon_days - 1e-9, step_days), horizon_days)
        if len(edges) < 2:
            return np.zeros(len(place))
        at = (edges[:-1] + edges[1:]) / 2 if discount_at == "middle" else edges[1:]
        factors = discount(at, annual_discount_rate)
        times = edges / self.days_per_unit

        def total(living: Alive) -> Floats:
            # Summed by parts, so that no difference of two steps is ever formed.
            out = factors[-1] * living.mean(times[-1])
            if times[0] > 0:
                out = out - factors[0] * living.mean(times[0])
            for t, drop in zip(times[1:-1], factors[:-1] - factors[1:], strict=True):
                out = out + drop * living.mean(t)
            return np.asarray(out)

        return self._over(rows, total, times[-1])[place]

    def _to_infinity(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, annual_rate: float) -> Floats:
        rows, place = self._histories(frequency, recency, T)
        pairs, of_pair = _pairs(rows)
        force = np.log1p(annual_rate) * self.days_per_unit / DAYS_PER_YEAR
        x, age = (pairs[name].to_numpy(dtype=np.float64) for name in ("frequency", "T"))
        if self.limit_ and force > 0:
            value = SteadyAlive(self.params_["r"] + x, self.params_["alpha"] + age).mean(1 / force)
        elif self.limit_ or (force <= 0 and self.params_.iloc[2] <= 1):
            raise DataError(
                f"expected a discount rate above 0 for an infinite horizon, got {annual_rate}: purchases to come do"
                f" not add up to a finite number unless {self.names[2]} > 1; set a rate or a horizon"
            )
        else:
            value = self._forever(x, age, force)
        return (value[of_pair] * self._alive_or_limit(rows))[place]

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
        step = DAYS_PER_MONTH / self.days_per_unit

        def total(living: Alive) -> Floats:
            first = living.mean(0.0)
            out = np.zeros((len(months), *first.shape))
            so_far, summed = first, np.zeros(first.shape)
            for month, factor in enumerate(factors, start=1):
                by_then = living.mean(month * step)
                summed += factor * (by_then - so_far)
                so_far = by_then
                out[wanted.get(month, [])] = summed
            return out

        return np.asarray(self._over(rows, total, max(months) * step, outputs=len(months))[place])

    def count_moments(
        self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, *, start_days: float, end_days: float
    ) -> CountMoments:
        """Return the moments of N, the purchases in (T + start, T + end]."""
        rows, place = self._histories(frequency, recency, T)
        start, end = start_days / self.days_per_unit, end_days / self.days_per_unit

        def parts(living: Alive) -> Floats:
            mean = living.mean(end) - living.mean(start)
            return np.stack([living.some(start, end), mean, living.pairs(start, end)])

        return CountMoments(*self._over(rows, parts, end, outputs=3)[place].T)

    def _alive_or_limit(self, rows: pd.DataFrame) -> Floats:
        if self.limit_:
            return np.ones(len(rows))
        return self._alive(*(rows[name].to_numpy(dtype=np.float64) for name in ("frequency", "recency", "T")))

    def _over(self, rows: pd.DataFrame, given: Callable[[Alive], Floats], reach: float, outputs: int = 0) -> Floats:
        """Return P(alive) times the average of ``given`` over the hidden traits of those alive, for each row.

        The average is the same for all rows of equal x and T. ``reach`` is the longest time asked for. With
        ``outputs`` = k > 0, ``given`` returns k quantities (first axis) and the result is (rows, k), else (rows,).
        """
        pairs, of_pair = _pairs(rows)
        x, age = (pairs[name].to_numpy(dtype=np.float64) for name in ("frequency", "T"))
        blocks = self._steady(x, age) if self.limit_ else self._blocks(x, age, reach)
        out = np.empty((max(outputs, 1), len(pairs)))
        with threadpool_limits(1, user_api="blas"):
            for members, living, weights in blocks:
                out[:, members] = given(living) @ weights
        spread = out[:, of_pair] * self._alive_or_limit(rows)
        return np.asarray(spread.T if outputs else spread[0])

    def _steady(self, x: Floats, age: Floats) -> Iterator[Block]:
        living = SteadyAlive((self.params_["r"] + x)[:, None], (self.params_["alpha"] + age)[:, None])
        yield np.arange(len(x)), living, np.ones(1)

    def _histories(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> tuple[pd.DataFrame, Positions]:
        check_is_fitted(self)
        rows, _, place = unique_rows({"frequency": frequency, "recency": recency, "T": T})
        check_histories(rows)
        return rows, place


def gradient_of(log_likelihood: Callable[[Floats], float]) -> WithGradient | None:
    """Return the value-with-gradient of a likelihood that knows it."""
    return getattr(log_likelihood, "with_gradient", None)


def _fit_nbd(rows: pd.DataFrame, weight: Floats) -> tuple[Fit, Callable[[Floats], float]]:
    """Return the best fit without dropout and its likelihood; it depends on x and T alone."""
    pairs, of_pair = _pairs(rows)
    count = np.bincount(of_pair, weights=weight, minlength=len(pairs)).astype(np.float64)
    x, age = (pairs[name].to_numpy(dtype=np.float64) for name in ("frequency", "T"))
    centre = np.array([0.0, np.log(_mean_age(rows, weight))])

    def nbd(theta: Floats) -> float:
        return nbd_log_likelihood(theta, x, age, count)

    starts = [np.array([s, s]) + centre for s in (-1.5, 0.0, 1.0)]
    return maximise(nbd, starts, np.log([1e-4, 1e-6]) + centre, np.log([1e4, 1e4]) + centre), nbd


def _mean_age(rows: pd.DataFrame, weight: Floats) -> float:
    return max(float(np.average(rows["T"], weights=weight)), 1e-6)


def _pairs(rows: pd.DataFrame) -> tuple[pd.DataFrame, Positions]:
    """Return the distinct (x, T) and the place of each row among them."""
    pairs, _, place = unique_rows({"frequency": rows["frequency"], "T": rows["T"]})
    return pairs, place
