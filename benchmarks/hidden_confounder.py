"""Do the checks catch agents who see more than the tables show? The built-in world, with and without.

In the first world choice rests on what the tables hold; in the second also on loyalty, which nobody records. Prints
truth, estimate, checks and verdict of every action that agents choose for, under each design. What is finished is kept
in --work and not run again.

    python benchmarks/hidden_confounder.py --customers 20000 --seed 101 --work DIR
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd
from servicelift.core.config.business import Config, load_config
from servicelift.core.records import RowKind
from servicelift.core.time import instant
from servicelift.features.tables.tables import open_tables
from servicelift.features.trials.decisions import designs
from servicelift.features.trials.follow_up import trial_data
from servicelift.models.actions.effect import estimate_action, settings_of
from servicelift.models.refutation.words import sentence
from servicelift.scoring.statement.estimate import Estimated, negative_controls
from servicelift.scoring.statement.verdicts import judged
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.write import simulate
from servicelift.tracking import Tracker
from servicelift.training.train import train

SINCE = "2022-09-01"
CHOSEN = ["complaint_recovery", "retention_offer", "iban_switch", "resubscription_offer"]


def trained_world(asked: argparse.Namespace, hidden: float, folder: Path, say) -> Config:
    """Return the configuration of a simulated world whose CLV model is trained."""
    path = folder / "world" / "press.yaml"
    if not path.exists():
        world = WorldConfig(hidden_confounding=hidden)
        world = replace(world, truth=replace(world.truth, replicates_most=8))
        simulate(folder / "world", customers=asked.customers, seed=asked.seed, config=world, say=say)
    config = load_config(path)
    changes = {"bootstrap": asked.draws, "cross_fits": asked.cross_fits}
    config = config.model_copy(update={"incremental": config.incremental.model_copy(update=changes)})
    if not (folder / "trained").exists():
        train(config, only="clv", say=say)
        (folder / "trained").touch()
    return config


def one_world(asked: argparse.Namespace, hidden: float) -> pd.DataFrame:
    """Return truth, estimate and checks of every row, from the checkpoint if there is one."""
    folder = asked.work / f"hidden-{hidden}-seed-{asked.seed}-{asked.customers}"
    done = folder / "checks.parquet"
    if done.exists():
        return pd.read_parquet(done)
    started = time.monotonic()

    def say(step: str) -> None:
        print(f"[{time.monotonic() - started:7.1f} s] hidden {hidden}: {step}", file=sys.stderr, flush=True)

    config = trained_world(asked, hidden, folder, say)
    tables, clv = open_tables(config), Tracker.of(config).load(config.model_name("clv")).model
    since, until = instant(SINCE, config.timezone), instant(config.data_until or "", config.timezone)
    estimated = []
    for action in asked.actions:
        for place, design in enumerate(designs(tables, action)):
            say(f"{action} ({design})")
            trial = trial_data(tables, action, since=since, until=until, design=design, seed=config.seed)
            effect = estimate_action(trial, clv, settings_of(config, action), decomposition=False)
            estimated.append(Estimated(RowKind.ACTION, None, place == 0, trial, effect))
    mixed = [name for name, action in config.incremental.actions.items() if action.assignment == "mixed"]
    costs = [float(one.trial.units.loc[one.trial.treated == 1, "cost"].mean()) for one in estimated]
    verdicts = judged(estimated, costs, negative_controls(estimated, mixed, clv.seed))
    truth = pd.read_parquet(folder / "world" / "truth" / "decisions.parquet").set_index("action_id")["tau"]
    rows = []
    for one, cost, judgement in zip(estimated, costs, verdicts, strict=True):
        found, ids = one.effect.effect, one.trial.units.loc[one.trial.treated == 1, "action_id"]
        facts = {"action": one.trial.action, "design": str(one.trial.design), "truth": truth[ids].mean(), "cost": cost}
        facts |= {"estimate": found.estimate, "low": found.low, "high": found.high, "naive": found.naive}
        ruling = judgement.verdict
        rows.append(
            facts | judgement.columns | {"verdict": ruling.verdict.value, "sentence": sentence(ruling, config.locale)}
        )
    table = pd.DataFrame(rows)
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
        print(f"\nloyalty's part in the agents' choice: {hidden} (log-odds a unit)")
        for row in one_world(asked, hidden).itertuples():
            print(
                f"{row.action} ({row.design}): truth {row.truth:.2f}, estimate {row.estimate:.2f} ({row.low:.2f} to"
                f" {row.high:.2f}), naive {row.naive:.2f}; chosen and held out {row.negative_control_low:.2f} to"
                f" {row.negative_control_high:.2f}; hidden cause {row.hidden_times:.1f} x the strongest feature\n"
                f"    {row.sentence}"
            )


if __name__ == "__main__":
    main()
