"""True beside estimated effect of every action on the built-in world, over many seeds.

Estimates are made and judged as in a statement. For each action and design: bias with its standard error, as a share
of the truth and of the spread over seeds, mean standard error over that spread, coverage, verdicts against the rule (an
action worth more than its cost by over 3 spreads should be called `pays`, one without effect never), and how often the
surrogate check raised an alarm and bound the verdict. With `--designs all` also what borrowing from the observational
estimate makes of a randomised one. A seed goes through stages (world, decisions, CLV model, effects); each is kept in
--work and not run again, so a run that was stopped goes on. With `--draws 0` no CLV model is refitted: a third of the
time, for bias and spread; standard errors are then too small. With `--before DIR`, the --work of the same seeds
estimated by another revision: how far estimates and standard errors moved, coverage and width of both.

    python benchmarks/effects_on_the_world.py --seeds 101 102 103 --customers 20000 --work DIR
    python benchmarks/effects_on_the_world.py --seeds 101 --customers 20000 --designs all --hidden 0.8 --work DIR
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from servicelift.core.config.business import Config, load_config
from servicelift.core.records import RowKind, TrialData
from servicelift.core.time import instant
from servicelift.features.tables.tables import Tables, open_tables
from servicelift.features.trials.decisions import designs
from servicelift.features.trials.follow_up import trial_data
from servicelift.models.actions.effect import estimate_action, settings_of
from servicelift.models.portfolio import ClvModel
from servicelift.models.refutation.verdict import Check
from servicelift.scoring.statement.combined_columns import combined_columns
from servicelift.scoring.statement.costs import treated_costs
from servicelift.scoring.statement.estimate import Estimated, negative_controls, rectified
from servicelift.scoring.statement.verdicts import JudgedEstimate, judged
from servicelift.simulation.settings import TruthSettings, WorldConfig
from servicelift.simulation.write import simulate
from servicelift.training.clv import fit_unjudged
from servicelift.training.clv_landmarks import landmarks

SINCE = "2022-09-01"
REPLICATES = 4
CORRECTED = ("corrected_per_treated", "corrected_per_treated_low", "corrected_per_treated_high")
NO_EFFECT = 0.5
"""A true effect below so many EUR counts as none."""


@dataclass(frozen=True)
class Run:
    """One seed's folder and how it is estimated."""

    folder: Path
    seed: int
    customers: int
    hidden: float
    draws: int
    cross_fits: int
    everything: bool
    started: float

    def say(self, step: str) -> None:
        """Tell on stderr what begins, after how many seconds and seconds of this process's CPU."""
        clock = f"[{time.monotonic() - self.started:7.1f} s, cpu {time.process_time():6.1f} s]"
        print(f"{clock} seed {self.seed}: {step}", file=sys.stderr, flush=True)

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what ``make`` made the first time."""
        path = self.folder / name
        if path.exists():
            return pickle.loads(path.read_bytes())
        made = make()
        part = path.with_suffix(".part")
        part.write_bytes(pickle.dumps(made))
        part.rename(path)
        return made


def config_of(run: Run) -> Config:
    """Return the configuration of the seed's world, simulated if it is not there."""
    path = run.folder / "world" / "press.yaml"
    if not path.exists():
        # The mean over thousands of decisions needs few replicates of each.
        truth = TruthSettings(replicates_step=REPLICATES, replicates_most=REPLICATES)
        world = WorldConfig(hidden_confounding=run.hidden, truth=truth)
        simulate(run.folder / "world", customers=run.customers, seed=run.seed, say=run.say, config=world)
    config = load_config(path)
    incremental = config.incremental.model_copy(update={"bootstrap": run.draws, "cross_fits": run.cross_fits})
    return config.model_copy(update={"incremental": incremental})


