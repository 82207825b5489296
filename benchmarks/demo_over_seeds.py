"""Do the demo's intervals hold what they promise? Its statement on many seeds, each beside the truth.

For each seed the demo's world is simulated, its CLV model fitted and its statement estimated, all with the demo's own
sizes; churn models, scores and lists are left out. Prints every row, then by action and design how often the 95%
interval covers the truth, bias and spread. A seed that is done is kept in --work and not run again.

    python benchmarks/demo_over_seeds.py --seeds 1 2 3 4 5 6 7 8 --work DIR
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.core.config.business import Config, load_config
from servicelift.core.time import instant
from servicelift.demo import CUSTOMERS, DECISION_MONTHS, demo_config
from servicelift.features.tables.tables import open_tables
from servicelift.scoring.statement.estimate import fit_statement
from servicelift.scoring.statement.rows import Period, statement_rows
from servicelift.simulation.compare import beside_truth
from servicelift.simulation.write import simulate
from servicelift.training.clv import fit_unjudged
from servicelift.training.clv_landmarks import landmarks


def without_contrasts(config: Config) -> Config:
    """Return the demo's configuration without contrasts, which have no truth to stand beside."""
    small = demo_config(config)
    return small.model_copy(update={"incremental": small.incremental.model_copy(update={"contrasts": {}})})


def one_seed(seed: int, customers: int, work: Path) -> pd.DataFrame:
    """Return truth beside estimate of one world; from the file if it is there."""
    kept = work / f"demo-{customers}-{seed}.csv"
    if kept.exists():
        return pd.read_csv(kept)
    began = time.process_time()
    folder = work / f"world-{customers}-{seed}"
    if not (folder / "press.yaml").exists():
        simulate(folder, customers=customers, seed=seed)
    tables = open_tables(without_contrasts(load_config(folder / "press.yaml")))
    until = instant(tables.config.data_until or "", tables.config.timezone)
    since = until - pd.DateOffset(months=DECISION_MONTHS)
    clv = fit_unjudged(tables, lambda _: None, landmarks(tables))
    estimates = fit_statement(tables, clv, since, until, lambda _: None)
    rows = statement_rows(Period.of(tables, since, until), estimates).rows
    treated = [one.trial.units.loc[one.trial.treated == 1, "action_id"].astype(str) for one in estimates.estimated]
    table = beside_truth(folder / "truth", rows, [tuple(ids) for ids in treated])
    table.insert(0, "seed", seed)
    table["headline"] = rows["headline"].to_numpy()
    table.to_csv(kept, index=False)
    print(f"seed {seed}: {time.process_time() - began:.0f} CPU seconds", file=sys.stderr, flush=True)
    return table


def pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return coverage, bias and spread by action and design, EUR a treated customer."""
    each = rows[["action", "design", "seed", "covered", "verdict"]].assign(
        **{name: rows[name] / rows["treated"] for name in ("truth", "estimate", "low", "high", "naive")}
    )
    each["error"] = each["estimate"] - each["truth"]
    table = each.groupby(["action", "design"], sort=False).agg(
        seeds=("seed", "nunique"),
        truth=("truth", "mean"),
        estimate=("estimate", "mean"),
        bias=("error", "mean"),
        spread=("error", "std"),
        low=("low", "mean"),
        high=("high", "mean"),
        naive=("naive", "mean"),
        covered=("covered", "sum"),
        pays=("verdict", lambda verdict: int((verdict == "pays").sum())),
    )
    table.insert(4, "bias_std_error", table["spread"] / np.sqrt(table["seeds"]))
    return table


def main() -> None:
    """Run the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(1, 9)))
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--work", type=Path, default=Path("demo/seeds"))
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    rows = pd.concat([one_seed(seed, asked.customers, asked.work) for seed in asked.seeds], ignore_index=True)
    shown = {"float_format": lambda value: f"{value:,.1f}"}
    print(rows.to_string(index=False, **shown))
    print(f"\nEUR a treated customer, over {len(asked.seeds)} worlds of {asked.customers:,} customers")
    print(pooled(rows).to_string(**shown))
    for name, part in {"all rows": rows, "headline rows": rows[rows["headline"]]}.items():
        inside = int(part["covered"].sum())
        print(f"{name}: the 95% interval covers the truth in {inside} of {len(part)} ({inside / len(part):.0%})")


if __name__ == "__main__":
    main()
