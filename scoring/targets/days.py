"""On which working day each customer is to be contacted, where a team's or a channel's day has room for so many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from ...core.config.incremental import IncrementalConfig
from ...core.config.listing import TargetsConfig

__all__ = ["contact_days"]

Place = tuple[str, str]
"""Whose day it is that has room: `team` or `channel`, and its name."""


def contact_days(
    actions: pd.Series, first: pd.Timestamp, terms: IncrementalConfig, listing: TargetsConfig
) -> pd.Series:
    """Return the day on which each of n customers is to be contacted, the most valuable first; missing without a limit.

    Each takes the first working day, from the day of the list on, on which their team and their channel both have room.

    Parameters
    ----------
    actions
        The action of each customer to contact, in the order of the list, (n,).
    first
        The day of the list on the business's calendar.
    terms
        Whose ``capacities: team_per_day`` and ``channel_per_day`` say how many are contacted on a day.
    listing
        Whose ``days_off`` says on which days nobody is.
    """
    rooms = _rooms(terms)
    asked = [rooms.get(str(action), {}) for action in actions]
    steps = np.fromiter(_steps(asked), dtype=np.int64, count=len(asked))
    days = pd.Series(pd.NaT, index=actions.index, dtype="datetime64[us]")
    known = steps >= 0
    if known.any():
        start = np.datetime64(first.date(), "D")
        week, off = listing.working_week, [np.datetime64(day, "D") for day in listing.holidays]
        found = np.busday_offset(start, steps[known], roll="forward", weekmask=week, holidays=off)
        days[known] = found.astype("datetime64[us]")
    return days


def _rooms(terms: IncrementalConfig) -> dict[str, dict[Place, int]]:
    """Return by action whose days bound it, and how many each holds."""
    limits: Mapping[str, Mapping[str, int]] = {
        "team": terms.capacities.team_per_day,
        "channel": terms.capacities.channel_per_day,
    }
    return {
        name: {(kind, of): most[of] for kind, most in limits.items() if (of := getattr(action, kind)) in most}
        for name, action in terms.actions.items()
    }


def _steps(asked: Sequence[Mapping[Place, int]]) -> Iterator[int]:
    """Yield for each customer the number of working days from the first on; -1 where nothing bounds them."""
    taken: Counter[tuple[Place, int]] = Counter()
    open_from: Counter[Place] = Counter()  # every day before is full
    for rooms in asked:
        if not rooms:
            yield -1
            continue
        step = max(open_from[place] for place in rooms)
        while any(taken[place, step] >= most for place, most in rooms.items()):
            step += 1
        for place, most in rooms.items():
            taken[place, step] += 1
            while taken[place, open_from[place]] >= most:
                open_from[place] += 1
        yield step
