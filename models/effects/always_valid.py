"""Intervals that hold over all readings of an effect: one that is read every month is tested every month.

A 95% interval holds at the one reading that was planned. Read whenever there is news, some reading leaves it far more
often than one time in twenty. An asymptotic confidence sequence (Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas 2024,
arXiv:2103.06476) holds at every reading together: its error grows by

    sqrt((1 + 1/r) log((1 + r) / level^2)),   r = r* n / n*,

in place of 1.96, with r* the root of ``r = log((1 + r) / level^2)``: there, at n = n*, it is narrowest. The price is
about half of the width near n*, and more far from it; n* is a choice to be made before the first reading.

Outcomes come late. Here a decision enters once, whole, when its follow-up is over, the same time after it in both arms,
so that what enters is a sequence of decisions as the theorem has it. Outcomes that come at a time of their own need
other sequences (Lindon & Kallus 2026, arXiv:2603.25971).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from ...core.errors import ModelError
from .inference import EffectEstimate

__all__ = ["AlwaysValid", "always_valid", "boundary", "equal_arms"]


@dataclass(frozen=True)
class AlwaysValid:
    """The interval of an effect over all its readings.

    Parameters
    ----------
    low, high
        Its ends, in units of the effect.
    customers
        Customers in each of two equal arms that tell as much as those of this reading.
    errors
        Standard errors on each side; 1.96 in an interval of one reading.

    Examples
    --------
    >>> AlwaysValid(-1.0, 5.0, 480.0, 3.04).holds(0.0)
    True
    """

    low: float
    high: float
    customers: float
    errors: float

    def holds(self, value: float) -> bool:
        """Return whether a value lies inside."""
        return self.low <= value <= self.high


def boundary(customers: float, tightest_at: float, level: float = 0.05) -> float:
    """Return how many standard errors an effect may be off over all readings together.

    Parameters
    ----------
    customers
        What this reading rests on, above 0.
    tightest_at
        Where the sequence is narrowest, in the same unit; chosen before the first reading.
    level
        Chance that any reading at all is further off, both sides together.

    Raises
    ------
    ModelError
        A number is not above 0, or the level is not between 0 and 1.

    Examples
    --------
    >>> [round(boundary(n, 500), 2) for n in (50, 500, 5_000)]
    [3.82, 3.04, 3.25]
    """
    if not (customers > 0 and tightest_at > 0):
        raise ModelError(f"expected customers and tightest_at above 0, got {customers:g} and {tightest_at:g}")
    if not 0 < level < 1:
        raise ModelError(f"level: expected a chance between 0 and 1, got {level:g}")
    best = -float(special.lambertw(-(level**2) / np.e, k=-1).real) - 1
    r = best * customers / tightest_at
    return float(np.sqrt((1 + 1 / r) * np.log((1 + r) / level**2)))


def equal_arms(effect: EffectEstimate) -> float:
    """Return how many customers in each of two equal arms tell as much as those of an estimate; 0 without any.

    Examples
    --------
    >>> effect = EffectEstimate(2.0, 0.5, 1.0, 3.0, "treated", 900, 300, 900.0, 300.0, 0.0, 3.1, 0.4)
    >>> equal_arms(effect)
    450.0
    """
    arms = (effect.effective_treated, effect.effective_controls)
    return 2 / (1 / arms[0] + 1 / arms[1]) if min(arms) > 0 else 0.0


def always_valid(effect: EffectEstimate, tightest_at: float, level: float = 0.05) -> AlwaysValid:
    """Return the interval of an effect that holds over all readings of its decisions as they come.

    Parameters
    ----------
    effect
        The estimate of this reading. Where its interval has Student's t, so has this one: as many standard errors as
        t leaves out as rarely as the normal distribution leaves out the boundary.
    tightest_at
        Customers in each of two equal arms at which it is narrowest; chosen before the first reading.
    level
        Chance that any reading leaves the true effect out, both sides together.

    Raises
    ------
    ModelError
        An arm is empty, or a number is out of its range.

    Examples
    --------
    >>> effect = EffectEstimate(2.0, 0.5, 1.02, 2.98, "treated", 900, 300, 900.0, 300.0, 0.0, 3.1, 0.4)
    >>> over_all = always_valid(effect, 450)
    >>> round(over_all.low, 2), round(over_all.high, 2)
    (0.48, 3.52)
    """
    customers = equal_arms(effect)
    errors = boundary(customers, tightest_at, level)
    if np.isfinite(effect.dof):
        errors = float(stats.t.isf(stats.norm.sf(errors), effect.dof))
    half = errors * effect.std_error
    return AlwaysValid(effect.estimate - half, effect.estimate + half, customers, errors)
