"""Average effects of several arms against one control, adjusted for covariates, with intervals that hold together.

Each arm's outcome is predicted out of fold; with the known chances e of assignment

    tau_a = mean(mu_a - mu_0) + mean_{1(A = a) / e_a}(y - mu_a) - mean_{1(A = 0) / e_0}(y - mu_0)

is unbiased up to the normalisation of weights whatever the predictions are worth (Robins, Rotnitzky & Zhao 1994), and
no wider than the difference in means in large samples (Lin 2013, "Agnostic notes on regression adjustments to
experimental data"). All comparisons share customers, so their joint interval takes the correlation of their influence
values (Hothorn, Bretz & Westfall 2008, "Simultaneous inference in general parametric models").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from ..effects.crossfit import Nuisances, cross_fit
from ..fitting.design import DesignMatrix
from .split import checked_split

__all__ = ["ArmEffects", "Together", "arm_effects", "arm_folds", "together"]

FOLDS = 5
_REPEATS = 3
_FEWEST = 25
"""Customers of an arm below which its outcome is not predicted: the difference in means is taken."""

_DRAWS = 200_000


@dataclass(frozen=True)
class ArmEffects(ShortRepr):
    """Effects of K arms against the control on one outcome.

    Parameters
    ----------
    estimates, errors
        Effect a customer of each arm and its standard error, (K,), in units of the outcome.
    influence
        Influence values, (n, K), which sum to 0; several outcomes together give the correlation of their errors.
    nuisances
        Of each arm, one a repeat; the first has the folds of :func:`arm_folds` with the same seed.
    adjusted
        Whether outcomes were predicted; otherwise the estimates are differences in (weighted) means.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, arms = rng.normal(size=3_000), rng.integers(0, 3, 3_000)
    >>> spend = 10 + 5 * x + 2.0 * (arms == 2) + rng.normal(size=3_000)
    >>> found = arm_effects(pd.DataFrame({"x": x}), arms, spend, [1 / 3] * 3, seed=0)
    >>> bool((abs(found.estimates - [0, 2]) < 0.2).all()), bool((found.errors < 0.1).all())
    (True, True)
    """

    estimates: Floats
    errors: Floats
    influence: Floats
    nuisances: tuple[tuple[Nuisances, ...], ...]
    adjusted: bool


def arm_folds(arms: ArrayLike, *, folds: int = FOLDS, seed: int) -> Positions:
    """Return a fold for each customer, (n,), each arm spread evenly over the folds."""
    codes = np.asarray(arms)
    order = np.random.default_rng(seed).permutation(len(codes))
    order = order[np.argsort(codes[order], kind="stable")]
    fold = np.empty(len(codes), dtype=np.intp)
    fold[order] = np.arange(len(codes)) % folds
    return fold


def arm_effects(
    X: pd.DataFrame | DesignMatrix,
    arms: ArrayLike,
    outcome: ArrayLike,
    chances: ArrayLike,
    *,
    seed: int,
    repeats: int = _REPEATS,
) -> ArmEffects:
    """Return the effect of each arm against arm 0 on the outcome, for the average customer of the experiment.

    Parameters
    ----------
    X
        Covariates known before the assignment, (n, columns); none at all is allowed.
    arms
        Place of each customer's arm, 0 the control, (n,).
    outcome
        A finite number for each customer, (n,).
    chances
        Share of each arm, (arms,), or chance of each customer, (n, arms).
    seed, repeats
        Of the folds, and how many times they are drawn anew; scores are averaged over the draws.

    Raises
    ------
    ModelError
        Shapes differ, a value is missing, or an arm has fewer than two customers.
    """
    codes, e = checked_split(arms, chances)
    y = np.asarray(outcome, dtype=float)
    if y.shape != codes.shape or not np.isfinite(y).all():
        raise ModelError(f"outcome: expected a finite number for each of {len(codes)} customers; leave others out")
    sizes = np.bincount(codes, minlength=e.shape[1])
    if sizes.min() < 2:
        raise ModelError(f"expected at least two customers in every arm, got {sizes.tolist()}")
    width = len(X.matrix[0]) if isinstance(X, DesignMatrix) else X.shape[1]
    adjusted = width > 0 and sizes.min() >= _FEWEST
    design = DesignMatrix.of(X) if adjusted else None
    parts = [_one_arm(design, codes, y, e, a, seed, repeats) for a in range(1, e.shape[1])]
    estimates, influence, nuisances = zip(*parts, strict=True)
    values = np.column_stack(influence)
    return ArmEffects(np.array(estimates), np.sqrt((values**2).sum(axis=0)), values, nuisances, adjusted)


def _one_arm(
    design: DesignMatrix | None, codes: Positions, y: Floats, e: Floats, arm: int, seed: int, repeats: int
) -> tuple[float, Floats, tuple[Nuisances, ...]]:
    """Return the effect of one arm, its influence values (n,) and its nuisances."""
    pair = ((codes == arm) | (codes == 0)).astype(float)
    chance = e[:, arm] / (e[:, arm] + e[:, 0])
    fits: list[Nuisances] = []
    for repeat in range(repeats if design is not None else 1):
        fold = arm_folds(codes, seed=seed * 1000 + repeat)
        if design is None:
            fits.append(Nuisances(np.zeros(len(y)), np.zeros(len(y)), chance, fold))
            continue
        made = cross_fit(
            design,
            (codes == arm).astype(int),
            y,
            groups=np.arange(len(y)),
            seed=seed * 1000 + repeat,
            propensity=chance,
            sample_weight=pair,
            fold=fold,
        )
        fits.append(made)
    each = [_normalised(n, codes, y, e, arm) for n in fits]
    return float(np.mean([tau for tau, _ in each])), np.mean([values for _, values in each], axis=0), tuple(fits)


def _normalised(n: Nuisances, codes: Positions, y: Floats, e: Floats, arm: int) -> tuple[float, Floats]:
    """Return the estimate of one draw of the folds and its influence values, each arm's variance with its n - 1."""
    total, influence = 0.0, np.zeros(len(y))
    for sign, weight, value in (
        (1.0, np.ones(len(y)), n.mu1 - n.mu0),
        (1.0, (codes == arm) / e[:, arm], y - n.mu1),
        (-1.0, (codes == 0) / e[:, 0], y - n.mu0),
    ):
        mean = float(weight @ value) / float(weight.sum())
        active = int((weight > 0).sum())
        total += sign * mean
        influence += sign * weight * (value - mean) / weight.sum() * np.sqrt(active / (active - 1))
    return total, influence