def trials_of(run: Run, tables: Tables) -> dict[tuple[str, str], TrialData]:
    """Return the decisions of every action, of its headline design only unless everything is asked for."""
    config = tables.config
    since, until = instant(SINCE, config.timezone), tables.data_until
    found: dict[tuple[str, str], TrialData] = {}
    for action in config.incremental.actions:
        for design in designs(tables, action)[: None if run.everything else 1]:
            run.say(f"decisions: {action} ({design})")
            found[action, design] = trial_data(
                tables, action, since=since, until=until, design=design, seed=config.seed, decomposition=False
            )
    return found


def one_seed(run: Run) -> pd.DataFrame:
    """Return truth beside estimate for one world, from the checkpoint if there is one."""
    kind = "all" if run.everything else "headline"
    run.folder.mkdir(parents=True, exist_ok=True)

    def estimate() -> pd.DataFrame:
        tables = open_tables(config_of(run))
        trials = run.kept(f"trials-{kind}.pkl", lambda: trials_of(run, tables))
        clv = run.kept(f"clv-{run.draws}.pkl", lambda: fit_unjudged(tables, run.say, landmarks(tables)))
        known = pd.read_parquet(run.folder / "world" / "truth" / "decisions.parquet").set_index("action_id")
        effects = []
        for (action, design), trial in trials.items():
            run.say(f"effect: {action} ({design})")
            found = estimate_action(trial, clv, settings_of(tables.config, action))
            headline = design == designs(tables, action)[0]
            effects.append(Estimated(RowKind.ACTION, _initiative(trial), headline, trial, found))
        return statement(tables, effects, clv, known).assign(seed=run.seed)

    rows: pd.DataFrame = run.kept(f"effects-{kind}-{run.draws}-{run.cross_fits}.pkl", estimate)
    run.say("done")
    return rows


def _initiative(trial: TrialData) -> str | None:
    first = trial.units.loc[trial.treated == 1, "initiative"].iloc[0]
    return None if pd.isna(first) else str(first)


def statement(tables: Tables, effects: list[Estimated], clv: ClvModel, known: pd.DataFrame) -> pd.DataFrame:
    """Return truth, estimate, checks and verdict of all estimates, judged together as in a statement."""
    config = tables.config
    since = instant(SINCE, config.timezone)
    effects = rectified(effects)
    costs = [
        sum(treated_costs(tables, one.trial, one.initiative, since, tables.data_until).values())
        / int(one.trial.treated.sum())
        for one in effects
    ]
    mixed = [name for name, action in config.incremental.actions.items() if action.assignment == "mixed"]
    controls = negative_controls(effects, mixed, clv.seed)
    verdicts = judged(effects, costs, controls)
    combined = combined_columns(effects, costs, controls)
    return pd.DataFrame(
        [
            _line(one, cost, judgement, known) | borrowed
            for one, cost, judgement, borrowed in zip(effects, costs, verdicts, combined, strict=True)
        ]
    )


def _line(one: Estimated, cost: float, judgement: JudgedEstimate, known: pd.DataFrame) -> dict[str, object]:
    """Return truth, estimate, checks and verdict of one action and design, EUR a treated customer."""
    found, trial = one.effect, one.trial
    treated = trial.units[trial.treated == 1]
    true = known.loc[treated["action_id"].astype(str)]
    effect, check = found.effect, found.surrogate_check
    return {
        "action": trial.action,
        "design": str(trial.design),
        "treated": len(treated),
        "truth": float(true["tau"].mean()),
        "truth_se": float((true["tau_se"] ** 2).sum() ** 0.5 / len(true)),
        "cost": cost,
        "estimate": effect.estimate,
        "std_error": effect.std_error,
        "low": effect.low,
        "high": effect.high,
        "naive": effect.naive,
        "realised": found.fitted.with_outcome(trial.realised["value"], quick=True).summary().estimate,
        "check": np.nan if check is None else check.effect.estimate,
        "check_std_error": np.nan if check is None else check.effect.std_error,
        "alarm": check is not None and check.excludes_zero,
        "placebo": found.placebo.shown,
        "bound": Check.SURROGATE in {reason.code for reason in judgement.verdict.reasons},
        "chance_pays": judgement.columns["chance_pays"],
        **{name: judgement.columns[name] for name in CORRECTED},
        "evidence": judgement.columns["evidence"],
        "verdict": judgement.verdict.verdict.value,
        "reasons": "; ".join(reason.code for reason in judgement.verdict.reasons),
    }


