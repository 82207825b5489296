"""Is the effect of a staggered rollout right? Many worlds of known truth, beside two-way fixed effects and DoubleML.

An initiative reaches sites at different dates or never. Prints, by world, bias, spread, coverage and mean width of 95%
intervals for the effect on the sites reached, the bias of a regression with effects of units and of periods, and how
often the test of trends before the start speaks (5% is chance, where units would have moved alike). Where DoubleML is
installed, the effect in the first period reached stands beside its own, both on a few seeds.

    python benchmarks/designs/rollout_truth.py --seeds 200
"""

from __future__ import annotations

import argparse
import time
from importlib.util import find_spec

import numpy as np
import pandas as pd
from servicelift.effects import rollout_effect

FIRST_SEED = 9_000
PERIODS = 10
WORLDS = {
    "no effect": {"effect": 0.0},
    "grows, differs by start": {},
    "16 sites": {"sites": 16},
    "everybody reached at last": {"never": False},
    "early ones grow anyway, as their size tells": {"chosen": True, "sites": 200},
    "30 sites of 20 customers": {"sites": 30, "customers": 20},
    "early ones grow anyway, untold": {"drift": 0.25},
}


def world(
    seed: int,
    *,
    sites: int = 60,
    customers: int = 1,
    effect: float = 1.0,
    never: bool = True,
    chosen: bool = False,
    drift: float = 0.0,
) -> tuple[pd.DataFrame, float, float]:
    """Return a panel, the true average effect a unit and period reached, and that in the first period."""
    rng = np.random.default_rng(seed)
    size = rng.normal(size=sites)
    starts = np.array([4.0, 6.0, 8.0, np.inf]) if never else np.array([4.0, 6.0, 8.0, 9.0])
    pull = np.outer(size, [0.6, 0.2, -0.2, -0.5]) if chosen else np.zeros((sites, 4))
    chance = np.exp(pull) / np.exp(pull).sum(axis=1, keepdims=True)
    start = np.zeros(sites)
    while min(np.sum(start == one) for one in starts) < 2:  # a cohort of one site would be refused
        start = np.array([rng.choice(starts, p=p) for p in chance])
    month = np.arange(PERIODS)
    since = np.where(np.isfinite(start)[:, None], np.clip(month - start[:, None] + 1, 0, None), 0.0)
    gain = effect * since * (1 + 0.5 * (start[:, None] == 4))
    moved = 0.4 * size[:, None] * month * chosen + drift * month * (start[:, None] == 4)
    shock = rng.normal(0, 0.5 if customers > 1 else 0.0, (sites, PERIODS))
    level = rng.normal(0, 2, sites)[:, None] + 0.5 * month + moved + gain + shock
    rows = np.repeat(np.arange(sites), customers)
    money = level[rows] + rng.normal(0, 1 if customers == 1 else 3, (len(rows), PERIODS))
    panel = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(rows)), PERIODS),
            "site": np.repeat(rows, PERIODS),
            "month": np.tile(month, len(rows)),
            "start": np.repeat(np.where(np.isfinite(start), start, np.nan)[rows], PERIODS),
            "size": np.repeat(size[rows], PERIODS),
            "money": money.ravel(),
        }
    )
    last = int(start[start < np.inf].max()) if not never else PERIODS
    told = (since > 0) & (month < last)  # without anybody left, the last periods cannot be told
    return panel, float(gain[told].mean()), float(gain[(since == 1) & told].mean())


def row(name: str, seeds: int) -> dict[str, object]:
    """Return one line of the table."""
    options, found, begun = WORLDS[name], [], time.process_time()
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        panel, truth, _ = world(seed, **options)
        e = rollout_effect(
            panel,
            "unit",
            "month",
            "start",
            "money",
            covariates=["size"] if options.get("chosen") else [],
            clusters="site",
        )
        covers = e.low <= truth <= e.high
        found.append((e.estimate - truth, covers, e.high - e.low, e.naive - truth, e.pretrend_p < 0.05))
    error, covers, width, naive, speaks = np.array(found, dtype=float).T
    return {
        "world": name,
        "bias": error.mean(),
        "sd": error.std(),
        "coverage": covers.mean(),
        "width": width.mean(),
        "two-way bias": naive.mean(),
        "pre-trend speaks": speaks.mean(),
        "cpu_seconds": (time.process_time() - begun) / seeds,
    }


def beside_doubleml(seeds: int) -> pd.DataFrame:
    """Return errors of the effect in the first period reached, ours and DoubleML's, in a world with covariates."""
    from doubleml.data import DoubleMLPanelData
    from doubleml.did import DoubleMLDIDMulti
    from sklearn.linear_model import LinearRegression, LogisticRegression

    rows = []
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        panel, _, first = world(seed, **WORLDS["early ones grow anyway, as their size tells"])
        ours = rollout_effect(panel, "unit", "month", "start", "money", covariates=["size"])
        mine = next(part for part in ours.by_exposure if part.part == 0)
        data = DoubleMLPanelData(
            panel.assign(start=panel["start"].fillna(np.inf)).drop(columns="site"),
            y_col="money",
            d_cols="start",
            id_col="unit",
            t_col="month",
            x_cols=["size"],
        )
        np.random.seed(seed)  # noqa: NPY002 - DoubleML splits by it
        peer = DoubleMLDIDMulti(data, LinearRegression(), LogisticRegression(), control_group="not_yet_treated").fit()
        table = peer.aggregate("eventstudy").aggregated_summary
        theirs = table[[float(str(name)) == 0 for name in table.index]].iloc[0]
        rows.append((mine.estimate - first, mine.std_error, theirs["coef"] - first, theirs["std err"]))
    table = pd.DataFrame(rows, columns=["error", "std_error", "doubleml error", "doubleml std_error"])
    return table.agg(["mean", "std"])


def main() -> None:
    """Run every world and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--worlds", nargs="+", default=list(WORLDS), choices=WORLDS)
    parser.add_argument("--doubleml-seeds", type=int, default=5)
    asked = parser.parse_args()
    print(f"{asked.seeds} seeds from {FIRST_SEED}, {PERIODS} periods")
    print(pd.DataFrame([row(name, asked.seeds) for name in asked.worlds]).round(3).to_string(index=False), flush=True)
    if find_spec("doubleml") and asked.doubleml_seeds:
        print(f"first period reached, {asked.doubleml_seeds} seeds, mean and spread")
        print(beside_doubleml(asked.doubleml_seeds).round(3).to_string())


if __name__ == "__main__":
    main()
