"""Purchase models beside the naive rate and the mean, on real purchases and on the built-in world.

Prints, for all customers of CDNOW (39 weeks known, 39 predicted), UCI Online Retail (nine months known, 100 days
predicted) and the single copies of the built-in press publisher (half a year predicted): bias, MAE, RMSE, Spearman,
normalised Gini and the value share of the best-predicted fifth, for purchases and for revenue; then deciles of
revenue by the best model. Whichever wins is printed, and which one `purchase_model: auto` would have chosen before, on
the last days that were known. Last, how often 95% prediction intervals hold what comes, on
customers drawn from each model.

    SERVICELIFT_DATA=DIR python benchmarks/clv_backtest.py [--customers 20000] [--seeds 5]
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import astuple
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.models.purchases.backtest import Backtest, backtest, summarise
from servicelift.models.purchases.choice import PurchaseChoice, choose_purchase_model
from servicelift.models.purchases.coverage import interval_coverage
from servicelift.models.purchases.value import PURCHASE_MODELS
from servicelift.simulation.write import simulate

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("SERVICELIFT_DATA", ROOT.parent / "shared" / "data"))


def cdnow() -> pd.DataFrame:
    """Return every purchase of CDNOW; the file ships inside ``lifetimes``."""
    spec = find_spec("lifetimes")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "datasets" / "CDNOW_master.txt"
    names = ["customer_id", "day", "discs", "amount"]
    raw = pd.read_csv(file, sep=r"\s+", header=None, skiprows=1, names=names)
    return raw.assign(day=pd.to_datetime(raw["day"].astype(str)))


def online_retail() -> pd.DataFrame:
    """Return the sales of UCI Online Retail with a customer and a price."""
    columns = ["CustomerID", "InvoiceDate", "Quantity", "UnitPrice"]
    raw = pd.read_parquet(DATA / "clv" / "online_retail_uci.parquet", columns=columns)
    sold = raw[raw["CustomerID"].notna() & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)]
    sold = sold.assign(day=sold["InvoiceDate"].dt.normalize(), amount=sold["Quantity"] * sold["UnitPrice"])
    return sold.rename(columns={"CustomerID": "customer_id"})


def world(customers: int) -> pd.DataFrame:
    """Return the single copies that the customers of the built-in world bought."""
    with tempfile.TemporaryDirectory() as folder:
        simulate(Path(folder), customers=customers, seed=7)
        payments = pd.read_parquet(Path(folder) / "payments.parquet")
    copies = payments[(payments["kind"] == "one_off") & (payments["status"] == "paid")]
    return copies.assign(day=pd.to_datetime(copies["paid_at"]).dt.normalize(), amount=copies["amount"].astype(float))


def data(customers: int) -> Iterator[tuple[str, pd.DataFrame, pd.Timestamp, int]]:
    """Yield name, purchases, first day predicted and days predicted of the data that are there."""
    yield "CDNOW", cdnow(), pd.Timestamp("1997-10-01"), 273
    if (DATA / "clv" / "online_retail_uci.parquet").is_file():
        yield "UCI Online Retail", online_retail(), pd.Timestamp("2011-09-01"), 100
    else:
        print("UCI Online Retail: left out, 'clv/online_retail_uci.parquet' is not in $SERVICELIFT_DATA")
    if customers:
        yield "Built-in world", world(customers), pd.Timestamp("2024-01-01"), 182


def backtests(customers: int) -> Iterator[tuple[str, Backtest, PurchaseChoice]]:
    """Yield the backtests whose data are there, and the model chosen by what was known before each."""
    for name, purchases, as_of, days in data(customers):
        yield name, backtest(purchases, as_of=as_of, horizon_days=days), chosen_before(purchases, as_of, days)


def chosen_before(purchases: pd.DataFrame, as_of: pd.Timestamp, horizon_days: int) -> PurchaseChoice:
    """Return the model chosen on the days before ``as_of``: as many as are predicted, at most half of those known."""
    known = purchases[purchases["day"] < as_of]
    days = min(horizon_days, (as_of - known["day"].min()).days // 2)
    begins = as_of - pd.Timedelta(days=days)
    summary = summarise(known, begins)
    later = known[known["day"] >= begins].groupby("customer_id")["day"].nunique()
    return choose_purchase_model(summary, later.reindex(summary.index).fillna(0.0), days=days)


def main() -> None:
    """Run everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=20_000, help="of the built-in world; 0 leaves it out")
    parser.add_argument("--seeds", type=int, default=5, help="of the coverage, 2,000 customers each")
    chosen = parser.parse_args()
    for name, result, choice in backtests(chosen.customers):
        print(f"\n{name}: " + "\n".join(result.lines()))
        errors = ", ".join(f"{model} {error:.3f}" for model, error in choice.errors.items())
        print(f"purchase_model: auto takes {choice.name}; errors on the {choice.days:.0f} days before: {errors}")
        best = min(PURCHASE_MODELS, key=lambda model: result.revenue.reports[model].rmse)
        print(f"revenue by tenths of its prediction by {best}, the best of the models by RMSE")
        print(result.revenue.deciles[best].round(2).to_string(index=False))
    print(f"\n95% intervals over 24 months, {chosen.seeds} seeds of 2,000 customers drawn from each model")
    print(f"{'':<10}{'inside':>8}{'below':>8}{'above':>8}{'best 20%':>10}{'bias':>8}")
    for model in PURCHASE_MODELS:
        runs = [interval_coverage(model, customers=2_000, seed=seed) for seed in range(chosen.seeds)]
        inside, below, above, active, bias, _ = np.mean([astuple(run) for run in runs], axis=0)
        print(f"{model:<10}{inside:>8.1%}{below:>8.1%}{above:>8.1%}{active:>10.1%}{bias:>+8.1%}")


if __name__ == "__main__":
    main()
