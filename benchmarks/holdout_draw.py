"""What a holdout that is exact in strata of predicted value would add to one that belongs to the customer.

A customer's arm is a hash of his identifier and the salt: the same on every list. A draw that is exact within strata of
each list has even arms, but moves customers between them from list to list. Over many lists whose outcomes depend on
the predicted value, prints the standard error of the effect under both draws, plain and adjusted for the predicted
value as every estimate of the house is; and the share of customers who would change arms when values move.

    python benchmarks/holdout_draw.py [--lists 2000]
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from servicelift.core.config.business import HoldoutConfig
from servicelift.scoring.targets.holdout import drawn_holdout

SHARE = 0.1
STRATA = 8
EXPLAINED = 0.3
"""Share of the outcome's variance that the predicted value explains, as features do on the built-in world."""


def exact(value: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Return the arms of a draw that holds out the lowest ``draw`` of each stratum, exactly the share."""
    stratum = (pd.Series(value).rank(method="first", pct=True) * STRATA).apply(np.ceil)
    drawn = pd.Series(draw).groupby(stratum.to_numpy())
    return (drawn.rank(method="first") - 0.5 <= SHARE * drawn.transform("size")).to_numpy()


def effects(value: np.ndarray, outcome: np.ndarray, held: np.ndarray) -> tuple[float, float]:
    """Return the difference in means, and the one adjusted for the predicted value."""
    x = np.column_stack([np.ones(len(value)), ~held, value - value.mean()])
    return outcome[~held].mean() - outcome[held].mean(), float(np.linalg.lstsq(x, outcome, rcond=None)[0][1])


def main() -> None:
    """Draw many lists and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", type=int, default=1_000)
    asked = parser.parse_args()
    for size in (300, 1_000, 4_000):
        found: dict[str, list[tuple[float, float]]] = {"hash": [], "exact": []}
        moved = []
        names = pd.Series([f"C{i}" for i in range(size)])
        for k in range(asked.lists):
            rng = np.random.default_rng([size, k])
            value = rng.normal(size=size)
            outcome = np.sqrt(EXPLAINED) * value + np.sqrt(1 - EXPLAINED) * rng.normal(size=size)
            config = HoldoutConfig(share=SHARE, salt=str(k))
            arms = {
                "hash": drawn_holdout(names, pd.Series("a", index=names.index), pd.Series(value), config).held,
                "exact": exact(value, rng.random(size)),
            }
            for name, held in arms.items():
                if 0 < held.sum() < size:
                    found[name].append(effects(value, outcome, held))
            later, draw = 0.8 * value + 0.6 * rng.normal(size=size), rng.random(size)
            before, after = exact(value, draw), exact(later, draw)
            moved.append((before & ~after).sum() / before.sum())
        errors = {name: np.std(each, axis=0) for name, each in found.items()}
        print(
            f"{size:5,} listed: standard error by hash {errors['hash'][0]:.4f}, exact {errors['exact'][0]:.4f};"
            f" adjusted: by hash {errors['hash'][1]:.4f}, exact {errors['exact'][1]:.4f}"
            f" ({errors['hash'][1] / errors['exact'][1] - 1:+.1%}); of the held out, {np.mean(moved):.0%} would be"
            " contacted on the next list"
        )


if __name__ == "__main__":
    main()
