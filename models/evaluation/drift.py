"""How far a distribution has moved: population stability index and Jensen-Shannon distance of binned shares.

Bins come from the reference: quantiles of numbers, levels of categories, with missing values in a bin of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats, Positions
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = ["Shift", "binned_counts", "jensen_shannon", "psi", "psi_chance", "shift"]

BINS = 10
"""Quantile bins of numbers."""

MOST_LEVELS = 20
"""Levels of categories that have a bin of their own; the rarer ones share one."""

_HALF = 0.5
"""Added to each count, so that an empty bin has a share above 0 (Jeffreys)."""


@dataclass(frozen=True)
class Shift(ShortRepr):
    """How far values have moved from a reference.

    Parameters
    ----------
    psi, jensen_shannon
        As their functions say.
    chance
        As :func:`psi_chance` says.
    reference, now
        Values on each side, missing ones included.
    bins
        Bins with a value on either side.
    """

    psi: float
    jensen_shannon: float
    chance: float
    reference: int
    now: int
    bins: int


def psi(reference: ArrayLike, now: ArrayLike) -> float:
    """Return the population stability index ``sum (q - p) ln(q / p)`` of counts in the same bins, (bins,) each.

    It is 0 for equal shares; the trade reads 0.1 as a small and 0.2 as a large shift (Siddiqi 2006). Half a value is
    added to each bin, so that empty bins have a share.

    Examples
    --------
    >>> round(psi([499.5, 499.5], [399.5, 599.5]), 4)
    0.0405
    """
    p, q = _shares(reference), _shares(now)
    _same_bins(p, q)
    return float(np.sum((q - p) * np.log(q / p)))


def jensen_shannon(reference: ArrayLike, now: ArrayLike) -> float:
    """Return the Jensen-Shannon distance of counts in the same bins: from 0, alike, to 1, nothing shared.

    The square root of the mean of the Kullback-Leibler divergences of both from their mean, base 2 (Lin 1991; a metric:
    Endres & Schindelin 2003).

    Examples
    --------
    >>> jensen_shannon([1, 0], [0, 1])
    1.0
    """
    p, q = (np.asarray(one, dtype=float) / np.sum(one) for one in (reference, now))
    _same_bins(p, q)
    middle = (p + q) / 2
    divergence = sum(np.sum(part[part > 0] * np.log2(part[part > 0] / middle[part > 0])) for part in (p, q)) / 2
    return float(np.sqrt(max(divergence, 0.0)))


def psi_chance(index: float, reference: int, now: int, bins: int) -> float:
    """Return how likely a PSI at least this large is by chance: two independent samples of one distribution.

    PSI / (1/n + 1/m) is then close to chi-square with bins - 1 degrees of freedom (Yurdakul 2018). Customers who stand
    in both samples make chance smaller than this.
    """
    if bins < 2:
        return 1.0
    return float(stats.chi2.sf(index / (1 / reference + 1 / now), bins - 1))


def shift(reference: pd.Series, now: pd.Series, bins: int = BINS) -> Shift:
    """Return how far values have moved from a reference; numbers in quantile bins of the reference.

    Raises
    ------
    DataError
        One side has no rows.

    Examples
    --------
    >>> before = pd.Series(range(1000))
    >>> shift(before, before + 500).psi > 0.2 > shift(before, before).psi
    True
    """
    old, new = binned_counts(reference, now, bins)
    used = int(((old + new) > 0).sum())
    index = psi(old, new)
    return Shift(
        psi=index,
        jensen_shannon=jensen_shannon(old, new),
        chance=psi_chance(index, len(reference), len(now), used),
        reference=len(reference),
        now=len(now),
        bins=used,
    )


def binned_counts(reference: pd.Series, now: pd.Series, bins: int = BINS) -> tuple[Floats, Floats]:
    """Return the counts of both sides in bins of the reference, (bins,) each; bins empty on both sides are left out.

    Numbers: quantile bins, open at both ends; values that fill several quantiles fill one bin. Everything else: one bin
    a level of the reference, the most frequent 20; the others, and levels that are new, share one. Missing values have
    a bin of their own.

    Raises
    ------
    DataError
        One side has no rows.
    """
    if not len(reference) or not len(now):
        raise DataError("expected values on both sides to compare, got none on one; take another reference")
    numbers = _are_numbers(reference) and _are_numbers(now)
    old, new, size = _number_codes(reference, now, bins) if numbers else _level_codes(reference, now)
    counts = np.bincount(old, minlength=size).astype(float), np.bincount(new, minlength=size).astype(float)
    used = (counts[0] + counts[1]) > 0
    return counts[0][used], counts[1][used]


def _are_numbers(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype)


def _number_codes(reference: pd.Series, now: pd.Series, bins: int) -> tuple[Positions, Positions, int]:
    old, new = (side.astype("float64").to_numpy(na_value=np.nan) for side in (reference, now))
    known = old[~np.isnan(old)]
    edges = np.unique(np.quantile(known, np.arange(1, bins) / bins)) if len(known) else np.array([])
    missing = len(edges) + 1
    old_codes, new_codes = (
        np.where(np.isnan(side), missing, np.searchsorted(edges, side, side="left")) for side in (old, new)
    )
    return old_codes, new_codes, missing + 1


def _level_codes(reference: pd.Series, now: pd.Series) -> tuple[Positions, Positions, int]:
    old, new = (side.astype(object).where(side.notna(), None) for side in (reference, now))
    frequent = list(old.dropna().astype(str).value_counts().index[:MOST_LEVELS])
    place = {level: i for i, level in enumerate(frequent)}
    others, missing = len(frequent), len(frequent) + 1

    def coded(side: pd.Series) -> Positions:
        texts = side.map(lambda value: missing if value is None else place.get(str(value), others))
        return np.asarray(texts.to_numpy(dtype=np.int64))

    return coded(old), coded(new), missing + 1


def _shares(counts: ArrayLike) -> Floats:
    filled = np.asarray(counts, dtype=float) + _HALF
    return np.asarray(filled / filled.sum())


def _same_bins(p: Floats, q: Floats) -> None:
    if p.shape != q.shape or p.ndim != 1 or not len(p):
        raise DataError(f"expected counts in the same bins, got shapes {p.shape} and {q.shape}")
