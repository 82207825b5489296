"""Intervals of ratios of sums whose rows come in clusters, such as several contacts of one customer.

With ``N_c``, ``D_c`` the numerator and denominator summed over the rows of cluster c, of k clusters, ``R = sum N / sum
D`` has the linearised variance ``k / (k - 1) sum (N_c - R D_c)^2 / (sum D)^2`` (Cochran 1977, "Sampling Techniques",
sections 6.3 and 9A.4). Over single rows instead of clusters the same sum is what it would be if rows were independent;
the quotient of both is the design effect, and rows over design effect the effective number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, t

from ...core.arrays import Floats
from ...core.short_repr import ShortRepr

__all__ = ["Interval", "Sums", "inverse_interval", "nps_interval", "ratio_interval", "share_interval"]

_LEVEL = 0.975
_TINY = 1e-12


@dataclass(frozen=True)
class Interval(ShortRepr):
    """Values with the ends of their intervals, each (m,); NaN where nothing can be said."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Sums(ShortRepr):
    """Sums of m ratios, each (m,).

    Parameters
    ----------
    n, clusters
        Rows that count, and the clusters that they come in.
    num, den
        Sums of numerators and of denominators.
    nn, nd, dd
        Sums over clusters of the numerator's square, of numerator times denominator, of the denominator's square.
    row_nn, row_nd, row_dd
        The same over single rows.
    """

    n: Floats
    clusters: Floats
    num: Floats
    den: Floats
    nn: Floats
    nd: Floats
    dd: Floats
    row_nn: Floats
    row_nd: Floats
    row_dd: Floats

    @classmethod
    def of(cls, cluster: ArrayLike, num: ArrayLike, den: ArrayLike) -> Sums:
        """Return the sums of one ratio from its rows, (n,) each."""
        over, under = np.asarray(num, dtype=float), np.asarray(den, dtype=float)
        _, who = np.unique(np.asarray(cluster), return_inverse=True)
        big, base = np.bincount(who, over), np.bincount(who, under)
        figures = (
            (under != 0).sum(), ((big != 0) | (base != 0)).sum(), over.sum(), under.sum(), (big**2).sum(),
            (big * base).sum(), (base**2).sum(), (over**2).sum(), (over * under).sum(), (under**2).sum(),
        )  # fmt: skip
        return cls(*(np.array([float(each)]) for each in figures))

    @property
    def value(self) -> Floats:
        """The ratios; NaN where there is nothing to divide by."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(self.den > 0, self.num / self.den, np.nan))

    @property
    def spread(self) -> Floats:
        """Sum over clusters of the squared residuals, (m,)."""
        r = self.value
        return np.asarray(np.maximum(self.nn - 2 * r * self.nd + r**2 * self.dd, 0.0))

    @property
    def design_effect(self) -> Floats:
        """By how much clusters widen the variance, at least 1, (m,).

        Where no row differs nothing tells it: the rows then count as one a cluster.
        """
        r = self.value
        alone = np.maximum(self.row_nn - 2 * r * self.row_nd + r**2 * self.row_dd, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            seen = np.where(alone > _TINY * self.den, self.spread / alone, self.n / self.clusters)
        return np.asarray(np.maximum(seen, 1.0))

    def quantile(self) -> Floats:
        """Return Student's quantile of the clusters; infinite for a single one."""
        with np.errstate(invalid="ignore"):
            return np.asarray(np.where(self.clusters > 1, t.ppf(_LEVEL, np.maximum(self.clusters - 1, 1)), np.inf))

    def std_error(self) -> Floats:
        """Return the linearised standard error, clustered, (m,); NaN for a single cluster."""
        with np.errstate(divide="ignore", invalid="ignore"):
            factor = np.where(self.clusters > 1, self.clusters / (self.clusters - 1), np.nan)
            return np.asarray(np.sqrt(factor * self.spread) / self.den)


def ratio_interval(sums: Sums) -> Interval:
    """Return ratios with their 95% intervals by the linearised variance.

    >>> interval = ratio_interval(Sums.of(["a", "b", "c"], [10.0, 12.0, 14.0], [1.0, 1.0, 1.0]))
    >>> float(interval.value[0]), round(float(interval.low[0]), 2)
    (12.0, 7.03)
    """
    half = sums.quantile() * sums.std_error()
    return Interval(sums.value, sums.value - half, sums.value + half)


def inverse_interval(sums: Sums) -> Interval:
    """Return ratios whose denominator is what varies: the interval of the reciprocal, turned over.

    A reciprocal whose interval reaches 0 leaves the ratio without an upper end: infinite.
    """
    turned = Sums(
        sums.n, sums.clusters, sums.den, sums.num, sums.dd, sums.nd, sums.nn, sums.row_dd, sums.row_nd, sums.row_nn
    )
    found = ratio_interval(turned)
    with np.errstate(divide="ignore", invalid="ignore"):
        high = np.where(found.low > 0, 1 / found.low, np.inf)
        low = np.where(found.high > 0, 1 / found.high, np.nan)
    gone = np.isnan(sums.value)
    return Interval(sums.value, np.where(gone, np.nan, low), np.where(gone | np.isnan(found.low), np.nan, high))


def share_interval(sums: Sums) -> Interval:
    """Return shares with Wilson's 95% intervals (Wilson 1927) at the effective number of rows.

    They lie in [0, 1] and are no point where all rows agree.

    >>> interval = share_interval(Sums.of(range(10), [1.0] * 10, [1.0] * 10))
    >>> float(interval.high[0]), 0.6 < float(interval.low[0]) < 0.7
    (1.0, True)
    """
    p = sums.value
    z = np.where(np.isfinite(sums.quantile()), sums.quantile(), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        n = sums.n / sums.design_effect
        middle = (p + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low = np.where(p <= 0, 0.0, np.maximum(middle - half, 0.0))
    high = np.where(p >= 1, 1.0, np.minimum(middle + half, 1.0))
    gone = np.isnan(middle)
    return Interval(p, np.where(gone, np.nan, low), np.where(gone, np.nan, high))


def nps_interval(sums: Sums) -> Interval:
    """Return net promoter scores with 95% intervals by the closed form, times the design effect.

    The rows count 100, 0 or -100; ``Var = 100^2 (p + d - (p - d)^2) / n``. Where all answer alike the variance is 0,
    and Wilson's lower end of that share takes its place.

    >>> rows = [100.0] * 200 + [0.0] * 120 + [-100.0] * 80
    >>> interval = nps_interval(Sums.of(range(400), rows, [1.0] * 400))
    >>> float(interval.value[0]), round(float(interval.high[0] - interval.value[0]), 2)
    (30.0, 7.65)
    """
    value = sums.value
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(sums.row_nn / sums.n - value**2, 0.0) / sums.n
    half = norm.ppf(_LEVEL) * np.sqrt(variance * sums.design_effect)
    n = sums.n / sums.design_effect
    z = norm.ppf(_LEVEL)
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = 200 * (1 - 1 / (1 + z**2 / n))  # Wilson's lower end of a share of 1 is n / (n + z^2)
    alone = variance <= _TINY
    low = np.where(alone & (value > -100), value - alike, value - half)
    high = np.where(alone & (value < 100), value + alike, value + half)
    return Interval(value, np.maximum(low, -100.0), np.minimum(high, 100.0))
