"""Terms, renewals and months ahead: which lead months hold a term boundary, and when it is paid.

Lead month k covers the time from k - 1 to k months after the landmark. Term boundaries fall
``months_to_renewal + j * term_months`` months after it, j = 0, 1, ...
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Bools, Floats, Positions
from ...core.errors import DataError
from ...core.short_repr import ShortRepr
from ...core.terms import boundaries_passed
from ...core.time import DAYS_PER_MONTH, discount

__all__ = ["BUCKET_STARTS", "TERM_CLASSES", "ContractState", "bucket_of", "read_contract", "term_class", "totals"]


BUCKET_STARTS = np.array([1, 4, 7, 13, 25])
"""First lead month of each bucket of leads: 1-3, 4-6, 7-12, 13-24, 25 and later."""

TERM_CLASSES = ("monthly", "quarterly", "half-yearly", "yearly", "longer")
_TERM_LIMITS = np.array([1.5, 4.5, 9.0, 18.0])


def bucket_of(lead: Positions) -> Positions:
    """Return the bucket (0, 1, ...) of each lead month."""
    return np.searchsorted(BUCKET_STARTS, lead, side="right") - 1


def term_class(term_months: Floats) -> Positions:
    """Return the position in :data:`TERM_CLASSES` of each term length in months."""
    return np.searchsorted(_TERM_LIMITS, term_months, side="left")


def totals(place: Positions, amount: ArrayLike, size: int) -> Floats:
    """Return the sums of ``amount`` (N,) by ``place`` (N,) in 0..``size`` - 1, (size,)."""
    return np.bincount(place, np.asarray(amount, dtype=float), size).astype(float)


@dataclass(frozen=True)
class ContractState(ShortRepr):
    """State of n customers' subscriptions, as arrays of shape (n,); times in months, price for one term."""

    running: Bools
    term_months: Floats
    price: Floats
    months_to_renewal: Floats
    renewals_done: Floats
    months_since_start: Floats
    months_since_end: Floats
    cancel_pending: Bools
    ended_involuntary: Bools

    def __len__(self) -> int:
        """Return n."""
        return len(self.running)

    def take(self, rows: Bools | Positions | slice) -> ContractState:
        """Return the chosen rows."""
        return ContractState(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def boundaries_until(self, months: ArrayLike) -> Floats:
        """Return how many term boundaries fall in (0, months], broadcast over rows."""
        return boundaries_passed(months, self.months_to_renewal, self.term_months)

    def boundaries(self, months: int) -> Floats:
        """Return the boundaries passed by the end of month 0, 1, ..., ``months``: (n, months + 1)."""
        return boundaries_passed(np.arange(months + 1.0), self.months_to_renewal[:, None], self.term_months[:, None])

    def discounted_payments(self, boundaries: Floats, annual_rate: float) -> Floats:
        """Return the sum of discount factors of the boundaries in each lead month, (n, months).

        Parameters
        ----------
        boundaries
            What :meth:`boundaries` returned.
        annual_rate
            Yearly discount rate.
        """
        before, count = boundaries[:, :-1], np.diff(boundaries, axis=1)
        middle = before + np.maximum(count - 1, 0) / 2
        when = self.months_to_renewal[:, None] + self.term_months[:, None] * middle
        return count * discount(when * DAYS_PER_MONTH, annual_rate)


def read_contract(contract: pd.DataFrame, rows: int) -> ContractState:
    """Check a frame of contract states and return it as arrays.

    Parameters
    ----------
    contract
        Columns running, term_months, price, months_to_renewal, renewals_done, months_since_start,
        months_since_end, cancel_pending, ended_involuntary.
    rows
        The expected number of rows.

    Raises
    ------
    DataError
        A column is missing, the length is wrong, or a running row lacks a positive term, a price or its
        months to renewal.
    """
    missing = [f.name for f in fields(ContractState) if f.name not in contract.columns]
    if missing:
        raise DataError(f"contract: expected the column '{missing[0]}', it is missing; see contract_state")
    if len(contract) != rows:
        raise DataError(f"contract: expected {rows} rows as in features, got {len(contract)}")
    number = {f.name: _numbers(contract[f.name]) for f in fields(ContractState)}
    state = ContractState(
        running=number["running"] > 0,
        term_months=number["term_months"],
        price=number["price"],
        months_to_renewal=number["months_to_renewal"],
        renewals_done=number["renewals_done"],
        months_since_start=number["months_since_start"],
        months_since_end=number["months_since_end"],
        cancel_pending=number["cancel_pending"] > 0,
        ended_involuntary=number["ended_involuntary"] > 0,
    )
    checks = {
        "term_months": state.term_months > 0,
        "months_to_renewal": state.months_to_renewal >= 0,
        "renewals_done": state.renewals_done >= 0,
        "price": state.price >= 0,
    }
    for name, holds in checks.items():
        wrong = state.running & ~holds
        if wrong.any():
            raise DataError(
                f"contract: expected a known {name} of each running subscription, not negative (a term above 0),"
                f" {int(wrong.sum())} rows have none; mend the subscriptions table"
            )
    return state


def _numbers(column: pd.Series[Any]) -> Floats:
    return np.asarray(pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan))
