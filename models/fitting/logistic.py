"""Penalised logistic regressions of many parts of the same rows, each started at the solution of all rows.

A regression on four fifths of the rows ends close to that on all of them, and its curvature is close too. So the
curvature of all rows is factored once, and every part is solved with it (Newton's method with a fixed matrix, "chord":
Ortega & Rheinboldt 1970, "Iterative Solution of Nonlinear Equations in Several Variables", section 7.1), at the price
of two matrix-vector products a step; where that no longer halves the gradient, the matrix is made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr

__all__ = ["LogisticStart", "chances", "start_logistic"]

_ENOUGH = 1e-6
"""Largest gradient of the mean loss that counts as none."""
_STEPS = 500
_HALVINGS = 40


@dataclass(frozen=True)
class LogisticStart(ShortRepr):
    """Solution of all rows, (p + 1,) with the intercept last, and the Cholesky factor of its mean curvature."""

    coefficients: Floats
    factor: Floats


def start_logistic(x: Floats, labels: Floats, weight: Floats, *, strength: float) -> LogisticStart:
    """Return where the regressions on parts of ``x`` (n, p) start.

    Parameters
    ----------
    x
        Rows of all parts, (n, p).
    labels, weight
        0 or 1, and the weight of each row, (n,).
    strength
        Inverse of the penalty, scikit-learn's C: ``sum w loss + |slope|^2 / (2 C)`` is least; the intercept is free.

    Raises
    ------
    ModelError
        The gradient does not vanish.
    """
    return _solved(x, labels, weight, strength, np.zeros(x.shape[1] + 1), None)


def chances(
    start: LogisticStart, x: Floats, labels: Floats, weight: Floats, rows: Positions, *, strength: float
) -> Callable[[Floats], Floats]:
    """Return the chance of label 1 by a regression on some ``rows`` of ``x`` (n, p), as a function of (m, p) rows.

    Parameters
    ----------
    start
        Of all rows, with the same ``strength``.
    x, labels, weight
        As for :func:`start_logistic`, of all rows.
    rows
        Positions learnt from, (k,).

    Raises
    ------
    ModelError
        The gradient does not vanish.
    """
    solved = _solved(x[rows], labels[rows], weight[rows], strength, start.coefficients, start.factor)
    slope, intercept = solved.coefficients[:-1], float(solved.coefficients[-1])
    return lambda values: np.asarray(expit(values @ slope + intercept))


def _solved(
    x: Floats, labels: Floats, weight: Floats, strength: float, coefficients: Floats, factor: Floats | None
) -> LogisticStart:
    share = weight / weight.sum()
    penalty = np.append(np.full(x.shape[1], 1.0 / (strength * weight.sum())), 0.0)
    here, gradient = coefficients, _gradient(x, labels, share, penalty, coefficients)
    for _ in range(_STEPS):
        size = float(np.abs(gradient).max())
        if size <= _ENOUGH:
            return LogisticStart(here, factor if factor is not None else _factor(x, share, penalty, here))
        if factor is not None:
            there = here - cho_solve((factor, True), gradient)
            further = _gradient(x, labels, share, penalty, there)
            if np.abs(further).max() <= 0.5 * size:
                here, gradient = there, further
                continue
        factor = _factor(x, share, penalty, here)
        here = _shortened(x, labels, share, penalty, here, -cho_solve((factor, True), gradient), gradient)
        gradient = _gradient(x, labels, share, penalty, here)
    raise ModelError(f"expected a logistic regression to converge in {_STEPS} steps; its gradient is {size:.1e} still")


def _gradient(x: Floats, labels: Floats, share: Floats, penalty: Floats, here: Floats) -> Floats:
    rest = share * (expit(x @ here[:-1] + here[-1]) - labels)
    return np.append(rest @ x, rest.sum()) + penalty * here


def _factor(x: Floats, share: Floats, penalty: Floats, here: Floats) -> Floats:
    """Return the lower Cholesky factor of the mean curvature, (p + 1, p + 1)."""
    e = expit(x @ here[:-1] + here[-1])
    root = np.sqrt(share * e * (1 - e))[:, None]
    scaled = np.hstack([x * root, root])
    curvature = scaled.T @ scaled
    curvature[np.diag_indices_from(curvature)] += penalty + 1e-12
    return np.asarray(cho_factor(curvature, lower=True)[0])


def _shortened(
    x: Floats, labels: Floats, share: Floats, penalty: Floats, here: Floats, step: Floats, gradient: Floats
) -> Floats:
    """Return where the step ends, halved until the loss falls by a ten-thousandth of what the slope promises."""
    promised = float(gradient @ step)
    first = _loss(x, labels, share, penalty, here)
    for halving in range(_HALVINGS):
        there = here + 0.5**halving * step
        # Close to the end a fall is smaller than the rounding of the loss.
        if _loss(x, labels, share, penalty, there) <= first + 1e-4 * 0.5**halving * promised + 1e-14 * abs(first):
            return there
    return here


def _loss(x: Floats, labels: Floats, share: Floats, penalty: Floats, here: Floats) -> float:
    score = x @ here[:-1] + here[-1]
    # log(1 + exp(score)) without overflow.
    each = np.maximum(score, 0) + np.log1p(np.exp(-np.abs(score))) - labels * score
    return float(share @ each + 0.5 * (penalty * here**2).sum())
