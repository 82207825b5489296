"""Days 1-6 of a month: service actions, carried out one slot a day in the order of a table of rules.

An action is chosen by what agents see (or at random), its arm is drawn, and it works through the latent
state. A slot uses only what happened before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .settings import WorldConfig
from .state import Bools, Draw, Floats, Ints, Setting, State

__all__ = ["ActionRule", "Decisions", "carry_out", "eligible", "natural_slot", "success_chance"]


@dataclass(frozen=True)
class ActionRule:
    """One service action.

    Parameters
    ----------
    name
        As in the table ``actions`` and in the configuration.
    slot
        Day of the month (0 = the first) on which it is decided, and its rows of the uniforms.
    possible
        (state, day) -> (n,): eligible beyond the common rule.
    choice
        (setting, state, rows, day) -> (rows,): probability of being chosen by what agents see.
    treated_share
        (config) -> share treated among the chosen; 1 = no control rows.
    costs
        (config) -> EUR for a treated customer, and EUR more where it is accepted.
    success
        (setting, state, rows, treated, agent) -> (rows,): probability that it is accepted, or solves the
        contact; agent -1 = any agent of the arm. None where there is nothing to accept.
    effect
        (setting, state, rows, treated, success, day) changes the state; None = no effect at all.
    first_month
        (config) -> first month of the action.
    by_agent
        The arm is the agent's, who is drawn: trained agents treat, the others are the control arm.
    accepted
        Whether ``success`` is the customer's acceptance.
    """

    name: str
    slot: int
    possible: Callable[[State, Floats], Bools]
    choice: Callable[[Setting, State, Ints, Floats], Floats]
    treated_share: Callable[[WorldConfig], float]
    costs: Callable[[WorldConfig], tuple[float, float]]
    success: Callable[[Setting, State, Ints, Bools, Ints], Floats] | None
    effect: Callable[[Setting, State, Ints, Bools, Bools, Floats], None] | None
    first_month: Callable[[WorldConfig], int] = lambda config: config.actions.first_month
    by_agent: bool = False
    accepted: bool = False

    def day(self, setting: Setting, state: State) -> Floats:
        """Return the day number of this month's slot (n,)."""
        return setting.month_start[state.month] + self.slot + 0.5


@dataclass(frozen=True)
class Decisions:
    """The decisions of one slot, all (decisions,): positions, arm, success, agent (-1: none) and cost.

    ``before`` is the state of these customers just before the slot, if it was asked for.
    """

    rule: ActionRule
    rows: Ints
    treated: Bools
    success: Bools
    agent: Ints
    cost: Floats
    before: State | None


def eligible(setting: Setting, state: State, rule: ActionRule, day: Floats) -> Bools:
    """Return who can be decided on at ``day`` (n,): running, contactable, no pending cancellation, no treated
    action of any kind within the cool-down, and the action possible. All of it is in the tables.
    """
    rested = day - state.treated_day > setting.config.actions.cool_down_days
    common = state.running & ~state.pending & state.contactable & rested
    return common & rule.possible(state, day)


def natural_slot(
    setting: Setting, state: State, rule: ActionRule, uniforms: Floats, *, keep: bool = False
) -> Decisions:
    """Let one slot take its natural course: choose, draw the arm, act, and book the cost."""
    actions = setting.config.actions
    day = rule.day(setting, state)
    chance = uniforms[Draw.CHOOSE + rule.slot]
    can = eligible(setting, state, rule, day) & (state.month >= rule.first_month(setting.config))
    rows = np.flatnonzero(can & (chance < (1.0 if rule.by_agent else actions.choice_ceiling)))
    rows = rows[chance[rows] < rule.choice(setting, state, rows, day[rows])]
    before = state.take(rows) if keep else None
    uniform = uniforms[Draw.ARM + rule.slot, rows]
    if rule.by_agent:
        agent = (uniform * len(setting.agents.skill)).astype(np.int64)
        treated = setting.agents.trained[agent]
    else:
        agent = np.full(len(rows), -1)
        treated = uniform < rule.treated_share(setting.config)
    success = uniforms[Draw.OUTCOME + rule.slot, rows] < success_chance(
        setting, state, rule, rows, treated, agent
    )
    flat, if_accepted = rule.costs(setting.config)
    cost = treated * (flat + if_accepted * success)
    state.book(setting, rows, day[rows], -cost)
    carry_out(setting, state, rule, rows, treated, success, day[rows])
    return Decisions(rule, rows, treated, success, agent, cost, before)


def success_chance(
    setting: Setting, state: State, rule: ActionRule, rows: Ints, treated: Bools, agent: Ints
) -> Floats:
    """Return the probability of acceptance, or of a solved contact (rows,); 0 where there is none."""
    if rule.success is None:
        return np.zeros(len(rows))
    return rule.success(setting, state, rows, treated, agent)


def carry_out(
    setting: Setting,
    state: State,
    rule: ActionRule,
    rows: Ints,
    treated: Bools,
    success: Bools,
    day: Floats,
) -> None:
    """Let the action work on ``rows``; ``treated``, ``success`` and ``day`` are as long as they."""
    state.treated_day[rows[treated]] = day[treated]
    if rule.effect is not None:
        rule.effect(setting, state, rows, treated, success, day)
