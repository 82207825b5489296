"""The surrogate check as a veto and as data that corrects: bias, coverage, width and verdicts side by side.

First on an estimator's own worlds: customers' outcomes of six actions are drawn, two thirds of them mature, and the
forecast is wrong in the seen window and in the unseen months by as much as each line says. Then, with --seeds, on the
built-in world: each is simulated, its CLV model trained and every action estimated once, and the same estimates are
judged by both rules. `today` is the estimate as forecast, with a veto wherever the check excludes 0. What is finished
is kept in --work and not run again.

    python benchmarks/surrogate_correction.py --draws 2000
    python benchmarks/surrogate_correction.py --draws 0 --seeds 401 402 403 --customers 3000 --work DIR
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import effects_on_the_world as worlds
import numpy as np
import pandas as pd
from servicelift.core.records import RowKind
from servicelift.features.tables.tables import open_tables
from servicelift.features.trials.decisions import designs
from servicelift.models.actions.correction import binding_check, spread_of
from servicelift.models.actions.effect import estimate_action, settings_of
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.effects.rectified import Rectification
from servicelift.models.effects.surrogate import SurrogateCheck
from servicelift.scoring.statement.estimate import Estimated, negative_controls, rectified
from servicelift.scoring.statement.forecast_columns import forecast_columns
from servicelift.scoring.statement.verdicts import judged
from servicelift.training.clv import fit_unjudged
from servicelift.training.clv_landmarks import landmarks

TRUTH = np.array([10.0, 12.0, 8.0, 0.0, 0.0, 6.0])
COST = 4.0
UNSEEN = 2.7
"""Value expected after the window over that in it, as in the built-in world."""


@dataclass(frozen=True)
class World:
    """How wrong forecasts are: standard deviation in the window, for whom, and what becomes of it later."""

    spread: float
    whom: str = "every action"
    later: str = "gone"

    def errors(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return what forecasts miss in the window and after it, each (actions,)."""
        window = rng.normal(0, self.spread, len(TRUTH))
        if self.whom == "one action":
            window = np.where(np.arange(len(TRUTH)) == 0, self.spread, 0.0)
        if self.whom == "all alike":
            window = np.full(len(TRUTH), self.spread)
        signs = rng.choice([-1.0, 1.0], len(TRUTH))
        return window, UNSEEN * window * {"gone": 0.0, "half": 0.5, "lasts": 1.0, "either sign": signs}[self.later]


WORLDS = [
    World(0.0),
    *(World(spread, later=later) for spread in (0.4, 0.8, 1.6) for later in ("gone", "half", "lasts", "either sign")),
    *(World(1.6, whom, later) for whom in ("one action", "all alike") for later in ("gone", "half", "lasts")),
]


