"""What an experiment would tell of an action that nobody is sure about, and what knowing it is worth.

What is believed of the net effect (effect minus cost, one customer) is a normal distribution of mean m and error e. An
experiment with standard error s moves it; its result is not known beforehand, but how it may fall is: the estimate as
N(m, e^2 + s^2), the mean of what is believed afterwards as N(m, e^4 / (e^2 + s^2)) (Raiffa & Schlaifer 1961). The
chance of a verdict is that of an interval beyond 0 on either side, over all that is believed: power averaged over the
effects that may be true (O'Hagan, Stevens & Campbell 2005, "Assurance in clinical trial design"), not power at one of
them. Knowing is worth what the better decision gains: carry on where the mean is above 0, stop where it is below.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from .power import Terms

__all__ = ["ENOUGH", "Belief", "Settling", "cheapest"]

ENOUGH = 2 / 3
"""Chance of a verdict that an experiment is asked for: about what a power of 80% at the effect believed comes to, once
it is averaged over the effects that may be true."""

_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Belief:
    """What is believed of the net effect on one customer: mean and error, in money.

    ``counts``: whether what is known already counts beside an experiment's result. It does where chance decided; else
    the experiment has to speak for itself.

    Examples
    --------
    >>> belief = Belief(mean=2.0, error=4.0, counts=False)
    >>> round(belief.chance_of_verdict(1.0), 2), round(belief.value_of_knowing(1.0), 2), belief.value_of_knowing(1e9)
    (0.67, 0.75, 0.0)
    """

    mean: float
    error: float
    counts: bool

    def chance_below(self) -> float:
        """Return the chance that the net effect is below 0."""
        return float(stats.norm.cdf(-self.mean / max(self.error, 1e-12)))

    def chance_of_verdict(self, std_error: float, *, level: float = 0.05) -> float:
        """Return the chance that an experiment of this standard error shows on which side of 0 the net effect lies."""
        z, e = float(stats.norm.ppf(1 - level / 2)), max(self.error, 1e-12)
        if self.counts:
            spread, needed = self._moves(std_error), z * e * std_error / np.hypot(e, std_error)
        else:
            spread, needed = float(np.hypot(e, std_error)), z * std_error
        above, below = (self.mean - needed) / spread, (-self.mean - needed) / spread
        return float(stats.norm.cdf(above) + stats.norm.cdf(below))

    def value_of_knowing(self, std_error: float) -> float:
        """Return by how much the decision after such an experiment is expected to be better, for one customer."""
        spread = self._moves(std_error)
        if spread <= 1e-9 * max(abs(self.mean), self.error):
            return 0.0
        z = self.mean / spread
        after = self.mean * float(stats.norm.cdf(z)) + spread * float(stats.norm.pdf(z))
        return max(0.0, after - max(0.0, self.mean))

    def _moves(self, std_error: float) -> float:
        """Return the standard deviation of the mean afterwards."""
        e = max(self.error, 1e-12)
        return float(e * e / np.hypot(e, std_error))


@dataclass(frozen=True)
class Settling:
    """An experiment, or the most that can be done, and what it would bring.

    Parameters
    ----------
    months
        Months of decisions at the present pace.
    customers, held_out
        In both arms together, and those held out.
    chance
        Of a verdict.
    forgone
        What it is expected to cost beside carrying on with the better arm: the net effect that the held-out forgo, or
        the loss on those who get an action that does not pay, in money.
    worth
        Value of knowing: what the better decision is expected to gain over a year of decisions, in money.
    settles
        Whether the chance is enough; else it is the most informative experiment within the months there are.
    """

    months: int
    customers: int
    held_out: int
    chance: float
    forgone: float
    worth: float
    settles: bool


def cheapest(
    belief: Belief, spread: float, per_month: float, *, most_months: int = 24, enough: float = ENOUGH
) -> Settling | None:
    """Return the cheapest experiment that settles whether an action pays; None where nobody is decided upon.

    Over shares held out and whole months, the one of least ``forgone`` among those with a chance of a verdict of at
    least ``enough``, the shorter one of equals; where none has it, the one with the highest chance.

    Parameters
    ----------
    belief
        What is believed of the net effect.
    spread
        Standard deviation of the outcome that adjusting leaves, widened for the error of the CLV model.
    per_month
        Customers decided upon each month.
    most_months
        Longest experiment.
    enough
        Chance of a verdict asked for.

    Examples
    --------
    >>> found = cheapest(Belief(2.0, 3.0, counts=False), spread=40.0, per_month=1_000)
    >>> found.settles, found.months, found.customers, found.held_out
    (True, 15, 15000, 3000)
    """
    if not per_month > 0:
        return None
    made = [
        _settling(belief, spread, share, months, per_month, enough)
        for months in range(1, most_months + 1)
        for share in _SHARES
        if months * per_month * share >= 1
    ]
    if not made:
        return None
    good = [one for one in made if one.settles]
    if good:
        return min(good, key=lambda one: (one.forgone, one.months))
    return max(made, key=lambda one: (round(one.chance, 6), -one.forgone))


def _settling(belief: Belief, spread: float, share: float, months: int, per_month: float, enough: float) -> Settling:
    customers = months * per_month
    error = Terms(spread, share).std_error(customers)
    held = customers * share
    chance = belief.chance_of_verdict(error)
    idle = held * max(belief.mean, 0.0) + (customers - held) * max(-belief.mean, 0.0)
    return Settling(
        months=months,
        customers=round(customers),
        held_out=round(held),
        chance=chance,
        forgone=idle,
        worth=12 * per_month * belief.value_of_knowing(error),
        settles=chance >= enough,
    )
