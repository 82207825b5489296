"""How often prediction intervals hold what comes: measured on customers drawn from the model that is fitted to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...core.errors import DataError
from ...core.time import DAYS_PER_MONTH
from .simulate import Dropout, draw_customers, leaves_at_any_time, leaves_by_purchase
from .value import PURCHASE_MODELS, SUMMARY_COLUMNS, NonContractualCLV

__all__ = ["Coverage", "interval_coverage"]


_RATE, _SPEND = (0.8, 80.0), (5.0, 4.5, 25.0)
_MOST_AGE = 720.0


@dataclass(frozen=True)
class Coverage:
    """Shares of customers inside, below and above their interval; of the best fifth inside; and the total's bias.

    ``active`` counts only the fifth with the highest expected value: the others buy nothing more often than not,
    and an interval from 0 on holds that by more than its level. ``bias`` is predicted over actual total, minus 1.

    Examples
    --------
    >>> coverage = Coverage(inside=0.96, below=0.01, above=0.03, active=0.95, bias=0.02, customers=500)
    >>> coverage.below < coverage.above
    True
    """

    inside: float
    below: float
    above: float
    active: float
    bias: float
    customers: int


def interval_coverage(
    purchase_model: str, *, customers: int, seed: int, horizon_months: int = 24, level: float = 0.95
) -> Coverage:
    """Draw customers of a model, fit it to what is known of them, and look whether what came lies in the intervals.

    Raises
    ------
    DataError
        An unknown purchase model.

    Examples
    --------
    >>> coverage = interval_coverage("bgnbd", customers=500, seed=4)
    >>> 0.9 < coverage.inside <= 1.0
    True
    """
    rng = np.random.default_rng(seed)
    dropout = _dropout(purchase_model, customers, rng)
    horizon = horizon_months * DAYS_PER_MONTH
    age = rng.uniform(30.0, _MOST_AGE, customers)
    rows = draw_customers(age, horizon, dropout, r=_RATE[0], alpha=_RATE[1], rng=rng, spend=_SPEND)
    came = rows["revenue"].to_numpy()
    summary: pd.DataFrame = rows[list(SUMMARY_COLUMNS)]
    model = NonContractualCLV(purchase_model).fit(summary)
    settings = {"horizon_months": horizon_months, "annual_discount_rate": 0.0}
    low, high = model.predict_interval(summary, **settings, level=level)
    expected = model.predict(summary, **settings)
    inside = (came >= low) & (came <= high)
    active = expected >= np.quantile(expected, 0.8)
    return Coverage(
        inside=float(inside.mean()),
        below=float((came < low).mean()),
        above=float((came > high).mean()),
        active=float(inside[active].mean()),
        bias=float(expected.sum() / came.sum() - 1),
        customers=customers,
    )


def _dropout(purchase_model: str, n: int, rng: np.random.Generator) -> Dropout:
    if purchase_model == "paretonbd":
        return leaves_at_any_time(n, 0.7, 200.0, rng)
    if purchase_model not in PURCHASE_MODELS:
        raise DataError(f"expected a purchase model of {', '.join(PURCHASE_MODELS)}, got '{purchase_model}'")
    return leaves_by_purchase(n, 0.9, 3.0, rng, at_first=purchase_model == "mbgnbd")
