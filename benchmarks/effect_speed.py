"""Wall time and memory of the effects of one action beside EconML's DRLearner with the same trees, in one run.

Both get the same decisions (60 features, treatment chosen by some of them), five folds, one thread, and boosted trees
with the same settings for outcome, propensity and final effect. Ours does more: its outcome models are a mix of trees
and ridge regressions, its propensity one of trees and two logistic regressions, the average effect has its error
clustered by customer, and individual effects are calibrated on held-out folds. Each runs in a process of its own;
memory is the peak above the data.

    python benchmarks/effect_speed.py --units 1000000
    python benchmarks/effect_speed.py --units 100000 --profile
"""

from __future__ import annotations

import argparse
import cProfile
import multiprocessing
import os
import pstats
import resource
import time

import numpy as np
import pandas as pd

FEATURES, FOLDS = 60, 5
TREES = {
    "learning_rate": 0.1,
    "num_leaves": 4,
    "min_child_samples": 40,
    "reg_lambda": 5.0,
    "colsample_bytree": 0.5,
    "max_bin": 63,
    "n_estimators": 100,
}
FINAL = TREES | {"learning_rate": 0.05, "reg_lambda": 20.0, "n_estimators": 60}


def decisions(units: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Return features, arm, outcome and true effects; two decisions a customer."""
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.standard_normal((units, FEATURES)), columns=[f"x{i}" for i in range(FEATURES)])
    drive = 0.8 * X["x0"] + 0.5 * (X["x1"] > 0) - 0.5 * X["x2"]
    t = (rng.random(units) < 1 / (1 + np.exp(1.0 - drive))).astype(int)
    tau = 1.0 + np.maximum(X["x0"], 0) + 0.5 * (X["x3"] > 0)
    y = 2 * X["x0"] + X["x4"] + np.maximum(X["x5"], 0) + t * tau + 3 * rng.standard_normal(units)
    return X, t, y.to_numpy(), tau.to_numpy()


def ours(X: pd.DataFrame, t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return our effects: one cross-fit, average effect, individual effects."""
    from servicelift.models.effects.average import AverageEffect
    from servicelift.models.effects.individual import IndividualEffect
    from servicelift.models.fitting.design import DesignMatrix

    groups, design = np.arange(len(t)) // 2, DesignMatrix.of(X)
    fit = AverageEffect(folds=FOLDS, repeats=1, seed=0).fit(design, t, y, groups=groups)
    average = fit.summary()
    model = IndividualEffect(folds=FOLDS, seed=0)
    model.fit(design, t, y, groups=groups, nuisances=fit.nuisances_, average=average)
    return model.predict(X)


def theirs(X: pd.DataFrame, t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the DRLearner's effects: one cross-fit."""
    from econml.dr import DRLearner
    from lightgbm import LGBMClassifier, LGBMRegressor

    one = {"n_jobs": 1, "random_state": 0, "verbose": -1}
    learner = DRLearner(
        model_propensity=LGBMClassifier(**TREES, **one),
        model_regression=LGBMRegressor(**TREES, **one),
        model_final=LGBMRegressor(**FINAL, **one),
        cv=FOLDS,
        random_state=0,
    )
    return learner.fit(y, t, X=X).effect(X).ravel()


ENGINES = {"ours": ours, "econml DRLearner": theirs}


def measured(name: str, units: int, answers: multiprocessing.Queue) -> None:
    """Put wall seconds, processor seconds, MB above the data and the error of the effects."""
    X, t, y, tau = decisions(units)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, busy = time.perf_counter(), time.process_time()
    found = ENGINES[name](X, t, y)
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers.put((wall, busy, (peak - before) / 1024, float(np.sqrt(np.mean((found - tau) ** 2)) / tau.std())))


def main() -> None:
    """Run both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--profile", action="store_true", help="show where our time goes instead")
    asked = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = "1"
    if asked.profile:
        X, t, y, _ = decisions(asked.units)
        profile = cProfile.Profile(time.process_time)
        profile.runcall(ours, X, t, y)
        pstats.Stats(profile).sort_stats("cumulative").print_stats("servicelift|lightgbm|sklearn", 30)
        return
    context = multiprocessing.get_context("spawn")
    rows = {}
    for name in ENGINES:
        answers = context.Queue()
        child = context.Process(target=measured, args=(name, asked.units, answers))
        child.start()
        rows[name] = answers.get()
        child.join()
    table = pd.DataFrame(rows, index=["wall s", "processor s", "MB above the data", "error / spread"]).T
    print(f"{asked.units:,} decisions x {FEATURES} features, {FOLDS} folds, one thread")
    print(table.round(3).to_string())
    print(f"EconML's processor time over ours: {rows['econml DRLearner'][1] / rows['ours'][1]:.2f}")


if __name__ == "__main__":
    main()
