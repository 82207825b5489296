"""Did chance split the customers as planned? The sample-ratio test, and whether the shares moved over time.

With e_i the planned chances of customer i and d_i the arm as an indicator, r = sum (d_i - e_i) has expectation 0 and
covariance V = sum (diag(e_i) - e_i e_i'), so r' V^-1 r is chi-square with arms - 1 degrees of freedom. With equal
chances for all this is Pearson's test (Fabijan et al. 2019, "Diagnosing sample ratio mismatch in online controlled
experiments"). A split that differs from the plan tells that customers were lost or added in one arm: then the arms are
not alike, whatever the effect looks like.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats, Positions
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr

__all__ = ["DOUBTFUL", "SplitTest", "sample_ratio", "shares_over_time"]

DOUBTFUL = 0.001
"""P-value below which a split is not believed: low, for the test is made on every experiment."""


@dataclass(frozen=True)
class SplitTest(ShortRepr):
    """Customers by arm beside those planned, (arms,) each, and how likely a split at least this uneven is.

    Examples
    --------
    >>> sample_ratio([0] * 480 + [1] * 520, [0.5, 0.5]).holds
    True
    """

    counts: Floats
    expected: Floats
    statistic: float
    dof: int
    p_value: float

    @property
    def holds(self) -> bool:
        """Whether the split may be believed: its p-value is not below :data:`DOUBTFUL`."""
        return self.p_value >= DOUBTFUL


def sample_ratio(arms: ArrayLike, chances: ArrayLike) -> SplitTest:
    """Return the test of n customers' arms against the planned chances.

    Parameters
    ----------
    arms
        Place of each customer's arm, 0 to arms - 1, (n,).
    chances
        Planned share of each arm, (arms,), or of each customer, (n, arms); they sum to 1.

    Raises
    ------
    ModelError
        An arm is out of range, or chances are not above 0 with the sum 1.

    Examples
    --------
    >>> test = sample_ratio([0] * 450 + [1] * 550, [0.5, 0.5])
    >>> round(test.statistic, 2), test.dof, round(test.p_value, 4)
    (10.0, 1, 0.0016)
    """
    codes, e = checked_split(arms, chances)
    counts, expected = np.bincount(codes, minlength=e.shape[1]).astype(float), e.sum(axis=0)
    left, spread = _sums(codes, e)
    statistic = float(left @ np.linalg.solve(spread, left))
    dof = e.shape[1] - 1
    return SplitTest(counts, expected, statistic, dof, float(stats.chi2.sf(statistic, dof)))


def shares_over_time(arms: ArrayLike, chances: ArrayLike, periods: ArrayLike) -> SplitTest:
    """Return the test that the split differs from the plan by the same amount in every period.

    A share that was raised on the way makes late customers more frequent in one arm: whatever time changes then looks
    like an effect.

    Parameters
    ----------
    arms, chances
        As :func:`sample_ratio`.
    periods
        Period of each customer, whole numbers from 0, (n,).

    Raises
    ------
    ModelError
        As :func:`sample_ratio`; fewer than two periods.

    Examples
    --------
    >>> arms, month = [0, 1] * 200 + [1, 1, 1, 0] * 100, [0] * 400 + [1] * 400
    >>> shares_over_time(arms, [0.5, 0.5], month).holds
    False
    """
    codes, e = checked_split(arms, chances)
    when = np.unique(np.asarray(periods), return_inverse=True)[1]
    n = int(when.max()) + 1
    if n < 2:
        raise ModelError("periods: expected two or more, got one")
    parts = [_sums(codes[when == k], e[when == k]) for k in range(n)]
    whole = [np.sum(sums, axis=0) for sums in zip(*parts, strict=True)]
    each = sum(float(left @ np.linalg.solve(spread, left)) for left, spread in parts)
    statistic = max(each - float(whole[0] @ np.linalg.solve(whole[1], whole[0])), 0.0)
    dof = (n - 1) * (e.shape[1] - 1)
    counts, expected = np.bincount(codes, minlength=e.shape[1]).astype(float), e.sum(axis=0)
    return SplitTest(counts, expected, statistic, dof, float(stats.chi2.sf(statistic, dof)))


def checked_split(arms: ArrayLike, chances: ArrayLike) -> tuple[Positions, Floats]:
    """Return arms (n,) and the chances of each customer, (n, arms)."""
    codes, e = np.asarray(arms), np.asarray(chances, dtype=float)
    if codes.ndim != 1 or len(codes) == 0 or not np.issubdtype(codes.dtype, np.integer):
        raise ModelError("arms: expected the place of each customer's arm, a whole number from 0")
    e = np.broadcast_to(e, (len(codes), len(e))) if e.ndim == 1 else e
    if e.ndim != 2 or len(e) != len(codes) or e.shape[1] < 2:
        raise ModelError(f"chances: expected one for each of two or more arms, got shape {e.shape}")
    if not ((codes >= 0) & (codes < e.shape[1])).all():
        raise ModelError(f"arms: expected 0 to {e.shape[1] - 1}, got {codes.min()} to {codes.max()}")
    if not ((e > 0).all() and np.allclose(e.sum(axis=1), 1, atol=1e-6)):
        raise ModelError("chances: expected numbers above 0 that sum to 1 for each customer")
    return codes.astype(np.intp), e


def _sums(codes: Positions, e: Floats) -> tuple[Floats, Floats]:
    """Return sum (d - e) and its covariance, the last arm left out: it follows from the others."""
    kept = e[:, :-1]
    counts = np.bincount(codes, minlength=e.shape[1])[:-1].astype(float)
    return counts - kept.sum(axis=0), np.diag(kept.sum(axis=0)) - kept.T @ kept
