"""Money a running customer brings or costs besides the subscription, as a rate for each month ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from scipy.optimize import nnls
from scipy.sparse import csr_matrix

from ...core.arrays import Floats, Positions, SmallFloats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ..fitting.binned_rows import BinnedRows
from ..fitting.trees import grow
from .time_since_event import MoneySinceEvent, months_in_steps

__all__ = ["MoneySpread", "MonthlyRate", "RateWorkspace", "read_money"]


_MONEY = ("exposure_months", "ancillary", "refunds", "contact_cost", "action_cost")


@dataclass(frozen=True)
class RateWorkspace(ShortRepr):
    """Binned landmarks with exposure; rows of customers: for refits only, never saved.

    Parameters
    ----------
    rows
        Positions of the landmarks with exposure, (r,).
    exposure
        Their months of exposure, (r,).
    dataset
        Their binned features.
    spent
        Their months of exposure in each step after each event, (r, clocks x steps).
    """

    rows: Positions
    exposure: Floats
    dataset: lgb.Dataset
    spent: csr_matrix

    @classmethod
    def of(
        cls, design: SmallFloats, exposure: Floats, since: Floats, params: dict[str, Any], categorical: list[int]
    ) -> RateWorkspace:
        """Return the landmarks of ``design`` (n, p) with positive ``exposure`` (n,), binned.

        ``since`` holds the months from each event to the landmark, NaN where there was none, (n, clocks).
        """
        rows = np.flatnonzero(np.nan_to_num(exposure) > 0)
        data = BinnedRows(design[rows], np.zeros(len(rows)), params=params, categorical_feature=categorical)
        spent = months_in_steps(since[rows], exposure[rows])
        return cls(rows, exposure[rows], data.construct() if len(rows) else data, spent)


class MonthlyRate:
    """Rate of money per running month, by customer and month ahead.

    The rate of customer i in month k is ``m + (r_i - m) rho^(k - 1/2) / g``: r_i from trees fitted to the rate over
    each landmark's exposure (weighted by it), m the portfolio's mean, rho = 2^(-1 / half_life_months), and g the mean
    of rho^(k - 1/2) over the exposures, so that over them the rates add up to what was observed. The half-life is an
    assumption: what sets a customer apart today fades. What follows an event moves with the time since it instead:
    :class:`MoneySinceEvent`.

    Parameters
    ----------
    half_life_months
        Months until half of a customer's distance from the mean is gone.
    floor
        Lowest rate; None for no bound.

    Attributes
    ----------
    mean_ : float
        m, money per running month.
    after_ : MoneySinceEvent or None
        What follows events; None without any money, and in models saved before there was one.
    """

    after_: MoneySinceEvent | None = None

    def __init__(self, half_life_months: float, floor: float | None = None) -> None:
        self.half_life_months = half_life_months
        self.floor = floor

    def fit(self, work: RateWorkspace, total: Floats, weight: Floats, params: dict[str, Any], rounds: int) -> Floats:
        """Fit to the money ``total`` over each exposure and landmark weights, both (n,).

        Returns the fitted money over each exposure, (r,).
        """
        self.trees_: lgb.Booster | None = None
        self.after_ = None
        self.mean_, self.shift_, self.fade_ = 0.0, 0.0, 1.0
        money, load = total[work.rows], work.exposure * weight[work.rows]
        if not load.sum() > 0 or not np.abs(money).sum() > 0:
            return np.zeros(len(money))
        self.mean_ = float(weight[work.rows] @ money / load.sum())
        offset = np.full(len(money), self.mean_)
        self.trees_, rate = grow(params, rounds, work.dataset, money / work.exposure, load, offset)
        fitted = rate * work.exposure
        self.after_ = MoneySinceEvent().fit(work.spent, work.exposure, money - fitted, weight[work.rows])
        fitted = fitted + self.after_.over(work.spent)
        self.shift_ = float(weight[work.rows] @ (money - fitted) / load.sum())
        self.fade_ = float(load @ self._average_factor(work.exposure) / load.sum())
        return np.asarray(fitted + self.shift_ * work.exposure)

    def predict(self, design: SmallFloats, since: Floats, months: int, threads: int) -> Floats:
        """Return the rate of each row in lead months 1..``months``, (n, months); ``since`` as in the workspace."""
        if self.trees_ is None:
            return np.zeros((len(design), months))
        # Learnt on top of the mean, the trees give the distance from it.
        distance = np.asarray(self.trees_.predict(design, num_threads=threads)) + self.shift_
        factor = 2.0 ** (-(np.arange(1, months + 1) - 0.5) / self.half_life_months) / self.fade_
        rate = self.mean_ + distance[:, None] * factor
        if self.after_ is not None:
            rate += self.after_.ahead(since, months)
        return np.asarray(rate if self.floor is None else np.maximum(rate, self.floor))

    def _average_factor(self, exposure: Floats) -> Floats:
        """Return the mean of rho^t over t in (0, exposure)."""
        decay = np.log(2.0) / self.half_life_months * exposure
        return np.asarray(-np.expm1(-decay) / decay)


class MoneySpread:
    """Variance of the money besides subscriptions around its expectation, over t running months.

    a V(t) + b L(t)^2, discount d: chance from month to month, V(t) the integral of d^2 until t, and what lasts in a
    customer and the rates do not know, L(t) the integral of d rho^u: it fades as the rates do.

    Parameters
    ----------
    half_life_months
        As in :class:`MonthlyRate`.

    Attributes
    ----------
    within_, between_ : float
        a and b, at least 0.
    """

    def __init__(self, half_life_months: float) -> None:
        self.half_life_months = half_life_months

    def fit(self, work: RateWorkspace, residual: Floats, weight: Floats) -> MoneySpread:
        """Fit to residual money over each exposure (r,), not discounted, and landmark weights (n,); returns self."""
        self.within_, self.between_ = 0.0, 0.0
        load = np.sqrt(weight[work.rows]) / np.maximum(work.exposure, 1.0)
        if load.any() and residual.any():
            terms = np.column_stack([work.exposure, self._lasting(work.exposure, 0.0) ** 2]) * load[:, None]
            (self.within_, self.between_), _ = nnls(terms, residual**2 * load)
        return self

    def deviation(self, months: Floats, annual_rate: float) -> Floats:
        """Return the standard deviation over ``months`` running months, discounted, same shape."""
        force = np.log1p(annual_rate) / 12
        variance = self.within_ * _annuity(2 * force, months) + self.between_ * self._lasting(months, force) ** 2
        return np.asarray(np.sqrt(variance))

    def _lasting(self, months: Floats, force: float) -> Floats:
        return _annuity(force + np.log(2.0) / self.half_life_months, months)


def _annuity(force: float, months: Floats) -> Floats:
    """Return the integral of exp(-force u) over u in (0, months)."""
    return np.asarray(months if force == 0 else -np.expm1(-force * months) / force)


def read_money(money: pd.DataFrame, rows: int) -> dict[str, Floats]:
    """Check the frame of sums over each landmark's exposure and return its columns, absent values as 0.

    ``subscription`` is optional.

    Raises
    ------
    DataError
        A column is missing, or the number of rows is not ``rows``.
    """
    missing = [name for name in _MONEY if name not in money.columns]
    if missing:
        raise DataError(f"money: expected the column '{missing[0]}', it is missing; columns are {_MONEY}")
    if len(money) != rows:
        raise DataError(f"money: expected {rows} rows as in features, got {len(money)}")
    names = [*_MONEY, *(["subscription"] if "subscription" in money.columns else [])]
    return {name: np.nan_to_num(money[name].to_numpy(dtype=float)) for name in names}
