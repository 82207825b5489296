"""Which model of purchases describes a business: each forecasts a window that is over, and the nearest one is taken.

BG/NBD, MBG/NBD and Pareto/NBD differ in when a customer may leave; no theory says which of them a business has. Each
is fitted to what was known at an instant and forecasts the purchases of the days after it. The least geometric mean of
root mean squared and mean absolute error wins. The first asks for the right mean, which is what a value is made of, but
a few heavy buyers decide it; the second is felt by most customers, but favours forecasts that are too low (Gneiting
2011, "Making and evaluating point forecasts").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from .clock import PurchaseClock
from .seasonal import purchases_in_steps
from .value import PURCHASE_MODELS

__all__ = ["PurchaseChoice", "choose_purchase_model"]

_FEWEST = 50


@dataclass(frozen=True)
class PurchaseChoice(ShortRepr):
    """The chosen model of purchases, and how each did.

    Parameters
    ----------
    name
        Of :data:`~.value.PURCHASE_MODELS`.
    errors
        Geometric mean of root mean squared and mean absolute error of each model, purchases a customer; of models
        alike, the first is taken.
    customers, days
        How many were forecast, and over how long a window.
    """

    name: str
    errors: Mapping[str, float]
    customers: int
    days: float


def choose_purchase_model(
    summary: pd.DataFrame, later: ArrayLike, *, days: float, seasons: Mapping[str, Sequence[str]] | None = None
) -> PurchaseChoice:
    """Return the purchase model that forecast best what n customers bought.

    Parameters
    ----------
    summary
        What was known of them at the start of the window: frequency, recency and T in days, (n, columns); rows without
        T had not bought yet, and are left out.
    later
        Purchases of each in the window, (n,).
    days
        Its length.
    seasons
        Spans of days by name in which purchases come faster or slower; ``summary`` then has what
        :class:`~.value.NonContractualCLV` needs with seasons, and every model forecasts by their clock.

    Raises
    ------
    DataError
        Fewer than 50 customers had bought before the window, or nobody bought in it: nothing to choose by.

    Examples
    --------
    >>> import numpy as np
    >>> from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase
    >>> rng = np.random.default_rng(0)
    >>> leaves = leaves_by_purchase(800, 0.8, 2.0, rng, at_first=True)
    >>> rows = draw_customers(np.full(800, 400.0), 200.0, leaves, r=0.9, alpha=40.0, rng=rng)
    >>> choice = choose_purchase_model(rows, rows["later"], days=200)
    >>> choice.errors[choice.name] == min(choice.errors.values())
    True
    """
    bought = summary["T"].notna().to_numpy(dtype=bool)
    rows, came = summary[bought], np.asarray(later, dtype=np.float64)[bought]
    if len(rows) < _FEWEST or not came.any():
        raise DataError(
            f"expected at least {_FEWEST} customers who had bought {days:.0f} days before the data end, and purchases"
            f" since, to choose a purchase model by, got {len(rows)} and {came.sum():.0f}; name one of"
            f" {', '.join(PURCHASE_MODELS)}"
        )
    clock = PurchaseClock(seasons).fit(rows, np.ones(len(rows))) if seasons else None
    told = rows if clock is None else clock.told(rows)
    x, t_x, age = (told[name] for name in ("frequency", "recency", "T"))
    errors = {}
    for name, model in PURCHASE_MODELS.items():
        fitted = model().fit(x, t_x, age)
        if clock is None:
            forecast = fitted.expected_purchases(days, x, t_x, age)
        else:
            forecast = purchases_in_steps(fitted, clock, rows, np.array([0.0, days]))[:, 0]
        off = forecast - came
        errors[name] = float(np.sqrt(np.sqrt(np.mean(off**2)) * np.mean(np.abs(off))))
    return PurchaseChoice(min(errors, key=lambda name: round(errors[name], 9)), errors, len(rows), days)
