"""The state of many customers as arrays, the calendar, the agents, and the uniforms of one month.

A world is a :class:`State` that months move forward. Continuing it "both ways" is copying the state, forcing
something in one copy, and feeding both the same uniforms.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np

from ..core.arrays import Bools, Floats, Ints
from ..core.short_repr import ShortRepr
from ..core.time import discount
from .settings import WorldConfig

__all__ = [
    "BASE_MONTH",
    "CALENDAR_START",
    "CARD",
    "CHEQUE",
    "IBAN",
    "METHODS",
    "NEVER",
    "PRODUCTS",
    "Agents",
    "Draw",
    "Setting",
    "State",
    "month_days",
    "sigmoid",
]


BASE_MONTH = np.datetime64("2022-01", "M")
CALENDAR_START = np.datetime64("2022-01-01T00:00:00", "s")
"""First instant of the logged world, UTC; day numbers count from here."""

METHODS = ("iban", "card", "cheque", "wallet")
IBAN, CARD, CHEQUE = 0, 1, 2
PRODUCTS = ("digital", "weekend", "complete")
NEVER = -1e6
"""Day number of something that has not happened."""


class Draw(IntEnum):
    """The uniforms of one customer-month: always all of them, so that two worlds stay in step."""

    CONTACT = 0
    COMPLAINT = 1
    AGENT = 2
    HOURS = 3
    RESOLVED = 4
    REPEAT = 5
    RESOLVED_REPEAT = 6
    ANSWER = 7
    SCORE = 8
    REFUND = 9
    UPSELL = 10
    SELF_SWITCH = 11
    CANCEL = 12
    PAUSE = 13
    PRODUCT = 14
    PAYMENT = 15
    CHOOSE = 16
    """First of six: whether an action is chosen, by slot."""
    ARM = 22
    """First of six: which arm (or agent), by slot."""
    OUTCOME = 28
    """First of six: whether it is accepted (or solves the contact), by slot."""
    COUNT = 34


def sigmoid(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), same shape."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def month_days(months: Ints) -> Floats:
    """Return the day number on which each calendar month begins (0 = 2022-01-01), same shape."""
    starts = (BASE_MONTH + months.astype("timedelta64[M]")).astype("datetime64[D]")
    days: Floats = (starts - CALENDAR_START.astype("datetime64[D]")).astype(np.float64)
    return days


@dataclass(frozen=True)
class Agents(ShortRepr):
    """The agents: ``skill`` (log-odds of resolving) and whether they are ``trained``, both (agents,)."""

    skill: Floats
    trained: Bools


@dataclass(frozen=True)
class Setting(ShortRepr):
    """What all customers share: the numbers, the agents and the calendar (day number of each month's start)."""

    config: WorldConfig
    agents: Agents
    month_start: Floats

    @classmethod
    def make(cls, config: WorldConfig, agents: Agents) -> Setting:
        """Return the setting with a calendar long enough for every decision's horizon."""
        last = config.months + config.truth.horizon_months + 2
        return cls(config, agents, month_days(np.arange(last)))


@dataclass
class State(ShortRepr):
    """Customers as arrays, all of shape (n,); steps change them in place.

    Latent: loyalty, price_sensitivity, contact_propensity, mood, satisfaction, awake (log-odds of leaving added by
    having been woken up), offer_strength and offer_left (months), spared (points of monthly hazard taken off for as
    long). Contract: running, pending (a cancellation stands), pause_left (months to a restart, 0 = none),
    pause_next (the same, once a pending cancellation takes effect), product, term, price (of a term), raised (the
    price rise is in the price), to_renewal (billings to the next renewal), method. Seen by agents, as day numbers:
    started_day, contact_day, complaint_day, unresolved_day, failed_day, ended_day, csat with csat_day, treated_day (any
    action), recovery_day, retention_day, switch_day (these actions). Books: month (of the next step), weight
    (probability of not having left for good), value (discounted to origin_day).
    """

    customer: Ints
    loyalty: Floats
    price_sensitivity: Floats
    contact_propensity: Floats
    mood: Floats
    contactable: Bools
    bill_day: Floats
    started_day: Floats
    running: Bools
    pending: Bools
    pause_left: Ints
    pause_next: Ints
    product: Ints
    term: Ints
    price: Floats
    raised: Bools
    to_renewal: Ints
    method: Ints
    satisfaction: Floats
    awake: Floats
    offer_left: Ints
    offer_strength: Floats
    spared: Floats
    contact_day: Floats
    complaint_day: Floats
    unresolved_day: Floats
    failed_day: Floats
    ended_day: Floats
    csat: Floats
    csat_day: Floats
    treated_day: Floats
    recovery_day: Floats
    retention_day: Floats
    switch_day: Floats
    month: Ints
    weight: Floats
    value: Floats
    origin_day: Floats

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: Ints | slice) -> State:
        """Return a copy of the customers at ``rows``."""
        return State(**{f.name: np.array(getattr(self, f.name)[rows]) for f in fields(self)})

    @staticmethod
    def concat(parts: list[State]) -> State:
        """Return the customers of all ``parts``, in order."""
        return State(**{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(State)})

    def restart_books(self, origin_day: Floats) -> None:
        """Begin to count value from ``origin_day`` (n,), with every customer at weight 1."""
        self.weight = np.ones(len(self))
        self.value = np.zeros(len(self))
        self.origin_day = origin_day.copy()

    def book(self, setting: Setting, rows: Ints, day: Floats, money: Floats) -> None:
        """Add ``money`` at ``day`` (both as long as ``rows``), discounted and weighted by survival."""
        rate = setting.config.billing.annual_discount_rate
        self.value[rows] += self.weight[rows] * discount(day - self.origin_day[rows], rate) * money