def pooled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return bias, spread, coverage, verdicts and alarms by action and design; EUR a treated customer."""
    each = rows.assign(
        error=rows["estimate"] - rows["truth"],
        covered=(rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"]),
    )
    table = each.groupby(["action", "design"], sort=False).agg(
        seeds=("seed", "nunique"),
        truth=("truth", "mean"),
        cost=("cost", "mean"),
        estimate=("estimate", "mean"),
        bias=("error", "mean"),
        spread=("error", "std"),
        std_error=("std_error", "mean"),
        covered=("covered", "sum"),
        naive=("naive", "mean"),
        check=("check", "mean"),
        checks=("check", "count"),
        alarms=("alarm", "sum"),
        bound=("bound", "sum"),
        pays=("verdict", lambda v: int((v == "pays").sum())),
        combined_pays=("combined_verdict", lambda v: int((v == "pays").sum())),
        loses=("verdict", lambda v: int((v == "loses").sum())),
    )
    effects = table["truth"].abs() >= NO_EFFECT
    table["bias_std_error"] = table["spread"] / np.sqrt(table["seeds"])
    table["bias_of_truth"] = np.where(effects, table["bias"] / table["truth"], np.nan)
    table["bias_of_spread"] = table["bias"] / table["spread"]
    table["se_of_spread"] = table["std_error"] / table["spread"]
    table["worth_in_spreads"] = (table["truth"] - table["cost"]) / table["spread"]
    return table


def said(rows: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Return what the benchmark asks for, one line each, over all actions."""
    covered = int(table["covered"].sum())
    ratio = float(np.sqrt((rows["std_error"] ** 2).mean() / (table["spread"] ** 2).mean()))
    should = table["worth_in_spreads"] > 3
    idle = table["truth"].abs() < NO_EFFECT
    checks = max(int(table["checks"].sum()), 1)
    near = (table["bias_of_truth"].abs() < 0.1) | (table["bias_of_spread"].abs() < 0.5)
    return [
        f"intervals that cover the truth: {covered} of {len(rows)} ({covered / len(rows):.1%}; wanted 90% to 98%)",
        f"standard error over spread, pooled: {ratio:.2f} (wanted 0.8 to 1.3)",
        f"bias under 10% of truth or half a spread: {int(near.sum())} of {len(near)} actions and designs",
        f"worth more than cost by over 3 spreads: {int(should.sum())}; called `pays` in"
        f" {int(table.loc[should, 'pays'].sum())} of {int(table.loc[should, 'seeds'].sum())} (wanted 80%)",
        f"without effect: {int(idle.sum())}; called `pays` in {int(table.loc[idle, 'pays'].sum())} of"
        f" {int(table.loc[idle, 'seeds'].sum())} (wanted none)",
        f"surrogate alarms: {int(rows['alarm'].sum())} of {checks} ({rows['alarm'].sum() / checks:.1%}; 5% by chance);"
        f" verdicts that it binds: {int(rows['bound'].sum())}",
        *borrowing(rows[rows["combined_verdict"].notna()]),
    ]


