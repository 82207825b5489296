"""Effects of investments with later ones set to none, on EconML's semi-synthetic panel: truth, ours, naive totals.

The panel copies the moments of a software firm's customers: 5,000 of them, 4 periods, 3 continuous investments that
follow each other, and an outcome that lasts. Instance and truth are those of EconML's case study "Long-term
return-on-investment via short-term proxies" (.910, .710, 2.453); its other seeds are further draws of customers.

    python benchmarks/programme_panel.py --seeds 43 44 45 46 47
"""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import pandas as pd
from servicelift.models.dynamic import dynamic_effects

PERIODS, CUSTOMERS, INSTANCE = 4, 5_000, 43


def panels(seeds: list[int]):
    """Yield the seed, states, investments, outcomes and true effects (3,) of each draw of one instance."""
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
        yield seed, [x[:, period] for period in range(PERIODS)], t, y, effects.sum(axis=0)


def main() -> None:
    """Print every seed and the mean errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[43, 44, 45, 46, 47])
    rows = []
    for seed, states, t, y, truth in panels(parser.parse_args().seeds):
        started = time.perf_counter()
        found = dynamic_effects(states, t, y, seed=0)
        seconds = time.perf_counter() - started
        for i, true in enumerate(truth):
            values = (found.blip[0, i], found.low[0, i], found.high[0, i], found.natural[0, i])
            rows.append((seed, f"investment {i + 1}", true, *values, seconds))
    table = pd.DataFrame(rows, columns=["seed", "investment", "truth", "ours", "low", "high", "naive total", "seconds"])
    print(table.to_string(index=False, float_format=lambda v: f"{v:.3f}"))
    for name in ("ours", "naive total"):
        print(f"mean error, {name}: {(table[name] / table['truth'] - 1).abs().mean():.1%}")
    covered = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
    print(f"intervals that hold the truth: {covered.sum()} of {len(table)}")


if __name__ == "__main__":
    main()
