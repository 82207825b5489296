"""How fast the purchase models fit and value, beside ``lifetimes`` on the same customers in one run.

Prints, for customers drawn from BG/NBD over two years of daily data: seconds to fit and to value 36 months, ours on
distinct histories and theirs on all rows; log-likelihoods and values beside each other; peak memory of each part.
Each part runs in a process of its own; the whole takes one to three minutes at a million customers.

    python benchmarks/clv_speed.py [--customers 1000000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import time
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from servicelift.core.arrays import Floats
from servicelift.models.fitting.likelihood import quiet_lifetimes
from servicelift.models.purchases.bgnbd import BetaGeoNBD
from servicelift.models.purchases.simulate import draw_customers, leaves_by_purchase

MONTHS, MONTH_DAYS, MONTHLY_RATE = 36, 30, 0.01
TRUTH = (0.6, 60.0, 0.8, 4.0)


@dataclass(frozen=True)
class Part:
    """One package's fit and valuation: seconds, log-likelihood, values and megabytes."""

    fit_seconds: float
    value_seconds: float
    log_likelihood: float
    values: Floats
    megabytes: float


def customers(n: int) -> pd.DataFrame:
    """Return n histories in whole days, of an age up to two years."""
    rng = np.random.default_rng(11)
    r, alpha, a, b = TRUTH
    age = rng.integers(1, 731, n).astype(float)
    return draw_customers(age, 0.0, leaves_by_purchase(n, a, b, rng), r=r, alpha=alpha, rng=rng, whole=True)


def ours(rows: pd.DataFrame, params: pd.Series | None) -> Part:
    """Fit, and value with ``params``, or with what was fitted."""
    columns = [rows[name].to_numpy() for name in ("frequency", "recency", "T")]
    begin = time.perf_counter()
    model = BetaGeoNBD().fit(*columns)
    fitted = time.perf_counter()
    total = model.log_likelihood_
    if params is not None:
        model.params_ = params
    between = time.perf_counter()
    values = model.discounted_expected_purchases(
        *columns,
        horizon_days=MONTHS * MONTH_DAYS,
        annual_discount_rate=(1 + MONTHLY_RATE) ** (365.25 / MONTH_DAYS) - 1,
        step_days=MONTH_DAYS,
        discount_at="end",
    )
    return Part(fitted - begin, time.perf_counter() - between, total, values, _megabytes())


def theirs(rows: pd.DataFrame, params: pd.Series | None) -> Part:
    """Fit on all rows, and value by the loop of ``lifetimes`` with ``params``."""
    x, t_x, age = (rows[name] for name in ("frequency", "recency", "T"))
    with quiet_lifetimes() as lifetimes:
        begin = time.perf_counter()
        fitter = lifetimes.BetaGeoFitter().fit(x, t_x, age)
        fitted = time.perf_counter()
        # Theirs is of scaled times; at their parameters, the same formula gives it in days.
        weight = np.ones(len(rows))
        total = BetaGeoNBD.likelihood(rows, weight)(np.log(fitter.params_.to_numpy(dtype=np.float64)))
        if params is not None:
            fitter.params_ = params
        between = time.perf_counter()
        ones = pd.Series(1.0, index=rows.index)
        values = lifetimes.utils._customer_lifetime_value(
            fitter, x, t_x, age, ones, time=MONTHS, discount_rate=MONTHLY_RATE, freq="D"
        )
        return Part(fitted - begin, time.perf_counter() - between, total, values.to_numpy(), _megabytes())


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(which: Literal["ours", "theirs"], n: int, params: pd.Series | None) -> Part:
    warnings.simplefilter("ignore")
    return (ours if which == "ours" else theirs)(customers(n), params)


def main() -> None:
    """Run both parts apart, and print their ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    n = parser.parse_args().customers
    # Values are compared at the same parameters: those that drew the customers.
    params = pd.Series(TRUTH, index=["r", "alpha", "a", "b"])
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        own, other = (pool.apply(_apart, (which, n, params)) for which in ("ours", "theirs"))
    rows = customers(n)
    distinct = len(rows.drop_duplicates(["frequency", "recency", "T"]))
    print(f"{n} customers, {distinct} distinct histories, days; {MONTHS} months valued")
    print(f"{'':<12}{'fit s':>9}{'value s':>9}{'log-likelihood':>20}{'peak MB':>9}")
    for name, part in (("servicelift", own), ("lifetimes", other)):
        times = f"{part.fit_seconds:>9.2f}{part.value_seconds:>9.2f}"
        print(f"{name:<12}{times}{part.log_likelihood:>20.4f}{part.megabytes:>9.0f}")
    ratios = (other.fit_seconds / own.fit_seconds, other.value_seconds / own.value_seconds)
    print(f"fit {ratios[0]:.1f} times as fast, value {ratios[1]:.1f} times")
    print(f"log-likelihoods apart by {abs(own.log_likelihood / other.log_likelihood - 1):.1e} of themselves")
    print(f"values apart by {np.abs(own.values / other.values - 1).max():.1e} of themselves")


if __name__ == "__main__":
    main()
