"""Two models on the same rows: the difference of their losses, with an interval over customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..core.arrays import Floats
from ..core.errors import DataError

__all__ = ["Paired", "mean_loss", "paired_difference"]


@dataclass(frozen=True)
class Paired:
    """Loss of the first model less that of the second, with the ends of its interval; below 0 the first is better."""

    difference: float
    low: float
    high: float

    @property
    def better(self) -> bool:
        """Whether the first model is better beyond noise."""
        return self.high < 0


def mean_loss(losses: Floats, weight: Floats | None = None, *, root: bool = False) -> float:
    """Return the weighted mean of row losses (n,), or its square root; NaN without rows."""
    total = float(len(losses)) if weight is None else float(weight.sum())
    if not total:
        return float("nan")
    mean = float(np.sum(losses if weight is None else losses * weight)) / total
    return float(np.sqrt(mean)) if root else mean


def paired_difference(
    first: Floats,
    second: Floats,
    customers: ArrayLike,
    *,
    seed: int,
    weight: Floats | None = None,
    root: bool = False,
    draws: int = 1000,
    level: float = 0.95,
) -> Paired:
    """Return the difference of two mean losses on the same n rows, with a percentile interval.

    The interval is a Bayesian bootstrap (Rubin 1981) over customers: a customer's rows share one exponential weight,
    the same for both models, so what they find equally hard cancels out.

    Parameters
    ----------
    first, second
        Losses of the two models (n,), row by row.
    customers
        Customer of each row (n,).
    seed
        Seed of the weights.
    weight
        Weights of the rows (n,); all the same if None.
    root
        Whether the loss is the square root of the mean, as RMSE is.
    draws, level
        Bootstrap draws, and the share of them within the interval.

    Raises
    ------
    DataError
        No rows, or lengths that differ.
    """
    if not len(first) or not len(first) == len(second) == len(np.asarray(customers)):
        raise DataError(f"expected losses of the same rows, got {len(first)} and {len(second)}")
    codes = pd.factorize(np.asarray(customers))[0]
    rows = np.ones(len(first)) if weight is None else weight
    parts = np.stack([np.bincount(codes, rows * x) for x in (first, second, np.ones(len(first)))])
    rng = np.random.default_rng(seed)
    drawn = np.stack([parts @ rng.standard_exponential(parts.shape[1]) for _ in range(draws)])
    means = drawn[:, :2] / drawn[:, [2]]
    means = np.sqrt(means) if root else means
    low, high = np.quantile(means[:, 0] - means[:, 1], [(1 - level) / 2, (1 + level) / 2])
    difference = mean_loss(first, weight, root=root) - mean_loss(second, weight, root=root)
    return Paired(difference, float(low), float(high))
