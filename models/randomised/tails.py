"""Is a mean of money carried by a few customers? Then its normal interval is doubtful, and a capped mean stands beside.

Kohavi et al. (2014, "Seven rules of thumb for web site experimenters", rule 7): means are close enough to normal from
355 s^2 customers an arm on, s the skewness of the outcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from ...core.arrays import Floats

__all__ = ["Tail", "tail_of"]

_PER_SKEWNESS = 355
_CAPPED_SHARE = 0.001
_TOP = 0.01


@dataclass(frozen=True)
class Tail:
    """How heavy the tail of an outcome is.

    Parameters
    ----------
    skewness
        Of the outcome, in one arm at a time, the largest of them.
    top_share
        Share of the sum that the top 1% of customers bring; NaN where the sum is not above 0.
    needed
        Customers an arm from which on the mean is close to normal.
    smallest
        Customers of the smallest arm.
    cap
        Value that one customer in a thousand exceeds: where the companion of the mean is capped.

    Examples
    --------
    >>> spend = np.random.default_rng(0).pareto(1.5, 2_000)
    >>> tail_of(spend, np.arange(2_000) % 2).heavy
    True
    """

    skewness: float
    top_share: float
    needed: int
    smallest: int
    cap: float

    @property
    def heavy(self) -> bool:
        """Whether the smallest arm has fewer customers than the rule of thumb asks for."""
        return self.smallest < self.needed

    def capped(self, outcome: ArrayLike) -> Floats:
        """Return the outcome, values above ``cap`` set to it, (n,)."""
        return np.asarray(np.minimum(np.asarray(outcome, dtype=float), self.cap))


def tail_of(outcome: ArrayLike, arms: ArrayLike) -> Tail:
    """Return how heavy the tail of an outcome (n,) is, customers in ``arms`` (n,)."""
    y, codes = np.asarray(outcome, dtype=float), np.asarray(arms)
    sizes = np.bincount(codes)
    parts = [y[codes == arm] for arm in np.flatnonzero(sizes)]
    skewness = max((abs(float(stats.skew(part))) for part in parts if np.ptp(part) > 0), default=0.0)
    top = np.sort(y)[-max(int(np.ceil(_TOP * len(y))), 1) :]
    total = float(y.sum())
    return Tail(
        skewness=skewness,
        top_share=float(top.sum()) / total if total > 0 else np.nan,
        needed=int(np.ceil(_PER_SKEWNESS * skewness**2)),
        smallest=int(sizes[sizes > 0].min()),
        cap=float(np.quantile(y, 1 - _CAPPED_SHARE)),
    )
