"""Days 1-6 of a month: service actions, carried out one slot a day in the order of a table of rules.

An action is chosen by what agents see (or at random), its arm is drawn, and it works through the latent
state. A slot uses only what happened before it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core.arrays import Bools, Floats, Ints
from ..core.short_repr import ShortRepr
from .settings import WorldConfig
from .state import Draw, Setting, State

__all__ = [
    "ActionRule",
    "MonthDecisions",
    "Offer",
    "View",
    "carry_out",
    "eligible",
    "natural_slot",
    "offer_to_all",
    "success_chance",
]

ANY_AGENT = -1
"""Agent number that stands for any agent of the arm."""


@dataclass(frozen=True)
class View(ShortRepr):
    """Customers looked at: positions ``rows`` in the state, and the ``day`` number (rows,) on which."""

    setting: Setting
    state: State
    rows: Ints
    day: Floats

    def recent(self, column: str, days: float) -> Bools:
        """Return whether what ``column`` of the state dates happened less than ``days`` ago (rows,)."""
        return np.asarray(self.day - getattr(self.state, column)[self.rows] < days)

    def tenure(self) -> Floats:
        """Return days since the first subscription began (rows,)."""
        return self.day - self.state.started_day[self.rows]


@dataclass(frozen=True)
class Offer(View):
    """MonthDecisions on the customers looked at, all (rows,): the arm, the agent, and whether it succeeded."""

    treated: Bools
    agent: Ints
    success: Bools


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
        (view) -> (rows,): eligible beyond the common rule.
    choice
        (view) -> (rows,): probability of being chosen by what agents see.
    treated_share
        (config) -> share treated among the chosen; 1 = no control rows.
    costs
        (config) -> EUR for a treated customer, and EUR more where it is accepted.
    success
        (offer) -> (rows,): probability that a customer of this arm accepts, or that this agent solves the
        contact, whatever ``offer.success`` says; None where there is nothing to accept.
    effect
        (offer) changes the state; None = no effect at all. Where ``success`` is given, arms with the same
        success must be changed alike, but for days that agents look at.
    first_month
        (config) -> first month of the action.
    by_agent
        The arm is the agent's, who is drawn: trained agents treat, the others are the control arm.
    accepted
        Whether ``success`` is the customer's acceptance.
    lapsed
        Whether it is for customers whose subscription ended, not for those whose runs.
    """

    name: str
    slot: int
    possible: Callable[[View], Bools]
    choice: Callable[[View], Floats]
    treated_share: Callable[[WorldConfig], float]
    costs: Callable[[WorldConfig], tuple[float, float]]
    success: Callable[[Offer], Floats] | None
    effect: Callable[[Offer], None] | None
    first_month: Callable[[WorldConfig], int] = lambda config: config.actions.first_month
    by_agent: bool = False
    accepted: bool = False
    lapsed: bool = False

    @property
    def draws(self) -> tuple[int, int, int]:
        """Rows of the uniforms for choice, arm and outcome; slots beyond the first six have theirs at the end."""
        beyond = self.slot - (Draw.ARM - Draw.CHOOSE)
        if beyond < 0:
            return Draw.CHOOSE + self.slot, Draw.ARM + self.slot, Draw.OUTCOME + self.slot
        first = Draw.COUNT + 3 * beyond
        return first, first + 1, first + 2

    def day(self, setting: Setting, state: State) -> Floats:
        """Return the day number of this month's slot (n,)."""
        return setting.month_start[state.month] + self.slot + 0.5


@dataclass(frozen=True)
class MonthDecisions(ShortRepr):
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


def eligible(setting: Setting, state: State, rule: ActionRule, rows: Ints, day: Floats) -> Ints:
    """Return those of ``rows`` who can be decided on at ``day`` (n,).

    They are running without a pending cancellation (or have lapsed, where the action is for those), contactable,
    without a treated action of any kind within the cool-down, and the action is possible. All of it is in the tables.
    """
    rested = day[rows] - state.treated_day[rows] > setting.config.actions.cool_down_days
    running = state.running[rows]
    there = ~running & (state.started_day[rows] < day[rows]) if rule.lapsed else running & ~state.pending[rows]
    rows = rows[rested & there & state.contactable[rows]]
    return rows[rule.possible(View(setting, state, rows, day[rows]))]


def natural_slot(
    setting: Setting, state: State, rule: ActionRule, uniforms: Floats, *, keep: bool = False
) -> MonthDecisions:
    """Let one slot take its natural course: choose, draw the arm, act, and book the cost."""
    config = setting.config
    day = rule.day(setting, state)
    choose, draw_arm, outcome = rule.draws
    chance = uniforms[choose]
    ceiling = 1.0 if rule.by_agent else config.actions.choice_ceiling
    possible = (chance < ceiling) & (state.month >= rule.first_month(config))
    rows = eligible(setting, state, rule, np.flatnonzero(possible), day)
    rows = rows[chance[rows] < rule.choice(View(setting, state, rows, day[rows]))]
    before = state.take(rows) if keep else None
    arm = uniforms[draw_arm, rows]
    agent = np.full(len(rows), ANY_AGENT)
    treated = arm < rule.treated_share(config)
    if rule.by_agent:
        agent = (arm * len(setting.agents.skill)).astype(np.int64)
        treated = setting.agents.trained[agent]
    offer = Offer(setting, state, rows, day[rows], treated, agent, np.zeros(len(rows), dtype=bool))
    success = uniforms[outcome, rows] < success_chance(rule, offer)
    flat, if_accepted = rule.costs(config)
    cost = treated * (flat + if_accepted * success)
    state.book(setting, rows, offer.day, -cost)
    carry_out(rule, Offer(setting, state, rows, offer.day, treated, agent, success))
    return MonthDecisions(rule, rows, treated, success, agent, cost, before)


def success_chance(rule: ActionRule, offer: Offer) -> Floats:
    """Return the probability of acceptance, or of a solved contact (rows,); 0 where there is none."""
    return np.zeros(len(offer.rows)) if rule.success is None else rule.success(offer)


def offer_to_all(setting: Setting, state: State, day: Floats, *, treated: bool, success: bool = False) -> Offer:
    """Return the decision at ``day`` (n,) in which every customer has the same arm and success, and any agent."""
    n = len(state)
    agent = np.full(n, ANY_AGENT)
    return Offer(setting, state, np.arange(n), day, np.full(n, treated), agent, np.full(n, success))


def carry_out(rule: ActionRule, offer: Offer) -> None:
    """Let the action work, and start the cool-down of the treated."""
    offer.state.treated_day[offer.rows[offer.treated]] = offer.day[offer.treated]
    if rule.effect is not None:
        rule.effect(offer)
