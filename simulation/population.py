"""Who the customers and agents are before anything happens to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.arrays import Bools, Floats, Ints
from ..core.short_repr import ShortRepr
from .settings import PeopleSettings, WorldConfig
from .state import IBAN, NEVER, Agents, State, month_days, sigmoid

__all__ = ["CHANNELS", "People", "draw_agents", "draw_people", "first_state"]


@dataclass(frozen=True)
class Channel:
    """A way to win customers: its share, what winning one costs (EUR), and the loyalty it brings."""

    name: str
    share: float
    cost: float
    loyalty: float


CHANNELS = (
    Channel("web", 0.40, 18.0, 0.0),
    Channel("telesales", 0.20, 35.0, -0.35),
    Channel("kiosk", 0.15, 12.0, 0.05),
    Channel("partner", 0.15, 25.0, -0.1),
    Channel("referral", 0.10, 8.0, 0.45),
)


@dataclass(frozen=True)
class People(ShortRepr):
    """What never changes about customers, all (n,), in order of their start.

    ``start_month`` 0 is the first logged month, negative ones lie before it.
    """

    start_month: Ints
    bill_day: Floats
    channel: Ints
    acquisition_cost: Floats
    birth_year: Ints
    contactable: Bools
    loyalty: Floats
    price_sensitivity: Floats
    contact_propensity: Floats
    mood: Floats
    product: Ints
    term: Ints
    method: Ints
    price_level: Floats

    def __len__(self) -> int:
        return len(self.start_month)

    def take(self, rows: Ints) -> People:
        """Return the people at ``rows``."""
        return People(**{name: values[rows] for name, values in vars(self).items()})


def draw_agents(config: WorldConfig, rng: np.random.Generator) -> Agents:
    """Draw the agents' skills, and at random whom the coaching initiative trains."""
    count = config.contacts.agents
    trained = np.zeros(count, dtype=bool)
    trained[rng.permutation(count)[: round(config.actions.trained_share * count)]] = True
    return Agents(config.contacts.skill_spread * rng.standard_normal(count), trained)


def draw_people(customers: int, config: WorldConfig, rng: np.random.Generator) -> People:
    """Draw ``customers`` people: a stock that began before the log, then sign-ups every month.

    The stock is what is left of everyone who ever began: the loyal remain, so it is not like the newcomers.
    """
    people = config.people
    in_stock = round(customers * people.stock_share)
    candidates = _strangers(6 * in_stock, config, rng)
    months = rng.integers(1, people.stock_months + 1, len(candidates))
    log_rate = -people.stock_loyalty * candidates.loyalty - people.stock_iban * (candidates.method == IBAN)
    alive = rng.random(len(candidates)) < np.exp(-people.stock_loss * np.exp(log_rate) * months)
    rows = np.flatnonzero(alive)[:in_stock]
    if len(rows) < in_stock:
        rows = np.concatenate([rows, np.flatnonzero(~alive)[: in_stock - len(rows)]])
    stock = candidates.take(rows)
    newcomers = _strangers(customers - in_stock, config, rng)
    joined = rng.integers(0, config.months, len(newcomers))
    start = np.concatenate([-months[rows], joined])
    everyone = People(
        **{name: np.concatenate([getattr(stock, name), getattr(newcomers, name)]) for name in vars(stock)}
        | {"start_month": start}
    )
    return everyone.take(np.argsort(start + everyone.bill_day / 100, kind="stable"))


def _strangers(count: int, config: WorldConfig, rng: np.random.Generator) -> People:
    """Draw people at sign-up; loyalty comes from channel and age, and decides on IBAN."""
    people: PeopleSettings = config.people
    channel = rng.choice(len(CHANNELS), count, p=[c.share for c in CHANNELS])
    age = rng.standard_normal(count)
    loyalty = (
        np.asarray([c.loyalty for c in CHANNELS])[channel]
        + people.age_loyalty * age
        + people.loyalty_spread * rng.standard_normal(count)
    )
    chooses_iban = rng.random(count) < sigmoid(people.iban_logit + people.iban_loyalty * loyalty)
    method = np.where(chooses_iban, IBAN, 1 + rng.choice(3, count, p=people.other_methods))
    cost = np.asarray([c.cost for c in CHANNELS])[channel] * rng.uniform(0.8, 1.2, count)
    return People(
        start_month=np.zeros(count, dtype=np.int64),
        bill_day=23.0 + np.round(rng.uniform(0.0, 1.99, count) * 1440) / 1440,
        channel=channel,
        acquisition_cost=np.round(cost, 2),
        birth_year=np.clip(np.round(1968 - 15 * age), 1930, 2003).astype(np.int64),
        contactable=rng.random(count) >= people.not_contactable,
        loyalty=loyalty,
        price_sensitivity=rng.standard_normal(count),
        contact_propensity=rng.standard_normal(count),
        mood=people.mood_loyalty * loyalty + people.mood_spread * rng.standard_normal(count),
        product=rng.choice(len(people.product_shares), count, p=people.product_shares),
        term=np.where(rng.random(count) < people.yearly_share, 12, 1),
        method=method,
        price_level=np.exp(config.billing.price_spread * rng.standard_normal(count)),
    )


def first_state(people: People, config: WorldConfig) -> State:
    """Return the state before the first logged month; only the stock is running."""
    n = len(people)
    running = people.start_month < 0
    level = np.where(people.start_month >= config.billing.rise_month, 1.0 + config.billing.rise, 1.0)
    factor = np.where(people.term == 1, 1.0, config.billing.yearly_factor)
    monthly = np.asarray(config.billing.prices)[people.product] * level * people.price_level
    billed = (-people.start_month) % people.term
    return State(
        customer=np.arange(n),
        loyalty=people.loyalty.copy(),
        price_sensitivity=people.price_sensitivity.copy(),
        contact_propensity=people.contact_propensity.copy(),
        mood=people.mood.copy(),
        contactable=people.contactable.copy(),
        bill_day=people.bill_day.copy(),
        started_day=month_days(people.start_month) + people.bill_day,
        running=running,
        pending=np.zeros(n, dtype=bool),
        pause_left=np.zeros(n, dtype=np.int64),
        pause_next=np.zeros(n, dtype=np.int64),
        product=people.product.copy(),
        term=people.term.copy(),
        price=np.round(monthly * factor, 2),
        raised=people.start_month >= config.billing.rise_month,
        to_renewal=np.where(people.term == 1, 1, np.where(billed == 0, 1, people.term - billed + 1)),
        method=people.method.copy(),
        satisfaction=people.mood.copy(),
        awake=np.zeros(n),
        offer_left=np.zeros(n, dtype=np.int64),
        offer_strength=np.zeros(n),
        spared=np.zeros(n),
        **{name: np.full(n, NEVER) for name in _NEVER_SEEN},
        csat=np.zeros(n),
        month=np.zeros(n, dtype=np.int64),
        weight=np.ones(n),
        value=np.zeros(n),
        origin_day=np.zeros(n),
    )


_NEVER_SEEN = (
    "contact_day",
    "complaint_day",
    "unresolved_day",
    "failed_day",
    "ended_day",
    "csat_day",
    "treated_day",
    "recovery_day",
    "retention_day",
    "switch_day",
)
