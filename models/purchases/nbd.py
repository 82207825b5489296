"""The NBD: customers differ in how often they buy, and nobody leaves. The limit of every purchase model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.special import gammaln

from ...core.arrays import Floats, Positions
from ..fitting.likelihood import Fit, maximise, unique_rows

__all__ = ["distinct_counts", "fit_nbd", "mean_age", "nbd_log_likelihood"]


def nbd_log_likelihood(theta: Floats, x: Floats, T: Floats, weight: Floats) -> float:
    """Return the total log-likelihood of log(r, alpha) where nobody ever leaves."""
    r, alpha = np.exp(theta)
    return float(np.sum(weight * (gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + T))))


def fit_nbd(rows: pd.DataFrame, weight: Floats) -> tuple[Fit, Callable[[Floats], float]]:
    """Return the best fit without dropout and its likelihood; it depends on x and T alone.

    Parameters
    ----------
    rows
        Distinct frequency, recency and T.
    weight
        Customers of each, (n,).
    """
    pairs, of_pair = distinct_counts(rows)
    count = np.bincount(of_pair, weights=weight, minlength=len(pairs)).astype(np.float64)
    x, age = (pairs[name].to_numpy(dtype=np.float64) for name in ("frequency", "T"))
    centre = np.array([0.0, np.log(mean_age(rows, weight))])

    def nbd(theta: Floats) -> float:
        return nbd_log_likelihood(theta, x, age, count)

    starts = [np.array([s, s]) + centre for s in (-1.5, 0.0, 1.0)]
    return maximise(nbd, starts, np.log([1e-4, 1e-6]) + centre, np.log([1e4, 1e4]) + centre), nbd


def mean_age(rows: pd.DataFrame, weight: Floats) -> float:
    """Return the mean T of the customers, at least 1e-6: the unit in which times are searched."""
    return max(float(np.average(rows["T"], weights=weight)), 1e-6)


def distinct_counts(rows: pd.DataFrame) -> tuple[pd.DataFrame, Positions]:
    """Return the distinct (x, T) and the place of each row among them."""
    pairs, _, place = unique_rows({"frequency": rows["frequency"], "T": rows["T"]})
    return pairs, place
