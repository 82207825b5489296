"""Does a score rank customers by effect? Rank-weighted average treatment effects (Yadlowsky et al. 2025).

``TOC(q)`` is the mean doubly robust score of the top share q minus the overall mean; AUTOC is its mean over q and
QINI the mean of q TOC(q), q = 1/n, ..., 1. Scores are averaged inside ties of the ranking, so a constant ranking
gives exactly 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats
from ...core.errors import ModelError
from ..fitting.half_sampling import half_samples

__all__ = [
    "RankWeightedEffect",
    "Target",
    "median_rank_weighted_effect",
    "rank_weighted_difference",
    "rank_weighted_effect",
    "targeting_curve",
]

Target = Literal["autoc", "qini"]


@dataclass(frozen=True)
class RankWeightedEffect:
    """A rank-weighted average effect, or the difference of two, with its interval, in units of the scores.

    Examples
    --------
    >>> RankWeightedEffect(0.8, 0.1, 0.6, 1.0, "autoc").shown
    True
    """

    estimate: float
    std_error: float
    low: float
    high: float
    target: Target

    @property
    def shown(self) -> bool:
        """Whether the interval excludes 0: otherwise there is no evidence that the ranking helps."""
        return self.low > 0 or self.high < 0


def targeting_curve(ranking: ArrayLike, scores: ArrayLike) -> Floats:
    """Return TOC(1/n), ..., TOC(1), (n,), treating the highest ``ranking`` first.

    Parameters
    ----------
    ranking
        What decides who comes first, (n,), from data other than these.
    scores
        Doubly robust scores of the effect, (n,).

    Raises
    ------
    ModelError
        Lengths differ, there are no units, or a value is not finite.

    Examples
    --------
    >>> targeting_curve([3, 2, 1, 0], [4.0, 2.0, 0.0, -2.0])
    array([3., 2., 1., 0.])
    """
    r, s = np.asarray(ranking, dtype=float), np.asarray(scores, dtype=float)
    if r.shape != s.shape or r.ndim != 1 or len(r) == 0:
        raise ModelError(f"expected one ranking and one score a unit, got shapes {r.shape} and {s.shape}")
    if not (np.isfinite(r).all() and np.isfinite(s).all()):
        raise ModelError("expected finite rankings and scores; drop units without one")
    order = np.argsort(-r, kind="stable")
    return _curve(*_sorted(r[order], s[order]))


def _sorted(ranking: Floats, scores: Floats) -> tuple[Floats, Floats]:
    """Return tie sizes and mean scores inside ties, of units sorted by ranking."""
    starts = np.flatnonzero(np.append(True, ranking[1:] != ranking[:-1]))
    sizes = np.diff(np.append(starts, len(ranking))).astype(float)
    return sizes, np.add.reduceat(scores, starts) / sizes


def _curve(sizes: Floats, means: Floats) -> Floats:
    if len(sizes) == 1:
        return np.zeros(int(sizes[0]))
    each = np.repeat(means, sizes.astype(np.intp))
    top = np.cumsum(each) / np.arange(1, len(each) + 1)
    return np.asarray(top - top[-1])


def _area(curve: Floats, target: Target) -> float:
    share = np.arange(1, len(curve) + 1) / len(curve)
    return float(np.mean(curve if target == "autoc" else share * curve))


def rank_weighted_effect(
    ranking: ArrayLike,
    scores: ArrayLike,
    *,
    target: Target,
    groups: ArrayLike,
    seed: int,
    draws: int = 200,
    level: float = 0.95,
) -> RankWeightedEffect:
    """Return AUTOC or QINI with an interval from half-sampling whole customers.

    Parameters
    ----------
    ranking, scores
        As :func:`targeting_curve`.
    target
        ``autoc`` weighs the very top; ``qini`` asks for effects that hold over many customers.
    groups
        Customer of each unit, (n,).
    draws, seed, level
        Number of halves, their seed, and the coverage; see :func:`~.halves.half_samples`.

    Raises
    ------
    ModelError
        As :func:`targeting_curve`; fewer than 4 customers; an unknown target.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> gain = rng.normal(size=500)
    >>> scores = gain + rng.normal(size=500)
    >>> helpful = rank_weighted_effect(gain, scores, target="autoc", groups=np.arange(500), seed=0)
    >>> useless = rank_weighted_effect(rng.normal(size=500), scores, target="autoc", groups=np.arange(500), seed=0)
    >>> helpful.shown, useless.shown
    (True, False)
    """
    return _rate([(ranking, 1.0)], scores, target, groups, seed, draws, level)


def rank_weighted_difference(
    first: ArrayLike,
    second: ArrayLike,
    scores: ArrayLike,
    *,
    target: Target,
    groups: ArrayLike,
    seed: int,
    draws: int = 200,
    level: float = 0.95,
) -> RankWeightedEffect:
    """Return by how much the AUTOC or QINI of rule ``first`` exceeds that of ``second``, with its own interval.

    Both rules are looked at on the same halves, so what they have in common does not widen the interval. Arguments
    and errors as :func:`rank_weighted_effect`.
    """
    return _rate([(first, 1.0), (second, -1.0)], scores, target, groups, seed, draws, level)


def _rate(
    rules: Sequence[tuple[ArrayLike, float]],
    scores: ArrayLike,
    target: Target,
    groups: ArrayLike,
    seed: int,
    draws: int,
    level: float,
) -> RankWeightedEffect:
    """Return a signed sum of the areas of several rules on the same units."""
    if target not in ("autoc", "qini"):
        raise ModelError(f"target: expected autoc or qini, got {target!r}")
    estimate = sum(sign * _area(targeting_curve(ranking, scores), target) for ranking, sign in rules)
    s = np.asarray(scores, dtype=float)
    ranked = []
    for ranking, sign in rules:
        r = np.asarray(ranking, dtype=float)
        order = np.argsort(-r, kind="stable")
        ranked.append((order, r[order], s[order], sign))
    halves = np.array(
        [
            sum(sign * _area(_curve(*_sorted(r[kept[order]], v[kept[order]])), target) for order, r, v, sign in ranked)
            for kept in half_samples(groups, draws=draws, seed=seed)
        ]
    )
    error = float(halves.std(ddof=1))
    half = float(stats.norm.ppf((1 + level) / 2)) * error
    return RankWeightedEffect(float(estimate), error, float(estimate) - half, float(estimate) + half, target)


def median_rank_weighted_effect(splits: Sequence[RankWeightedEffect]) -> RankWeightedEffect:
    """Return the medians over several splits into learning and judging customers.

    One split may show evidence by luck. Median ends of intervals at level 1 - a / 2 cover with probability 1 - a at
    least (Chernozhukov et al. 2018, "Generic machine learning inference", theorem 3.2): ask each split for
    ``level=0.975`` to speak at 95%.

    Raises
    ------
    ModelError
        There are no splits, or they differ in target.
    """
    if len({s.target for s in splits}) != 1:
        raise ModelError("expected at least one split, all of them AUTOC or all of them QINI")
    estimate, error, low, high = np.median([(s.estimate, s.std_error, s.low, s.high) for s in splits], axis=0)
    return RankWeightedEffect(float(estimate), float(error), float(low), float(high), splits[0].target)
