"""On which working day each customer is to be contacted, where a team's day has room for so many."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...core.config.incremental import IncrementalConfig

__all__ = ["contact_days"]


def contact_days(actions: pd.Series, first: pd.Timestamp, terms: IncrementalConfig) -> pd.Series:
    """Return the day on which each of n customers is to be contacted, the most valuable first; missing without a team.

    Days are Mondays to Fridays from the day of the list on; holidays are not known.

    Parameters
    ----------
    actions
        The action of each customer to contact, in the order of the list, (n,).
    first
        The day of the list on the business's calendar.
    terms
        Whose ``capacities: team_per_day`` says how many a team contacts on a day.
    """
    teams = actions.map({name: action.team for name, action in terms.actions.items()})
    place = teams.groupby(teams).cumcount()
    most = teams.map(terms.capacities.team_per_day)
    days = pd.Series(pd.NaT, index=actions.index, dtype="datetime64[us]")
    known = most.notna()
    if known.any():
        step = (place[known].astype(int) // most[known].astype(int)).to_numpy()
        start = np.datetime64(first.date(), "D")
        days[known] = np.busday_offset(start, step, roll="forward").astype("datetime64[us]")
    return days
