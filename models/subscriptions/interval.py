"""Prediction intervals of the value of running and ended customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...core.arrays import Floats
from ...core.contract_state import ContractState
from ...core.errors import ModelError
from ...core.short_repr import ShortRepr
from .cash_flow import Outcomes, RunningPaths, with_rest
from .monthly_money import MoneySpread
from .reactivation import AfterLoss, ReactivationValue

__all__ = ["ValueInterval"]


@dataclass(frozen=True)
class ValueInterval(ShortRepr):
    """The ends of the distribution of a customer's value over m months.

    The distribution is exact in the month of loss (of restart, for ended customers) and in whether a restart follows;
    extras and costs until then, and what a restart brings, spread around their expectation as normal variables do.

    Parameters
    ----------
    shares
        The quantiles that are its low and its high end.
    after
        What follows a loss in month 1..m.
    spread
        Standard deviation of extras and costs until the middle of month 1..m, and until the end, (m + 1,).
    reactivation
        What ended customers are still worth.
    """

    shares: tuple[float, float]
    after: AfterLoss
    spread: Floats
    reactivation: ReactivationValue

    @classmethod
    def of(
        cls, reactivation: ReactivationValue, spread: MoneySpread, *, months: int, annual_rate: float, level: float
    ) -> ValueInterval:
        """Return the interval over ``months`` whole months that covers the share ``level``.

        Raises
        ------
        ModelError
            ``level`` is no share between 0 and 1.
        """
        if not 0 < level < 1:
            raise ModelError(f"level: expected a share between 0 and 1, got {level}")
        return cls(
            ((1 - level) / 2, (1 + level) / 2),
            reactivation.after_loss(months),
            spread.deviation(np.append(np.arange(months) + 0.5, months), annual_rate),
            reactivation,
        )

    def running(self, paths: RunningPaths) -> Floats:
        """Return low and high ends of n running customers, (2, n)."""
        return paths.outcomes(self.after, self.spread).quantiles(self.shares)

    def ended(self, state: ContractState) -> Floats:
        """Return low and high ends of n ended customers, (2, n)."""
        months = len(self.spread) - 1
        chance, value = self.reactivation.paths(state, months)
        around = np.append(self.reactivation.deviation(months), 0.0)
        shape = (len(chance), months + 1)
        back = Outcomes(
            with_rest(chance), np.broadcast_to(np.append(value, 0.0), shape), np.broadcast_to(around, shape)
        )
        return back.quantiles(self.shares)
