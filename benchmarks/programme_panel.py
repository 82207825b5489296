"""Effects of investments with later ones set to none, on EconML's semi-synthetic panel: truth, ours, naive totals.

The panel copies the moments of a software firm's customers: 5,000 of them, 4 periods, 3 continuous investments that
follow each other, heavy tails, and an outcome that lasts. The instance is that of EconML's case study "Long-term
return-on-investment via short-term proxies"; its other seeds are further draws of customers. EconML simulates the truth
anew with every draw (.910, .710, 2.453 in the case study, give or take .06); without that noise it follows from the
instance's coefficients. Both are printed.

    python benchmarks/programme_panel.py --seeds 43 44 45 46 47
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from servicelift.models.actions.dynamic import dynamic_effects

PERIODS, CUSTOMERS, INSTANCE = 4, 5_000, 43


def panels(seeds: list[int]):
    """Yield seed, states, investments, outcomes, simulated and exact effects (3,) of each draw of one instance."""
    from econml.data.dynamic_panel_dgp import SemiSynthetic

    np.random.seed(INSTANCE)  # noqa: NPY002  the generator draws from numpy's global state
    world = SemiSynthetic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its stored mixtures were pickled by an older scikit-learn
        world.create_instance()
    shape = (world.n_proxies, world.n_treatments)
    world.gen_data(CUSTOMERS, PERIODS, np.random.uniform(0, 2, size=shape), INSTANCE)  # noqa: NPY002
    thetas = np.random.uniform(0, 2, size=shape)  # noqa: NPY002
    for seed in seeds:
        x, t, y, _, effects = world.gen_data(CUSTOMERS, PERIODS, thetas, seed)
        yield seed, [x[:, period] for period in range(PERIODS)], t, y, effects.sum(axis=0), exact(world, thetas)


def exact(world, thetas: np.ndarray) -> np.ndarray:
    """Return what a unit of each investment in the first period adds to the outcome of all periods, (3,)."""
    proxies = world.index[: world.n_proxies]

    def lag(back: int) -> np.ndarray:
        return world.coef_df.loc[proxies, [f"{name}_{-back}" for name in proxies]].to_numpy()

    moved = [thetas]
    for period in range(1, PERIODS):
        moved.append(sum(lag(back) @ moved[period - back] for back in range(1, period + 1)))
    return np.sum(moved, axis=0)[0]


def main() -> None:
    """Print every seed and the mean errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[43, 44, 45, 46, 47])
    rows = []
    for seed, states, t, y, simulated, truth in panels(parser.parse_args().seeds):
        started = time.perf_counter()
        found = dynamic_effects(states, t, y, seed=0)
        seconds = time.perf_counter() - started
        for i, true in enumerate(truth):
            values = (found.blip[0, i], found.low[0, i], found.high[0, i], found.natural[0, i])
            rows.append((seed, f"investment {i + 1}", true, simulated[i], *values, seconds))
    columns = ["seed", "investment", "truth", "simulated truth", "ours", "low", "high", "naive total", "seconds"]
    table = pd.DataFrame(rows, columns=columns)
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    for truth in ("truth", "simulated truth"):
        for name in ("ours", "naive total"):
            print(f"mean error against the {truth}, {name}: {(table[name] / table[truth] - 1).abs().mean():.1%}")
    covered = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
    print(f"intervals that hold the truth: {covered.sum()} of {len(table)}")


if __name__ == "__main__":
    main()
