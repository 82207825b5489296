"""Hillstrom's e-mail trial: published effects, and whom the mails reach, beside econml's DRLearner in one run.

    SERVICELIFT_DATA=DIR python benchmarks/hillstrom.py [--splits 20]

The file goes into `servicelift experiment` as it is: its own columns, three arms. Prints the six plain differences to
six decimals beside the published ones, the adjusted effects beside econml's average effect with the same base
learner, and where customers are said to differ. Then, for each mail: customers are halved at random, both learners
learn from one half, with the same base learner (small boosted trees), the same known propensity and the same five
folds, and rank the other half; AUTOC and QINI are read off the same doubly robust scores. Estimates and interval ends
are medians over the splits, which speak at 95%. Claims: the table is the published one; differences between women's
mail receivers are shown, between men's there is no evidence, by the command and by the halves; the paired difference
to econml is not below 0. Exit code 1 if one fails. `--splits 0` leaves the halves out.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import servicelift as sl
from servicelift.business.experiment import Experiment
from servicelift.models.effects.crossfit import cross_fit, customer_folds
from servicelift.models.effects.individual import IndividualEffect
from servicelift.models.fitting.design import Encoder
from servicelift.models.targeting.rank_weighted import (
    RankWeightedEffect,
    median_rank_weighted_effect,
    rank_weighted_difference,
    rank_weighted_effect,
)
from sklearn.dummy import DummyClassifier

FEATURES = ["recency", "history", "mens", "womens", "zip_code", "newbie", "channel"]
CONTROL = "No E-Mail"
PUBLISHED = {
    ("Mens E-Mail", "visit"): (0.076590, 0.003386),
    ("Mens E-Mail", "conversion"): (0.006805, 0.000921),
    ("Mens E-Mail", "spend"): (0.769827, 0.145247),
    ("Womens E-Mail", "visit"): (0.045233, 0.003234),
    ("Womens E-Mail", "conversion"): (0.003111, 0.000823),
    ("Womens E-Mail", "spend"): (0.424412, 0.130333),
}
SHOWN = {"Womens E-Mail": True, "Mens E-Mail": False}
NUISANCE = {"n_estimators": 100, "learning_rate": 0.1, "num_leaves": 4, "min_child_samples": 40, "reg_lambda": 5.0}
FINAL = {"n_estimators": 60, "learning_rate": 0.05, "num_leaves": 4, "min_child_samples": 400, "reg_lambda": 20.0}
LEVEL = 0.975


def mails(folder: Path) -> pd.DataFrame:
    """Return the trial."""
    return pd.read_csv(folder / "uplift" / "hillstrom.csv")


def judged_by_the_command(folder: Path) -> Experiment:
    """Return what the command finds in the file as it is."""
    keys = {
        "table": str((folder / "uplift" / "hillstrom.csv").resolve()),
        "arm": "segment",
        "control": CONTROL,
        "assignment": "random",
        "shares": dict.fromkeys(("Mens E-Mail", "Womens E-Mail", CONTROL), 1),
        "outcomes": {"visit": "yes_no", "conversion": "yes_no", "spend": "money"},
        "covariates": FEATURES,
        "currency": "USD",
    }
    return sl.experiment(keys)


def published_table(found: Experiment, data: pd.DataFrame) -> bool:
    """Print the average effects beside the published ones and econml's; return whether they are the published ones."""
    same = True
    rows = found.effects.set_index(["arm", "outcome"])
    for (arm, outcome), (effect, error) in PUBLISHED.items():
        row = rows.loc[(arm, outcome)]
        plain = row["difference"], row["difference_std_error"]
        same &= np.allclose(plain, (effect, error), atol=5.1e-7)
        print(
            f"{arm:14} {outcome:10} difference {plain[0]:.6f} ({plain[1]:.6f}), published {effect:.6f} ({error:.6f});"
            f" adjusted {row['estimate']:.6f} ({row['std_error']:.6f}), econml {their_average(data, arm, outcome):.6f}"
        )
    return same


def their_average(data: pd.DataFrame, arm: str, outcome: str) -> float:
    """Return econml's average effect of a mail, on the customers of both arms."""
    part = data[data["segment"].isin([arm, CONTROL])]
    x = Encoder().fit(part[FEATURES]).transform(part[FEATURES])
    t, y = (part["segment"] == arm).astype(int).to_numpy(), part[outcome].to_numpy(dtype=float)
    return float(np.mean(theirs(x, t, y, 0).effect(x)))