def drawn(world: World, rng: np.random.Generator, treated: int, control: int) -> list[Rectification]:
    """Return the effects of six actions as forecast with their checks, from drawn customers; spread not learnt yet."""
    window, later = world.errors(rng)
    found = []
    for truth, missed, missed_later in zip(TRUTH, window, later, strict=True):
        arms = [rng.normal(0, 33.5, n) for n in (treated, control)]
        arms[0] += truth - missed - missed_later
        mature = [rng.normal(0, 8.0, 2 * n // 3) for n in (treated, control)]
        mature[0] += missed
        check = SurrogateCheck(difference(*mature), len(mature[0]), len(mature[1]), np.nan, beyond=UNSEEN)
        found.append(Rectification(difference(*arms), check, 0.0))
    return found


def difference(treated: np.ndarray, control: np.ndarray) -> EffectEstimate:
    """Return the difference in means with its interval."""
    value = float(treated.mean() - control.mean())
    error = float(np.sqrt(treated.var() / len(treated) + control.var() / len(control)))
    sizes = (len(treated), len(control))
    return EffectEstimate(
        value, error, value - 1.96 * error, value + 1.96 * error, "treated", *sizes, *sizes, 0.0, value, error
    )


def estimator_lines(world: World, draws: int, treated: int, control: int) -> list[dict[str, object]]:
    """Return one line of today's method and one of the new, over so many draws of six actions."""
    rng, rows = np.random.default_rng([31, WORLDS.index(world)]), []
    for _ in range(draws):
        found = drawn(world, rng, treated, control)
        spread = spread_of([one.check for one in found])
        for truth, one in zip(TRUTH, found, strict=True):
            new = Rectification(one.before, one.check, spread)
            for method, effect, veto in (
                ("today", one.before, one.check.excludes_zero),
                ("new", new.effect, new.could_move(COST)),
            ):
                pays = effect.low > COST and not veto
                rows.append((method, truth, effect.estimate, effect.std_error, effect.low, effect.high, veto, pays))
    names = ["method", "truth", "estimate", "std_error", "low", "high", "veto", "pays"]
    table = pd.DataFrame(rows, columns=names)
    return [
        {"spread": world.spread, "whom": world.whom, "later": world.later, "method": method, **summary(part)}
        for method, part in table.groupby("method", sort=False)
    ]


def summary(rows: pd.DataFrame) -> dict[str, float]:
    """Return bias, coverage, mean width, vetoes and verdicts of rows with truth, interval, veto and verdict."""
    cost = rows.get("cost", COST)
    true = rows["truth"] > cost
    error = rows["estimate"] - rows["truth"]
    return {
        "bias": error.mean(),
        "rmse": float(np.sqrt((error**2).mean())),
        "covered": ((rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])).mean(),
        "width": (rows["high"] - rows["low"]).mean(),
        "vetoes": rows["veto"].mean(),
        "true pays": rows.loc[true, "pays"].mean(),
        "false pays": rows.loc[~true, "pays"].mean(),
    }


def world_rows(run: worlds.Run) -> pd.DataFrame:
    """Return every row of one simulated world by both rules, from the checkpoint if there is one."""
    run.folder.mkdir(parents=True, exist_ok=True)

    def estimate() -> list[Estimated]:
        tables = open_tables(worlds.config_of(run))
        trials = run.kept("trials-all.pkl", lambda: worlds.trials_of(run, tables))
        clv = run.kept(f"clv-{run.draws}.pkl", lambda: fit_unjudged(tables, run.say, landmarks(tables)))
        found = []
        for (action, design), trial in trials.items():
            run.say(f"effect: {action} ({design})")
            effect = estimate_action(trial, clv, settings_of(tables.config, action), decomposition=False, late=False)
            first = design == designs(tables, action)[0]
            found.append(Estimated(RowKind.ACTION, None, first, trial, effect))
        return found

    raw: list[Estimated] = run.kept("estimated.pkl", estimate)
    config = worlds.config_of(run)
    mixed = [name for name, action in config.incremental.actions.items() if action.assignment == "mixed"]
    known = pd.read_parquet(run.folder / "world" / "truth" / "decisions.parquet").set_index("action_id")["tau"]
    costs = [float(one.trial.units.loc[one.trial.treated == 1, "cost"].mean()) for one in raw]
    controls = negative_controls(raw, mixed, config.seed)
    rows = []
    for method, every in (("today", raw), ("new", rectified(raw))):
        for one, cost, judgement in zip(every, costs, judged(every, costs, controls), strict=True):
            ids = one.trial.units.loc[one.trial.treated == 1, "action_id"].astype(str)
            effect, check, found = one.effect.effect, one.effect.surrogate_check, one.effect.rectification
            vetoed = binding_check(one.effect, cost)
            rows.append(
                {
                    "method": method,
                    "seed": run.seed,
                    "action": one.trial.action,
                    "design": str(one.trial.design),
                    "truth": float(known[ids].mean()),
                    "cost": cost,
                    "estimate": effect.estimate,
                    "std_error": effect.std_error,
                    "low": effect.low,
                    "high": effect.high,
                    "check": np.nan if check is None else check.effect.estimate,
                    "check_error": np.nan if check is None else check.effect.std_error,
                    "beyond": np.nan if check is None else check.beyond,
                    "spread": np.nan if found is None else found.spread,
                    "mature": forecast_columns(one.effect, cost)["mature_verdict"],
                    "foreseen": forecast_columns(one.effect, cost)["mature_verdict_foreseen"],
                    "veto": vetoed is not None and (method == "new" or vetoed.excludes_zero),
                    "verdict": judgement.verdict.verdict.value,
                    "pays": judgement.verdict.verdict.value == "pays",
                }
            )
    return pd.DataFrame(rows)


def main() -> None:
    """Run both parts and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=500, help="draws of the estimator's own worlds; 0 for none")
    parser.add_argument("--treated", type=int, default=400)
    parser.add_argument("--control", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="*", default=[], help="seeds of simulated worlds")
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--bootstrap", type=int, default=10)
    parser.add_argument("--work", type=Path, default=Path("demo/surrogate"))
    asked = parser.parse_args()
    if asked.draws:
        lines = [line for world in WORLDS for line in estimator_lines(world, asked.draws, asked.treated, asked.control)]
        print(pd.DataFrame(lines).round(3).to_string(index=False))
    parts = []
    for seed in asked.seeds:
        folder = asked.work / f"seed-{seed}-{asked.customers}"
        run = worlds.Run(folder, seed, asked.customers, 0.0, asked.bootstrap, 1, True, time.monotonic())
        parts.append(world_rows(run))
    if parts:
        rows = pd.concat(parts, ignore_index=True)
        print(rows.round(2).to_string(index=False))
        for name, part in (("all rows", rows), ("randomised", rows[rows["design"] == "randomised"])):
            table = [{"method": method, **summary(one)} for method, one in part.groupby("method", sort=False)]
            print(f"\n{name}\n{pd.DataFrame(table).round(3).to_string(index=False)}")
        mature = rows[(rows["method"] == "new") & rows["mature"].notna()]
        print("\nverdicts on mature decisions until the window's end: as it came (rows) and as foreseen (columns)")
        print(pd.crosstab(mature["mature"], mature["foreseen"]).to_string())


if __name__ == "__main__":
    main()
