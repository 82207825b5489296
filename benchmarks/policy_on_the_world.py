"""What the chosen list is truly worth on the built-in world, beside two oracles and churn-risk targeting.

Every policy spends the same budgets on the same customers at the end of the data; its value is the sum of true effects
(the world's, continued both ways) minus costs. The full oracle chooses by the true effects themselves, which no table
shows whole; the attainable one by a regression of the true effects of other draws of the world on the same features.
Both oracles and every policy take the same planner and the same unit costs. The full oracle chooses and is judged by
the same simulated effects, so its noise flatters it a little: shares are rather too low than too high.

    python benchmarks/policy_on_the_world.py --customers 5000 --work DIR
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from servicelift.core.config.business import Config, load_config
from servicelift.core.time import instant
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.tables.tables import open_tables
from servicelift.models.fitting.design import Encoder
from servicelift.models.targeting.policy import choose_actions
from servicelift.scoring.scores.score import score
from servicelift.simulation.write import simulate
from servicelift.training.registry_by_hand import promote_refused
from servicelift.training.train import train

EUR_A_CUSTOMER = (0.1, 0.25, 0.5)
BOOST = {"objective": "l2", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 60, "feature_fraction": 0.5}
ROUNDS = 300
DRAWS = 10
"""Bootstrap draws: they widen intervals, and no policy looks at those."""


def world(folder: Path, customers: int, seed: int, hidden: float) -> Config:
    """Return the config of a world with its truth, simulated once."""
    path = folder / "press.yaml"
    if not path.exists():
        from servicelift.simulation.settings import WorldConfig

        simulate(folder, customers=customers, seed=seed, config=WorldConfig(hidden_confounding=hidden))
    return load_config(path)


def effects_with_features(config: Config, folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the true effects at the end of the data, and the features of their customers by customer_id."""
    truth = pd.read_parquet(folder / "truth" / "snapshot.parquet")
    spine = truth[["customer_id", "as_of"]].drop_duplicates(ignore_index=True)
    features = build_features(open_tables(config), spine)
    return truth, features.set_index(spine["customer_id"])