@dataclass(frozen=True)
class Together(ShortRepr):
    """m comparisons judged together, (m,) each: intervals alone and together, p-values alone and together."""

    low: Floats
    high: Floats
    p_value: Floats
    low_together: Floats
    high_together: Floats
    p_together: Floats


def together(
    estimates: ArrayLike, influence: Sequence[Floats], *, dof: float, seed: int, level: float = 0.95
) -> Together:
    """Return intervals and p-values of m comparisons, alone and together.

    Together means: with probability ``level`` all intervals hold at once, and the chance that any of the comparisons
    without an effect has ``p_together`` of 5% or less is at most 5%. The largest of m correlated Student t values is
    simulated.

    Parameters
    ----------
    estimates
        The estimates, (m,).
    influence
        Influence values of each, over the same customers, (n,) each.
    dof
        Degrees of freedom of Student's t.
    seed, level
        Of the simulation; coverage.

    Examples
    --------
    >>> one = np.random.default_rng(0).normal(size=500) / 500
    >>> found = together([0.0, 0.2], [one, -one], dof=498, seed=0)
    >>> bool(found.p_together[1] < 0.01), bool(np.isclose(found.high_together[0], found.high[0], rtol=0.05))
    (True, True)
    """
    values = np.column_stack([np.asarray(i, dtype=float) for i in influence])
    tau, errors = np.asarray(estimates, dtype=float), np.sqrt((values**2).sum(axis=0))
    apart = np.divide(np.abs(tau), errors, out=np.where(tau == 0, 0.0, np.inf), where=errors > 0)
    alone = 2 * stats.t.sf(apart, dof)
    half = float(stats.t.ppf((1 + level) / 2, dof)) * errors
    live = errors > 0
    if live.sum() < 2:
        return Together(tau - half, tau + half, alone, tau - half, tau + half, alone)
    correlation = np.corrcoef(values[:, live], rowvar=False)
    largest = _largest(correlation, dof, seed)
    wide = float(np.quantile(largest, level)) * errors
    joint = np.array([float((largest >= t).mean()) for t in apart])
    return Together(tau - half, tau + half, alone, tau - wide, tau + wide, np.maximum(joint, alone))


def _largest(correlation: Floats, dof: float, seed: int) -> Floats:
    """Return draws of the largest absolute value of correlated Student t values."""
    rng = np.random.default_rng(seed)
    size, axes = np.linalg.eigh(correlation)
    root = axes * np.sqrt(np.maximum(size, 0.0))
    normal = np.abs(rng.standard_normal((_DRAWS, len(root))) @ root.T).max(axis=1)
    return np.asarray(normal / np.sqrt(rng.chisquare(dof, _DRAWS) / dof))
