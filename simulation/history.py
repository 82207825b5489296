"""The logged months: the world is drawn, month by month, and a recorder writes down what shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core.arrays import Bools, Ints
from ..core.short_repr import ShortRepr
from .actions import MonthDecisions
from .month import MonthEvents, step
from .population import People, draw_agents, draw_people, first_state
from .settings import WorldConfig
from .state import Setting, State
from .win_back import draw_count

__all__ = ["History", "LoggedMonth", "run_history"]


@dataclass(frozen=True)
class LoggedMonth(ShortRepr):
    """One logged month: its events, who was open for business before billing, and the state after it.

    ``state`` is the live state of the run: read it while the month is recorded, do not keep it.
    """

    month: int
    events: MonthEvents
    open_before: Bools
    joined: Ints
    state: State


@dataclass(frozen=True)
class History:
    """The drawn world at the end of the log, and every decision with the state just before it."""

    setting: Setting
    people: People
    decisions: tuple[MonthDecisions, ...]
    final: State


def run_history(
    customers: int,
    seed: int,
    config: WorldConfig,
    record: Callable[[Setting, People], Callable[[LoggedMonth], None]],
) -> History:
    """Draw the logged months.

    Parameters
    ----------
    record
        Called once with the setting and the people; what it returns is called after every month.
    """
    people_seed, agents_seed, steps_seed = np.random.SeedSequence(seed).spawn(3)
    people = draw_people(customers, config, np.random.default_rng(people_seed))
    setting = Setting.make(config, draw_agents(config, np.random.default_rng(agents_seed)))
    state = first_state(people, config)
    recorder = record(setting, people)
    rng = np.random.default_rng(steps_seed)
    decisions: list[MonthDecisions] = []
    for month in range(config.months):
        open_before = state.running & ~state.pending
        events = step(setting, state, rng.random((draw_count(config), customers)), drawn=True, keep=True)
        joined = np.flatnonzero(people.start_month == month)
        state.running[joined] = True
        state.to_renewal[joined] = state.term[joined]
        decisions.extend(events.decisions)
        recorder(LoggedMonth(month, events, open_before, joined, state))
    return History(setting, people, tuple(decisions), state)
