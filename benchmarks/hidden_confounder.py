"""Do the checks catch agents who see more than the tables show? The built-in world, with and without.

In the first world choice rests on what the tables hold; in the second also on loyalty, which nobody records. Prints
truth, estimate, checks and verdict of every action that agents choose for, under each design. What is finished is kept
in --work and not run again.

With --lists, whole worlds are trained, with their held-out controls and without (nobody was ever held out, all was
chosen): what lists of several budgets promise and are truly worth, beside churn-risk targeting and the oracle, which
knows the true effects. A list is valued as if its holdouts were contacted; of a trial, half are. Each world is listed
once more with every action believed alone, as if no other were known.

    python benchmarks/hidden_confounder.py --customers 20000 --seed 101 --work DIR
    python benchmarks/hidden_confounder.py --lists --hidden 0 0.4 0.8 1.6 --seed 301 --work DIR
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.core.config.business import Config, load_config
from servicelift.core.records import RowKind
from servicelift.core.time import instant
from servicelift.features.tables.tables import open_tables
from servicelift.features.trials.decisions import designs
from servicelift.features.trials.follow_up import trial_data
from servicelift.models.actions.effect import estimate_action, settings_of
from servicelift.models.refutation.words import sentence
from servicelift.models.registered import IncrementalModel
from servicelift.models.targeting.policy import choose_actions
from servicelift.scoring.scores.score import ACTION_VALUES, SCORES, score
from servicelift.scoring.statement.estimate import Estimated, negative_controls, rectified
from servicelift.scoring.statement.verdicts import judged
from servicelift.scoring.targets.targets import targets
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.write import simulate
from servicelift.tracking import Tracker
from servicelift.training.registry_by_hand import promote_refused
from servicelift.training.train import train

SINCE = "2022-09-01"
EUR_A_CUSTOMER = (0.1, 0.25, 0.5, 1.0)
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
    estimated = rectified(estimated)
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


def list_world(asked: argparse.Namespace, hidden: float, held_out: bool, say) -> Config:
    """Return the configuration of a world all of whose models are trained and whose customers are scored.

    Without held-out controls, decisions that left customers alone were never written down, and every action that is
    mixed in the built-in world was chosen.
    """
    whole = asked.work / f"world-{asked.customers}-{asked.seed}-{hidden:g}"
    if not (whole / "press.yaml").exists():
        simulate(whole, customers=asked.customers, seed=asked.seed, config=WorldConfig(hidden_confounding=hidden))
    folder = whole if held_out else whole.with_name(f"{whole.name}-chosen")
    if not folder.exists():
        shutil.copytree(whole, folder, ignore=shutil.ignore_patterns("mlflow*", "mlruns", "scores*", "lists"))
        decided = pd.read_parquet(folder / "actions.parquet")
        mixed = decided["action"].isin(CHOSEN)
        decided = decided[~(mixed & (decided["arm"] == "control"))]
        decided.assign(propensity=decided["propensity"].where(~mixed)).to_parquet(folder / "actions.parquet")
        text = (folder / "press.yaml").read_text(encoding="utf-8")
        (folder / "press.yaml").write_text(text.replace("assignment: mixed", "assignment: chosen"), encoding="utf-8")
    config = load_config(folder / "press.yaml")
    changes = {"bootstrap": asked.draws, "cross_fits": asked.cross_fits, "contrasts": {}}
    config = config.model_copy(update={"incremental": config.incremental.model_copy(update=changes)})
    if not (folder / "scores" / ACTION_VALUES).exists():
        promote_refused(config, train(config, say=say).judged, "the benchmark judges the list")
        score(config, instant(config.data_until or "", config.timezone), folder / "scores", say=say)
    return config


def scored_alone(config: Config) -> Path:
    """Return the scores of the same models with every action believed alone."""
    out = config.folder / "scores-alone"
    if not (out / ACTION_VALUES).exists():
        together = IncrementalModel.predict_frame

        def alone(self: IncrementalModel, frame: pd.DataFrame, rows=None) -> pd.DataFrame:
            bare = {
                action: replace(model, doubt=model.doubt and replace(model.doubt, believed=None))
                for action, model in self.final.items()
            }
            return together(replace(self, final=bare), frame, rows)

        here = config.model_copy(update={"engine": config.engine.model_copy(update={"threads": 1})})
        IncrementalModel.predict_frame = alone
        try:
            score(here, instant(config.data_until or "", config.timezone), out)
        finally:
            IncrementalModel.predict_frame = together
    return out


def list_rows(asked: argparse.Namespace, hidden: float, held_out: bool, say) -> list[dict[str, object]]:
    """Return one row a budget: what was promised, what is true, and what two other lists are truly worth."""
    config = list_world(asked, hidden, held_out, say)
    rows = []
    for believed, scores in (("together", config.folder / "scores"), ("alone", scored_alone(config))):
        facts = {"hidden": hidden, "held_out": held_out, "seed": asked.seed, "believed": believed}
        rows += [facts | row for row in budget_rows(config, scores)]
    return rows


def budget_rows(config: Config, made_scores: Path) -> list[dict[str, object]]:
    """Return one row a budget of the lists made from some scores."""
    folder = config.folder
    truth = pd.read_parquet(folder / "truth" / "snapshot.parquet")[["customer_id", "action", "tau"]]
    scores = pd.read_parquet(made_scores / SCORES, columns=["customer_id", "churn_probability"])
    values = pd.read_parquet(made_scores / ACTION_VALUES)
    pairs = values.merge(truth, on=["customer_id", "action"]).merge(scores, on="customer_id")
    rows = []
    for eur in EUR_A_CUSTOMER:
        budget = eur * pairs["customer_id"].nunique()
        made = targets(config, made_scores, budget=budget, capacity=None, out=folder / "lists" / "list.csv")
        listed = pd.concat([pd.read_csv(made.out), pd.read_csv(made.holdout)])
        listed = listed.merge(truth, on=["customer_id", "action"])
        main, tried = listed[~listed["trial"]], listed[listed["trial"] & (listed["arm"] == "treated")]
        contacted = main[main["arm"] == "treated"]
        inside = float((contacted["tau"] - contacted["cost"]).sum())
        true, trial = (float((part["tau"] - part["cost"]).sum()) for part in (main, tried))
        promised = float(main["net_value"].sum())
        rows.append(
            {
                "budget": budget,
                "contacts": len(main),
                "promised": promised,
                "true": true,
                "promised/true": promised / true if true > 0 else np.nan,
                "holds": made.net_value_low <= inside <= made.net_value_high,
                "trial": len(tried),
                "trial_spent": float(tried["cost"].sum()),
                "trial_true": trial,
                "harmed": float((main["tau"] < 0).mean()) if len(main) else 0.0,
                "risk": by_risk(pairs, budget),
                "oracle": oracle(pairs, budget),
                "refused": ", ".join(one.action for one in made.refused),
            }
        )
    return rows


def by_risk(pairs: pd.DataFrame, budget: float) -> float:
    """Return the true net value of the usual list: riskiest first, with the action believed to pay most on average."""
    mean = pairs.groupby("action")["net_value"].transform("mean")
    best = pairs.assign(mean=mean).sort_values("mean", ascending=False)
    best = best[best["mean"] > 0].drop_duplicates("customer_id").sort_values("churn_probability", ascending=False)
    chosen = best[best["cost"].cumsum() <= budget]
    return float((chosen["tau"] - chosen["cost"]).sum())


def oracle(pairs: pd.DataFrame, budget: float) -> float:
    """Return the net value of the list that knows the true effects."""
    net = pairs["tau"] - pairs["cost"]
    return choose_actions(pairs["customer_id"], pairs["action"], net, pairs["cost"], budget=budget, exact_up_to=0).value


def print_lists(asked: argparse.Namespace) -> None:
    """Run the lists of every strength, with held-out controls and without, and print."""
    started, rows = time.process_time(), []

    def say(step: str) -> None:
        print(f"[{time.process_time() - started:7.1f} s] {step}", file=sys.stderr, flush=True)

    for hidden in asked.hidden:
        for held_out in (True, False):
            kept = asked.work / f"lists-{asked.customers}-{asked.seed}-{hidden:g}-{held_out}.parquet"
            if not kept.exists():
                say(f"hidden {hidden}, held-out controls: {held_out}")
                pd.DataFrame(list_rows(asked, hidden, held_out, say)).to_parquet(kept)
            rows.append(pd.read_parquet(kept))
    print(pd.concat(rows).round(2).to_string(index=False))


def main() -> None:
    """Run both worlds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=float, nargs="+", default=[0.0, 0.8])
    parser.add_argument("--seed", type=int, default=101)
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--draws", type=int, default=20, help="bootstrap draws")
    parser.add_argument("--cross-fits", type=int, default=2)
    parser.add_argument("--actions", nargs="+", default=CHOSEN, help="those judged; agents choose for these")
    parser.add_argument("--lists", action="store_true", help="what lists promise and are worth")
    parser.add_argument("--work", type=Path, default=Path("demo/bench"))
    asked = parser.parse_args()
    if asked.lists:
        print_lists(asked)
        return
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
