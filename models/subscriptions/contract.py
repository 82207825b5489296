"""Terms, renewals and months ahead: which lead months hold a term boundary, and when it is paid.

Lead month k covers the time from k - 1 to k months after the landmark. Term boundaries fall
``months_to_renewal + j * term_months`` months after it, j = 0, 1, ...
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Floats, Positions
from ...core.contract_state import ContractState

__all__ = ["BUCKET_STARTS", "TERM_CLASSES", "ContractLike", "bucket_of", "read_contract", "term_class", "totals"]

ContractLike: TypeAlias = pd.DataFrame | ContractState
"""Contract states as an estimator takes them: a frame, which is checked, or the state that was made of one."""


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


def read_contract(contract: ContractLike, rows: int) -> ContractState:
    """Return contract states as arrays; a frame is checked, of a :class:`ContractState` only the length.

    Parameters
    ----------
    contract
        Columns as :meth:`ContractState.columns`.
    rows
        The expected number of rows.

    Raises
    ------
    DataError
        As :meth:`ContractState.of`.
    """
    if isinstance(contract, pd.DataFrame):
        return ContractState.of(contract, rows)
    contract.check_length(rows)
    return contract
