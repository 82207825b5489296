"""The target list: whom to contact with which action, and whom to leave alone so that the effect can be measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..core.config import Config
from ..core.errors import ConfigError, DataError
from ..core.files import complete_folder
from ..core.hashing import uniform_hash
from ..models.policy import choose_actions
from .reasons import REASONS
from .score import ACTION_VALUES, SCORES

__all__ = ["TargetsOutcome", "targets"]

_COLUMNS = ["rank", "customer_id", "action", "net_value", "cost", "churn_probability", "clv", *REASONS]
_AS_ACTIONS = ["decided_at", "arm", "propensity", "action_id"]


@dataclass(frozen=True)
class TargetsOutcome:
    """The lists: how many to contact and to leave alone, what it costs and is expected to earn."""

    out: Path
    holdout: Path
    contacted: int
    held_out: int
    cost: float
    net_value: float
    gap: float
    currency: str

    def lines(self) -> list[str]:
        """Return what a user reads about it."""
        return [
            f"{self.contacted:,} customers to contact for {self.cost:,.2f} {self.currency}: {self.out}",
            f"predicted net value {self.net_value:,.2f} {self.currency}, at most {self.gap:.2%} below the best plan;"
            " a prediction, not value earned: the holdout measures that",
            f"{self.held_out:,} customers to leave alone: {self.holdout}",
        ]


def targets(config: Config, scores: Path, *, budget: float, capacity: int | None, out: Path) -> TargetsOutcome:
    """Write the list to contact and, beside it, the holdout; both load back as ``actions``.

    The plan maximises the sum of net value under the budget and the capacities; nobody is chosen for whom
    nothing pays. Of the chosen, the config's share is held out by a salted hash of the customer: the same
    customer falls into the same arm whoever runs it.

    Parameters
    ----------
    config
        The business.
    scores
        Folder that ``score`` wrote.
    budget
        Most that may be spent, in the config's currency.
    capacity
        Most customers in all, holdout included; None: no limit beside those of the actions.
    out
        CSV file; the holdout is ``<name>.holdout.csv`` in the same folder.

    Raises
    ------
    ConfigError
        ``out`` does not end in .csv, or ``scores`` holds no scores.
    """
    if out.suffix != ".csv":
        raise ConfigError(f"expected a file ending in .csv for the targets, got '{out}'")
    pairs = _pairs(scores)
    capacities = {n: a.capacity for n, a in config.incremental.actions.items() if a.capacity is not None}
    plan = choose_actions(
        pairs["customer_id"],
        pairs["action"],
        pairs["net_value"],
        pairs["cost"],
        budget=budget,
        capacities=capacities,
        capacity=capacity,
    )
    chosen = pairs[plan.chosen].sort_values(["net_value", "customer_id"], ascending=[False, True], ignore_index=True)
    share = config.incremental.holdout.share
    held = uniform_hash(chosen["customer_id"], f"holdout/{config.incremental.holdout.salt}") < share
    listed = _listed(chosen, held, share)
    holdout = out.with_suffix(".holdout.csv")
    with complete_folder(out.parent) as folder:
        listed[~held].to_csv(folder / out.name, index=False)
        listed[held].to_csv(folder / holdout.name, index=False)
    contacted = chosen[~held]
    return TargetsOutcome(
        out,
        holdout,
        len(contacted),
        int(held.sum()),
        float(contacted["cost"].sum()),
        float(contacted["net_value"].sum()),
        plan.gap,
        config.currency,
    )


def _pairs(folder: Path) -> pd.DataFrame:
    """Return customer-action values with the customers' scores."""
    for name in (SCORES, ACTION_VALUES):
        if not (folder / name).is_file():
            raise ConfigError(f"expected '{name}' in '{folder}', found none; run `servicelift score` into it first")
    values = pd.read_parquet(folder / ACTION_VALUES)
    if values.empty:
        raise DataError(
            f"'{folder / ACTION_VALUES}' holds no eligible pair of customer and action; train the incremental model"
            " and score again"
        )
    scores = pd.read_parquet(folder / SCORES, columns=["customer_id", "churn_probability", "clv", *REASONS])
    return values.merge(scores, on="customer_id", how="left", validate="many_to_one")


def _listed(chosen: pd.DataFrame, held: np.ndarray, share: float) -> pd.DataFrame:
    """Return the list with what makes it an ``actions`` table: arm, propensity, instant and key."""
    day = chosen["as_of"].dt.strftime("%Y%m%d")
    listed = chosen.assign(
        rank=np.arange(1, len(chosen) + 1),
        decided_at=chosen["as_of"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"),
        arm=np.where(held, "control", "treated"),
        propensity=1 - share,
        action_id=chosen["action"] + "-" + day + "-" + chosen["customer_id"].astype(str),
    )
    return listed[[*_COLUMNS, *_AS_ACTIONS]]