def borrowing(rows: pd.DataFrame) -> list[str]:
    """Return coverage, width and verdicts of randomised effects beside those that borrow from observational ones."""
    if rows.empty:
        return []
    lines = []
    for name, estimate, low, high, verdict in (
        ("randomised alone", "estimate", "low", "high", "verdict"),
        ("combined", *(f"combined_per_treated{end}" for end in ("", "_low", "_high")), "combined_verdict"),
    ):
        error, width = rows[estimate] - rows["truth"], rows[high] - rows[low]
        covered = (rows[low] <= rows["truth"]) & (rows["truth"] <= rows[high])
        pays, right = rows[verdict] == "pays", rows["truth"] > rows["cost"]
        lines.append(
            f"{name}: bias {error.mean():.2f}, root mean square {np.sqrt((error**2).mean()):.2f}, covers"
            f" {int(covered.sum())} of {len(rows)}, mean width {width.mean():.2f}, `pays`"
            f" {int((pays & right).sum())} of {int(right.sum())} payers and {int((pays & ~right).sum())} others"
        )
    return lines


def beside(rows: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """Return how far estimates moved from those of another revision, and coverage and width of both, by evidence."""
    key = ["seed", "action", "design"]
    both = before.merge(rows, on=key, suffixes=("_before", ""), validate="one_to_one")
    lines = [f"beside another revision, {len(both)} of {len(rows)} rows:"]
    for evidence, some in [("all", both), *both.groupby("evidence", sort=True)]:
        moved = ((some["estimate"] - some["estimate_before"]) / some["std_error_before"]).abs()
        ratio = np.log(some["std_error"] / some["std_error_before"])
        text = f"{evidence}: estimates moved by {np.sqrt((moved**2).mean()):.3f} standard errors, at most"
        text += f" {moved.max():.3f}; standard errors {np.exp(ratio.mean()):.3f} of before, spread {ratio.std():.3f}"
        for name, end in (("before", "_before"), ("now", "")):
            low, high = some[f"low{end}"], some[f"high{end}"]
            covered = int(((low <= some["truth"]) & (some["truth"] <= high)).sum())
            text += f"; {name} covers {covered} of {len(some)}, mean width {(high - low).mean():.2f}"
        lines.append(text)
    return lines


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add what says how worlds are estimated, and where they are kept."""
    parser.add_argument("--draws", type=int, default=20, help="bootstrap draws, 10 or more, or 0 for none")
    parser.add_argument("--cross-fits", type=int, default=5, help="times that folds are drawn anew, at most")
    parser.add_argument("--work", type=Path, default=Path("demo/bench"))


def seeds_of(asked: argparse.Namespace, seeds: list[int], *, customers: int, hidden: float) -> pd.DataFrame:
    """Return truth beside estimate for several worlds of one size, each finished before the next."""
    name = f"-hidden-{hidden:g}" if hidden else ""
    first = Run(Path(), 0, customers, hidden, asked.draws, asked.cross_fits, asked.designs == "all", 0.0)
    return pd.concat(
        [
            one_seed(replace(first, folder=folder, seed=seed, started=time.monotonic()))
            for seed in seeds
            for folder in [asked.work / f"seed-{seed}-{customers}{name}"]
        ],
        ignore_index=True,
    )


def main() -> None:
    """Run the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101])
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--designs", choices=("headline", "all"), default="headline")
    parser.add_argument("--hidden", type=float, default=0.0, help="strength of a hidden confounder, 0 for none")
    add_settings(parser)
    parser.add_argument("--before", type=Path, help="--work of the same seeds estimated by another revision")
    asked = parser.parse_args()
    rows = seeds_of(asked, asked.seeds, customers=asked.customers, hidden=asked.hidden)
    print(rows.round(2).to_string(index=False))
    table = pooled(rows)
    print(f"\nfor one treated customer, over {len(asked.seeds)} seeds of {asked.customers:,} customers")
    print(table.round(2).to_string())
    print("\n" + "\n".join(said(rows, table)))
    if asked.before is not None:
        asked.work = asked.before
        known = seeds_of(asked, asked.seeds, customers=asked.customers, hidden=asked.hidden)
        print("\n" + "\n".join(beside(rows, known)))


if __name__ == "__main__":
    main()
