"""The numbers of the optional win-back campaign; the built-in world has none."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WinBackSettings"]


@dataclass(frozen=True)
class WinBackSettings:
    """Offers to customers whose subscription ended: whom agents choose, who accepts, what they cost.

    Who accepts starts again at the next billing, at the list price. Some of those would have come back by themselves.
    """

    first_month: int = 8
    """Month (0 = first logged) of the first offers."""
    logit: float = -2.4
    """Log-odds that agents choose a lapsed customer of whom they see nothing particular."""
    sees: tuple[tuple[str, float], ...] = (
        ("ended_90d", 0.9),
        ("over_a_year", 0.5),
        ("product", 0.3),
        ("failed_90d", -0.5),
        ("treated_180d", -1.5),
    )
    """What agents look at (names of ``action_rules.SIGHTS``), and what each adds to these log-odds."""
    treated_share: float = 0.72
    """Share treated among the chosen; the others are held out."""
    accept: float = -1.7
    """Log-odds of accepting, at loyalty 0, long after the end."""
    accept_loyalty: float = 0.5
    """What one unit of loyalty adds to them."""
    accept_recent: float = 0.7
    """What an end within the last 90 days adds to them."""
    cost: float = 2.0
    """Cost of an offer."""
    cost_accepted: float = 8.0
    """Additional cost where it is accepted."""
