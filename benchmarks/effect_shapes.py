"""What a list is truly worth where effects have other shapes than the world's own, beside peers in one run.

Worlds are cut down to the incremental stage (``parts/shaped_world.py`` says how). For each shape, size and seed,
every method learns from the same decisions, gives every customer an effect, and the list takes the highest ones above
the cost of an offer, within a budget that pays for 5% or 15% of all customers who can get it. Printed are, as sums over
seeds: the list's true net value as a share of the oracle's, which ranks by the true effects (net EUR a customer where
there is no effect at all); the share of the listed who are harmed; what the list promises over what is true.

"steps" is `SteppedEffect`, which `train` uses; "value at risk" is `ValueAtRiskEffect`, which knows one shape and lets
others in once they are proven. "DRLearner" and "CausalForestDML" are econml's on the same encoded features with the
same kind of small trees and the propensity known to be constant; "churn risk" treats the riskiest, whatever they gain.
Seeds were named before the method was fixed; others served to choose it.

    python benchmarks/effect_shapes.py --customers 3000 --seeds 301 302 303 304 305 306 --work DIR
    python benchmarks/effect_shapes.py --customers 10000 --seeds 311 312 313 --work DIR
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from parts.shaped_world import ShapedWorld, shaped_world
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.stepped import SteppedEffect
from servicelift.models.effects.value_at_risk import ValueAtRiskEffect
from servicelift.models.fitting.design import DesignMatrix

SHAPES = ("proportional", "additive", "sign", "contact", "payment", "hidden", "none")
BUDGETS = (0.05, 0.15)
SMALL = {"n_estimators": 50, "learning_rate": 0.1, "num_leaves": 7, "min_child_samples": 30, "verbosity": -1,
         "n_jobs": 1, "random_state": 0}  # fmt: skip
RISK = "churn risk"


def ours(world: ShapedWorld) -> dict[str, np.ndarray]:
    """Return the effects that the value at risk and steps predict, both from one fit of the average."""
    chance = np.full(len(world.X), world.propensity)
    average = AverageEffect(repeats=3, seed=0)
    average.fit(world.X, world.treated, world.outcome, groups=world.groups, propensity=chance)
    known = {"groups": world.groups, "parts": world.parts, "propensity": chance, "fitted": average}
    known |= {"average": average.summary()}
    given = (world.X, world.treated, world.outcome)
    found = {}
    for name, kind in {"value at risk": ValueAtRiskEffect, "steps": SteppedEffect}.items():
        started = time.process_time()
        found[name] = kind(seed=0).fit(*given, **known).predict(world.pairs)
        say(f"{name}: {time.process_time() - started:.2f} s")
    return found


def peers(world: ShapedWorld) -> dict[str, np.ndarray]:
    """Return what econml's learners predict."""
    from econml.dml import CausalForestDML
    from econml.dr import DRLearner
    from lightgbm import LGBMRegressor
    from sklearn.dummy import DummyClassifier

    design = DesignMatrix.of(world.X)
    new, data = design.encoder.transform(world.pairs), (world.outcome, world.treated)
    learner = DRLearner(
        model_propensity=DummyClassifier(),
        model_regression=LGBMRegressor(**SMALL),
        model_final=LGBMRegressor(**SMALL),
        cv=5,
        random_state=0,
    )
    forest = CausalForestDML(
        model_y=LGBMRegressor(**SMALL),
        model_t=DummyClassifier(),
        discrete_treatment=True,
        n_estimators=500,
        cv=5,
        n_jobs=1,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "DRLearner": learner.fit(*data, X=design.matrix).effect(new).ravel(),
            "CausalForestDML": forest.fit(*data, X=design.matrix).effect(new).ravel(),
        }


def listed(world: ShapedWorld, predicted: np.ndarray, budget: float, *, everybody: bool = False) -> dict[str, float]:
    """Return true and promised net value of a list a customer, and the share of the listed who are harmed."""
    order = np.argsort(-predicted, kind="stable")[: int(budget * len(predicted))]
    chosen = order if everybody else order[predicted[order] > world.cost]
    n, tau = len(predicted), world.tau[chosen]
    return {
        "net": float((tau - world.cost).sum()) / n,
        "promised": float("nan") if everybody else float((predicted[chosen] - world.cost).sum()) / n,
        "listed": len(chosen) / n,
        "harmed": float((tau < 0).sum()) / n,
    }


def judged(work: Path, shape: str, customers: int, seed: int, with_peers: bool) -> list[dict[str, object]]:
    """Return one row a method and budget, kept under ``work``."""
    kept = work / f"judged-{shape}-{customers}-{seed}.json"
    if kept.exists():
        return pd.read_json(kept).to_dict("records")
    world = shaped_world(work, shape, customers, seed)
    found = ours(world) | (peers(world) if with_peers else {}) | {"oracle": world.tau}
    rows = []
    for budget in BUDGETS:
        lists = {name: listed(world, effect, budget) for name, effect in found.items()}
        lists[RISK] = listed(world, world.risk, budget, everybody=True)
        rows += [
            {"shape": shape, "seed": seed, "budget": budget, "method": name, **said, "oracle": lists["oracle"]["net"]}
            for name, said in lists.items()
            if name != "oracle"
        ]
    pd.DataFrame(rows).to_json(kept)
    return rows


def say(line: str) -> None:
    print(f"[{time.process_time():7.1f} s] {line}", file=sys.stderr, flush=True)


def main() -> None:
    """Judge every world and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(301, 311)))
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=list(SHAPES))
    parser.add_argument("--no-peers", action="store_true", help="leave econml out")
    parser.add_argument("--work", type=Path, default=Path("demo/shapes"))
    asked = parser.parse_args()
    rows = []
    for seed in asked.seeds:
        for shape in asked.shapes:
            say(f"{shape}, {asked.customers} customers, seed {seed}")
            rows += judged(asked.work, shape, asked.customers, seed, not asked.no_peers)
    table = pd.DataFrame(rows)
    money = ["net", "oracle", "promised", "listed", "harmed"]
    sums = table.groupby(["budget", "method", "shape"], as_index=False)[money].sum()
    sums["share"] = sums["net"] / sums["oracle"]
    nothing = sums["shape"] == "none"
    sums.loc[nothing, "share"] = sums.loc[nothing, "net"] / len(asked.seeds)
    share = sums.pivot_table(values="share", index=["budget", "method"], columns="shape")
    share = share[[shape for shape in SHAPES if shape in asked.shapes]]
    share["mean"] = share.drop(columns="none", errors="ignore").mean(axis=1)
    whole = sums.groupby(["budget", "method"])[money].sum()
    share["harmed"] = whole["harmed"] / whole["listed"]
    share["promised/true"] = (whole["promised"] / whole["net"]).where(whole["promised"] != 0)
    print(f"{asked.customers} customers, seeds {' '.join(map(str, asked.seeds))}")
    print(share.round(2).to_string())


if __name__ == "__main__":
    main()
