"""A win-back offer to customers whose subscription ended: estimated effect beside the truth, over several worlds.

The built-in world with its optional win-back campaign. Agents choose by what the tables show (how long ago the
subscription ended, product, tenure, earlier offers); some of the chosen are held out. Some customers would have come
back by themselves, so the plain difference is no effect. For each design (held out at random; drawn from customers as
long gone) the table has bias with its error, spread, mean standard error over spread, and how often the interval
covers. The last columns are the effect without the forecast beyond the follow-up, and how many customers came back.

    python benchmarks/win_back_truth.py --seeds 301 302 303 304 --customers 4000 --work DIR
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from servicelift.core.config.business import Config
from servicelift.core.time import instant
from servicelift.features.tables.tables import Tables, tables_from_frames
from servicelift.features.trials.decisions import designs
from servicelift.features.trials.follow_up import trial_data
from servicelift.models.actions.effect import estimate_action, settings_of
from servicelift.simulation.contract_tables import Simulated, simulate_frames
from servicelift.simulation.settings import TruthSettings, WorldConfig
from servicelift.simulation.truth_tables import truth_of_decisions
from servicelift.simulation.win_back import WIN_BACK
from servicelift.simulation.win_back_settings import WinBackSettings
from servicelift.simulation.write import press_config
from servicelift.training.clv import fit_unjudged
from servicelift.training.clv_landmarks import landmarks

SINCE = "2022-09-01"


def world_of(customers: int, seed: int, replicates: int) -> Simulated:
    """Return a world with a win-back campaign."""
    truth = TruthSettings(replicates_step=replicates, replicates_most=replicates)
    return simulate_frames(customers, seed, WorldConfig(win_back=WinBackSettings(), truth=truth))


def tables_of(world: Simulated, seed: int, *, draws: int, cross_fits: int) -> Tables:
    """Return the tables of a world."""
    text = yaml.safe_load(press_config(seed, world.data_until, win_back=True))
    text["incremental"] |= {"bootstrap": draws, "cross_fits": cross_fits}
    return tables_from_frames(world.tables, Config.model_validate(text))


def one_seed(seed: int, *, customers: int, draws: int, cross_fits: int, replicates: int) -> pd.DataFrame:
    """Return truth beside estimate for one world, one row a design; EUR a treated customer."""
    world = world_of(customers, seed, replicates)
    known = truth_of_decisions(world, WIN_BACK, seed)[0].set_index("action_id")
    tables = tables_of(world, seed, draws=draws, cross_fits=cross_fits)
    clv = fit_unjudged(tables, lambda _: None, landmarks(tables))
    rows = []
    for design in designs(tables, WIN_BACK.name):
        trial = trial_data(
            tables,
            WIN_BACK.name,
            since=instant(SINCE, tables.config.timezone),
            until=tables.data_until,
            design=design,
            seed=seed,
        )
        found = estimate_action(trial, clv, settings_of(tables.config, WIN_BACK.name), late=False)
        true = known.loc[trial.units.loc[trial.treated == 1, "action_id"].astype(str)]
        parts = found.decomposition
        check = found.surrogate_check
        rows.append(
            {
                "seed": seed,
                "design": str(design),
                "treated": len(true),
                "controls": int((trial.treated == 0).sum()),
                "effective": found.overlap.effective_controls,
                "truth": true["tau"].mean(),
                "truth_se": float((true["tau_se"] ** 2).sum() ** 0.5 / len(true)),
                "estimate": found.effect.estimate,
                "std_error": found.effect.std_error,
                "low": found.effect.low,
                "high": found.effect.high,
                "naive": found.effect.naive,
                "check": np.nan if check is None else check.effect.estimate,
                "alarm": check is not None and check.excludes_zero,
                "placebo": found.placebo.shown,
                "realised": np.nan if parts is None else parts.realised.estimate,
                "won_back": np.nan if parts is None or parts.won_back is None else parts.won_back.estimate,
                "retention": np.nan if parts is None else parts.paths["retention_voluntary"].estimate,
            }
        )
    return pd.DataFrame(rows)


def pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return bias, spread and coverage by design."""
    each = rows.assign(
        error=rows["estimate"] - rows["truth"],
        covered=(rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"]),
    )
    table = each.groupby("design", sort=False).agg(
        seeds=("seed", "nunique"),
        treated=("treated", "mean"),
        truth=("truth", "mean"),
        estimate=("estimate", "mean"),
        bias=("error", "mean"),
        spread=("error", "std"),
        std_error=("std_error", "mean"),
        covered=("covered", "sum"),
        naive=("naive", "mean"),
        alarms=("alarm", "sum"),
        placebos=("placebo", "sum"),
        realised=("realised", "mean"),
        won_back=("won_back", "mean"),
    )
    table.insert(5, "bias_std_error", table["spread"] / np.sqrt(table["seeds"]))
    return table


def main() -> None:
    """Run the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[301])
    parser.add_argument("--customers", type=int, default=4_000)
    parser.add_argument("--draws", type=int, default=12, help="bootstrap draws of the CLV model, 10 or more")
    parser.add_argument("--cross-fits", type=int, default=2, help="times that folds are drawn anew")
    parser.add_argument("--replicates", type=int, default=16, help="lives of each decision that the truth is made of")
    parser.add_argument("--work", type=Path, default=Path("demo/bench-win-back"))
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    parts = []
    for seed in asked.seeds:
        kept = asked.work / f"{seed}-{asked.customers}-{asked.draws}-{asked.cross_fits}-{asked.replicates}.parquet"
        if not kept.exists():
            began = time.process_time()
            found = one_seed(
                seed,
                customers=asked.customers,
                draws=asked.draws,
                cross_fits=asked.cross_fits,
                replicates=asked.replicates,
            )
            found.to_parquet(kept)
            print(f"seed {seed}: {time.process_time() - began:.0f} s of CPU", file=sys.stderr, flush=True)
        parts.append(pd.read_parquet(kept))
    rows = pd.concat(parts, ignore_index=True)
    print(rows.round(2).to_string(index=False))
    print(f"\nEUR for one treated customer, over {len(asked.seeds)} seeds of {asked.customers:,} customers")
    print(pooled(rows).round(2).to_string())


if __name__ == "__main__":
    main()
