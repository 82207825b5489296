"""A randomised effect that borrows from the observational one of the same action, with an allowance for its bias.

Held-out controls are few, customers like any other are many. With tau_r the randomised and tau_o the observational
effect, and b the bias of the latter,

    tau = tau_r + w (tau_o - tau_r),    w = g / (v + b's variance),

where v is the variance of the difference and g what the randomised effect's variance has beyond what both share (the
treated are the same). No test decides whether to pool (Rosenman, Basse, Owen & Baiocchi 2023, "Combining observational
and experimental datasets using shrinkage estimators"; Dang et al. 2022, ES-CVTMLE). The bias of an action is a draw of
Student's t with 3 degrees of freedom and scale s: one action may be chosen for in a way that others are not. s has a
half-Cauchy prior twice as wide as the differences' errors, and is learnt from the differences of all actions. The
interval is that of the whole mixture over s and b, so where little is known of biases it is wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, special, stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from .inference import EffectEstimate

__all__ = ["Borrowed", "Difference", "borrowed"]

_Z = float(stats.norm.ppf(0.975))
_PRIOR = 2.0
_NODES = 6
_DOF = 3.0


@dataclass(frozen=True)
class Difference:
    """Observational less randomised effect of one action, with the standard error of the difference; money."""

    value: float
    std_error: float


@dataclass(frozen=True)
class Borrowed(ShortRepr):
    """An effect that borrowed.

    Parameters
    ----------
    effect
        The combined effect with its interval.
    weight
        What the observational effect counts, in [0, 1], on average over the biases that may be.
    bias_spread
        Median of the scale s of biases, in money.
    """

    effect: EffectEstimate
    weight: float
    bias_spread: float

    def moved(self, by: float) -> Borrowed:
        """Return it with ``by`` added to the effect."""
        one = self.effect
        return replace(self, effect=replace(one, estimate=one.estimate + by, low=one.low + by, high=one.high + by))


def borrowed(
    randomised: EffectEstimate,
    observational: EffectEstimate,
    own: Difference,
    elsewhere: Sequence[Difference] = (),
    *,
    added_error: float = 0.0,
) -> Borrowed:
    """Return a randomised effect that borrows from the observational one of the same action.

    Parameters
    ----------
    randomised, observational
        Both effects; their standard errors are those of sampling.
    own, elsewhere
        Difference of this action, and those of all others.
    added_error
        Standard error that the randomised effect has beside sampling, and that borrowing does not lessen.

    Raises
    ------
    ModelError
        A standard error is not above 0.

    Examples
    --------
    >>> many = EffectEstimate(10.0, 1.4, 7.2, 12.8, "treated", 900, 5000, 900.0, 5000.0, 0.0, 0.0, 1.0)
    >>> few = EffectEstimate(12.0, 2.1, 7.8, 16.2, "treated", 900, 300, 900.0, 300.0, 0.0, 0.0, 1.0)
    >>> alike = borrowed(few, many, Difference(-2.0, 2.0), [Difference(0.5, 2.0), Difference(1.0, 2.0)])
    >>> 10.0 < alike.effect.estimate < 12.0, alike.effect.std_error < 2.1
    (True, True)
    >>> biased = borrowed(few, many, Difference(-2.0, 2.0), [Difference(20.0, 2.0), Difference(25.0, 2.0)])
    >>> biased.weight < alike.weight / 2
    True
    """
    errors = (randomised.std_error, observational.std_error, own.std_error, *(one.std_error for one in elsewhere))
    if not min(errors) > 0:
        raise ModelError(f"expected standard errors above 0, got {min(errors)}")
    scales, chance = _scales(own, elsewhere)
    wider = _wider(scales)
    total = own.std_error**2 + wider
    share = chance[:, None] * special.softmax(_log_likelihood(own, wider), axis=1)
    unshared = _unshared(randomised.std_error, observational.std_error, own.std_error)
    weight = np.minimum(unshared / total, 1.0)
    middles = randomised.estimate + weight * own.value
    spreads = np.sqrt(randomised.std_error**2 - 2 * weight * unshared + weight**2 * total + added_error**2)
    middle = float((share * middles).sum())
    error = float(np.sqrt((share * (spreads**2 + (middles - middle) ** 2)).sum()))
    stretch = float(stats.t.ppf(0.975, randomised.dof)) / _Z
    low, high = (_quantile(middles, spreads, share, level) for level in (0.025, 0.975))
    effect = replace(
        randomised,
        estimate=middle,
        std_error=error,
        low=middle + stretch * (low - middle),
        high=middle + stretch * (high - middle),
    )
    median = float(scales[np.searchsorted(np.cumsum(chance), 0.5)])
    return Borrowed(effect, float((share * weight).sum()), median)


def _scales(own: Difference, elsewhere: Sequence[Difference]) -> tuple[Floats, Floats]:
    """Return scales s on a grid and the chance of each given all differences, both (grid,)."""
    every = [own, *elsewhere]
    unit = float(np.median([one.std_error for one in every]))
    grid = unit * np.concatenate([[0.0], np.geomspace(0.05, 12.0, 32)])
    ends = np.concatenate([[0.0], (grid[1:] + grid[:-1]) / 2, grid[-1:]])
    prior = np.diff(ends) / (1 + (grid / (_PRIOR * unit)) ** 2)
    logs = np.log(prior)
    for one in every:
        logs = logs + special.logsumexp(_log_likelihood(one, _wider(grid)), axis=1)
    chance = np.exp(logs - logs.max())
    return grid, chance / chance.sum()


def _wider(scales: Floats) -> Floats:
    """Return variances of biases of each scale at equally likely levels of Student's t, (grid, levels)."""
    levels = (np.arange(_NODES) + 0.5) / _NODES
    return np.asarray(scales[:, None] ** 2 * (_DOF / stats.chi2.ppf(levels, _DOF))[None, :])


def _log_likelihood(one: Difference, wider: Floats) -> Floats:
    variance = one.std_error**2 + wider
    return np.asarray(-(one.value**2) / (2 * variance) - np.log(variance) / 2)


def _unshared(randomised: float, observational: float, difference: float) -> float:
    """Return the variance of the randomised effect beyond its covariance with the observational one."""
    found = (randomised**2 - observational**2 + difference**2) / 2
    # More than perfectly correlated errors allow comes from errors that are estimates themselves.
    return float(np.clip(found, 0.0, 0.95 * randomised * difference))


def _quantile(middles: Floats, spreads: Floats, share: Floats, level: float) -> float:
    """Return the quantile of a mixture of normal distributions."""

    def beyond(value: float) -> float:
        return float((share * special.ndtr((value - middles) / spreads)).sum()) - level

    ends = float((middles - 10 * spreads).min()), float((middles + 10 * spreads).max())
    return float(optimize.brentq(beyond, *ends, xtol=1e-9))
