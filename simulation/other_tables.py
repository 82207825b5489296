"""What stands around subscriptions: customers, single copies, referrals, agents and initiatives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..core.arrays import Floats, Ints
from .columns import identifiers, instants, labels
from .history import LoggedMonth
from .population import CHANNELS, People
from .service_log import agent_ids
from .state import CARD, Setting, month_days

__all__ = ["Referrals", "agents", "customers", "initiative_costs", "initiatives", "single_copies"]

COACHING, CAMPAIGN = "coaching", "iban_campaign"
TRAINED_ON = 20.35
"""Days after the first of the month before the coaching at which agents were trained."""
BUYING_SHAPE, BUYING_DAYS = 0.6, 60.0
"""Single copies are bought at a rate ~ Gamma(shape, 1 / days) a day ..."""
STOPPING = (1.0, 5.0)
"""... and after each one the buyer stops with a probability ~ Beta(a, b): a BG/NBD."""
SPEND_SHAPE, SPEND_PRIOR, SPEND_SCALE = 6.0, 4.0, 3.0
"""Gamma-Gamma p, q and v of the amounts, EUR."""
MOST_COPIES = 200
TEXTS = {
    COACHING: (
        "Coaching for callbacks",
        "agents are trained to call back about unresolved contacts",
        "customers are satisfied and stay",
    ),
    CAMPAIGN: (
        "From card and cheque to direct debit",
        "agents propose IBAN direct debit to those who pay otherwise",
        "customers switch, fail to pay less often and stay",
    ),
}
"""Each initiative's name, what agents do, and what customers are hoped to do then."""
COSTS = (
    (COACHING, "training", -1, 3500.0, False),
    (COACHING, "tools", -1, 1200.0, False),
    (COACHING, "salaries", 0, 120.0, True),
    (COACHING, "licences", 0, 60.0, True),
    (CAMPAIGN, "integration", -1, 1500.0, False),
    (CAMPAIGN, "salaries", 0, 80.0, True),
    (CAMPAIGN, "maintenance", 0, 25.0, True),
)
"""Initiative, item, month counted from its start, EUR for 20,000 customers, and whether it comes monthly."""


def start_days(people: People) -> Floats:
    """Return the day number of each customer's first subscription (n,)."""
    return month_days(people.start_month) + people.bill_day


def customers(people: People) -> pd.DataFrame:
    """Return the table ``customers``, in order of sign-up."""
    return pd.DataFrame(
        {
            "customer_id": identifiers("C", np.arange(len(people)), len(people)),
            "signed_up_at": instants(start_days(people)),
            "acquisition_channel": labels([channel.name for channel in CHANNELS], people.channel),
            "acquisition_cost": people.acquisition_cost,
            "contactable": people.contactable,
            "birth_year": people.birth_year,
        }
    )


def single_copies(people: People, until_day: float, rng: np.random.Generator) -> pd.DataFrame:
    """Draw purchases of single copies before ``until_day``: BG/NBD in time, Gamma-Gamma in money.

    They run beside subscriptions and know nothing of them, so no action changes them.
    """
    n = len(people)
    rate = rng.gamma(BUYING_SHAPE, 1.0 / BUYING_DAYS, n)
    stops = rng.beta(*STOPPING, n)
    typical = rng.gamma(SPEND_PRIOR, 1.0 / SPEND_SCALE, n)
    rows = np.arange(n)
    day = np.maximum(start_days(people), 0.0)
    bought: list[tuple[Ints, Floats]] = []
    for _ in range(MOST_COPIES):
        day = day + rng.exponential(1.0, len(rows)) / np.maximum(rate[rows], 1e-9)
        inside = day < until_day
        rows, day = rows[inside], day[inside]
        bought.append((rows, day))
        goes_on = rng.random(len(rows)) >= stops[rows]
        rows, day = rows[goes_on], day[goes_on]
    who = np.concatenate([who for who, _ in bought])
    return pd.DataFrame(
        {
            "customer": who,
            "day": np.concatenate([when for _, when in bought]),
            "amount": np.round(np.maximum(0.5, rng.gamma(SPEND_SHAPE, 1.0 / typical[who])), 2),
            "method": np.where(rng.random(len(who)) < 0.8, CARD, 3),
            "failed": False,
            "kind": "one_off",
            "subscription": -1,
        }
    )


