"""Effects of repeated treatments with every later treatment set to none: dynamic double machine learning.

Who is treated today is treated differently tomorrow, so the plain effect of today's treatment on all that follows
counts later treatments too. Lewis & Syrgkanis 2021 ("Double/debiased machine learning for dynamic treatment effects")
peel them off from the last period backwards: with residuals taken out-of-fold given the state at period j,

    E[(y~_j - sum_{l >= j} theta_l t~_l) t~_j] = 0,    y_j = outcome of periods j, j + 1, ... together.

That is g-estimation of a linear structural nested mean model (Robins 2004). The moments of all periods are one linear
system: with tau_j the plain effect of period j and D[j, l] what its treatment adds to that of period l, ``(I + D)
theta = tau`` (:func:`blip_effects`), triangular here because nothing acts backwards in time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError
from ...core.one_thread import one_thread
from ...core.short_repr import ShortRepr
from ..effects.crossfit import customer_folds
from ..effects.inference import clustered_std_error
from ..fitting.ridge import ridge
from .programme import blip_effects

__all__ = ["DynamicEffects", "dynamic_effects"]


_ROUNDS = 10
_FAR = 3.0


@dataclass(frozen=True)
class DynamicEffects(ShortRepr):
    """Effects of one unit of each treatment in each of m periods, (m, k), in units of the outcome.

    Parameters
    ----------
    natural
        On everything from that period on, later treatments taking their natural course.
    blip
        The same with all later treatments set to none.
    std_error, low, high
        Of ``blip``: clustered by customer; interval by Student's t.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones((2, 1))
    >>> effects = DynamicEffects(natural=one, blip=one, std_error=0.1 * one, low=0.8 * one, high=1.2 * one)
    >>> bool((effects.low > 0).all())
    True
    """

    natural: Floats
    blip: Floats
    std_error: Floats
    low: Floats
    high: Floats


def dynamic_effects(
    states: Sequence[ArrayLike],
    treatments: ArrayLike,
    outcomes: ArrayLike,
    *,
    groups: ArrayLike | None = None,
    folds: int = 5,
    seed: int,
    level: float = 0.95,
) -> DynamicEffects:
    """Estimate the effects of repeated treatments on a panel of n customers over m periods.

    Parameters
    ----------
    states
        For each period what was known before its treatment and drove it, (n, columns): numbers without gaps. What
        earlier treatments left behind belongs in it.
    treatments
        Amounts (or 0 and 1) of k treatments, (n, m, k).
    outcomes
        What each period brought, (n, m).
    groups
        Customer of each row, (n,); by default every row is one.
    folds, seed
        Folds by customer for the residuals, whose regressions are ridge regressions.
    level
        Coverage of the intervals.

    Raises
    ------
    ModelError
        Shapes do not fit, values are missing, or a treatment does not vary given the state.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> state = rng.normal(size=(500, 1))
    >>> first = state[:, 0] + rng.normal(size=500)
    >>> second = 0.5 * first + rng.normal(size=500)
    >>> outcome = np.column_stack([2 * first + state[:, 0], 3 * second]) + rng.normal(size=(500, 2))
    >>> states = [state, np.column_stack([state, first])]
    >>> effects = dynamic_effects(states, np.stack([first, second], axis=1)[:, :, None], outcome, seed=0)
    >>> effects.natural.round().ravel(), effects.blip.round().ravel()
    (array([3., 3.]), array([2., 3.]))
    """
    y, t = np.asarray(outcomes, dtype=float), np.asarray(treatments, dtype=float)
    x = [np.asarray(state, dtype=float) for state in states]
    _check(x, t, y)
    n, m, k = t.shape
    ids = np.arange(n) if groups is None else np.asarray(groups)
    fold = customer_folds(ids, np.zeros(n), folds=folds, seed=seed)
    with one_thread():
        left = [
            _residuals(x[j], np.column_stack([t[:, j:].reshape(n, -1), y[:, j:].sum(axis=1)]), fold) for j in range(m)
        ]
    weight = [np.ones(n)] * m
    for _ in range(_ROUNDS):
        tau, d, directions = _system(left, weight, k)
        blip = blip_effects(tau, d)
        rest = [left[j][:, -1] - left[j][:, :-1] @ blip[j * k :] for j in range(m)]
        weight = [_huber(r) for r in rest]
    moments = [directions[j] * (weight[j] * rest[j])[:, None] for j in range(m)]
    influence = np.linalg.solve(np.eye(m * k) + d, np.column_stack(moments).T).T
    errors = np.array([clustered_std_error(i, [ids]) for i in influence.T])
    half = float(stats.t.ppf((1 + level) / 2, max(len(np.unique(ids)) - 1, 1))) * errors
    shape = (m, k)
    return DynamicEffects(*(a.reshape(shape) for a in (tau, blip, errors, blip - half, blip + half)))


def _check(x: list[Floats], t: Floats, y: Floats) -> None:
    if t.ndim != 3 or y.shape != t.shape[:2] or [s.shape[:1] for s in x] != [t.shape[:1]] * t.shape[1]:
        raise ModelError(
            "expected states of m periods with n rows each, treatments (n, m, k) and outcomes (n, m), got"
            f" {[s.shape for s in x]}, {t.shape} and {y.shape}"
        )
    if not all(np.isfinite(a).all() for a in (*x, t, y)):
        raise ModelError("expected finite states, treatments and outcomes; fill or drop what is missing")


def _residuals(x: Floats, targets: Floats, fold: Positions) -> Floats:
    """Return what out-of-fold ridge regressions on the state leave of each target, (n, targets)."""
    left = np.empty_like(targets)
    spread = x.std(axis=0)
    scaled = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    for k in np.unique(fold):
        train, test = fold != k, fold == k
        centre, mean = scaled[train].mean(axis=0), targets[train].mean(axis=0)
        weight = np.ones(int(train.sum()))
        for column in range(targets.shape[1]):
            slope = ridge(scaled[train] - centre, targets[train, column] - mean[column], weight)
            left[test, column] = targets[test, column] - mean[column] - (scaled[test] - centre) @ slope
    return left


def _inverse(moment: Floats, period: int) -> Floats:
    if np.linalg.cond(moment) > 1e10:
        raise ModelError(f"the treatments of period {period + 1} do not vary by themselves given the state before it")
    return np.asarray(np.linalg.inv(moment))


def _system(left: list[Floats], weight: list[Floats], k: int) -> tuple[Floats, Floats, list[Floats]]:
    """Return tau (m k,), D (m k, m k) and, for each period, the direction (n, k) in which a row moves tau."""
    size = len(left) * k
    tau, d, directions = np.zeros(size), np.zeros((size, size)), []
    for j, (residual, w) in enumerate(zip(left, weight, strict=True)):
        own, at, later = residual[:, :k], slice(j * k, (j + 1) * k), slice((j + 1) * k, None)
        weighted = own * w[:, None]
        inverse = _inverse(weighted.T @ own, j)
        tau[at] = inverse @ (weighted.T @ residual[:, -1])
        d[at, later] = inverse @ (weighted.T @ residual[:, k:-1])
        directions.append(own @ inverse.T)
    return tau, d, directions


def _huber(rest: Floats) -> Floats:
    """Return weights (n,): 1 up to three robust standard deviations, falling as 1 / distance beyond."""
    scale = float(np.median(np.abs(rest - np.median(rest)))) / 0.6745
    return (
        np.minimum(1.0, _FAR * scale / np.maximum(np.abs(rest - np.median(rest)), 1e-300))
        if scale > 0
        else np.ones_like(rest)
    )
