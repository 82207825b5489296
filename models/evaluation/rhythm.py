"""Whether a count, a share or a silence is out of its own rhythm: judged by how well its past foresaw itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats

__all__ = ["Expected", "count_against_before", "share_against_before", "silence_chance"]

WINDOW = 8
"""Periods before whose median is the forecast."""

_FEWEST = 8
"""Past forecasts from which on there is a scale to judge by."""

_NORMAL = 1.4826
"""Standard deviation of a normal over its median absolute deviation."""

_LEAST_DOF = 3.0
_OWN = 1 + np.pi / (2 * WINDOW)
"""Variance of a count about the median of those before it, in variances of one count: its own, and the median's."""


@dataclass(frozen=True)
class Expected:
    """A figure beside what its past foresaw.

    Parameters
    ----------
    value, expected
        The figure and its forecast; NaN without a past.
    low, high
        Between which 95 of 100 such figures lie.
    before
        The figure of the period before.
    chance
        Two-sided p-value; 1 where the past is too short to judge.
    periods
        Past forecasts that it is judged by.
    """

    value: float
    expected: float
    low: float
    high: float
    before: float
    chance: float
    periods: int


def count_against_before(counts: ArrayLike) -> Expected:
    """Return the last of (periods,) counts against the median of the eight before it, on the log scale.

    The same forecast is made for every earlier period; their errors, by the median absolute deviation and never less
    than Poisson noise, are the scale of Student's t, with a degree of freedom for each window of eight. What happened
    before surprises nobody: ``chance`` is 1 while the error is not above all past errors but one, so that tables which
    come in bursts are not blamed for the next one. Periods are whole weeks, or one weekday of each week, so that
    weekdays differ as they like.

    Examples
    --------
    >>> steady = [100, 104, 97, 101, 99, 103, 98, 100] * 3
    >>> count_against_before([*steady, 20]).chance < 1e-6 < count_against_before([*steady, 100]).chance
    True
    """
    values = np.asarray(counts, dtype=float)
    return _judged(values, np.log(values + 1), lambda middle: _OWN * float(np.exp(-middle)), _from_log)


def share_against_before(events: ArrayLike, totals: ArrayLike) -> Expected:
    """Return the last of (periods,) shares against the median of the eight before it, on the arcsine scale.

    As :func:`count_against_before`; the scale is never less than binomial noise. Periods without rows are left out.

    Examples
    --------
    >>> n = [1000] * 20
    >>> share_against_before([30, 28, 33, 31, 29] * 3 + [30, 30, 30, 30, 300], n).chance < 1e-6
    True
    """
    hit, of = np.asarray(events, dtype=float), np.asarray(totals, dtype=float)
    if not len(of) or of[-1] == 0:
        return _unknown(float("nan"))
    kept = of > 0
    hit, of = hit[kept], of[kept]
    turned = np.arcsin(np.sqrt((hit + 0.375) / (of + 0.75)))
    noise = 1 / (4 * of[-1]) + (_OWN - 1) / (4 * float(np.median(of)))
    return _judged(hit / of, turned, lambda _: noise, _from_arcsine)


def silence_chance(gaps: ArrayLike, silence: float) -> float:
    """Return how likely a silence of so many days or more is at a random instant, by the gaps between days with rows.

    Gaps follow a gamma distribution by their mean and variance; the age of the running gap at a random instant has the
    density of a gap's survival over its mean (renewal theory). It is 1 while the silence is not above the longest gap
    known, so that a table is not blamed for what it did before, and with fewer than eight gaps.

    Parameters
    ----------
    gaps
        Days between days with rows, (n,), each above 0.
    silence
        Days since the last row.

    Examples
    --------
    >>> monthly = [30, 31, 31, 28, 31, 30, 31, 30, 31]
    >>> silence_chance(monthly, 31), silence_chance(monthly, 60) < 1e-6
    (1.0, True)
    """
    days = np.asarray(gaps, dtype=float)
    if len(days) < _FEWEST or silence <= days.max():
        return 1.0
    mean = float(days.mean())
    variance = max(float(days.var(ddof=1)), 0.25)  # whole days: half a day of play at least
    shape, scale = mean**2 / variance, variance / mean
    left = mean * stats.gamma.sf(silence, shape + 1, scale=scale) - silence * stats.gamma.sf(
        silence, shape, scale=scale
    )
    return float(np.clip(left / mean, 0.0, 1.0))


def _judged(
    values: Floats, turned: Floats, noise: Callable[[float], float], back: Callable[[float], float]
) -> Expected:
    """Return the last value against the forecast from those before, both on the turned scale."""
    errors = [turned[i] - np.median(turned[i - WINDOW : i]) for i in range(WINDOW, len(turned) - 1)]
    if len(errors) < _FEWEST:
        return _unknown(float(values[-1]) if len(values) else float("nan"))
    middle = float(np.median(turned[-1 - WINDOW : -1]))
    robust = _NORMAL * float(np.median(np.abs(errors)))
    scale = float(np.sqrt(max(robust**2, float(noise(middle)))))
    known = float(np.sort(np.abs(errors))[-2])
    dof = max(len(errors) / WINDOW, _LEAST_DOF)
    wide = max(float(stats.t.isf(0.025, dof)) * scale, known)
    off = abs(turned[-1] - middle)
    chance = 1.0 if off <= known else 2 * float(stats.t.sf(off / scale, dof))
    expected = float(np.median(values[-1 - WINDOW : -1]))
    low, high = min(max(back(middle - wide), 0.0), expected), max(back(middle + wide), expected)
    return Expected(float(values[-1]), expected, low, high, float(values[-2]), min(chance, 1.0), len(errors))


def _from_log(turned: float) -> float:
    return float(np.exp(turned) - 1)


def _from_arcsine(turned: float) -> float:
    return float(np.sin(np.clip(turned, 0, np.pi / 2)) ** 2)


def _unknown(value: float) -> Expected:
    nan = float("nan")
    return Expected(value, nan, nan, nan, nan, 1.0, 0)
