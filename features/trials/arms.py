"""The arms of a trial as they were recorded: what would blur the comparison is counted, so that it can be said."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from ...core.arrays import Bools
from ...core.records import ArmCounts
from ..tables.tables import Tables
from ..timeline.look_ahead import is_treated
from .propensities import Propensities

__all__ = ["SOON_DAYS", "arm_counts", "exposed_within"]

SOON_DAYS = 30
"""Days after a decision within which a treatment of a held-out customer undoes most of the comparison."""


def exposed_within(units: pd.DataFrame, exposures: pd.DataFrame, days: int) -> Bools:
    """Return whether each unit's customer was exposed in (as_of, as_of + ``days``], (n,).

    Parameters
    ----------
    units
        customer_id and as_of, n rows.
    exposures
        customer_id and at.
    days
        Length of the window.
    """
    found = np.zeros(len(units), dtype=bool)
    if exposures.empty:
        return found
    left = pd.DataFrame({"row": np.arange(len(units)), "customer_id": units["customer_id"], "as_of": units["as_of"]})
    pairs = left.merge(exposures, on="customer_id")
    inside = (pairs["at"] > pairs["as_of"]) & (pairs["at"] <= pairs["as_of"] + pd.Timedelta(days=days))
    found[pairs.loc[inside, "row"]] = True
    return found


def arm_counts(tables: Tables, action: str, units: pd.DataFrame, worth: Propensities, waits: Bools) -> ArmCounts:
    """Return what blurs the comparison of a trial's arms.

    Parameters
    ----------
    tables
        The business's tables, with actions.
    action
        What was decided.
    units
        The trial's decisions: customer_id, as_of, treated and action_id (missing on drawn controls).
    worth
        What its propensities are worth.
    waits
        Whether each customer waits at the end of the follow-up, (n,).
    """
    rows = tables["actions"]
    rows = rows.select("customer_id", "action_id", "action", at=rows.decided_at, carried_out=is_treated(rows))
    acts = tables.execute(rows.filter(rows.carried_out))
    own = acts.loc[acts["action"] == action, ["customer_id", "at"]]
    held = (units["treated"] == 0).to_numpy() & units["action_id"].notna().to_numpy()
    arms = units.assign(held=held).groupby(["customer_id", "as_of"])
    both = (arms["treated"].transform("max") == 1) & arms["held"].transform("max")
    return ArmCounts(
        both_arms=int(units.loc[both, ["customer_id", "as_of"]].drop_duplicates().shape[0]),
        same_day=int(_another_that_day(units, acts, tables.config.timezone).sum()),
        held_out=int(held.sum()),
        treated_soon=int((exposed_within(units, own, SOON_DAYS) & held).sum()),
        observed_propensity=bool(worth.strata),
        strata=worth.strata,
        one_sided=worth.one_sided,
        told_apart=worth.told_apart,
        certain=worth.certain,
        waiting=int(waits.sum()),
    )


def _another_that_day(units: pd.DataFrame, acts: pd.DataFrame, timezone: str) -> Bools:
    """Return which decisions share their customer and local day with another action that was carried out, (n,)."""
    left = pd.DataFrame({"row": np.arange(len(units)), "customer_id": units["customer_id"], "own": units["action_id"]})
    pairs = left.assign(day=_days(units["as_of"], timezone)).merge(
        acts.assign(day=_days(acts["at"], timezone)), on=["customer_id", "day"]
    )
    other = (pairs["own"].isna() | (pairs["own"] != pairs["action_id"])).to_numpy(dtype=bool)
    found = np.zeros(len(units), dtype=bool)
    found[pairs.loc[other, "row"]] = True
    return found


def _days(instants: pd.Series, timezone: str) -> list[dt.date]:
    return list(instants.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.date)
