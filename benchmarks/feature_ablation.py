"""What each group of features adds to the churn model on the built-in world: without it, and by it alone.

Every declared group (and so every later one) is left out once and used alone once; the classifier learns on the early
snapshots and is judged on the latest, an embargo of horizon and grace apart, as in training. Differences are paired:
the same rows, the same bootstrap weights of customers, averaged over seeds. Brackets are 95% intervals; they tell the
chance of the customers drawn, not that of fitting again.

    python benchmarks/feature_ablation.py --seeds 101 102 --customers 8000
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.core.arrays import Floats, Ints
from servicelift.core.config.business import load_config
from servicelift.features.catalogue.catalogue import explain
from servicelift.features.tables.tables import open_tables
from servicelift.models.churn.competing import ChurnClassifier
from servicelift.models.evaluation.time_split import time_split
from servicelift.simulation.write import simulate
from servicelift.training.churn import ChurnData, churn_data
from sklearn.metrics import log_loss, roc_auc_score

Say = Callable[[str], None]
FULL = "all"
JUDGES = {"AUC": roc_auc_score, "log loss": log_loss}


@dataclass(frozen=True)
class JudgedEstimate:
    """Held-out rows of one seed: who left, whose row it is, and each variant's probabilities."""

    churned: Ints
    customer: Ints
    risks: dict[str, Floats]
    sizes: dict[str, int]


def one_seed(seed: int, customers: int, say: Say) -> JudgedEstimate:
    """Simulate, fit the variants on the early snapshots, and return their risks on the latest."""
    with tempfile.TemporaryDirectory() as folder:
        world = simulate(Path(folder) / "world", customers=customers, seed=seed, truth=False)
        tables = open_tables(load_config(world.config))
        data = churn_data(tables, say)
        groups: dict[str, list[str]] = {}
        for name in data.features:
            groups.setdefault(explain(str(name), tables.config).group, []).append(str(name))
    churn = tables.config.churn
    embargo = float(churn.horizon_days + churn.grace_days)
    split = time_split(data.spine["as_of"], embargo)
    early, late = data.take(split.train | split.validation), data.take(split.test)
    everything = list(data.features.columns)
    variants = {FULL: everything}
    for group, names in groups.items():
        variants[f"without {group}"] = [name for name in everything if name not in names]
        variants[f"only {group}"] = names
    risks = {}
    for variant, names in variants.items():
        say(f"{variant}: {len(names)} features")
        risks[variant] = _risk(early, late, names, embargo, seed)
    sizes = {group: len(names) for group, names in groups.items()}
    return JudgedEstimate(late.churned, pd.factorize(late.spine["customer_id"])[0], risks, sizes)


def _risk(early: ChurnData, late: ChurnData, names: list[str], embargo: float, seed: int) -> Floats:
    model = ChurnClassifier(embargo=embargo, random_state=seed)
    model.fit(early.features[names], early.churned, order=early.spine["as_of"], groups=early.spine["customer_id"])
    return model.predict_proba(late.features[names])[:, 1]


def draws_of(judged: list[JudgedEstimate], draws: int) -> dict[str, pd.DataFrame]:
    """Return each measure of each variant, mean over seeds: row 0 as it is, then one row a bootstrap draw.

    A draw gives every customer an exponential weight (Rubin 1981), the same for all variants.
    """
    found: dict[str, list[dict[str, float]]] = {measure: [] for measure in JUDGES}
    for draw in range(draws + 1):
        weights = [_weights(one, draw, place) for place, one in enumerate(judged)]
        for measure, judge in JUDGES.items():
            found[measure].append(
                {
                    variant: float(
                        np.mean(
                            [
                                judge(one.churned, one.risks[variant], sample_weight=weight)
                                for one, weight in zip(judged, weights, strict=True)
                            ]
                        )
                    )
                    for variant in judged[0].risks
                }
            )
    return {measure: pd.DataFrame(rows) for measure, rows in found.items()}


def _weights(one: JudgedEstimate, draw: int, place: int) -> Floats:
    if draw == 0:
        return np.ones(len(one.churned))
    return np.random.default_rng([place, draw]).exponential(size=one.customer.max() + 1)[one.customer]


def table(judged: list[JudgedEstimate], measures: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row a group: what leaving it out changes, and what it reaches alone."""
    rows = []
    for group, size in judged[0].sizes.items():
        row = {"group": group, "features": str(size)}
        for measure, values in measures.items():
            row[f"{measure} without - all"] = _shown(values[f"without {group}"] - values[FULL], "+.4f")
            row[f"{measure} alone"] = _shown(values[f"only {group}"], ".4f")
        rows.append(row)
    return pd.DataFrame(rows)


def _shown(values: pd.Series, form: str) -> str:
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return f"{values[0]:{form}} [{low:{form}}, {high:{form}}]"


def main() -> None:
    """Run the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--customers", type=int, default=8_000)
    parser.add_argument("--draws", type=int, default=100, help="bootstrap draws")
    asked = parser.parse_args()
    started = time.monotonic()
    judged = []
    for seed in asked.seeds:

        def say(step: str, seed: int = seed) -> None:
            print(f"[{time.monotonic() - started:7.1f} s] seed {seed}: {step}", file=sys.stderr, flush=True)

        judged.append(one_seed(seed, asked.customers, say))
    measures = draws_of(judged, asked.draws)
    rows, events = sum(len(one.churned) for one in judged), sum(int(one.churned.sum()) for one in judged)
    print(f"{len(judged)} worlds of {asked.customers:,} customers; {rows:,} held-out rows, {events:,} of which leave")
    print(", ".join(f"{measure} of all features {_shown(v[FULL], '.4f')}" for measure, v in measures.items()))
    print(table(judged, measures).to_string(index=False))


if __name__ == "__main__":
    main()
