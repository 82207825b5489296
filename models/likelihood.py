"""Maximum likelihood in small: many starts, a box, a numerical Hessian; and the quiet door to ``lifetimes``."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from ..core.errors import DataError

__all__ = ["Fit", "covariance", "maximise", "quiet_lifetimes", "unique_rows"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A maximum: log-parameters, the total log-likelihood there, and which parameters stand at the box."""

    theta: Floats
    log_likelihood: float
    at_bound: NDArray[np.bool_]


def maximise(log_likelihood: Callable[[Floats], float], starts: Iterable[Floats], low: Floats, high: Floats) -> Fit:
    """Return the best of bounded quasi-Newton maximisations from ``starts`` (log-parameters)."""
    points = [np.clip(start, low, high) for start in starts]
    scale = max(1.0, abs(log_likelihood(points[0])))

    def loss(theta: Floats) -> float:
        value = log_likelihood(theta)
        return -value / scale if np.isfinite(value) else 1e6

    best = Fit(points[0], -np.inf, np.zeros(len(low), dtype=bool))
    for start in points:
        found = minimize(
            loss,
            start,
            method="L-BFGS-B",
            bounds=list(zip(low, high, strict=True)),
            options={"ftol": 1e-11, "gtol": 1e-7, "maxiter": 500, "maxfun": 5_000},
        )
        value = -float(found.fun) * scale
        if value > best.log_likelihood:
            best = Fit(found.x, value, (found.x - low < 1e-3) | (high - found.x < 1e-3))
    return best if best.at_bound.any() else _newton(log_likelihood, best, low, high)


def _newton(log_likelihood: Callable[[Floats], float], fit: Fit, low: Floats, high: Floats) -> Fit:
    """Return ``fit`` brought to the top by Newton steps, as long as they rise and stay in the box."""
    for _ in range(5):
        hessian = _hessian(log_likelihood, fit.theta)
        if not np.isfinite(hessian).all() or np.linalg.eigvalsh(-hessian).min() <= 0:
            return fit
        steps = 1e-4 * np.eye(len(fit.theta))
        gradient = np.array([log_likelihood(fit.theta + e) - log_likelihood(fit.theta - e) for e in steps]) / 2e-4
        move = np.linalg.solve(-hessian, gradient)
        theta = np.clip(fit.theta + move, low, high)
        value = log_likelihood(theta)
        if not value > fit.log_likelihood:
            return fit
        fit = Fit(theta, value, fit.at_bound)
        if np.abs(move).max() < 1e-7:
            return fit
    return fit


def covariance(log_likelihood: Callable[[Floats], float], theta: Floats) -> Floats:
    """Return the covariance of exp(theta), symmetric: inverse of minus the Hessian, delta method.

    The Hessian of the total log-likelihood in the log-parameters comes from central differences. NaN where
    it is not negative definite.
    """
    k = len(theta)
    hessian = _hessian(log_likelihood, theta)
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(-hessian).min() <= 0:
        return np.full((k, k), np.nan)
    scale = np.exp(theta)
    inverse = np.linalg.inv(-hessian)
    return np.asarray((inverse + inverse.T) / 2 * np.outer(scale, scale))


def _hessian(log_likelihood: Callable[[Floats], float], theta: Floats) -> Floats:
    """Return second derivatives by central differences, symmetric."""
    k = len(theta)
    steps = 1e-3 * np.eye(k)
    hessian = np.empty((k, k))
    for i in range(k):
        for j in range(i, k):
            e, f = steps[i], steps[j]
            hessian[i, j] = hessian[j, i] = (
                log_likelihood(theta + e + f)
                - log_likelihood(theta + e - f)
                - log_likelihood(theta - e + f)
                + log_likelihood(theta - e - f)
            ) / 4e-6
    return hessian


def unique_rows(
    columns: dict[str, ArrayLike], sample_weight: ArrayLike | None = None
) -> tuple[pd.DataFrame, Floats, NDArray[np.intp]]:
    """Return the distinct rows, the total weight of each, and the place of every row among them.

    Raises
    ------
    DataError
        A column holds missing or infinite values, columns differ in length, or weights are unusable.
    """
    arrays = {name: np.atleast_1d(np.asarray(values, dtype=np.float64)) for name, values in columns.items()}
    n = max(len(values) for values in arrays.values())
    for name, values in arrays.items():
        if values.ndim != 1 or len(values) not in (1, n):
            raise DataError(f"expected '{name}' to have {n} values, got shape {values.shape}")
        if not np.isfinite(values).all():
            raise DataError(f"'{name}' holds missing or infinite values; drop those customers first")
    frame = pd.DataFrame({name: np.broadcast_to(values, n) for name, values in arrays.items()})
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,) or not np.isfinite(weight).all() or (weight < 0).any():
        raise DataError(f"expected {n} finite weights of at least 0, got shape {weight.shape}")
    place = frame.groupby(list(frame.columns), sort=True).ngroup().to_numpy()
    distinct = frame.drop_duplicates().sort_values(list(frame.columns), ignore_index=True)
    total = np.bincount(place, weights=weight, minlength=len(distinct)).astype(np.float64)
    return distinct, total, place.astype(np.intp)


@contextlib.contextmanager
def quiet_lifetimes() -> Iterator[ModuleType]:
    """Lend ``lifetimes``, imported late, and undo what it does to the process.

    It adds a warning filter at import and at every likelihood call, and prints failed optimisations.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore", DeprecationWarning)
        import lifetimes

        yield lifetimes
