"""Do the doubts catch agents who see more than the tables show? The built-in world, with and without.

In the first world choice rests on what the tables hold; in the second also on loyalty, which nobody records. Prints
truth, estimate, doubts and verdict of every action and design. Finished worlds are kept in --work and not run again.

    python benchmarks/hidden_confounder.py --customers 20000 --seed 101 --work DIR
    python benchmarks/hidden_confounder.py --actions complaint_recovery retention_offer iban_switch --cross-fits 1
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
from servicelift.core.config import load_config
from servicelift.core.time import instant
from servicelift.scoring.roi import roi
from servicelift.simulation.compare import beside_truth
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.write import simulate
from servicelift.training.job import train

SINCE = "2022-09-01"
CHOSEN = ["complaint_recovery", "retention_offer", "iban_switch", "resubscription_offer"]
DOUBTS = ["negative_control_low", "negative_control_high", "hidden_times", "p_adjusted", "sentence"]


def one_world(asked: argparse.Namespace, hidden: float) -> pd.DataFrame:
    """Return truth, estimate and doubts of every row, from the checkpoint if there is one."""
    folder = asked.work / f"hidden-{hidden}-seed-{asked.seed}-{asked.customers}"
    done = folder / "doubts.parquet"
    if done.exists():
        return pd.read_parquet(done)
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"[{time.monotonic() - started:7.1f} s] hidden {hidden}: {step}", file=sys.stderr, flush=True)

    path = folder / "world" / "press.yaml"
    if not path.exists():
        world = WorldConfig(hidden_confounding=hidden)
        world = replace(world, truth=replace(world.truth, replicates_most=8))
        simulate(folder / "world", customers=asked.customers, seed=asked.seed, config=world, say=say)
    config = load_config(path)
    kept = {name: action for name, action in config.incremental.actions.items() if name in asked.actions}
    changes = {"bootstrap": asked.draws, "cross_fits": asked.cross_fits, "actions": kept, "contrasts": {}}
    config = config.model_copy(update={"incremental": config.incremental.model_copy(update=changes)})
    trained = folder / "trained"
    if not trained.exists():
        train(config, only="clv", say=say)
        trained.touch()
    end = instant(config.data_until or "", config.timezone)
    stated = roi(config, instant(SINCE, config.timezone), end, folder / "roi", say=say)
    table = beside_truth(folder / "world" / "truth", stated.rows, stated.judged)
    table = pd.concat([table, stated.rows[["headline", "cost", *DOUBTS]].reset_index(drop=True)], axis=1)
    table.to_parquet(done)
    return table


def main() -> None:
    """Run both worlds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=float, nargs="+", default=[0.0, 0.8])
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--draws", type=int, default=20, help="bootstrap draws")
    parser.add_argument("--cross-fits", type=int, default=2)
    parser.add_argument("--actions", nargs="+", default=CHOSEN, help="those judged; agents choose for these")
    parser.add_argument("--work", type=Path, default=Path("demo/bench"))
    asked = parser.parse_args()
    for hidden in asked.hidden:
        rows = one_world(asked, hidden)
        print(f"\nloyalty's part in the agents' choice: {hidden} (log-odds a unit)")
        for row in rows.itertuples():
            n = row.treated
            print(
                f"{row.action} ({row.design}): truth {row.truth / n:.2f}, estimate {row.estimate / n:.2f}"
                f" ({row.low / n:.2f} to {row.high / n:.2f}), naive {row.naive / n:.2f}; chosen and held out"
                f" {row.negative_control_low:.2f} to {row.negative_control_high:.2f}; hidden cause"
                f" {row.hidden_times:.1f} x the strongest feature: {row.verdict}\n    {row.sentence}"
            )


if __name__ == "__main__":
    main()