def attainable(others: list[tuple[pd.DataFrame, pd.DataFrame]], pairs: pd.DataFrame, own: pd.DataFrame) -> np.ndarray:
    """Return effects of ``pairs`` predicted by a regression of other worlds' true effects on the features."""
    features = pd.concat([f.reindex(t["customer_id"]) for t, f in others], ignore_index=True)[list(own.columns)]
    truth = pd.concat([t for t, _ in others], ignore_index=True)
    predicted = np.full(len(pairs), np.nan)
    for action in pairs["action"].unique():
        there, here = (truth["action"] == action).to_numpy(), (pairs["action"] == action).to_numpy()
        encoder = Encoder().fit(features[there])
        data = lgb.Dataset(encoder.transform(features[there]), truth.loc[there, "tau"])
        params = {**BOOST, "min_data_in_leaf": min(60, max(5, int(there.sum()) // 20)), "verbosity": -1, "seed": 0}
        model = lgb.train(params, data, ROUNDS)
        predicted[here] = model.predict(encoder.transform(own.reindex(pairs.loc[here, "customer_id"])))
    return predicted


def worth(pairs: pd.DataFrame, ranking: np.ndarray, budget: float) -> tuple[float, int, float]:
    """Return true net value, number treated and share harmed of the plan that takes ``ranking`` for net value."""
    plan = choose_actions(pairs["customer_id"], pairs["action"], ranking, pairs["cost"], budget=budget)
    chosen = pairs[plan.chosen]
    harmed = float((chosen["tau"] < 0).mean()) if len(chosen) else 0.0
    return float((chosen["tau"] - chosen["cost"]).sum()), len(chosen), harmed


def by_risk(pairs: pd.DataFrame, measure: pd.Series, budget: float) -> tuple[float, int, float]:
    """Return the same for the usual list: the highest ``measure`` first, with the action that pays most on average.

    The average is the model's; who gets it is not.
    """
    mean = pairs.groupby("action")["net_value"].transform("mean")
    best = pairs.assign(mean=mean, measure=measure).sort_values("mean", ascending=False)
    best = best[best["mean"] > 0].drop_duplicates("customer_id").sort_values("measure", ascending=False)
    chosen = best[best["cost"].cumsum() <= budget]
    harmed = float((chosen["tau"] < 0).mean()) if len(chosen) else 0.0
    return float((chosen["tau"] - chosen["cost"]).sum()), len(chosen), harmed


def judged(work: Path, customers: int, seed: int, others: list[int], hidden: float) -> pd.DataFrame:
    """Return one row a policy and budget for one world."""
    folder = work / f"world-{customers}-{seed}-{hidden:g}"
    config = world(folder, customers, seed, hidden)
    fewer = config.incremental.model_copy(update={"bootstrap": DRAWS})
    config = config.model_copy(update={"incremental": fewer})
    if not (folder / "scores" / "action_values.parquet").exists():
        say(f"seed {seed}: train")
        promote_refused(config, train(config, say=say).judged, "the benchmark judges the list")
        score(config, instant(config.data_until or "", config.timezone), folder / "scores", say=say)
    values = pd.read_parquet(folder / "scores" / "action_values.parquet")
    scores = pd.read_parquet(folder / "scores" / "scores.parquet", columns=["customer_id", "churn_probability", "clv"])
    truth, own = effects_with_features(config, folder)
    pairs = values.merge(truth[["customer_id", "action", "tau"]], on=["customer_id", "action"], validate="one_to_one")
    pairs = pairs.merge(scores, on="customer_id")
    elsewhere = []
    for other in others:
        say(f"oracle: world {other}")
        place = work / f"world-{customers}-{other}-0"
        elsewhere.append(effects_with_features(world(place, customers, other, 0.0), place))
    known = attainable(elsewhere, pairs, own)
    print(pairs.assign(known=known).groupby("action").apply(described).round(2).to_string(), "\n")
    rows = []
    for eur in EUR_A_CUSTOMER:
        budget = eur * pairs["customer_id"].nunique()
        found = {
            "full oracle": worth(pairs, (pairs["tau"] - pairs["cost"]).to_numpy(), budget),
            "attainable oracle": worth(pairs, known - pairs["cost"].to_numpy(), budget),
            "servicelift": worth(pairs, pairs["net_value"].to_numpy(), budget),
            "highest churn risk": by_risk(pairs, pairs["churn_probability"], budget),
            "highest CLV": by_risk(pairs, pairs["clv"], budget),
            "random": by_risk(pairs, pd.Series(np.random.default_rng(0).random(len(pairs))), budget),
        }
        for policy, (value, treated, harmed) in found.items():
            shares = {f"of_{name}": value / found[f"{name} oracle"][0] for name in ("full", "attainable")}
            rows.append({"seed": seed, "budget": budget, "policy": policy, "treated": treated, "value": value,
                         "harmed": harmed, **shares})  # fmt: skip
    return pd.DataFrame(rows)


def described(part: pd.DataFrame) -> pd.Series:
    """Return how well the effects of one action are known."""
    return pd.Series(
        {
            "pairs": len(part),
            "cost": part["cost"].mean(),
            "true mean": part["tau"].mean(),
            "our mean": part["incremental_clv"].mean(),
            "true sd": part["tau"].std(),
            "our sd": part["incremental_clv"].std(),
            "our correlation": correlation(part["incremental_clv"], part["tau"]),
            "attainable correlation": correlation(part["known"], part["tau"]),
        }
    )


def correlation(one: pd.Series, two: pd.Series) -> float:
    return float(np.corrcoef(one, two)[0, 1]) if one.std() > 1e-9 and two.std() > 1e-9 else 0.0


def say(step: str) -> None:
    print(f"[{time.process_time():7.1f} s] {step}", file=sys.stderr, flush=True)


def main() -> None:
    """Judge every seed and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=5_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[11])
    parser.add_argument("--oracle-seeds", type=int, nargs="+", default=[901, 902])
    parser.add_argument("--hidden", type=float, default=0.0, help="strength of the hidden confounder")
    parser.add_argument("--work", type=Path, default=Path("demo/policy"))
    asked = parser.parse_args()
    rows = pd.concat(
        [judged(asked.work, asked.customers, seed, asked.oracle_seeds, asked.hidden) for seed in asked.seeds],
        ignore_index=True,
    )
    print(rows.round(3).to_string(index=False))
    if len(asked.seeds) > 1:
        rows["place"] = rows.groupby(["seed", "policy"])["budget"].rank()
        print(rows.groupby(["place", "policy"])[["of_full", "of_attainable", "harmed"]].mean().round(3).to_string())


if __name__ == "__main__":
    main()
