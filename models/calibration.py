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

    Source: Platt 1999, "Probabilistic outputs for support vector machines", with his smoothed targets.
    """

    slope: float
    intercept: float

    def __call__(self, log_odds: Floats) -> Floats:
        """Return the probabilities of ``log_odds``."""
        return np.asarray(expit(self.slope * log_odds + self.intercept))

    @classmethod
    def fit(cls, log_odds: Floats, y: NDArray[np.int_], weight: Floats) -> Sigmoid:
        """Learn slope and intercept by weighted maximum likelihood; y is 0 or 1."""
        positives, negatives = weight[y == 1].sum(), weight[y == 0].sum()
        target = np.where(y == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))

        def loss(theta: Floats) -> tuple[float, Floats]:
            z = theta[0] * log_odds + theta[1]
            error = weight * (expit(z) - target)
            value = float(np.sum(weight * (np.logaddexp(0, z) - target * z)))
            return value, np.array([error @ log_odds, error.sum()])

        found = minimize(loss, [1.0, 0.0], jac=True, method="L-BFGS-B", bounds=[(0, None), (None, None)])
        return cls(float(found.x[0]), float(found.x[1]))


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
