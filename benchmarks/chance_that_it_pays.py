"""Of what is given a chance of 80 to 90% to pay, do 80 to 90% pay? Many worlds of known truth, every action and design.

For each seed and strength of a hidden cause a small world is simulated, its CLV model trained, and every action judged
as the statement does. Prints, by class of the chance, how many rows there are, the mean chance and the share that truly
pays; for all rows, for headlines, and for those that a check refused; and the verdicts beside the truth. What is
finished is kept in --work and not run again.

    python benchmarks/chance_that_it_pays.py --customers 3000 --seeds 501 502 503 --hidden 0 0.8 --work DIR
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from hidden_confounder import CHOSEN, one_world

ACTIONS = [*CHOSEN, "courtesy_call", "skilled_callback"]
ENDS = [0.0, 0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 1.0]


def calibration(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line a class of the chance: rows, mean chance, share that pays, and two standard errors of it."""
    classes = pd.cut(rows["chance_pays"], ENDS, include_lowest=True)
    table = rows.groupby(classes, observed=True).agg(
        rows=("pays", "size"), chance=("chance_pays", "mean"), pays=("pays", "mean")
    )
    table["within"] = 2 * np.sqrt(table["chance"] * (1 - table["chance"]) / table["rows"])
    return table.round(3)


def main() -> None:
    """Run every world and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=[501, 502, 503])
    parser.add_argument("--hidden", type=float, nargs="+", default=[0.0, 0.8])
    parser.add_argument("--customers", type=int, default=3_000)
    parser.add_argument("--draws", type=int, default=10, help="bootstrap draws")
    parser.add_argument("--cross-fits", type=int, default=1)
    parser.add_argument("--work", type=Path, default=Path("demo/chance"))
    asked = parser.parse_args()
    asked.actions = ACTIONS
    parts = []
    for hidden in asked.hidden:
        for seed in asked.seeds:
            asked.seed = seed
            parts.append(one_world(asked, hidden).assign(hidden=hidden, seed=seed))
    rows = pd.concat(parts, ignore_index=True)
    rows["pays"] = rows["truth"] > rows["cost"]
    rows["headline"] = ~rows.duplicated(["hidden", "seed", "action"])
    print(f"{len(rows)} rows of {len(parts)} worlds of {asked.customers:,} customers")
    for name, part in (
        ("all", rows),
        ("headlines", rows[rows["headline"]]),
        ("refused by a check", rows[rows["evidence"] == "refused"]),
    ):
        print(f"\n{name}: chance that it pays, and the share that does")
        print(calibration(part).to_string() if len(part) else "none")
    print("\nverdicts of headlines beside the truth")
    print(pd.crosstab(rows.loc[rows["headline"], "verdict"], rows.loc[rows["headline"], "pays"]).to_string())


if __name__ == "__main__":
    main()
