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
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from ...core.arrays import Bools, Floats, Positions
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = ["Fit", "WithGradient", "covariance", "delta_variance", "maximise", "quiet_lifetimes", "unique_rows"]

WithGradient = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Fit(ShortRepr):
    """A maximum: log-parameters, the total log-likelihood there, and which parameters stand at the box."""

    theta: Floats
    log_likelihood: float
    at_bound: Bools


def maximise(
    log_likelihood: Callable[[Floats], float],
    starts: Iterable[Floats],
    low: Floats,
    high: Floats,
    gradient: WithGradient | None = None,
    *,
    roughly: bool = False,
) -> Fit:
    """Return the best of bounded quasi-Newton maximisations from ``starts`` (log-parameters).

    ``gradient`` returns the value with its gradient, where the formula is known; differences stand in.
    ``roughly`` stops early, to choose among starts.
    """
    points = [np.clip(start, low, high) for start in starts]
    scale = max(1.0, abs(log_likelihood(points[0])))

    def loss(theta: Floats) -> float:
        value = log_likelihood(theta)
        return -value / scale if np.isfinite(value) else 1e6

    def with_slope(theta: Floats) -> tuple[float, Floats]:
        assert gradient is not None
        value, slope = gradient(theta)
        usable = np.isfinite(value) and np.isfinite(slope).all()
        return (-value / scale, -slope / scale) if usable else (1e6, np.zeros(len(theta)))

    best = Fit(points[0], -np.inf, np.zeros(len(low), dtype=bool))
    for start in points:
        optimum = minimize(
            with_slope if gradient else loss,
            start,
            jac=gradient is not None,
            method="L-BFGS-B",
            bounds=list(zip(low, high, strict=True)),
            options={"ftol": 1e-7 if roughly else 1e-11, "gtol": 1e-7, "maxiter": 500, "maxfun": 5_000},
        )
        value = -float(optimum.fun) * scale
        if value > best.log_likelihood:
            best = Fit(optimum.x, value, (optimum.x - low < 1e-3) | (high - optimum.x < 1e-3))
    return best if roughly or best.at_bound.any() else _newton(log_likelihood, best, low, high, gradient)


def _newton(
    log_likelihood: Callable[[Floats], float], fit: Fit, low: Floats, high: Floats, gradient: WithGradient | None
) -> Fit:
    """Return ``fit`` brought to the top by Newton steps, as long as they rise and stay in the box."""
    for _ in range(5):
        hessian = _hessian(log_likelihood, fit.theta, gradient)
        if not np.isfinite(hessian).all() or np.linalg.eigvalsh(-hessian).min() <= 0:
            return fit
        move = np.linalg.solve(-hessian, _slope(log_likelihood, fit.theta, gradient))
        theta = np.clip(fit.theta + move, low, high)
        value = log_likelihood(theta)
        if not value > fit.log_likelihood:
            return fit
        fit = Fit(theta, value, fit.at_bound)
        if np.abs(move).max() < 1e-7:
            return fit
    return fit


def covariance(
    log_likelihood: Callable[[Floats], float], theta: Floats, gradient: WithGradient | None = None
) -> Floats:
    """Return the covariance of exp(theta), symmetric: inverse of minus the Hessian, delta method.

    The Hessian of the total log-likelihood in the log-parameters comes from central differences, of the
    gradient where it is given. NaN where it is not negative definite.
    """
    k = len(theta)
    hessian = _hessian(log_likelihood, theta, gradient)
    if not np.isfinite(hessian).all() or np.linalg.eigvalsh(-hessian).min() <= 0:
        return np.full((k, k), np.nan)
    scale = np.exp(theta)
    inverse = np.linalg.inv(-hessian)
    return np.asarray((inverse + inverse.T) / 2 * np.outer(scale, scale))


def delta_variance(predict: Callable[[Floats], Floats], theta: Floats, covariance_of_exp: Floats) -> Floats:
    """Return the variance that unknown parameters give a prediction, (n,), by the delta method.

    ``predict`` maps log-parameters (k,) to predictions (n,); ``covariance_of_exp`` is that of exp(theta). 0 where
    a covariance is unknown (NaN): a fit at the edge of the search tells nothing of its error.
    """
    if not np.isfinite(covariance_of_exp).all():
        return np.zeros_like(predict(theta))
    scale = np.exp(theta)
    steps = 1e-4 * np.eye(len(theta))
    slopes = np.stack([(predict(theta + step) - predict(theta - step)) / 2e-4 for step in steps])
    return np.asarray(np.einsum("in,ij,jn->n", slopes, covariance_of_exp / np.outer(scale, scale), slopes))


def _slope(log_likelihood: Callable[[Floats], float], theta: Floats, gradient: WithGradient | None) -> Floats:
    if gradient is not None:
        return gradient(theta)[1]
    steps = 1e-4 * np.eye(len(theta))
    return np.array([log_likelihood(theta + e) - log_likelihood(theta - e) for e in steps]) / 2e-4


def _hessian(log_likelihood: Callable[[Floats], float], theta: Floats, gradient: WithGradient | None) -> Floats:
    """Return second derivatives by central differences, symmetric."""
    k = len(theta)
    if gradient is not None:
        near = 1e-4 * np.eye(k)
        rows = np.array([gradient(theta + e)[1] - gradient(theta - e)[1] for e in near]) / 2e-4
        return np.asarray((rows + rows.T) / 2)
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
) -> tuple[pd.DataFrame, Floats, Positions]:
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
    distinct, place = _distinct(frame)
    total = np.bincount(place, weights=weight, minlength=len(distinct)).astype(np.float64)
    return distinct, total, place


def _distinct(frame: pd.DataFrame) -> tuple[pd.DataFrame, Positions]:
    """Return the distinct rows, sorted, and the place of every row among them."""
    grouped = frame.groupby(list(frame.columns), sort=True)
    place = grouped.ngroup().to_numpy().astype(np.intp)
    first = np.empty(grouped.ngroups, dtype=np.intp)
    first[place[::-1]] = np.arange(len(frame))[::-1]
    return frame.iloc[first].reset_index(drop=True), place


@contextlib.contextmanager
def quiet_lifetimes() -> Iterator[ModuleType]:
    """Lend ``lifetimes``, imported late, and undo what it does to the process.

    It adds a warning filter at import and at every likelihood call, and prints failed optimisations.
    """
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore", DeprecationWarning)
        import lifetimes

        yield lifetimes
