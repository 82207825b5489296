"""What the models of purchases without a contract share: the entrance, the fit, and averages over who is alive.

A customer is known by x (repeat purchases), t_x (time of the last one) and T (age), all times since the first
purchase. While alive he buys at a Poisson rate lambda ~ Gamma(r, alpha); the models differ in how he leaves. Given
that he is alive at T, his rate is Gamma(r + x, alpha + T), whatever the model. Where nobody leaves, all of them
become the NBD.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from ...core.arrays import Floats, Positions
from ...core.errors import DataError
from ...core.one_thread import one_thread
from ...core.time import DAYS_PER_MONTH, DAYS_PER_YEAR, discount
from ..fitting.likelihood import unique_rows
from .alive import Alive, Block, CountMoments, SteadyAlive, check_histories
from .between_ages import asked_ages
from .fit import PurchaseFit
from .nbd import distinct_counts

__all__ = ["PurchaseModel"]


class PurchaseModel(PurchaseFit):
    """A fitted model of purchases, asked what is to come: :class:`PurchaseFit` and its predictions."""

    between_ages: ClassVar[bool] = False
    """Whether averages over the hidden trait take so long that they are computed at a few ages, and read in between."""

    @abstractmethod
    def _alive(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Return P(alive at T), (rows,), away from the limit."""

    @abstractmethod
    def _blocks(self, x: Floats, age: Floats, reach: float) -> Iterator[Block]:
        """Return those alive, block by block, for questions up to ``reach`` ahead, away from the limit."""

    @abstractmethod
    def _forever(self, x: Floats, age: Floats, force: float) -> Floats:
        """Return E[purchases to come discounted at ``force`` a time unit] of those alive, away from the limit."""

    def probability_alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Return P(still alive at T | x, t_x, T), shape (n,); 1 in the NBD limit."""
        rows, place = self._histories(frequency, recency, T)
        return self._alive_or_limit(rows)[place]

    def expected_purchases(self, t: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Return E[purchases in (T, T + t] | x, t_x, T], shape (n,); t in time units."""
        rows, place = self._histories(frequency, recency, T)
        return self._over(rows, lambda living: living.mean(t), t)[place]

    def expected_by(self, times: ArrayLike, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Return :meth:`expected_purchases` for each of k ascending times, (n, k), at the cost of one pass."""
        at = np.asarray(times, dtype=np.float64)
        rows, place = self._histories(frequency, recency, T)

        def by_then(living: Alive) -> Floats:
            return np.stack([living.mean(float(t)) for t in at])

        return np.asarray(self._over(rows, by_then, float(at[-1]), outputs=len(at))[place])

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
        pairs, of_pair = distinct_counts(rows)
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
        pairs, of_pair = distinct_counts(rows)
        x, age = (pairs[name].to_numpy(dtype=np.float64) for name in ("frequency", "T"))
        asked = None
        if self.between_ages and not self.limit_:
            asked = asked_ages(x, age, float(self.params_["alpha"]))
            x, age = asked.x, asked.age
        blocks = self._steady(x, age) if self.limit_ else self._blocks(x, age, reach)
        out = np.empty((max(outputs, 1), len(x)))
        with one_thread():
            for members, living, weights in blocks:
                out[:, members] = given(living) @ weights
            known = out if asked is None else asked.everywhere(out)
        spread = known[:, of_pair] * self._alive_or_limit(rows)
        return np.asarray(spread.T if outputs else spread[0])

    def _steady(self, x: Floats, age: Floats) -> Iterator[Block]:
        living = SteadyAlive((self.params_["r"] + x)[:, None], (self.params_["alpha"] + age)[:, None])
        yield np.arange(len(x)), living, np.ones(1)

    def _histories(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> tuple[pd.DataFrame, Positions]:
        check_is_fitted(self)
        rows, _, place = unique_rows({"frequency": frequency, "recency": recency, "T": T})
        check_histories(rows)
        return rows, place
