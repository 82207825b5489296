"""Half-sampling of whole customers: the spread over random halves is the standard error on all of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ...core.arrays import Bools
from ...core.errors import ModelError

__all__ = ["half_samples"]


def half_samples(groups: ArrayLike, *, draws: int, seed: int) -> Iterator[Bools]:
    """Yield ``draws`` masks (n,), each of the units of a random half of the customers.

    Drawn without replacement, a statistic's spread over halves is its standard error on all customers (Chung & Romano
    2013; Yadlowsky et al. 2025, section 3.2): a half has twice the variance, and the same data take half of it away.

    Parameters
    ----------
    groups
        Customer of each unit, (n,).
    draws, seed
        Number of halves, and their seed; the same for two statistics makes their difference a paired one.

    Raises
    ------
    ModelError
        Fewer than 4 customers.
    """
    codes, customers = pd.factorize(np.asarray(groups))
    if len(customers) < 4:
        raise ModelError(f"expected at least 4 customers for an interval, got {len(customers)}")
    rng = np.random.default_rng(seed)
    for _ in range(draws):
        taken = np.zeros(len(customers), dtype=bool)
        taken[rng.permutation(len(customers))[: len(customers) // 2]] = True
        yield taken[codes]
