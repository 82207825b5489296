"""What a retention campaign earns where each customer has a worth and costs of their own.

The profit of one customer is that of Verbraken, Verbeke & Baesens 2013 ("A novel profit maximizing metric for measuring
classification performance of customer churn prediction models", IEEE TKDE 25(5)) with the customer's own CLV_i,
incentive d_i and contact cost f_i: a would-be churner accepts with probability gamma and is then worth CLV_i - d_i; a
loyal customer always accepts. Contacting pays where the expected profit is above 0,

p_i (gamma (CLV_i - d_i) - f_i) > (1 - p_i) (d_i + f_i).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ...core.arrays import Floats
from ...core.errors import DataError
from ...core.short_repr import ShortRepr

__all__ = ["CustomerProfit", "CustomerTerms", "customer_profit", "expected_profit"]


@dataclass(frozen=True)
class CustomerTerms(ShortRepr):
    """What each saved customer is worth (``clv``), the costs of incentive and contact, all money (n,); acceptance."""

    clv: Floats
    incentive_cost: Floats
    contact_cost: Floats
    accept_rate: float


@dataclass(frozen=True)
class CustomerProfit:
    """Profit a customer of the base, in money.

    Parameters
    ----------
    profit
        Of contacting those whose expected profit is above 0.
    share
        Share of the base that is contacted.
    everybody
        Of contacting everybody; nobody earns 0.
    best
        Of contacting just those whom it turned out to pay for: what no forecast exceeds.
    """

    profit: float
    share: float
    everybody: float
    best: float


def expected_profit(p: ArrayLike, terms: CustomerTerms) -> Floats:
    """Return the expected profit (n,) of contacting each customer, in money, from probabilities of leaving (n,)."""
    risk = np.asarray(p, dtype=np.float64)
    return risk * _saved(terms) - (1 - risk) * _spent(terms)


def customer_profit(y: ArrayLike, p: ArrayLike, terms: CustomerTerms) -> CustomerProfit:
    """Return what contacting by expected profit would have earned.

    Parameters
    ----------
    y, p
        Outcome (1 = left) and probability of leaving (n,).
    terms
        Worth and costs of each.

    Raises
    ------
    DataError
        Lengths differ, a value is missing or a cost is below 0, or there is nobody.
    """
    truth = np.asarray(y, dtype=np.float64)
    columns = {"clv": terms.clv, "incentive_cost": terms.incentive_cost, "contact_cost": terms.contact_cost}
    for name, values in columns.items():
        if np.shape(values) != truth.shape or not len(truth):
            raise DataError(f"{name}: expected one value a customer ({len(truth)}), got {np.size(values)}")
        if not np.isfinite(values).all() or (np.asarray(values) < 0).any():
            raise DataError(f"{name}: expected money of 0 or more for every customer; fill in or correct the others")
    each = np.where(truth == 1, _saved(terms), -_spent(terms))
    contacted = expected_profit(p, terms) > 0
    return CustomerProfit(
        float(np.mean(each * contacted)),
        float(np.mean(contacted)),
        float(np.mean(each)),
        float(np.mean(np.maximum(each, 0.0))),
    )


def _saved(terms: CustomerTerms) -> Floats:
    """Return the mean profit of contacting one who is about to leave."""
    return np.asarray(terms.accept_rate * (terms.clv - terms.incentive_cost) - terms.contact_cost)


def _spent(terms: CustomerTerms) -> Floats:
    """Return what contacting one who stays costs."""
    return np.asarray(terms.incentive_cost + terms.contact_cost)
