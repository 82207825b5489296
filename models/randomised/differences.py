"""Do customers differ in what an arm does to them? AUTOC and QINI of a ranking that did not see them, with a test.

Each part that was ranked by a model of the parts before gives an area A_k with its error s_k. Their sum of A_k / s_k
over the root of their number is standard normal where nobody differs, and large where the ranking finds who gains
(Wager 2024). Weighted by 1 / s_k, the mean area has the same ratio to its error, so test and interval agree. One draw
of the parts may show evidence by luck: estimates and errors are averaged over several. The error of a mean is at most
the mean of the errors, so the level holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from ...core.arrays import Floats, Positions
from ..targeting.rank_weighted import RankWeightedEffect, Target, rank_weighted_effect

__all__ = ["Differences", "averaged", "combined", "differences"]

_DRAWS = 100


@dataclass(frozen=True)
class Differences:
    """Evidence for differences between customers in the effect of one arm on one outcome.

    Parameters
    ----------
    autoc, qini
        Areas with 95% intervals, in units of the outcome.
    p_value
        Of AUTOC, two-sided.

    Examples
    --------
    >>> autoc = RankWeightedEffect(0.8, 0.1, 0.6, 1.0, "autoc")
    >>> Differences(autoc, RankWeightedEffect(0.3, 0.05, 0.2, 0.4, "qini"), 1e-15).better
    True
    """

    autoc: RankWeightedEffect
    qini: RankWeightedEffect
    p_value: float

    @property
    def better(self) -> bool:
        """Whether the ranking does better than chance, shown or not: only then can it be evidence."""
        return self.autoc.estimate > 0


def differences(raw: Floats, scores: Floats, part: Positions, *, seed: int) -> Differences:
    """Return what a ranking found on the customers that it did not learn from.

    Parameters
    ----------
    raw
        The ranking, from the parts before, (n,); NaN in the parts that were learnt from only.
    scores
        Doubly robust scores of the effect, (n,).
    part
        Part of each customer, (n,).
    seed
        Of the half-samples.
    """
    found = {}
    targets: tuple[Target, Target] = ("autoc", "qini")
    for target in targets:
        areas = []
        for turn in np.unique(part[np.isfinite(raw)]):
            now = part == turn
            areas.append(
                rank_weighted_effect(
                    raw[now], scores[now], target=target, groups=np.flatnonzero(now), seed=seed, draws=_DRAWS
                )
            )
        found[target] = combined(areas)
    return _tested(found["autoc"], found["qini"])


def averaged(draws: Sequence[Differences], *, level: float = 0.95) -> Differences:
    """Return the differences over several draws of the parts as one.

    Parameters
    ----------
    draws
        Of the same customers, outcome and arm.
    level
        Coverage of the intervals.
    """
    z, means = float(stats.norm.ppf((1 + level) / 2)), []
    for areas in ([draw.autoc for draw in draws], [draw.qini for draw in draws]):
        estimate = float(np.mean([area.estimate for area in areas]))
        error = float(np.mean([area.std_error for area in areas]))
        ends = estimate - z * error, estimate + z * error
        means.append(RankWeightedEffect(estimate, error, *ends, areas[0].target))
    return _tested(*means)


def _tested(autoc: RankWeightedEffect, qini: RankWeightedEffect) -> Differences:
    ratio = autoc.estimate / autoc.std_error if autoc.std_error > 0 else 0.0
    return Differences(autoc, qini, 2 * float(stats.norm.sf(abs(ratio))))


def combined(areas: Sequence[RankWeightedEffect], *, level: float = 0.95) -> RankWeightedEffect:
    """Return the areas of several parts as one; a part whose ranking told nobody apart says nothing."""
    telling = [area for area in areas if area.std_error > 0]
    if not telling:
        return RankWeightedEffect(0.0, 0.0, 0.0, 0.0, areas[0].target)
    weight = sum(1 / area.std_error for area in telling)
    estimate = sum(area.estimate / area.std_error for area in telling) / weight
    error = len(telling) ** 0.5 / weight
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    return RankWeightedEffect(estimate, error, estimate - half, estimate + half, telling[0].target)
