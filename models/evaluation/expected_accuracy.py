"""Confidence-based performance estimation (CBPE): how accurate probabilities will turn out, before anybody knows.

If probabilities are calibrated, outcomes are independent draws from them; then every measure of accuracy has an
expected value, and a sampling error of what will be realised. Whether they are is what :mod:`.ripening` watches.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...core.arrays import Floats
from ...core.errors import DataError

__all__ = ["ExpectedAccuracy", "Foreseen", "expected_accuracy"]

_MARGIN = 1e-15
"""How far probabilities are kept from 0 and 1 in the log loss, as :func:`.metrics.log_loss` does."""


@dataclass(frozen=True)
class Foreseen:
    """What a measure will be: its expected value, and the standard deviation of the realised one around it.

    Examples
    --------
    >>> [round(end, 4) for end in Foreseen(0.7, 0.01).interval()]
    [0.6804, 0.7196]
    """

    value: float
    error: float

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Return the ends between which the realised measure will lie in 95 of 100 cases."""
        return self.value - z * self.error, self.value + z * self.error


@dataclass(frozen=True)
class ExpectedAccuracy:
    """Expected accuracy of n probabilities: log loss, Brier score, AUC, and the rate of events."""

    log_loss: Foreseen
    brier: Foreseen
    auc: Foreseen
    rate: Foreseen
    n: int


def expected_accuracy(p: ArrayLike) -> ExpectedAccuracy:
    """Return what log loss, Brier score, AUC and rate will be if ``p`` (n,) are the true probabilities.

    Log loss, Brier score and rate are means over customers, so value and error are exact. The AUC is a ratio of sums
    over pairs: its value is the ratio of their expectations, its error that of its linear part (delta method), both up
    to 1/n. It is NaN where everybody has the same outcome for sure.

    Raises
    ------
    DataError
        There are no probabilities, or one is missing or outside [0, 1].

    Examples
    --------
    >>> foreseen = expected_accuracy([0.5, 0.5, 0.5, 0.5])
    >>> foreseen.brier.value, foreseen.auc.value
    (0.25, 0.5)
    """
    chances = np.asarray(p, dtype=float)
    if chances.ndim != 1 or not len(chances) or not ((chances >= 0) & (chances <= 1)).all():
        raise DataError("expected probabilities from 0 to 1, at least one, got others; leave missing ones out")
    n, spread = len(chances), chances * (1 - chances)
    kept = np.clip(chances, _MARGIN, 1 - _MARGIN)
    log_odds = np.log(kept) - np.log1p(-kept)
    entropy = -(chances * np.log(kept) + (1 - chances) * np.log1p(-kept))
    return ExpectedAccuracy(
        log_loss=Foreseen(float(entropy.mean()), _error(spread, log_odds, n)),
        brier=Foreseen(float(spread.mean()), _error(spread, 1 - 2 * chances, n)),
        auc=_auc(chances, spread),
        rate=Foreseen(float(chances.mean()), _error(spread, np.ones(n), n)),
        n=n,
    )


def _error(spread: Floats, slope: Floats, n: int) -> float:
    """Return the deviation of a mean whose i-th term moves by ``slope`` with the i-th outcome."""
    return float(np.sqrt(np.sum(spread * slope**2)) / n)


def _auc(p: Floats, spread: Floats) -> Foreseen:
    """Return the expected AUC: pairs of an event ranked above a non-event over all pairs of the two."""
    order = np.argsort(p, kind="stable")
    ordered = p[order]
    _, first, counts = np.unique(ordered, return_index=True, return_counts=True)
    stays, leaves = np.concatenate([[0.0], np.cumsum(1 - ordered)]), np.concatenate([[0.0], np.cumsum(ordered)])
    last = first + counts
    below, tied = np.repeat(stays[first], counts), np.repeat(stays[last] - stays[first], counts)
    above = np.repeat(leaves[-1] - leaves[last], counts)
    with_it = np.repeat(leaves[last] - leaves[first], counts)
    own = ordered * (1 - ordered)  # nobody is compared with himself
    won = float(np.sum(ordered * (below + tied / 2)) - np.sum(own) / 2)
    pairs = float(p.sum() * (1 - p).sum() - np.sum(own))
    if pairs <= 0:
        return Foreseen(float("nan"), float("nan"))
    value = won / pairs
    # What one more outcome of 1 adds to the pairs won, and to all pairs.
    gain = below + (tied - (1 - ordered)) / 2 - (above + (with_it - ordered) / 2)
    more = ((1 - p).sum() - (1 - ordered)) - (p.sum() - ordered)
    slope = (gain - value * more) / pairs
    return Foreseen(value, float(np.sqrt(np.sum(spread[order] * slope**2))))
