"""From a classifier's log-odds to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from ...core.arrays import Floats, Ints

__all__ = ["Calibrator", "Identity", "Isotonic", "Sigmoid", "choose_calibrator"]


_PRIOR_EVENTS = 10.0
"""Churners that the uncalibrated log-odds count for."""


class Calibrator(Protocol):
    """Maps log-odds (n,) to probabilities (n,), never reversing an order."""

    def __call__(self, log_odds: Floats) -> Floats:
        """Return the probabilities of ``log_odds``."""
        ...


@dataclass(frozen=True)
class Identity:
    """The log-odds as the trees give them: p = 1 / (1 + exp(-z))."""

    def __call__(self, log_odds: Floats) -> Floats:
        """Return the probabilities of ``log_odds``."""
        return np.asarray(expit(log_odds))


@dataclass(frozen=True)
class Sigmoid:
    """Platt scaling, p = 1 / (1 + exp(-(slope z + intercept))), slope >= 0.

    Source: Platt 1999, "Probabilistic outputs for support vector machines". In place of his smoothed targets
    level and slope are drawn to no change, as if 10 churners had said so: trees fitted by log loss are nearly
    calibrated, and a few held-out churners must not move everybody's level.
    """

    slope: float
    intercept: float

    def __call__(self, log_odds: Floats) -> Floats:
        """Return the probabilities of ``log_odds``."""
        return np.asarray(expit(self.slope * log_odds + self.intercept))

    @classmethod
    def fit(cls, log_odds: Floats, y: Ints, weight: Floats) -> Sigmoid:
        """Learn slope and intercept by weighted, penalised maximum likelihood; y is 0 or 1."""
        mean = float(np.average(log_odds, weights=weight))
        centred = log_odds - mean

        def loss(change: Floats) -> tuple[float, Floats]:
            z = log_odds + change[0] + change[1] * centred
            error = weight * (expit(z) - y)
            value = np.sum(weight * (np.logaddexp(0, z) - y * z)) + 0.5 * _PRIOR_EVENTS * change @ change
            return float(value), np.array([error.sum(), error @ centred]) + _PRIOR_EVENTS * change

        optimum = minimize(loss, [0.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(None, None), (-1, None)])
        level, steeper = (float(value) for value in optimum.x)
        return cls(1 + steeper, level - steeper * mean)


@dataclass(frozen=True)
class Isotonic:
    """A rising step function (pool adjacent violators), kept away from 0 and 1 by one part in n + 2."""

    curve: IsotonicRegression

    def __call__(self, log_odds: Floats) -> Floats:
        """Return the probabilities of ``log_odds``."""
        return np.asarray(self.curve.predict(log_odds), dtype=np.float64)

    @classmethod
    def fit(cls, log_odds: Floats, y: Ints, weight: Floats) -> Isotonic:
        """Learn the steps by weighted least squares; y is 0 or 1."""
        floor = 1 / (len(y) + 2)
        curve = IsotonicRegression(y_min=floor, y_max=1 - floor, out_of_bounds="clip")
        return cls(curve.fit(log_odds, y, sample_weight=weight))


_FOLDS = 5


def choose_calibrator(
    log_odds: Floats, y: Ints, weight: Floats, *, groups: ArrayLike | None, seed: int
) -> Sigmoid | Isotonic:
    """Return the step function where it has the lower log loss on rows it was not fitted to, else the sigmoid.

    Both are fitted to four fifths of the rows and judged on the last, five times; then the better one to all. The step
    function must win by more than one standard error of the difference: a few churners draw no steps.

    Parameters
    ----------
    log_odds, y, weight
        Scores, outcomes 0 or 1 and weights of the held-out rows (n,).
    groups
        Customer of each row (n,), kept in one fold; None: rows stand alone.
    seed
        Seed of the folds.
    """
    codes = np.arange(len(y)) if groups is None else pd.factorize(np.asarray(groups))[0]
    fold = (np.random.default_rng(seed).permutation(codes.max() + 1) % _FOLDS)[codes]
    if any(_one_class(y[fold != k], weight[fold != k]) for k in range(_FOLDS)):
        return Sigmoid.fit(log_odds, y, weight)
    gain = np.zeros(len(y))
    for k in range(_FOLDS):
        out = fold == k
        curves = [kind.fit(log_odds[~out], y[~out], weight[~out]) for kind in (Sigmoid, Isotonic)]
        smooth, stepped = (_losses(curve(log_odds[out]), y[out]) for curve in curves)
        gain[out] = weight[out] * (smooth - stepped)
    # Rows of one customer count once: their gains are not independent.
    each = np.bincount(codes, weights=gain)
    better = each.sum() > np.sqrt(len(each)) * each.std()
    return Isotonic.fit(log_odds, y, weight) if better else Sigmoid.fit(log_odds, y, weight)


def _one_class(y: Ints, weight: Floats) -> bool:
    return len(np.unique(y[weight > 0])) < 2


def _losses(p: Floats, y: Ints) -> Floats:
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.where(y == 1, -np.log(p), -np.log1p(-p))
