"""The chance of being treated at each decision: recorded, or the share observed within the strata of the draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ...core.errors import ConfigError
from ..tables.tables import Tables
from .eligibility import action_config

__all__ = [
    "MONTH",
    "SEGMENT",
    "Propensities",
    "is_observed",
    "observed_shares",
    "recorded_propensities",
    "with_propensities",
]

MONTH, SEGMENT = "month", "segment"
"""Strata of a draw by default: the calendar month of the decision, and the stratum that the draw wrote down."""

_FEW = 5
"""Rows of each arm from which on propensities that tell the arms apart are no chance."""


@dataclass(frozen=True)
class Propensities:
    """What the propensities of a trial are worth.

    Parameters
    ----------
    strata
        Within what the observed share of treated stands for the propensity; empty where the recorded one is used.
    one_sided
        Whether one arm alone has recorded propensities.
    told_apart
        Whether every recorded propensity of one arm lies above all of the other's.
    certain
        Decisions left out because their propensity is 0 or 1: nobody could have been in the other arm.
    """

    strata: tuple[str, ...] = ()
    one_sided: bool = False
    told_apart: bool = False
    certain: int = 0


def recorded_propensities(tables: Tables, action: str) -> Propensities:
    """Return what the recorded propensities of all decisions on an action are worth."""
    if not tables.has("actions", "propensity"):
        return Propensities()
    rows = tables["actions"]
    rows = rows.filter(rows.action == action)
    known = rows.propensity.count()
    by_arm = rows.group_by("arm").aggregate(known=known, least=rows.propensity.min(), most=rows.propensity.max())
    arms = tables.execute(by_arm).set_index("arm")
    if len(arms) < 2:
        return Propensities()
    treated, control = arms.loc["treated"], arms.loc["control"]
    apart = treated["least"] > control["most"] or treated["most"] < control["least"]
    return Propensities(
        one_sided=bool((arms["known"] == 0).sum() == 1),
        told_apart=bool(apart and (arms["known"] >= _FEW).all()),
    )


def observed_shares(recorded: pd.DataFrame, strata: Sequence[str] = ("period",)) -> pd.Series:
    """Return the share of treated among the recorded decisions of the same stratum, (n,).

    It stands for the propensity where a held-out draw did not write it down: it is taken as even within the stratum.

    Parameters
    ----------
    recorded
        Decisions of both arms: treated (0 or 1) and the columns of ``strata``; a missing value is a stratum too.
    strata
        Columns that tell the strata of the draw.
    """
    grouped = recorded.groupby(list(strata), dropna=False)["treated"]
    shares: pd.Series = grouped.transform("mean").astype("float64")
    return shares


def with_propensities(
    tables: Tables, action: str, recorded: pd.DataFrame, *, draw: bool
) -> tuple[pd.DataFrame, Propensities]:
    """Return decisions with the propensity that counts, and what it is worth.

    Parameters
    ----------
    tables
        The business's tables.
    action
        One of the config's actions.
    recorded
        Its recorded decisions: customer_id, action_id, treated, propensity, period, agent_id and initiative.
    draw
        Whether they are compared by their draw; else propensities play no part and stay as they are.

    Raises
    ------
    ConfigError
        The config names strata that the tables lack.
    """
    worth = recorded_propensities(tables, action)
    if not draw:
        return recorded, worth
    if is_observed(tables, action):
        worth = replace(worth, strata=_strata(tables, action))
        drawn = _with_strata(tables, recorded, worth.strata)
        recorded = recorded.assign(propensity=observed_shares(drawn, worth.strata))
    return recorded, replace(worth, certain=int(recorded["propensity"].isin([0.0, 1.0]).sum()))


def is_observed(tables: Tables, action: str) -> bool:
    """Return whether the share observed within strata stands for the propensity of a random draw.

    Raises
    ------
    ConfigError
        The config has no such action.
    """
    if action_config(tables, action).assignment != "random":
        return False
    return not tables.has("actions", "propensity") or recorded_propensities(tables, action).one_sided


def _strata(tables: Tables, action: str) -> tuple[str, ...]:
    """Return the names of the strata of an action's draw: the config's, or the month and the recorded segment."""
    named = action_config(tables, action).strata
    if named is None:
        return (MONTH, SEGMENT) if _has_segments(tables, action) else (MONTH,)
    for name in named:
        if name != MONTH and not (tables.has("actions", name) or tables.has("customers", name)):
            where = f"incremental.actions.{action}.strata"
            raise ConfigError(f"{where}: neither actions nor customers have '{name}'; bring it, or leave it out")
    return named


def _has_segments(tables: Tables, action: str) -> bool:
    """Return whether the draw of an action wrote down strata."""
    if not tables.has("actions", SEGMENT):
        return False
    rows = tables["actions"]
    named = rows.filter(rows.action == action, rows[SEGMENT].notnull())
    return not tables.execute(named.select("action_id").limit(1)).empty


def _with_strata(tables: Tables, recorded: pd.DataFrame, strata: tuple[str, ...]) -> pd.DataFrame:
    """Return the recorded decisions with a column for each stratum."""
    frame = recorded.assign(**{MONTH: recorded["period"]})
    wanted = [name for name in strata if name not in frame.columns]
    own = [name for name in wanted if tables.has("actions", name)]
    if own:
        rows = tables.execute(tables["actions"].select("action_id", *own)).set_index("action_id")
        frame = frame.assign(**{name: rows[name].reindex(frame["action_id"]).to_numpy() for name in own})
    static = [name for name in wanted if name not in own]
    if static:
        rows = tables.execute(tables["customers"].select("customer_id", *static)).set_index("customer_id")
        frame = frame.assign(**{name: rows[name].reindex(frame["customer_id"]).to_numpy() for name in static})
    return frame