def shown_by_the_command(found: Experiment) -> bool:
    """Print where customers are said to differ; return whether it is where the reference says so."""
    areas = found.differences[found.differences["target"] == "autoc"]
    for _, row in areas.iterrows():
        said = "customers differ" if row["evidence"] else "no evidence"
        print(
            f"{row['arm']:14} {row['outcome']:10} AUTOC {row['estimate']:.4f} ({row['std_error']:.4f}), p among all"
            f" {row['p_together']:.4f}: {said}"
        )
    visits = areas[areas["outcome"] == "visit"].set_index("arm")["evidence"]
    return all(bool(visits[arm]) == shown for arm, shown in SHOWN.items())


def trees(settings: dict[str, float], seed: int) -> lgb.LGBMRegressor:
    """Return the base learner of both."""
    return lgb.LGBMRegressor(**settings, colsample_bytree=0.5, max_bin=63, random_state=seed, n_jobs=1, verbose=-1)


def theirs(x: np.ndarray, t: np.ndarray, y: np.ndarray, seed: int):
    """Return econml's learner on the folds that ours uses."""
    from econml.dr import DRLearner

    fold = customer_folds(np.arange(len(t)), t, folds=5, seed=seed * 1000)
    learner = DRLearner(
        model_propensity=DummyClassifier(strategy="prior"),
        model_regression=trees(NUISANCE, seed),
        model_final=trees(FINAL, seed),
        cv=[(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(5)],
        random_state=seed,
    )
    return learner.fit(y, t, X=x, inference=None)


def judged(data: pd.DataFrame, arm: str, splits: int) -> bool:
    """Print AUTOC and QINI of both learners and their difference; return whether the claims hold."""
    part = data[data["segment"].isin([arm, CONTROL])].reset_index(drop=True)
    X, x = part[FEATURES], Encoder().fit(part[FEATURES]).transform(part[FEATURES])
    t, y = (part["segment"] == arm).astype(int).to_numpy(), part["visit"].to_numpy(dtype=float)
    half, each = np.full(len(part), 0.5), np.arange(len(part))
    scores = cross_fit(X, t, y, groups=each, seed=0, propensity=half).scores(t, y)
    found: dict[tuple[str, str], list[RankWeightedEffect]] = {}
    for seed in range(splits):
        learn = np.random.default_rng(seed).random(len(part)) < 0.5
        our = IndividualEffect(seed=seed, repeats=1)
        our.fit(X[learn], t[learn], y[learn], groups=each[learn], propensity=half[learn])
        ranks = {
            "servicelift": our.raw(X[~learn]),
            "econml": theirs(x[learn], t[learn], y[learn], seed).effect(x[~learn]),
        }
        common = {"groups": each[~learn], "seed": seed, "level": LEVEL}
        for target in ("autoc", "qini"):
            for name, rank in ranks.items():
                rate = rank_weighted_effect(rank, scores[~learn], target=target, **common)
                found.setdefault((target, name), []).append(rate)
            both = (ranks["servicelift"], ranks["econml"], scores[~learn])
            found.setdefault((target, "difference"), []).append(
                rank_weighted_difference(*both, target=target, **common)
            )
        print(f"[{time.process_time():6.1f} s] {arm} split {seed + 1}", file=sys.stderr, flush=True)
    holds = True
    for (target, name), rates in found.items():
        middle = median_rank_weighted_effect(rates)
        print(f"{arm:14} {target:6} {name:12} {middle.estimate:.4f} ({middle.low:.4f} to {middle.high:.4f})")
        holds &= middle.high >= 0 if name == "difference" else True
    holds &= median_rank_weighted_effect(found["autoc", "servicelift"]).shown == SHOWN[arm]
    return holds


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=20)
    asked = parser.parse_args()
    folder = Path(os.environ.get("SERVICELIFT_DATA", "../shared/data"))
    if not folder.is_dir():
        print(f"the public data sets are not at {folder}; set SERVICELIFT_DATA to their folder")
        return 0
    data = mails(folder)
    found = judged_by_the_command(folder)
    held = {"table": published_table(found, data), "differences": shown_by_the_command(found)}
    if asked.splits:
        held |= {arm: judged(data, arm, asked.splits) for arm in SHOWN}
    print("claims: " + ", ".join(f"{name} {'holds' if ok else 'FAILS'}" for name, ok in held.items()))
    return 0 if all(held.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
