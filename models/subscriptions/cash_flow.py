"""Expected money of running customers by lead month, and its distribution over the month of loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from scipy.special import ndtr

from ...core.arrays import Bools, Floats, Positions
from ...core.contract_state import ContractState
from ...core.short_repr import ShortRepr
from .contract import TERM_CLASSES, term_class, totals
from .hazard import HazardPaths
from .person_months import PersonMonths
from .reactivation import AfterLoss

__all__ = ["Outcomes", "PaidCounts", "PaidShare", "RunningPaths", "with_rest"]


_REACH = 6.0
_HALVINGS = 21
_ROWS = 256
"""Rows at once, so that what is made of them stays in the processor's cache."""


@dataclass(frozen=True)
class RunningPaths(ShortRepr):
    """Lead months of n running customers; money is discounted and given that the customer runs, (n, months).

    Parameters
    ----------
    hazards
        Hazards of both causes.
    survival
        Probability to run at the end of month 0, 1, ..., (n, months + 1).
    payment
        Payments at the boundaries in the month, of who runs at its end.
    ancillary, costs
        Money per month of who runs in its middle.
    """

    hazards: HazardPaths
    survival: Floats
    payment: Floats
    ancillary: Floats
    costs: Floats

    def subscription(self) -> Floats:
        """Return the expected payments of each month, (n, months)."""
        return self.payment * self.survival[:, 1:]

    def alive(self) -> Floats:
        """Return the probability to run in the middle of each month, (n, months)."""
        return (self.survival[:, :-1] + self.survival[:, 1:]) / 2

    def flow(self) -> Floats:
        """Return the expected payments, extras and costs of each month together, (n, months)."""
        return self.subscription() + (self.ancillary - self.costs) * self.alive()

    def lost(self) -> Floats:
        """Return the probability to be lost in each month by cause, (2, n, months)."""
        before = self.survival[:, :-1]
        return np.stack([before * self.hazards.voluntary, before * self.hazards.involuntary])

    def after_loss(self, worth: Floats) -> Floats:
        """Return the expected value of what follows a loss within h months, (n,).

        Parameters
        ----------
        worth
            Discounted value after a loss of each cause in month 1..h, (2, h).
        """
        lost = self.lost()[:, :, : worth.shape[1]]
        return np.asarray(lost[0] @ worth[0] + lost[1] @ worth[1])

    def outcomes(self, after: AfterLoss, spread: Floats) -> Outcomes:
        """Return the distribution of the value over m months; its mean is the expected value.

        Its parts are a loss in month 1..m that no restart follows, one that a restart follows, and no loss.

        Parameters
        ----------
        after
            What follows a loss in month 1..m.
        spread
            Standard deviation of extras and costs until the middle of month 1..m, and until the end, (m + 1,).
        """
        lost = self.lost()
        besides = self.ancillary - self.costs
        kept = np.cumsum(self.payment + besides, axis=1)
        before = np.hstack([np.zeros((len(kept), 1)), kept[:, :-1]]) + besides / 2
        back = np.einsum("cnm,cm->nm", lost, after.chance)
        mean, square = (
            np.einsum("cnm,cm->nm", lost, moment) / np.maximum(back, 1e-300) for moment in (after.mean, after.square)
        )
        variance = spread[:-1] ** 2 + np.maximum(square - mean**2, 0)
        gone = np.maximum(lost.sum(axis=0) - back, 0)
        return Outcomes(
            with_rest(np.hstack([gone, back])),
            np.hstack([before, before + mean, kept[:, -1:]]),
            np.hstack(
                [np.broadcast_to(spread[:-1], back.shape), np.sqrt(variance), np.full_like(kept[:, :1], spread[-1])]
            ),
        )


def with_rest(chance: Floats) -> Floats:
    """Return (n, m) probabilities with what is left to one as a last column."""
    return np.hstack([chance, np.maximum(1 - chance.sum(axis=1, keepdims=True), 0)])


@dataclass(frozen=True)
class Outcomes(ShortRepr):
    """Distributions of n values, each a mixture of q normal parts; all (n, q), a deviation of 0 is a point.

    Parameters
    ----------
    chance, value, deviation
        Probability, mean and standard deviation of each part.
    """

    chance: Floats
    value: Floats
    deviation: Floats

    def quantiles(self, shares: tuple[float, ...]) -> Floats:
        """Return the quantiles of the mixtures, (len(shares), n), to 1e-6 of their range.

        Each is the upper end of the last of 21 halvings of the range. Newton's method says which one that is, and the
        chances below both of its ends prove it; where they do not, the range is halved indeed.
        """
        parts = (slice(start, start + _ROWS) for start in range(0, len(self.value), _ROWS))
        found = [_quantiles(self.chance[rows], self.value[rows], self.deviation[rows], shares) for rows in parts]
        return np.hstack([np.empty((len(shares), 0)), *found])