class Referrals:
    """Writes down who referred the customers that came by referral: running subscribers, the loyal rather."""

    def __init__(self, setting: Setting, people: People, rng: np.random.Generator) -> None:
        self._people, self._rng = people, rng
        self._start = setting.month_start
        self._by = next(i for i, channel in enumerate(CHANNELS) if channel.name == "referral")
        self._rows: list[tuple[Ints, Ints]] = []

    def record(self, logged: LoggedMonth) -> None:
        """Draw a referrer for each referred customer who joined this month."""
        joined = logged.joined[self._people.channel[logged.joined] == self._by]
        can = np.flatnonzero(logged.open_before)
        if len(can) == 0:
            return
        pull = np.exp(self._people.loyalty[can])
        self._rows.append((self._rng.choice(can, len(joined), p=pull / pull.sum()), joined))

    def frame(self, customer_ids: pd.Series) -> pd.DataFrame:
        """Return the table ``referrals``; a referral is known with the sign-up it leads to."""
        nobody = np.empty(0, dtype=np.int64)
        referrer = np.concatenate([nobody, *(pair[0] for pair in self._rows)])
        referred = np.concatenate([nobody, *(pair[1] for pair in self._rows)])
        day = start_days(self._people)[referred]
        return pd.DataFrame(
            {
                "referrer_id": customer_ids.to_numpy()[referrer],
                "referred_id": customer_ids.to_numpy()[referred],
                "referred_at": instants(day),
            }
        )


def agents(setting: Setting) -> pd.DataFrame:
    """Return the table ``agents``; trained ones were trained shortly before the coaching began."""
    begins = _start_months(setting).get(COACHING)
    count = len(setting.agents.trained)
    trained = setting.agents.trained & (begins is not None)
    day = np.nan if begins is None else setting.month_start[begins - 1] + TRAINED_ON
    return pd.DataFrame(
        {
            "agent_id": agent_ids(np.arange(count)),
            "team": labels(("north", "south", "evening"), np.arange(count) % 3),
            "trained_at": instants(np.where(trained, day, np.nan)),
            "initiative": labels((None, COACHING), trained.astype(np.int64)),
        }
    )


def _start_months(setting: Setting) -> dict[str, int]:
    """Return the month in which each initiative starts, for those that start within the log."""
    actions = setting.config.actions
    begin = {COACHING: actions.coaching_month, CAMPAIGN: actions.first_month}
    return {name: month for name, month in begin.items() if month < setting.config.months}


def initiatives(setting: Setting) -> pd.DataFrame:
    """Return the table ``initiatives``: what agents do, and what customers are hoped to do then."""
    begin = _start_months(setting)
    texts = [TEXTS[name] for name in begin]
    started = setting.month_start[np.array(list(begin.values()), dtype=np.int64)]
    return pd.DataFrame(
        {
            "initiative": list(begin),
            "name": [name for name, _, _ in texts],
            "when": [when for _, when, _ in texts],
            "then": [then for _, _, then in texts],
            "started_on": instants(started).astype("datetime64[s]"),
            "ended_on": instants(np.full(len(begin), np.nan)).astype("datetime64[s]"),
        }
    )


def initiative_costs(setting: Setting, people: int) -> pd.DataFrame:
    """Return the table ``initiative_costs``, in proportion to the number of customers."""
    begin = _start_months(setting)
    rows = [
        (name, item, round(amount * people / 20_000, 2), setting.month_start[month])
        for name, item, offset, amount, monthly in COSTS
        if name in begin
        for month in range(begin[name] + offset, setting.config.months if monthly else begin[name] + offset + 1)
    ]
    frame = pd.DataFrame(rows, columns=["initiative", "item", "amount", "day"])
    frame["incurred_on"] = instants(frame.pop("day").to_numpy(dtype=float) + 14.0).astype("datetime64[s]")
    return frame
