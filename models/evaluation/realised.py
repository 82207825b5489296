"""Realised amounts against foreseen ones, and treated against held out: means with intervals, errors by customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import DataError

__all__ = ["AgainstForeseen", "HeldOutDifference", "against_foreseen", "held_out_difference", "split_chance"]

_Z = 1.96


@dataclass(frozen=True)
class AgainstForeseen:
    """Realised over foreseen: the ratio of their sums with its 95% interval and standard error, of ``n`` customers."""

    ratio: float
    low: float
    high: float
    error: float
    realised: float
    foreseen: float
    n: int


@dataclass(frozen=True)
class HeldOutDifference:
    """Mean of those treated less that of those held out, with its 95% interval and standard error."""

    difference: float
    low: float
    high: float
    error: float
    treated: int
    held: int


def against_foreseen(realised: ArrayLike, foreseen: ArrayLike) -> AgainstForeseen:
    """Return the sum of realised over the sum of foreseen amounts, (n,) each, customers being independent.

    The error is that of a ratio of sums (linearised): of ``realised - ratio x foreseen``.

    Raises
    ------
    DataError
        Lengths differ, or fewer than two customers.

    Examples
    --------
    >>> against_foreseen([0.0, 20.0], [10.0, 10.0]).ratio
    1.0
    """
    y, f = np.asarray(realised, dtype=float), np.asarray(foreseen, dtype=float)
    if y.shape != f.shape or len(y) < 2:
        raise DataError(f"expected two customers or more with both amounts, got shapes {y.shape} and {f.shape}")
    total = float(f.sum())
    if total <= 0:
        nan = float("nan")
        return AgainstForeseen(nan, nan, nan, nan, float(y.mean()), float(f.mean()), len(y))
    ratio = float(y.sum()) / total
    error = float(np.std(y - ratio * f, ddof=1) * np.sqrt(len(y)) / total)
    low, high = ratio - _Z * error, ratio + _Z * error
    return AgainstForeseen(ratio, low, high, error, float(y.mean()), float(f.mean()), len(y))


def held_out_difference(
    y: ArrayLike, treated: ArrayLike, propensity: ArrayLike, before: ArrayLike, customers: ArrayLike
) -> HeldOutDifference:
    """Return the effect of being on a list and contacted, against those held out at random.

    Means are weighted by one over the chance of the arm (Hajek). What was foreseen of each, ``before``, takes out what
    differed already: its weighted slope on all rows is subtracted (CUPED; Deng et al. 2013). Errors are clustered by
    customer, who may stand on several lists.

    Parameters
    ----------
    y
        Outcome, (n,).
    treated
        1 for contacted, 0 for held out, (n,).
    propensity
        Chance of being contacted, (n,), inside (0, 1).
    before
        What the outcome was expected to be, (n,).
    customers
        Whose row it is, (n,).

    Raises
    ------
    DataError
        An arm has fewer than two rows, or a chance is not inside (0, 1).
    """
    outcome, arm, chance, known = (np.asarray(each, dtype=float) for each in (y, treated, propensity, before))
    if min(arm.sum(), (1 - arm).sum()) < 2 or not ((chance > 0) & (chance < 1)).all():
        raise DataError("expected two rows or more in each arm, with chances between 0 and 1")
    weight = np.where(arm == 1, 1 / chance, 1 / (1 - chance))
    centred = known - np.average(known, weights=weight)
    spread = float(np.sum(weight * centred**2))
    slope = float(np.sum(weight * centred * outcome)) / spread if spread > 0 else 0.0
    left = outcome - slope * centred
    means, influence = [], np.zeros(len(left))
    for side, sign in ((arm == 1, 1.0), (arm == 0, -1.0)):
        mean = float(np.average(left[side], weights=weight[side]))
        means.append(mean)
        influence[side] += sign * weight[side] * (left[side] - mean) / weight[side].sum()
    error = _clustered(influence, customers)
    difference = means[0] - means[1]
    ends = difference - _Z * error, difference + _Z * error
    return HeldOutDifference(difference, *ends, error, int(arm.sum()), int((1 - arm).sum()))


def split_chance(treated: ArrayLike, propensity: ArrayLike) -> float:
    """Return how likely a split at least this uneven is if each was drawn with his chance; 1 without anybody.

    With one chance for all it is the exact binomial test, else the normal approximation of the sum.

    Examples
    --------
    >>> round(split_chance([1] * 90 + [0] * 10, [0.9] * 100), 3)
    1.0
    """
    arm, chance = np.asarray(treated, dtype=float), np.asarray(propensity, dtype=float)
    drawn = (chance > 0) & (chance < 1)
    arm, chance = arm[drawn], chance[drawn]
    if not len(arm):
        return 1.0
    if np.ptp(chance) == 0:
        return float(stats.binomtest(int(arm.sum()), len(arm), float(chance[0])).pvalue)
    z = (arm.sum() - chance.sum()) / np.sqrt(np.sum(chance * (1 - chance)))
    return float(2 * stats.norm.sf(abs(z)))


def _clustered(influence: Floats, customers: ArrayLike) -> float:
    sums = pd.Series(influence).groupby(np.asarray(customers)).sum().to_numpy()
    n = len(sums)
    return float(np.sqrt(np.sum(sums**2) * n / max(n - 1, 1)))
