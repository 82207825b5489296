"""Money over time: how far value looks, where a follow-up ends within that, and what money there is worth today."""

from __future__ import annotations

from dataclasses import dataclass

from .time import DAYS_PER_MONTH, discount

__all__ = ["Horizon"]


@dataclass(frozen=True)
class Horizon:
    """A horizon of H months, of which the first F days are followed up.

    Parameters
    ----------
    follow_up_days
        F, in days.
    horizon_months
        H, in months of 365.25 / 12 days.
    annual_discount_rate
        Yearly discount rate; a year has 365.25 days.

    Examples
    --------
    >>> horizon = Horizon(follow_up_days=365.25, horizon_months=24, annual_discount_rate=0.25)
    >>> horizon.follow_up_months, horizon.remaining_months, horizon.discount_at_follow_up
    (12.0, 12.0, 0.8)
    """

    follow_up_days: float
    horizon_months: int
    annual_discount_rate: float

    @property
    def follow_up_months(self) -> float:
        """F in months."""
        return self.follow_up_days / DAYS_PER_MONTH

    @property
    def remaining_months(self) -> float:
        """H - F: the months of the horizon after a follow-up."""
        return self.horizon_months - self.follow_up_months

    @property
    def discount_at_follow_up(self) -> float:
        """d(F): what one unit of money at the end of the follow-up is worth at its beginning."""
        return float(discount(self.follow_up_days, self.annual_discount_rate))