def _quantiles(chance: Floats, value: Floats, deviation: Floats, shares: tuple[float, ...]) -> Floats:
    lowest = (value - _REACH * deviation).min(axis=1)
    width = (value + _REACH * deviation).max(axis=1) - lowest
    mixture = _Mixture(chance, value, np.maximum(deviation, 1e-10 * np.maximum(width, 1e-6)[:, None]))
    order = np.argsort(value, axis=1)
    ascending, summed = (np.take_along_axis(of, order, axis=1) for of in (value, chance))
    np.cumsum(summed, axis=1, out=summed)
    found = []
    for share in shares:
        wanted = share - 1e-12
        place = np.minimum((summed < wanted).sum(axis=1), order.shape[1] - 1)
        near = mixture.root(wanted, lowest, width, ascending[np.arange(len(place)), place])
        low, high = _halved(lowest, width, partial(np.greater, near))
        proven = (low == lowest) | (mixture.below(low) < wanted)
        proven &= (high == lowest + width) | (mixture.below(high) >= wanted)
        if not proven.all():
            rest = mixture.of(~proven)
            high[~proven] = _halved(lowest[~proven], width[~proven], partial(rest.is_below, share=wanted))[1]
        found.append(high)
    return np.stack(found)


@dataclass(frozen=True)
class _Mixture(ShortRepr):
    """Mixtures of normal parts, all (n, q): chances, means and deviations above 0."""

    chance: Floats
    value: Floats
    scale: Floats

    def of(self, rows: Bools) -> _Mixture:
        """Return some of the mixtures."""
        return _Mixture(self.chance[rows], self.value[rows], self.scale[rows])

    def below(self, at: Floats) -> Floats:
        """Return the chance of a value below ``at`` (n,), (n,)."""
        return np.asarray((self.chance * ndtr((at[:, None] - self.value) / self.scale)).sum(axis=1))

    def is_below(self, at: Floats, share: float) -> Bools:
        """Return where the chance of a value below ``at`` (n,) is less than ``share``, (n,)."""
        return np.asarray(self.below(at) < share)

    def root(self, share: float, lowest: Floats, width: Floats, first: Floats) -> Floats:
        """Return where about the chance below is ``share``, (n,): Newton's method from ``first``, kept in its bracket.

        It ends where a step is below a quarter of the last halving's width, or after as many steps as halvings.
        """
        near, low, high = first.copy(), lowest.copy(), lowest + width
        close = np.ldexp(width, -_HALVINGS - 2)
        rows = np.arange(len(near))
        mixture = self
        for _ in range(_HALVINGS):
            at = near[rows]
            z = (at[:, None] - mixture.value) / mixture.scale
            lacking = share - (mixture.chance * ndtr(z)).sum(axis=1)
            density = (mixture.chance * np.exp(-0.5 * z * z) / mixture.scale).sum(axis=1) / np.sqrt(2 * np.pi)
            low[rows], high[rows] = np.where(lacking > 0, at, low[rows]), np.where(lacking > 0, high[rows], at)
            with np.errstate(divide="ignore", invalid="ignore"):
                to = at + lacking / density
            inside = (to >= low[rows]) & (to <= high[rows])
            to = np.where(inside, to, (low[rows] + high[rows]) / 2)
            near[rows] = to
            moving = np.abs(to - at) > close[rows]
            if not moving.any():
                break
            if not moving.all():
                rows, mixture = rows[moving], mixture.of(moving)
        return near


def _halved(lowest: Floats, width: Floats, below: Callable[[Floats], Bools]) -> tuple[Floats, Floats]:
    """Return both ends, each (n,), of the last halving of a range; ``below`` says where a middle is too low."""
    low, high = lowest.copy(), lowest + width
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        less = below(middle)
        low, high = np.where(less, middle, low), np.where(less, high, middle)
    return low, high


@dataclass(frozen=True)
class PaidCounts(ShortRepr):
    """Payments of n landmarks: due at full price, as received, and the term class; all (n,)."""

    due: Floats
    paid: Floats
    term_class: Positions

    @classmethod
    def of(cls, state: ContractState, until: Floats, paid: Floats) -> PaidCounts:
        """Return what was due until ``until`` months (n,) and ``paid`` (n,); nothing of rows with ``until`` 0."""
        counts = state.running & (until > 0)
        due = np.nan_to_num(state.boundaries_until(until)) * state.price
        return cls(np.where(counts, due, 0.0), np.where(counts, paid, 0.0), term_class(state.term_months))

    @classmethod
    def of_kept(
        cls, state: ContractState, months: PersonMonths, sums: dict[str, Floats], margin_rate: float
    ) -> PaidCounts | None:
        """Return payments of the landmarks that were never lost, for a restart would blur them; None if not known."""
        if "subscription" not in sums:
            return None
        until = sums["exposure_months"].copy()
        until[months.row[months.cause > 0]] = 0.0
        return cls.of(replace(state, price=margin_rate * state.price), until, sums["subscription"])


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

    def fit(self, counts: PaidCounts | None, weight: Floats) -> PaidShare:
        """Fit to payments and landmark weights (n,); without payments all shares are 1; returns self."""
        self.share_ = np.ones(len(TERM_CLASSES))
        if counts is None or not counts.due.any():
            return self
        prior = self.strength * counts.due[counts.due > 0].mean()
        place = np.minimum(counts.term_class, len(TERM_CLASSES) - 1)
        due, paid = (totals(place, weight * money, len(TERM_CLASSES)) for money in (counts.due, counts.paid))
        self.share_ = (paid + prior) / (due + prior)
        return self

    def of(self, state: ContractState) -> Floats:
        """Return the share of each row, (n,)."""
        return self.share_[term_class(state.term_months)]
