"""IBM Telco, one flat table: our churn classifier beside logistic regression and default LightGBM, five folds.

    SERVICELIFT_DATA=DIR python benchmarks/telco_churn.py [--trials 20]

Claim: mean AUC of the five folds at least .848 and log loss at most .413, calibration included, settings as shipped.
Prints each model's mean over the folds, and the difference to logistic regression fold by fold. With ``--trials`` the
settings are searched as well, inside each fold's own training rows. Exit code 1 if the claim does not hold.
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
from servicelift.models.churn.baseline import LogisticBaseline
from servicelift.models.churn.competing import ChurnClassifier
from servicelift.models.churn.tuning import open_study, tune
from servicelift.models.evaluation.metrics import log_loss
from servicelift.models.evaluation.profit import CampaignTerms
from servicelift.models.evaluation.slices import Campaign, slice_metrics
from servicelift.models.evaluation.time_split import random_split
from sklearn.model_selection import StratifiedKFold

FILE = "churn/ibm_telco_customer_churn.csv"
SEED = 0
LEAST_AUC, MOST_LOG_LOSS = 0.848, 0.413
SHOWN = ["auc", "log_loss", "brier", "average_precision", "lift_10", "ece", "empc", "mpc", "seconds"]


def flat_table(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return features and outcome of the flat file."""
    raw = pd.read_csv(path)
    raw["TotalCharges"] = pd.to_numeric(raw["TotalCharges"], errors="coerce")
    return raw.drop(columns=["customerID", "Churn"]), (raw["Churn"] == "Yes").to_numpy().astype(np.int64)


def ours(X, y):
    return ChurnClassifier(random_state=SEED).fit(X, y)


def logistic(X, y):
    return LogisticBaseline().fit(X, y)


class DefaultLightGBM:
    """LightGBM as it comes, categories native."""

    def fit(self, X, y):
        self.levels = {name: sorted(X[name].unique()) for name in X.columns if X[name].dtype.kind not in "if"}
        self.model = lgb.LGBMClassifier(random_state=SEED, n_jobs=1, verbose=-1).fit(self.cast(X), y)
        return self

    def cast(self, X):
        return X.assign(**{name: pd.Categorical(X[name], categories=levels) for name, levels in self.levels.items()})

    def predict_proba(self, X):
        return self.model.predict_proba(self.cast(X))


def tuned(trials):
    def fit(X, y):
        split = random_split(np.arange(len(y)), SEED, test_share=0.01, validation_share=0.25)
        learn, held = split.train, split.validation | split.test

        def loss_of(settings):
            model = ChurnClassifier(random_state=SEED, folds=1, **settings).fit(X[learn], y[learn])
            return log_loss(y[held], model.predict_proba(X[held])[:, 1])

        found = tune(loss_of, open_study("telco", None), trials=trials, seconds=None, seed=SEED)
        return ChurnClassifier(random_state=SEED, **found.settings).fit(X, y)

    return fit


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=0, help="also search the settings, so many trials a fold")
    options = parser.parse_args()
    path = Path(os.environ.get("SERVICELIFT_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")) / FILE
    if not path.is_file():
        print(f"left out: '{FILE}' is not in $SERVICELIFT_DATA")
        return
    X, y = flat_table(path)
    models = {"ours": ours, "logistic": logistic, "lightgbm default": lambda X, y: DefaultLightGBM().fit(X, y)}
    if options.trials:
        models[f"ours, {options.trials} trials"] = tuned(options.trials)
    parts = []
    for fold, (train, test) in enumerate(StratifiedKFold(5, shuffle=True, random_state=SEED).split(X, y)):
        risks, seconds = {}, {}
        for name, fit in models.items():
            begun = time.perf_counter()
            risks[name] = fit(X.iloc[train], y[train]).predict_proba(X.iloc[test])[:, 1]
            seconds[name] = time.perf_counter() - begun
        table = slice_metrics(y[test], risks, {}, Campaign(CampaignTerms(), 0.3))
        parts.append(table.assign(fold=fold, seconds=table["model"].map(seconds)))
    folds = pd.concat(parts)
    means = folds.groupby("model", sort=False)[SHOWN].mean()
    print(f"{len(y):,} customers, {y.mean():.2%} churn; means of five folds (seconds a fit)")
    print(means.to_string(float_format=lambda value: f"{value:.4f}"))
    wide = folds.pivot_table(index="fold", columns="model", values="auc")
    print("AUC above logistic, fold by fold:", (wide["ours"] - wide["logistic"]).round(4).tolist())
    best = means.loc["ours"]
    holds = best["auc"] >= LEAST_AUC and best["log_loss"] <= MOST_LOG_LOSS
    print(f"claim {'holds' if holds else 'does not hold'}: AUC {best['auc']:.4f}, log loss {best['log_loss']:.4f}")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
