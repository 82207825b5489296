"""Borrowing with an allowance for bias beside randomised alone, pooling, and pooling after a test, under known biases.

Effects of several actions are drawn with the errors that the built-in world has: three quarters of the randomised
effect's variance come from the held-out customers, and the observational one has two fifths of it. Each line says how
wrong the observational effects are, in standard errors of the randomised one. Covered and width are of the first
action, the width as a share of the randomised one's. With --estimated, files of estimates that
`surrogate_correction.py --work` kept are combined too, beside their truth.

    python benchmarks/effects/borrowing_truth.py --draws 1000
    python benchmarks/effects/borrowing_truth.py --draws 0 --estimated DIR/seed-401-3000 DIR/seed-402-3000
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.core.config.business import load_config
from servicelift.models.effects.borrowing import Difference, borrowed
from servicelift.models.effects.inference import EffectEstimate
from servicelift.scoring.statement.combined_columns import combined_columns
from servicelift.scoring.statement.estimate import negative_controls, rectified

TREATED, HELD, DRAWN = 0.23, 0.77, 0.17
"""Variances of what each group of customers adds."""
ERROR, OTHER, BETWEEN = (TREATED + HELD) ** 0.5, (TREATED + DRAWN) ** 0.5, (HELD + DRAWN) ** 0.5

Bias = Callable[[np.random.Generator, int], np.ndarray]


def all_alike(size: float) -> Bias:
    """Return the same bias for every action: a hidden cause that all choices look at."""
    return lambda _, actions: np.full(actions, size)


def only_first(size: float) -> Bias:
    """Return a bias of the first action alone."""
    return lambda _, actions: np.where(np.arange(actions) == 0, size, 0.0)


BIASES: dict[str, Bias] = {
    "none": all_alike(0.0),
    **{f"all actions {size:g}": all_alike(size) for size in (0.5, 1.0, 2.0, 4.0)},
    **{f"first action {size:g}": only_first(size) for size in (1.0, 2.0, 4.0)},
    "each its own, spread 1": lambda rng, actions: rng.normal(0, 1, actions),
}


def estimate(value: float, error: float) -> EffectEstimate:
    """Return an effect with its normal interval."""
    half = 1.96 * error
    return EffectEstimate(value, error, value - half, value + half, "treated", 99, 99, 99.0, 99.0, 0.0, 0.0, 1.0)


def intervals(plain: np.ndarray, other: np.ndarray) -> dict[str, tuple[float, float, float]]:
    """Return estimate and interval of the first action by each method."""
    differences = [Difference(float(value), BETWEEN) for value in other - plain]
    combined = borrowed(estimate(plain[0], ERROR), estimate(other[0], OTHER), differences[0], differences[1:]).effect
    weight = HELD / BETWEEN**2
    middle, error = plain[0] + weight * differences[0].value, (ERROR**2 - weight * HELD) ** 0.5
    pooled = (middle, middle - 1.96 * error, middle + 1.96 * error)
    alone = (plain[0], plain[0] - 1.96 * ERROR, plain[0] + 1.96 * ERROR)
    return {
        "randomised": alone,
        "pooled": pooled,
        "pooled after a test": pooled if abs(differences[0].value) < 1.96 * BETWEEN else alone,
        "combined": (combined.estimate, combined.low, combined.high),
    }


def lines(name: str, actions: int, draws: int) -> list[dict[str, object]]:
    """Return one line a method over so many draws; every true effect is 0."""
    rng, rows = np.random.default_rng([17, actions, list(BIASES).index(name)]), []
    for _ in range(draws):
        treated, held, drawn = (rng.normal(0, variance**0.5, actions) for variance in (TREATED, HELD, DRAWN))
        found = intervals(treated - held, treated - drawn + BIASES[name](rng, actions))
        rows += [(method, *ends) for method, ends in found.items()]
    table = pd.DataFrame(rows, columns=["method", "estimate", "low", "high"])
    return [
        {
            "bias of": name,
            "actions": actions,
            "method": method,
            "bias": part["estimate"].mean(),
            "rmse": float(np.sqrt((part["estimate"] ** 2).mean())),
            "covered": ((part["low"] < 0) & (part["high"] > 0)).mean(),
            "width": (part["high"] - part["low"]).mean() / (2 * 1.96 * ERROR),
        }
        for method, part in table.groupby("method", sort=False)
    ]


def world_rows(folder: Path) -> pd.DataFrame:
    """Return randomised and combined effects of a simulated world's estimates beside their truth."""
    raw = pickle.loads((folder / "estimated.pkl").read_bytes())
    known = pd.read_parquet(folder / "world" / "truth" / "decisions.parquet").set_index("action_id")["tau"]
    config = load_config(folder / "world" / "press.yaml")
    mixed = [name for name, action in config.incremental.actions.items() if action.assignment == "mixed"]
    costs = [float(one.trial.units.loc[one.trial.treated == 1, "cost"].mean()) for one in raw]
    combined = combined_columns(rectified(raw), costs, negative_controls(raw, mixed, config.seed))
    rows = []
    for one, columns in zip(raw, combined, strict=True):
        if columns["combined_verdict"] is None:
            continue
        ids = one.trial.units.loc[one.trial.treated == 1, "action_id"].astype(str)
        own = {"low": one.effect.effect.low, "high": one.effect.effect.high}
        rows.append(
            {"world": folder.name, "action": one.trial.action, "truth": known[ids].mean(), **own}
            | {name.removeprefix("combined_"): value for name, value in columns.items()}
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--actions", type=int, nargs="+", default=[3, 5])
    parser.add_argument("--estimated", type=Path, nargs="*", default=[])
    asked = parser.parse_args()
    if asked.draws:
        table = [line for actions in asked.actions for name in BIASES for line in lines(name, actions, asked.draws)]
        print(pd.DataFrame(table).round(3).to_string(index=False))
    if asked.estimated:
        rows = pd.concat([world_rows(folder) for folder in asked.estimated], ignore_index=True)
        print(rows.round(2).to_string(index=False))
        for name, low, high in (
            ("randomised", rows["low"], rows["high"]),
            ("combined", rows["per_treated_low"], rows["per_treated_high"]),
        ):
            inside = (low <= rows["truth"]) & (rows["truth"] <= high)
            print(f"{name}: covers {int(inside.sum())} of {len(rows)}, mean width {(high - low).mean():.2f}")


if __name__ == "__main__":
    main()
