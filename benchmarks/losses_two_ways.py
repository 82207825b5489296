"""A loss counted two ways on the built-in world: the churn label, and the loss of the lifetime value's hazard.

Both are right for their purpose. *Churn* asks at the end of the horizon: whoever runs then, or comes back within the
grace period after the last end, has not churned, even if nothing ran for two months in between. *Loss* is the hazard's
event: a spell of subscriptions ends, with no start within the grace period; a later return is a reactivation, and is
valued as one. So every churn is a loss, and the difference is who left and came back within horizon and grace.

    python benchmarks/losses_two_ways.py --customers 2500 --seed 7
"""

from __future__ import annotations

import argparse
import tempfile

import pandas as pd
from servicelift.core.config.business import load_config
from servicelift.features.outcomes.churn_labels import churn_labels
from servicelift.features.tables.tables import Tables, open_tables
from servicelift.features.timeline.spells import spell_at
from servicelift.features.timeline.spine import running_spine
from servicelift.simulation.write import simulate
from servicelift.training.snapshots import snapshot_instants


def both_ways(tables: Tables, spine: pd.DataFrame) -> pd.DataFrame:
    """Return for each customer at risk with a complete label whether it churned and whether it was lost, bool."""
    labels = churn_labels(tables, spine)
    ends = spell_at(tables, spine)["ends"].set_axis(spine.index)
    horizon = pd.Timedelta(days=tables.config.churn.horizon_days)
    counted = labels["at_risk"] & labels["observed"]
    return pd.DataFrame({"churn": labels["churned"] == 1, "loss": ends <= spine["as_of"] + horizon})[counted]


def main() -> None:
    """Print both rates, and who makes the difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=2500)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        simulate(folder, customers=chosen.customers, seed=chosen.seed, truth=False)
        tables = open_tables(load_config(f"{folder}/press.yaml"))
        found = both_ways(tables, running_spine(tables, snapshot_instants(tables)))
    churn = tables.config.churn
    print(
        f"{len(found):,} customers at risk at a snapshot; horizon {churn.horizon_days}, grace {churn.grace_days} days"
    )
    print(f"churn (forgives a return)            {found['churn'].mean():8.3%}")
    print(f"loss (a return is a reactivation)    {found['loss'].mean():8.3%}")
    print(f"lost, not churned: back in time      {(found['loss'] & ~found['churn']).mean():8.3%}")
    print(f"churned, not lost                    {(found['churn'] & ~found['loss']).mean():8.3%}")


if __name__ == "__main__":
    main()
