"""Do prediction intervals of subscribers cover what comes? The built-in world, continued after the model's last look.

For each seed a world is simulated and the contractual CLV model fitted to its tables. Every customer who runs at the
end of the data is then continued several times for the whole horizon, and each continuation compared with his
interval. Prints the share covered, below and above the interval, its width, and the bias of the mean.

    python benchmarks/interval_coverage.py --seeds 31 32 33 --customers 5000
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from servicelift.core.config.business import load_config
from servicelift.features.outcomes.clv_inputs import clv_inputs
from servicelift.features.tables.tables import open_tables
from servicelift.simulation.contract_tables import simulate_frames
from servicelift.simulation.truth import natural_value
from servicelift.simulation.write import simulate
from servicelift.training.clv import fit_contractual

CONTINUATIONS = 8
LEVELS = (0.5, 0.8, 0.9, 0.95)


def one_world(seed: int, customers: int, folder: Path) -> pd.DataFrame:
    """Return one line for each level and term: coverage, misses on both sides, width and bias."""
    path = simulate(folder / str(seed), customers=customers, seed=seed, truth=False).config
    world = simulate_frames(customers, seed)
    tables = open_tables(load_config(path))
    model = fit_contractual(tables)
    state = world.history.final
    rows = np.flatnonzero(state.running)
    known = world.tables["customers"]["customer_id"].iloc[rows].reset_index(drop=True)
    inputs = clv_inputs(tables, pd.DataFrame({"customer_id": known, "as_of": tables.data_until}))
    comes = natural_value(world.history.setting, state.take(rows), drawn=True, seed=[seed, 9], replicates=CONTINUATIONS)
    months = tables.config.value.horizon_months
    mean = model.predict(inputs.features, inputs.contract, horizon_months=months)
    terms = inputs.contract.term_months
    lines = []
    for level in LEVELS:
        low, high = model.predict_interval(inputs.features, inputs.contract, horizon_months=months, level=level)
        below, above = comes < low[:, None], comes > high[:, None]
        for term in np.unique(terms):
            part = terms == term
            lines.append(
                {
                    "seed": seed,
                    "level": level,
                    "term_months": term,
                    "customers": int(part.sum()),
                    "covered": 1 - below[part].mean() - above[part].mean(),
                    "below": below[part].mean(),
                    "above": above[part].mean(),
                    "width": (high - low)[part].mean(),
                    "bias": mean[part].mean() / comes[part].mean() - 1,
                }
            )
    return pd.DataFrame(lines)


def coverage(seeds: list[int], customers: int) -> pd.DataFrame:
    """Return the lines of all worlds."""
    with tempfile.TemporaryDirectory() as folder:
        return pd.concat([one_world(seed, customers, Path(folder)) for seed in seeds], ignore_index=True)


def main() -> None:
    """Run the seeds and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[31, 32, 33])
    parser.add_argument("--customers", type=int, default=5_000)
    asked = parser.parse_args()
    rows = coverage(asked.seeds, asked.customers)
    print(rows.round(3).to_string(index=False))
    print(f"\nmean over {len(asked.seeds)} worlds of {asked.customers:,} customers, {CONTINUATIONS} continuations each")
    print(rows.drop(columns=["seed", "customers"]).groupby(["level", "term_months"]).mean().round(3).to_string())


if __name__ == "__main__":
    main()
