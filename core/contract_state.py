"""The state of customers' subscriptions at an instant, as it travels from the tables to the models."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .arrays import Bools, Floats, Positions
from .errors import DataError
from .short_repr import ShortRepr
from .terms import boundaries_passed
from .time import DAYS_PER_MONTH, discount

__all__ = ["LAPSED", "RUNNING", "ContractState"]

RUNNING, LAPSED = "running", "lapsed"
"""States of customers for whom an action can be."""


@dataclass(frozen=True)
class ContractState(ShortRepr):
    """State of n customers' subscriptions, as arrays of shape (n,); times in months, price for one term.

    :meth:`of` is the door: what stands in a state that it made was checked and is not checked again.

    Parameters
    ----------
    running
        Whether a subscription runs.
    term_months, price
        Term of the main subscription, and the price for one term; NaN without any.
    months_to_renewal
        To the next term boundary; NaN where none runs.
    renewals_done
        Term boundaries passed.
    months_since_start, months_since_end
        Since the present spell began, and since the last end; NaN where there is none.
    cancel_pending, ended_involuntary
        Whether the running one is cancelled; whether the last one ended by a failed payment.

    Examples
    --------
    >>> import pandas as pd
    >>> row = dict.fromkeys(ContractState.columns(), 1.0)
    >>> state = ContractState.of(pd.DataFrame([row, row | {"running": 0.0}]))
    >>> len(state), state.running.tolist(), state.take(~state.running).to_frame()["price"].tolist()
    (2, [True, False], [1.0])
    """

    running: Bools
    term_months: Floats
    price: Floats
    months_to_renewal: Floats
    renewals_done: Floats
    months_since_start: Floats
    months_since_end: Floats
    cancel_pending: Bools
    ended_involuntary: Bools

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Return the names of the columns of a frame of states, in order."""
        return tuple(f.name for f in fields(cls))

    @classmethod
    def of(cls, frame: pd.DataFrame, rows: int | None = None) -> ContractState:
        """Check a frame of contract states and return it as arrays; its index does not matter.

        Parameters
        ----------
        frame
            One row a customer, with the columns :meth:`columns`; flags as bool or number, missing is false.
        rows
            The expected number of rows; None: any.

        Raises
        ------
        DataError
            A column is missing, the length is wrong, or a running row lacks a positive term, a price or its
            months to renewal.
        """
        missing = [name for name in cls.columns() if name not in frame.columns]
        if missing:
            raise DataError(f"contract: expected the column '{missing[0]}', it is missing; see contract_state")
        number = {name: _numbers(frame[name]) for name in cls.columns()}
        state = cls(
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
        state.check_length(len(state) if rows is None else rows)
        _check_running(state)
        return state

    def check_length(self, rows: int) -> None:
        """Check that there are n = ``rows`` rows.

        Raises
        ------
        DataError
            There are not.
        """
        if len(self) != rows:
            raise DataError(f"contract: expected {rows} rows as in features, got {len(self)}")

    def to_frame(self) -> pd.DataFrame:
        """Return the frame that :meth:`of` reads, (n, 9), rows numbered from 0."""
        return pd.DataFrame({name: getattr(self, name) for name in self.columns()})

    def __repr__(self) -> str:
        """Return the number of rows alone: all arrays have it."""
        return f"{type(self).__name__}({len(self):,})"

    def __len__(self) -> int:
        """Return n."""
        return len(self.running)

    def take(self, rows: Bools | Positions | slice) -> ContractState:
        """Return the chosen rows."""
        return ContractState(**{name: getattr(self, name)[rows] for name in self.columns()})

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


def _check_running(state: ContractState) -> None:
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


def _numbers(column: pd.Series[Any]) -> Floats:
    return np.asarray(pd.to_numeric(column).to_numpy(dtype=float, na_value=np.nan))
