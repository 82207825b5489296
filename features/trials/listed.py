"""Everybody who could have been on a list, who of them was treated, and what came after: a trial whose cut decided."""

from __future__ import annotations

import pandas as pd

from ...core.records import StudyDesign, TrialData
from ..tables.tables import Tables
from ..timeline.look_ahead import is_treated
from .arms import exposed_within
from .decisions import finished_units
from .follow_up import PERIOD, follow
from .study import Study

__all__ = ["REACHED_WITHIN_DAYS", "listed_trial"]

REACHED_WITHIN_DAYS = 31
"""A customer counts as treated from a list if the action came in [as_of, as_of + so many days): until the next list."""

_JUST_BEFORE = pd.Timedelta(1, "us")


def listed_trial(tables: Tables, action: str, listed: pd.DataFrame) -> TrialData:
    """Return those of a list whose follow-up is over, with all that an effect at its cut is estimated from.

    Parameters
    ----------
    tables
        The business's tables.
    action
        One of the config's actions.
    listed
        customer_id and as_of (naive UTC) of everybody who could have been listed, n rows; further columns stay in the
        trial's units.

    Raises
    ------
    DataError
        There is no table of actions, no customer is treated or untreated, or no follow-up is over.
    """
    actions = tables["actions"]
    rows = actions.filter(is_treated(actions), actions.action == action)
    treatments = tables.execute(rows.select("customer_id", at="decided_at"))
    named = listed.assign(customer_id=listed["customer_id"].astype(str))
    times = treatments.assign(customer_id=treatments["customer_id"].astype(str))
    # A list's own instant is that of its decisions, so it counts.
    looks = named.assign(as_of=named["as_of"] - _JUST_BEFORE)
    local = listed["as_of"].dt.tz_localize("UTC").dt.tz_convert(tables.config.timezone)
    units = listed.assign(
        treated=exposed_within(looks, times, REACHED_WITHIN_DAYS).astype("int64"),
        **{PERIOD: local.dt.strftime("%Y-%m")},
    )
    units = finished_units(tables, units, action, StudyDesign.OBSERVATIONAL, treatments)
    where = f"action '{action}' (at the cut of its lists)"
    return follow(
        tables, Study(action, StudyDesign.OBSERVATIONAL, units, units["as_of"], where=where, decomposition=False)
    )
