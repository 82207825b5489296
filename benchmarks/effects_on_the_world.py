"""True beside estimated effect of every action on the built-in world, over several seeds.

Prints, for each action and design, the true and the estimated total, whether the interval covers the truth, and the
naive figure; then bias and coverage pooled over seeds; and churn AUC and log loss beside logistic regression.
Finished seeds are kept in --work and not run again.

    python benchmarks/effects_on_the_world.py --seeds 101 102 103 104 105 --customers 20000 --work DIR
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.core.config import load_config
from servicelift.core.time import instant
from servicelift.scoring.roi import roi
from servicelift.simulation.compare import beside_truth
from servicelift.simulation.write import simulate
from servicelift.training.job import train

SINCE = "2022-09-01"


def one_seed(work: Path, seed: int, customers: int, draws: int) -> pd.DataFrame:
    """Return truth beside estimate for one world, from the checkpoint if there is one."""
    folder = work / f"seed-{seed}-{customers}"
    done = folder / "effects.parquet"
    if done.exists():
        return pd.read_parquet(done)
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"[{time.monotonic() - started:7.1f} s] seed {seed}: {step}", file=sys.stderr, flush=True)

    path = folder / "world" / "press.yaml"
    if not path.exists():
        simulate(folder / "world", customers=customers, seed=seed, say=say)
    config = load_config(path)
    incremental = config.incremental.model_copy(update={"bootstrap": draws, "contrasts": {}})
    config = config.model_copy(update={"incremental": incremental})
    trained = train(config, say=say)
    churn = next(m for m in trained.judged if m.name == config.model_name("churn"))
    (folder / "churn.json").write_text(json.dumps({"log loss": churn.loss, **churn.beside}), encoding="utf-8")
    end = instant(config.data_until or "", config.timezone)
    stated = roi(config, instant(SINCE, config.timezone), end, folder / "roi", say=say)
    table = beside_truth(folder / "world" / "truth", stated.rows, stated.judged).assign(seed=seed)
    table["headline"] = stated.rows["headline"].to_numpy()
    table.to_parquet(done)
    return table


def pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return bias and coverage by action and design; effects for one treated customer."""
    each = rows.assign(
        true_effect=rows["truth"] / rows["treated"],
        effect=rows["estimate"] / rows["treated"],
        naive_effect=rows["naive"] / rows["treated"],
        half_width=(rows["high"] - rows["low"]) / 2 / rows["treated"],
    )
    each["error"] = each["effect"] - each["true_effect"]
    return each.groupby(["action", "design"], sort=False).agg(
        seeds=("seed", "nunique"),
        true_effect=("true_effect", "mean"),
        effect=("effect", "mean"),
        bias=("error", "mean"),
        spread=("error", "std"),
        half_width=("half_width", "mean"),
        covered=("covered", "mean"),
        naive_effect=("naive_effect", "mean"),
        pays=("verdict", lambda v: int((v == "pays").sum())),
        loses=("verdict", lambda v: int((v == "loses").sum())),
    )


def main() -> None:
    """Run the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101])
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--draws", type=int, default=20, help="bootstrap draws")
    parser.add_argument("--work", type=Path, default=Path("demo/bench"))
    asked = parser.parse_args()
    rows = pd.concat(
        [one_seed(asked.work, seed, asked.customers, asked.draws) for seed in asked.seeds], ignore_index=True
    )
    shown = ["seed", "action", "design", "treated", "truth", "estimate", "low", "high", "covered", "naive", "verdict"]
    print(rows[shown].to_string(index=False, float_format=lambda v: f"{v:,.0f}"))
    print(f"\nfor one treated customer, over {len(asked.seeds)} seeds of {asked.customers:,} customers")
    print(pooled(rows).round(2).to_string())
    print(f"\nintervals that cover the truth: {rows['covered'].sum()} of {len(rows)}")
    for seed in asked.seeds:
        figures = json.loads((asked.work / f"seed-{seed}-{asked.customers}" / "churn.json").read_text())
        print(f"seed {seed} churn: " + ", ".join(f"{k} {v:.4f}" for k, v in figures.items()))
    errors = (rows["estimate"] - rows["truth"]) / rows["treated"]
    print(f"root mean squared error of an effect: {np.sqrt((errors**2).mean()):.2f} a treated customer")


if __name__ == "__main__":
    main()
