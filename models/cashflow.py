"""Expected money of running customers by lead month, and its distribution over the month of loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .hazard import HazardPaths
from .periods import TERM_CLASSES, ContractState, term_class, totals

__all__ = ["PaidCounts", "PaidShare", "RunningPaths", "quantiles", "with_rest"]

Array = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True)
class RunningPaths:
    """Lead months of n running customers; money is discounted and given that the customer runs, (n, months).

    Parameters
    ----------
    hazards
        Hazards of both causes.
    survival
        Probability to run at the end of month 0, 1, ..., (n, months + 1).
    payment
        Payments at the boundaries in the month, of who runs at its end.
    extras, costs
        Money per month of who runs in its middle.
    """

    hazards: HazardPaths
    survival: Array
    payment: Array
    extras: Array
    costs: Array

    def subscription(self) -> Array:
        """Return the expected payments of each month, (n, months)."""
        return self.payment * self.survival[:, 1:]

    def alive(self) -> Array:
        """Return the probability to run in the middle of each month, (n, months)."""
        return (self.survival[:, :-1] + self.survival[:, 1:]) / 2

    def flow(self) -> Array:
        """Return the expected payments, extras and costs of each month together, (n, months)."""
        return self.subscription() + (self.extras - self.costs) * self.alive()

    def lost(self) -> Array:
        """Return the probability to be lost in each month by cause, (2, n, months)."""
        before = self.survival[:, :-1]
        return np.stack([before * self.hazards.voluntary, before * self.hazards.involuntary])

    def after_loss(self, worth: Array) -> Array:
        """Return the expected value of what follows a loss within h months, (n,).

        Parameters
        ----------
        worth
            Discounted value after a loss of each cause in month 1..h, (2, h).
        """
        lost = self.lost()[:, :, : worth.shape[1]]
        return np.asarray(lost[0] @ worth[0] + lost[1] @ worth[1])

    def outcomes(self, worth: Array) -> tuple[Array, Array]:
        """Return probability and value of a loss in month 1..m and of none, both (n, m + 1).

        ``worth`` as in :meth:`after_loss`, for all m months.
        """
        lost = self.lost()
        besides = self.extras - self.costs
        kept = np.cumsum(self.payment + besides, axis=1)
        before = np.hstack([np.zeros((len(kept), 1)), kept[:, :-1]]) + besides / 2
        chance = lost.sum(axis=0)
        after = np.einsum("cnm,cm->nm", lost, worth) / np.maximum(chance, 1e-300)
        return with_rest(chance), np.hstack([before + after, kept[:, -1:]])


def with_rest(chance: Array) -> Array:
    """Return (n, m) probabilities with what is left to one as a last column."""
    return np.hstack([chance, np.maximum(1 - chance.sum(axis=1, keepdims=True), 0)])


def quantiles(chance: Array, value: Array, shares: tuple[float, ...], deviation: Array | None = None) -> Array:
    """Return quantiles of n discrete distributions with m outcomes each.

    Parameters
    ----------
    chance, value
        Probability and value of each outcome, (n, m).
    shares
        Probabilities of the quantiles.
    deviation
        Standard deviation around each outcome's value, (m,).

    Returns
    -------
    ndarray of shape (len(shares), n)
        Smallest values whose cumulative probability reaches each share, moved by the same quantile of a normal
        distribution with that outcome's deviation. The ends add up, so that an interval is rather too wide.
    """
    order = np.argsort(value, axis=1, kind="stable")
    value = np.take_along_axis(value, order, axis=1)
    reached = np.cumsum(np.take_along_axis(chance, order, axis=1), axis=1)
    rows = np.arange(len(value))
    found = []
    for share in shares:
        place = np.minimum((reached < share - 1e-12).sum(axis=1), value.shape[1] - 1)
        around = 0.0 if deviation is None else norm.ppf(share) * deviation[order[rows, place]]
        found.append(value[rows, place] + around)
    return np.stack(found)


@dataclass(frozen=True)
class PaidCounts:
    """Payments of n landmarks: due at full price, as received, and the term class; all (n,)."""

    due: Array
    paid: Array
    term_class: Ints

    @classmethod
    def of(cls, state: ContractState, until: Array, paid: Array) -> PaidCounts:
        """Return what was due until ``until`` months (n,) and ``paid`` (n,); nothing of rows with ``until`` 0."""
        counts = state.running & (until > 0)
        due = np.nan_to_num(state.boundaries_until(until)) * state.price
        return cls(np.where(counts, due, 0.0), np.where(counts, paid, 0.0), term_class(state.term_months))


class PaidShare:
    """Share of the full price that is received at a boundary the customer survives, by term class.

    Below one by discounts and failed payments that end nothing, above by price rises. Shrunk to one by
    ``strength`` payments of average size.

    Attributes
    ----------
    share_ : ndarray of shape (number of term classes,)
        The shares; 1 where nothing was observed.
    """

    def __init__(self, strength: float = 100.0) -> None:
        self.strength = strength

    def fit(self, counts: PaidCounts | None, weight: Array) -> PaidShare:
        """Fit to payments and landmark weights (n,); without payments all shares are 1; returns self."""
        self.share_ = np.ones(len(TERM_CLASSES))
        if counts is None or not counts.due.any():
            return self
        prior = self.strength * counts.due[counts.due > 0].mean()
        place = np.minimum(counts.term_class, len(TERM_CLASSES) - 1)
        due, paid = (totals(place, weight * money, len(TERM_CLASSES)) for money in (counts.due, counts.paid))
        self.share_ = (paid + prior) / (due + prior)
        return self

    def of(self, state: ContractState) -> Array:
        """Return the share of each row, (n,)."""
        return self.share_[term_class(state.term_months)]
