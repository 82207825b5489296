"""Purchases to come by the calendar: a plain model asked at the times that the clock of the seasons tells.

What a plain model expects within a time is a smooth curve for each customer. It is computed at knots that all customers
share, and read between them at each customer's own times.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.interpolate import CubicSpline

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.seasons import AS_OF_DAY
from ...core.time import DAYS_PER_MONTH, discount, months_to_days
from .base import PurchaseModel
from .clock import PurchaseClock

__all__ = ["discounted_in_steps", "monthly_edges", "purchases_in_steps"]

_FIRST_KNOTS = (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 7.0, 10.0, 14.0, 20.0)
"""Days at which the curve is computed before months begin: it bends most at its start."""


def monthly_edges(skip_months: float, horizon_months: float) -> Floats:
    """Return the days at which the months of (skip, horizon] begin and end; the last month may be shorter.

    Raises
    ------
    DataError
        The horizon is infinite: no calendar goes on for ever.
    """
    if not np.isfinite(horizon_months):
        raise DataError("expected a finite horizon for a line with seasons, got an infinite one; name months")
    first, last = months_to_days(skip_months), months_to_days(horizon_months)
    return np.append(np.arange(first, last - 1e-9, DAYS_PER_MONTH), last)


def purchases_in_steps(model: PurchaseModel, clock: PurchaseClock, rows: pd.DataFrame, edges: Floats) -> Floats:
    """Return the expected purchases of n customers between ascending days ahead, (n, len(edges) - 1).

    Parameters
    ----------
    model
        Fitted by the clock.
    clock
        Of the seasons.
    rows
        frequency, recency and T by the calendar, and the day at which each customer is looked at.
    edges
        Days ahead.

    """
    told = clock.told(rows)
    at = clock.ahead(rows[AS_OF_DAY], edges)
    reach = float(at.max())
    months = np.arange(1, int(np.ceil(reach / DAYS_PER_MONTH)) + 2) * DAYS_PER_MONTH
    knots = np.append([knot for knot in _FIRST_KNOTS if knot < months[0]], months)
    expected = model.expected_by(knots / model.days_per_unit, told["frequency"], told["recency"], told["T"])
    days, place = np.unique(rows[AS_OF_DAY].to_numpy(dtype=np.float64), return_inverse=True)
    out = np.empty((len(rows), len(edges) - 1))
    for k in range(len(days)):
        those = np.flatnonzero(place == k)
        curve = CubicSpline(knots, expected[those], axis=1)
        out[those] = np.diff(curve(at[those[0]]), axis=1)
    return out


def discounted_in_steps(
    model: PurchaseModel,
    clock: PurchaseClock,
    rows: pd.DataFrame,
    edges: Floats,
    annual_discount_rate: float,
) -> Floats:
    """Return :func:`purchases_in_steps`, each step discounted from its middle."""
    factors = discount((edges[:-1] + edges[1:]) / 2, annual_discount_rate)
    return purchases_in_steps(model, clock, rows, edges) * factors
