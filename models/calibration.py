"""From a classifier's log-odds to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

__all__ = ["Calibrator", "Identity", "Isotonic", "Sigmoid"]

Floats = NDArray[np.float64]

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
    def fit(cls, log_odds: Floats, y: NDArray[np.int_], weight: Floats) -> Sigmoid:
        """Learn slope and intercept by weighted, penalised maximum likelihood; y is 0 or 1."""
        mean = float(np.average(log_odds, weights=weight))
        centred = log_odds - mean

        def loss(change: Floats) -> tuple[float, Floats]:
            z = log_odds + change[0] + change[1] * centred
            error = weight * (expit(z) - y)
            value = np.sum(weight * (np.logaddexp(0, z) - y * z)) + 0.5 * _PRIOR_EVENTS * change @ change
            return float(value), np.array([error.sum(), error @ centred]) + _PRIOR_EVENTS * change

        found = minimize(loss, [0.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(None, None), (-1, None)])
        level, steeper = (float(value) for value in found.x)
        return cls(1 + steeper, level - steeper * mean)


@dataclass(frozen=True)
class Isotonic:
    """A rising step function (pool adjacent violators), kept away from 0 and 1 by one part in n + 2."""

    curve: IsotonicRegression

    def __call__(self, log_odds: Floats) -> Floats:
        """Return the probabilities of ``log_odds``."""
        return np.asarray(self.curve.predict(log_odds), dtype=np.float64)

    @classmethod
    def fit(cls, log_odds: Floats, y: NDArray[np.int_], weight: Floats) -> Isotonic:
        """Learn the steps by weighted least squares; y is 0 or 1."""
        floor = 1 / (len(y) + 2)
        curve = IsotonicRegression(y_min=floor, y_max=1 - floor, out_of_bounds="clip")
        return cls(curve.fit(log_odds, y, sample_weight=weight))
