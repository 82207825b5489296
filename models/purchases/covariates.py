"""Static covariates of purchases: who buys more often, and who leaves sooner, by what is known from the start.

Source: Fader & Hardie 2007, "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models", note 019;
the R package CLVTools. With z the covariates of a customer, rates are log-linear:

    alpha = alpha_0 exp(-gamma z)     purchases come exp(gamma z) times as often,
    beta  = beta_0 exp(-delta z)      Pareto/NBD: the customer leaves at exp(delta z) times the rate,
    a     = a_0 exp(delta z)          BG/NBD, MBG/NBD: the mean odds of leaving after a purchase are exp(delta z) times.

Customers of equal covariates are customers of one plain model, so everything that model can tell is told as before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd

from ...core.arrays import Floats, Positions
from ...core.errors import DataError
from ...core.one_thread import one_thread
from ...core.short_repr import ShortRepr
from ..fitting.likelihood import WithGradient, covariance, maximise
from .base import PurchaseModel
from .fit import gradient_of
from .nbd import nbd_log_likelihood

__all__ = ["CovariateCode", "PurchaseCovariates"]

_MOST_GROUPS = 200
_FEWEST = 30
_WIDEST = 5.0
"""Largest coefficient searched, in either direction."""


@dataclass(frozen=True)
class CovariateCode(ShortRepr):
    """How covariates become numbers: levels as centred dummies, numbers standardised.

    What is missing, rare or was never seen is coded 0: such a customer counts like the average one.
    """

    levels: dict[str, dict[str, float]]
    numbers: dict[str, tuple[float, float]]

    @classmethod
    def of(cls, frame: pd.DataFrame, weight: Floats) -> Self:
        """Learn the code from n customers; the most frequent level of a column is its reference."""
        levels: dict[str, dict[str, float]] = {}
        numbers: dict[str, tuple[float, float]] = {}
        for name in frame:
            column = frame[name]
            if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
                known = column.notna().to_numpy()
                values = column[known].to_numpy(dtype=np.float64)
                mean = float(np.average(values, weights=weight[known])) if len(values) else 0.0
                numbers[str(name)] = (mean, max(float(values.std()) if len(values) else 0.0, 1e-12))
                continue
            counts = column.astype("object").map(str, na_action="ignore").value_counts()
            common = counts[counts >= _FEWEST]
            levels[str(name)] = {str(level): float(n / common.sum()) for level, n in common.items()}
        return cls(levels, numbers)

    def names(self) -> list[str]:
        """Return the names of the p numbers."""
        dummies = [f"{name}={level}" for name, shares in self.levels.items() for level in list(shares)[1:]]
        return [*dummies, *self.numbers]

    def transform(self, frame: pd.DataFrame) -> Floats:
        """Return the numbers of n customers, (n, p).

        Raises
        ------
        DataError
            A column is missing.
        """
        absent = [name for name in (*self.levels, *self.numbers) if name not in frame]
        if absent:
            raise DataError(f"expected the covariate '{absent[0]}' beside the purchases, it is missing")
        columns = []
        for name, shares in self.levels.items():
            text = frame[name].astype("object").map(str, na_action="ignore")
            known = text.isin(list(shares)).to_numpy()
            for level in list(shares)[1:]:
                columns.append(np.where(known, (text == level).to_numpy(dtype=np.float64) - shares[level], 0.0))
        for name, (mean, spread) in self.numbers.items():
            value = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
            columns.append(np.nan_to_num((value - mean) / spread))
        return np.column_stack(columns) if columns else np.zeros((len(frame), 0))


class PurchaseCovariates:
    """A purchase model whose rates follow static covariates.

    Parameters
    ----------
    plain
        The model without them, fitted to the same customers: the search begins there, and its limit is kept.

    Attributes
    ----------
    code_ : CovariateCode
    rate_, dropout_ : Series
        gamma and delta by name of a number of the code; without delta in the limit, in which nobody leaves.
    log_likelihood_ : float

    Examples
    --------
    >>> import numpy as np
    >>> from servicelift.models.purchases.bgnbd import BetaGeoNBD
    >>> from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase
    >>> rng = np.random.default_rng(0)
    >>> def shop(alpha):
    ...     leaves = leaves_by_purchase(1_000, 0.8, 4.0, rng)
    ...     return draw_customers(np.full(1_000, 400.0), 0, leaves, r=0.6, alpha=alpha, rng=rng)
    >>> rows = pd.concat([shop(60.0), shop(30.0)], ignore_index=True)
    >>> channel = pd.DataFrame({"channel": np.repeat(["post", "web"], 1_000)})
    >>> plain = BetaGeoNBD().fit(rows["frequency"], rows["recency"], rows["T"])
    >>> found = PurchaseCovariates(plain).fit(rows, channel, np.ones(2_000))
    >>> bool(abs(found.rate_["channel=web"] - np.log(2)) < 0.25)
    True
    """

    code_: CovariateCode
    rate_: pd.Series[float]
    dropout_: pd.Series[float]

    def __init__(self, plain: PurchaseModel) -> None:
        self.plain = plain

    def fit(self, rows: pd.DataFrame, covariates: pd.DataFrame, weight: Floats) -> Self:
        """Learn from n customers: frequency, recency and T; their covariates; their weights (n,).

        Raises
        ------
        DataError
            More than 200 different combinations of covariates.
        """
        self.code_ = CovariateCode.of(covariates, weight)
        places, group = np.unique(self.code_.transform(covariates), axis=0, return_inverse=True)
        if len(places) > _MOST_GROUPS:
            raise DataError(
                f"expected at most {_MOST_GROUPS} different combinations of the covariates"
                f" {', '.join(map(str, covariates))}, got {len(places)}; name fewer, or bring them in coarser classes"
            )
        targets = [self._likelihood(rows[group == g], weight[group == g]) for g in range(len(places))]
        base = np.log(self.plain.params_.to_numpy(dtype=np.float64)[: self._free])
        total = _Total(targets, places, self._shift)
        size = places.shape[1] * (1 if self.plain.limit_ else 2)
        start = np.append(base, np.zeros(size))
        low, high = (np.append(base + s * np.log(1e3), np.full(size, s * _WIDEST)) for s in (-1, 1))
        slope = total.with_gradient if all(gradient_of(each) for each in targets) else None
        with one_thread():
            best = maximise(total, [start], low, high, slope)
            scale = np.exp(best.theta)
            known = covariance(total, best.theta, slope) / np.outer(scale, scale)
        self._theta, self._covariance = best.theta, known
        self.log_likelihood_ = best.log_likelihood
        names = self.code_.names()
        coefficients = best.theta[self._free :]
        self.rate_ = pd.Series(coefficients[: len(names)], index=names)
        self.dropout_ = pd.Series(coefficients[len(names) :], index=[] if self.plain.limit_ else names, dtype=float)
        return self

    @property
    def _free(self) -> int:
        return 2 if self.plain.limit_ else 4

    def _shift(self, z: Floats) -> Floats:
        """Return the matrix (free, free + coefficients) that makes a group's log-parameters of all of them."""
        k, p = self._free, len(z)
        shift = np.hstack([np.eye(k), np.zeros((k, p * (1 if k == 2 else 2)))])
        shift[1, k : k + p] = -z
        if k == 4:
            # A time, beta, falls as customers leave sooner; a weight, a, rises.
            place, sign = (3, -1) if self.plain.in_time[3] else (2, 1)
            shift[place, k + p :] = sign * z
        return shift

    def _likelihood(self, rows: pd.DataFrame, weight: Floats) -> Callable[[Floats], float]:
        if not self.plain.limit_:
            return self.plain.likelihood(rows, weight)
        x, age = (rows[name].to_numpy(dtype=np.float64) for name in ("frequency", "T"))
        return lambda theta: nbd_log_likelihood(theta, x, age, weight)

    def groups(self, covariates: pd.DataFrame) -> list[tuple[Positions, PurchaseModel]]:
        """Return the customers of each combination of covariates, by place, with the plain model that is theirs."""
        places, group = np.unique(self.code_.transform(covariates), axis=0, return_inverse=True)
        return [(np.flatnonzero(group == g), self._model(z)) for g, z in enumerate(places)]

    def _model(self, z: Floats) -> PurchaseModel:
        shift = self._shift(z)
        theta = shift @ self._theta
        model = self.plain.with_params(theta)
        names = list(model.names[: len(theta)])
        scale = np.exp(theta)
        matrix = shift @ self._covariance @ shift.T * np.outer(scale, scale)
        model.covariance_ = pd.DataFrame(matrix, index=names, columns=names)
        model.message_ = self.plain.message_
        return model


@dataclass(frozen=True)
class _Total(ShortRepr):
    """The log-likelihood of all groups together, each at its own log-parameters."""

    targets: list[Callable[[Floats], float]]
    places: Floats
    shift: Callable[[Floats], Floats]

    def __call__(self, theta: Floats) -> float:
        return float(sum(f(self.shift(z) @ theta) for f, z in zip(self.targets, self.places, strict=True)))

    def with_gradient(self, theta: Floats) -> tuple[float, Floats]:
        """Return the total and its gradient."""
        value, slope = 0.0, np.zeros(len(theta))
        for target, z in zip(self.targets, self.places, strict=True):
            shift = self.shift(z)
            known: WithGradient | None = gradient_of(target)
            assert known is not None
            more, steep = known(shift @ theta)
            value, slope = value + more, slope + shift.T @ steep
        return value, slope
