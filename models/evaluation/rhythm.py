"""Whether a count, a share or a silence is out of its own rhythm: judged by how well its past foresaw itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats

__all__ = ["Expected", "comes_in_bursts", "count_against_before", "share_against_before", "silence_chance"]

WINDOW = 8
"""Periods before whose median is the forecast."""

_FEWEST = 8
"""Past forecasts from which on there is a scale to judge by."""

_NORMAL = 1.4826
"""Standard deviation of a normal over its median absolute deviation."""

_LEAST_DOF = 3.0
_BURSTS = 1.5
"""Root mean square of the misses over their usual size from which on counts come in bursts."""

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


def count_against_before(counts: ArrayLike, same_dates: ArrayLike | None = None) -> Expected:
    """Return the last of (periods,) counts against the median of the eight before it, on the log scale.

    The same forecast is made for every earlier period. Their errors are the scale of Student's t: the larger of their
    root mean square without the largest and of their median absolute deviation, and never less than Poisson noise, with
    a degree of freedom for each window of eight. What happened before surprises nobody: ``chance`` is 1 while the error
    is not above all past errors but one. Periods are whole weeks, or one weekday of each week, so that weekdays differ
    as they like.

    Parameters
    ----------
    counts
        Rows of each period, oldest first.
    same_dates
        For tables that bill on fixed days of the month: least and most rows on the same dates of the months before,
        (periods, 2), NaN where nobody knows. How far a count lies outside is then a second error, judged likewise. It
        takes the place of the first where it missed less in the past; else a count surprises only if both say so.

    Examples
    --------
    >>> steady = [100, 104, 97, 101, 99, 103, 98, 100] * 3
    >>> count_against_before([*steady, 20]).chance < 0.001 < count_against_before([*steady, 100]).chance
    True
    """
    values = np.asarray(counts, dtype=float)
    turned = np.log(values + 1)
    by_weeks, judged = _judged(values, turned, _poisson, _from_log)
    if same_dates is None or judged is None:
        return by_weeks
    by_dates, missed = _within(values, turned, np.log(np.asarray(same_dates, dtype=float) + 1), judged)
    if missed is None:
        return by_weeks
    return by_dates if missed < judged.missed or by_dates.chance > by_weeks.chance else by_weeks


def comes_in_bursts(by_day: ArrayLike) -> bool:
    """Return whether daily counts, whole weeks, now and then lie far beyond their usual distance from their weekday.

    So does a table of payments that are debited on fixed days of the month. Days of a steady business do not, be it
    closed at weekends or not.

    Examples
    --------
    >>> usual = np.random.default_rng(1).poisson(20, 700)
    >>> comes_in_bursts(usual), comes_in_bursts(usual + 500 * (np.arange(700) % 30 == 3))
    (False, True)
    """
    weeks = np.asarray(by_day, dtype=float).reshape(-1, 7)
    turned = np.log(weeks + 1)
    windows = np.lib.stride_tricks.sliding_window_view(turned, WINDOW, axis=0)[:-1]
    middle = np.median(windows, axis=-1)
    errors = np.sort(np.abs(turned[WINDOW:] - middle).ravel())
    if len(errors) < _FEWEST:
        return False
    usual = max((_NORMAL * float(np.median(errors))) ** 2, float(np.mean(_OWN * np.exp(-middle))))
    return float(np.mean(errors[:-1] ** 2)) > _BURSTS**2 * usual


def share_against_before(events: ArrayLike, totals: ArrayLike) -> Expected:
    """Return the last of (periods,) shares against the median of the eight before it, on the arcsine scale.

    As :func:`count_against_before`; the scale is never less than binomial noise. Periods without rows are left out.

    Examples
    --------
    >>> n = [1000] * 20
    >>> share_against_before([30, 28, 33, 31, 29] * 3 + [30, 30, 30, 30, 300], n).chance < 0.001
    True
    """
    hit, of = np.asarray(events, dtype=float), np.asarray(totals, dtype=float)
    if not len(of) or of[-1] == 0:
        return _unknown(float("nan"))
    kept = of > 0
    hit, of = hit[kept], of[kept]
    turned = np.arcsin(np.sqrt((hit + 0.375) / (of + 0.75)))
    noise = 1 / (4 * of[-1]) + (_OWN - 1) / (4 * float(np.median(of)))
    return _judged(hit / of, turned, lambda _: noise, _from_arcsine)[0]


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


@dataclass(frozen=True)
class _Past:
    """Past errors on the turned scale: their root mean square without the largest, their robust spread, how many."""

    missed: float
    usual: float
    known: float
    periods: int

    def surprise(self, off: float, noise: float) -> tuple[float, float]:
        """Return the two-sided p-value of an error, and the error that 95 of 100 stay below."""
        scale = float(np.sqrt(max(self.missed**2, self.usual**2, noise)))
        dof = max(self.periods / WINDOW, _LEAST_DOF)
        chance = 1.0 if off <= self.known else min(2 * float(stats.t.sf(off / scale, dof)), 1.0)
        return chance, max(float(stats.t.isf(0.025, dof)) * scale, self.known)


def _past(errors: ArrayLike) -> _Past | None:
    """Return what past errors say, None if they are too few."""
    size = np.sort(np.abs(np.asarray(errors, dtype=float)))
    if len(size) < _FEWEST:
        return None
    missed = float(np.sqrt(np.mean(size[:-1] ** 2)))
    return _Past(missed, _NORMAL * float(np.median(size)), float(size[-2]), len(size))


def _judged(
    values: Floats, turned: Floats, noise: Callable[[float], float], back: Callable[[float], float]
) -> tuple[Expected, _Past | None]:
    """Return the last value against the forecast from those before, both on the turned scale; and the past errors."""
    past = _past([turned[i] - np.median(turned[i - WINDOW : i]) for i in range(WINDOW, len(turned) - 1)])
    if past is None:
        return _unknown(float(values[-1]) if len(values) else float("nan")), None
    middle = float(np.median(turned[-1 - WINDOW : -1]))
    chance, wide = past.surprise(abs(turned[-1] - middle), noise(middle))
    expected = float(np.median(values[-1 - WINDOW : -1]))
    low, high = min(max(back(middle - wide), 0.0), expected), max(back(middle + wide), expected)
    return Expected(float(values[-1]), expected, low, high, float(values[-2]), chance, past.periods), past


def _within(values: Floats, turned: Floats, bounds: Floats, weeks: _Past) -> tuple[Expected, float | None]:
    """Return the last value against bounds on the log scale, and the root mean square of past errors, if any."""
    nothing = _unknown(float(values[-1]))
    known = np.asarray(np.isfinite(bounds).all(axis=1))
    outside = np.maximum(np.maximum(bounds[:, 0] - turned, turned - bounds[:, 1]), 0.0)
    past = _past(outside[:-1][known[:-1]])
    if past is None or not known[-1]:
        return nothing, None
    least, most = (float(bound) for bound in bounds[-1])
    noise = max(_poisson(least if turned[-1] < least else most), weeks.usual**2)
    chance, wide = past.surprise(float(outside[-1]), noise)
    expected = _from_log((least + most) / 2)
    low, high = max(_from_log(least - wide), 0.0), _from_log(most + wide)
    return Expected(float(values[-1]), expected, low, high, float(values[-2]), chance, past.periods), past.missed


def _poisson(middle: float) -> float:
    return _OWN * float(np.exp(-middle))


def _from_log(turned: float) -> float:
    return float(np.exp(turned) - 1)


def _from_arcsine(turned: float) -> float:
    return float(np.sin(np.clip(turned, 0, np.pi / 2)) ** 2)


def _unknown(value: float) -> Expected:
    nan = float("nan")
    return Expected(value, nan, nan, nan, nan, 1.0, 0)
