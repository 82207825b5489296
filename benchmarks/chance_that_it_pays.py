"""Of what is given a chance of 80 to 90% to pay, do 80 to 90% pay? Many worlds of known truth, every action and design.

Worlds are those of ``effects_on_the_world.py --designs all``: every action is estimated and judged as in a statement.
Prints, by class of the chance, how many rows there are, the mean chance and the share that truly pays; for all rows,
for headlines, by size of the world, and for those that a check refused; and the verdicts beside the truth. How many of
a world's actions pay is of that world alone, and the chance knows nothing of it. So a table before these asks every row
at costs spread evenly from far below its effect to far above, where only the error decides. What is finished is kept in
--work and not run again.

    python benchmarks/chance_that_it_pays.py --worlds 3000 701 702 703 --worlds 10000 731 732 --work DIR
    python benchmarks/chance_that_it_pays.py --worlds 3000 701 702 703 --hidden 0 0.8 --work DIR
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd
from effects_on_the_world import CORRECTED, add_settings, seeds_of
from scipy import stats

ENDS = [0.0, 0.05, 0.2, 0.5, 0.8, 0.9, 0.95, 1.0]
COSTS = np.linspace(-60.0, 80.0, 281)
"""EUR a treated customer: from far below every effect to far above, of which those between the extremes tell."""


def calibration(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one line a class of the chance: rows, mean chance, share that pays, and two standard errors of it."""
    classes = pd.cut(rows["chance_pays"], ENDS, include_lowest=True)
    table = rows.groupby(classes, observed=True).agg(
        rows=("pays", "size"), chance=("chance_pays", "mean"), pays=("pays", "mean")
    )
    table["within"] = 2 * np.sqrt(table["chance"] * (1 - table["chance"]) / table["rows"])
    return table.round(3)


def at_every_cost(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows once for each of :data:`COSTS`, with the chance that the effect exceeds it, by a normal curve."""
    middle, low, high = (rows[name].to_numpy(dtype=float)[:, None] for name in CORRECTED)
    error = (high - low) / (2 * stats.norm.ppf(0.975))
    chance = stats.norm.cdf((middle - COSTS) / error)
    pays = rows["truth"].to_numpy()[:, None] > COSTS
    return pd.DataFrame({"chance_pays": chance.ravel(), "pays": pays.ravel()})


def main() -> None:
    """Run every world and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--worlds", type=int, nargs="+", action="append", metavar="N", help="customers, then seeds")
    parser.add_argument("--hidden", type=float, nargs="+", default=[0.0], help="strengths of a hidden cause")
    add_settings(parser)
    asked = parser.parse_args()
    asked.designs = "all"
    parts = []
    for hidden in asked.hidden:
        for size, *seeds in asked.worlds or [[3_000, 701, 702, 703]]:
            found = seeds_of(asked, seeds, customers=size, hidden=hidden)
            parts.append(found.assign(hidden=hidden, customers=size))
    rows = pd.concat(parts, ignore_index=True)
    rows["pays"] = rows["truth"] > rows["cost"]
    rows["headline"] = ~rows.duplicated(["hidden", "customers", "seed", "action"])
    worlds = len(rows[["hidden", "customers", "seed"]].drop_duplicates())
    print(f"{len(rows)} rows, {int(rows['headline'].sum())} of them headlines, of {worlds} worlds")
    print("\nevery row at costs spread evenly: chance that it pays, and the share that does")
    told = at_every_cost(rows.dropna(subset=list(CORRECTED)))
    print(calibration(told).drop(columns="within").to_string())
    sizes = [(f"{size:,} customers", part) for size, part in rows.groupby("customers")]
    for name, part in (
        ("all", rows),
        ("headlines", rows[rows["headline"]]),
        *(sizes if len(sizes) > 1 else []),
        ("refused by a check", rows[rows["evidence"] == "refused"]),
    ):
        print(f"\n{name}: chance that it pays, and the share that does")
        print(calibration(part).to_string() if len(part) else "none")
    print("\nverdicts of headlines beside the truth")
    print(pd.crosstab(rows.loc[rows["headline"], "verdict"], rows.loc[rows["headline"], "pays"]).to_string())


if __name__ == "__main__":
    main()
