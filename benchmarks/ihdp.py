"""Effects for each child of IHDP beside EconML's DRLearner with the same base learners, in one run.

Nine replicates of 747 children, both potential means known. Printed is the root mean squared error of the individual
effects over their standard deviation, both ways on the children learnt from: 1 is as good as the true average for
everybody. Ours mixes ridge regressions and small trees by weights; EconML gets the same trees, the same ridge, and
the mean of both.

    python benchmarks/ihdp.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from lightgbm import LGBMRegressor
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.individual import IndividualEffect
from sklearn.ensemble import VotingRegressor
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDS, REPEATS = 5, 5


def trees(rounds: int, rate: float, penalty: float) -> LGBMRegressor:
    """Return small trees with the settings of ours."""
    return LGBMRegressor(
        n_estimators=rounds,
        learning_rate=rate,
        num_leaves=4,
        min_child_samples=40,
        reg_lambda=penalty,
        colsample_bytree=0.5,
        max_bin=63,
        n_jobs=1,
        random_state=0,
        verbose=-1,
    )


def ridge(least: int, most: int):
    """Return ridge regression over our range of penalties."""
    return make_pipeline(StandardScaler(), RidgeCV(np.logspace(least, most, 25)))


def peers() -> dict[str, tuple[object, object]]:
    """Return the regression and the final learner of each peer."""
    regression = {"trees": trees(100, 0.1, 5.0), "ridge": ridge(-1, 5)}
    final = {"trees": trees(60, 0.05, 20.0), "ridge": ridge(1, 7)}
    both = {name: (regression[name], final[name]) for name in regression}
    return both | {"mean of both": (VotingRegressor(list(regression.items())), VotingRegressor(list(final.items())))}


def ours(X: pd.DataFrame, t: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return our effects, (n,)."""
    groups = np.arange(len(t))
    fit = AverageEffect(folds=FOLDS, repeats=REPEATS, seed=0).fit(X, t, y, groups=groups)
    whole = fit.summary(population="everybody")
    model = IndividualEffect(folds=FOLDS, seed=0)
    return model.fit(X, t, y, groups=groups, nuisances=fit.nuisances_, average=whole).predict(X)


def theirs(X: pd.DataFrame, t: np.ndarray, y: np.ndarray, regression: object, final: object) -> np.ndarray:
    """Return the DRLearner's effects, (n,)."""
    from econml.dr import DRLearner

    learner = DRLearner(
        model_propensity=LogisticRegression(max_iter=500),
        model_regression=regression,
        model_final=final,
        cv=FOLDS,
        mc_iters=REPEATS,
        random_state=0,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it takes a ridge's unused cv setting for a grid search
        return learner.fit(y, t, X=X).effect(X).ravel()


def main() -> None:
    """Print every replicate, the means and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SERVICELIFT_DATA", "../shared/data")))
    folder = parser.parse_args().data / "uplift" / "ihdp"
    if not folder.exists():
        print(f"no data under {folder}; name its folder with --data or SERVICELIFT_DATA")
        return
    rows = []
    for replicate in range(1, 10):
        table = pd.read_csv(folder / f"ihdp_npci_{replicate}.csv", header=None)
        t, y, tau = table[0].to_numpy(), table[1].to_numpy(), (table[4] - table[3]).to_numpy()
        X = table.loc[:, 5:].set_axis([f"x{i}" for i in range(25)], axis=1)
        found = {"ours": ours(X, t, y)} | {f"DRLearner, {k}": theirs(X, t, y, *pair) for k, pair in peers().items()}
        errors = {name: float(np.sqrt(np.mean((effects - tau) ** 2)) / tau.std()) for name, effects in found.items()}
        rows.append({"replicate": replicate, "spread": tau.std(), **errors})
    shown = pd.DataFrame(rows).set_index("replicate")
    print(shown.round(3).to_string())
    means = shown.drop(columns="spread").mean()
    print(means.round(3).to_string())
    for name in means.index[1:]:
        print(f"ours over {name}: {means['ours'] / means[name]:.3f}")


if __name__ == "__main__":
    main()
