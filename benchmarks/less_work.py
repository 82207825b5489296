"""What fewer cross-fits, draws and trees change: estimate, interval and coverage beside those of another revision.

Every seed is a small world whose truth is known: customers with forty features, treated at random or chosen by them; an
outcome that is half seen and half forecast from a state by a model fitted on other customers, which every bootstrap
draw refits. The same worlds are estimated by this package and by that of another folder (a checkout of an earlier
revision whose parent is importable: a link `servicelift` to it). For each design: how far estimates moved, in standard
errors; coverage, width and bias on both sides; CPU seconds.

    python benchmarks/less_work.py --seeds 20 --before FOLDER_THAT_HOLDS_THE_LINK
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from servicelift.core.hashing import customer_weights
from servicelift.models.effects import bootstrap
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.bootstrap import bootstrap_weights, bootstrapped
from threadpoolctl import threadpool_limits

CROSS_FITS = 5
DRAWS = 40
ENOUGH = 0.1
FEATURES = 40
EFFECT = 6.0


def world(seed: int, randomised: bool, n: int) -> dict[str, np.ndarray]:
    """Return features, treatment, what was seen, the state, true effects, and the forecaster's own customers."""
    rng = np.random.default_rng([seed, int(randomised)])
    x = rng.normal(size=(n, FEATURES))
    x[:, 20:] = rng.poisson(np.exp(0.3 * x[:, 20:]))
    x[:, 30:] = x[:, 30:] > 1
    chance = np.full(n, 0.5) if randomised else 1 / (1 + np.exp(1.2 - 0.7 * x[:, 0] - 0.5 * (x[:, 20] > 2)))
    treated = (rng.random(n) < chance).astype(int)
    tau = EFFECT + 2 * x[:, 1]
    state = np.column_stack([x[:, 0] + 0.2 * treated * tau, np.maximum(x[:, 2], 0), rng.normal(size=n)])
    seen = 20 + 5 * x[:, 0] + 4 * np.abs(x[:, 3]) + 8 * rng.standard_t(4, size=n) + 0.5 * treated * tau
    beta = np.array([2.5, 6.0, 3.0])
    others = rng.normal(size=(3_000, 3))
    came = others @ beta + 25 * rng.normal(size=3_000)
    return {
        "x": x,
        "treated": treated,
        "chance": chance,
        "seen": seen,
        "state": state,
        "tau": 0.5 * tau + 2.5 * 0.2 * tau,
        "others": others,
        "came": came,
    }


def forecaster(data: dict[str, np.ndarray], weight: np.ndarray) -> np.ndarray:
    """Return the forecast of each unit by a weighted regression on the other customers."""
    x = data["others"] * weight[:, None]
    return np.asarray(data["state"] @ np.linalg.solve(x.T @ data["others"], x.T @ data["came"]))


def estimated(seed: int, randomised: bool, n: int) -> dict[str, float | str]:
    """Return truth, estimate and interval of one world, with the CPU seconds they took."""
    data = world(seed, randomised, n)
    groups, began = np.arange(n), time.process_time()
    stops = hasattr(bootstrap, "draws_suffice")
    effect = AverageEffect(folds=5, repeats=CROSS_FITS, seed=seed, **({"enough": ENOUGH} if stops else {}))
    names = [f"x{place}" for place in range(FEATURES)]
    outcome = data["seen"] + forecaster(data, np.ones(len(data["came"])))
    effect.fit(
        pd.DataFrame(data["x"], columns=names),
        data["treated"],
        outcome,
        groups=groups,
        propensity=data["chance"] if randomised else None,
    )
    values, fixed = list[float](), list[float]()
    for draw in range(DRAWS):
        refitted = forecaster(data, customer_weights(10_000 + np.arange(len(data["came"])), seed, draw))
        weight = bootstrap_weights(groups, draw=draw, seed=seed)
        values.append(effect.estimate(data["seen"] + refitted, weight))
        fixed.append(effect.estimate(None, weight))
        if stops and bootstrap.draws_suffice(effect, values, fixed, enough=ENOUGH):
            break
    found = bootstrapped(effect, values, seed=seed).effect
    return {
        "design": "randomised" if randomised else "chosen",
        "seed": seed,
        "truth": float(data["tau"][data["treated"] == 1].mean()),
        "estimate": found.estimate,
        "std_error": found.std_error,
        "low": found.low,
        "high": found.high,
        "cross_fits": len(effect.nuisances_),
        "draws": len(values),
        "cpu": time.process_time() - began,
    }


def all_of(seeds: int, n: int) -> pd.DataFrame:
    """Return one row a seed and design."""
    rows = []
    with threadpool_limits(1, user_api="blas"):
        for seed in range(1, seeds + 1):
            for randomised in (True, False):
                rows.append(estimated(seed, randomised, n))
                print(f"seed {seed}: {rows[-1]['design']}, {rows[-1]['cpu']:.1f} CPU s", file=sys.stderr, flush=True)
    return pd.DataFrame(rows)


def of_revision(folder: Path, seeds: int, n: int) -> pd.DataFrame:
    """Return the rows that the package of another folder makes, by this very script."""
    with TemporaryDirectory() as place:
        out = Path(place) / "rows.parquet"
        command = [sys.executable, __file__, "--seeds", str(seeds), "--units", str(n), "--out", str(out)]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(folder)})
        return pd.read_parquet(out)


def side_by_side(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return for each design how far estimates moved, and both sides' coverage, width, bias, effort."""
    lines = []
    for design, old in before.groupby("design", sort=False):
        new = after[after["design"] == design]
        moved = ((new["estimate"].to_numpy() - old["estimate"].to_numpy()) / old["std_error"].to_numpy()).round(4)
        line: dict[str, object] = {
            "design": design,
            "worlds": len(old),
            "moved_mean": moved.mean(),
            "moved_rms": np.sqrt((moved**2).mean()),
            "moved_most": np.abs(moved).max(),
            "within_a_tenth": int((np.abs(moved) <= 0.1).sum()),
        }
        for side, rows in (("before", old), ("after", new)):
            covered = (rows["low"] <= rows["truth"]) & (rows["truth"] <= rows["high"])
            line |= {
                f"covered_{side}": int(covered.sum()),
                f"width_{side}": (rows["high"] - rows["low"]).mean(),
                f"bias_{side}": (rows["estimate"] - rows["truth"]).mean(),
                f"cross_fits_{side}": rows["cross_fits"].mean(),
                f"draws_{side}": rows["draws"].mean(),
                f"cpu_{side}": rows["cpu"].sum(),
            }
        lines.append(line)
    return pd.DataFrame(lines).set_index("design").T


def main() -> None:
    """Run the worlds asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--units", type=int, default=1_200)
    parser.add_argument("--before", type=Path, help="folder whose `servicelift` is the other revision")
    parser.add_argument("--out", type=Path, help="write this package's rows there, and nothing else")
    asked = parser.parse_args()
    rows = all_of(asked.seeds, asked.units)
    if asked.out is not None:
        rows.to_parquet(asked.out)
    if asked.before is not None:
        table = side_by_side(of_revision(asked.before, asked.seeds, asked.units), rows)
        print(table.to_string(float_format=lambda value: f"{value:,.3f}"))


if __name__ == "__main__":
    main()
