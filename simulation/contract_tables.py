"""The logged world as contract tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..core.short_repr import ShortRepr
from .around_tables import around_tables
from .billing_log import Ledger
from .columns import identifiers, instants
from .history import History, LoggedMonth, run_history
from .other_tables import Referrals, agents, customers, initiative_costs, initiatives, single_copies
from .population import People, first_state
from .service_log import Desk
from .settings import WorldConfig
from .state import Setting

__all__ = ["Simulated", "simulate_frames"]


@dataclass(frozen=True)
class Simulated(ShortRepr):
    """A simulated world: its contract tables by name, and the history from which the truth is computed.

    ``data_until`` is the instant up to which the tables are complete, exclusive (naive UTC).
    """

    tables: dict[str, pd.DataFrame]
    history: History
    data_until: pd.Timestamp


class Recorder:
    """Hands each logged month to those who write it down."""

    def __init__(self, setting: Setting, people: People, seed: int) -> None:
        money, service, word, self.rng = (np.random.default_rng(s) for s in np.random.SeedSequence([seed, 1]).spawn(4))
        self.ledger = Ledger(setting, people, money)
        self.ledger.open_stock(first_state(people, setting.config).price)
        self.desk = Desk(setting, self.ledger, service)
        self.referrals = Referrals(setting, people, word)

    def record(self, logged: LoggedMonth) -> None:
        """Write down one month, in the order in which its phases happened."""
        self.desk.record(logged)
        self.ledger.record(logged)
        self.referrals.record(logged)

    def tables(self, setting: Setting, people: People) -> dict[str, pd.DataFrame]:
        """Return every contract table."""
        ids = identifiers("C", np.arange(len(people)), len(people))
        until_day = float(setting.month_start[setting.config.months])
        return {
            "customers": customers(people),
            "subscriptions": self.ledger.subscriptions(ids),
            "payments": self.ledger.payments(ids, single_copies(people, until_day, self.rng)),
            "payment_methods": self.ledger.payment_methods(ids, until_day),
            "contacts": self.desk.contacts(ids),
            "surveys": self.desk.surveys(ids),
            "actions": self.desk.actions(ids),
            "agents": agents(setting),
            "initiatives": initiatives(setting),
            "initiative_costs": initiative_costs(setting, len(people)),
            "referrals": self.referrals.frame(ids),
        }


def simulate_frames(customers: int, seed: int, config: WorldConfig | None = None) -> Simulated:
    """Simulate the world in memory.

    Parameters
    ----------
    customers
        Rows of the table ``customers``: the stock at the start of the log and all later sign-ups.
    seed
        Same seed and config, same world.
    config
        The world's numbers; the demo's by default.
    """
    world = config or WorldConfig()
    recorders: list[Recorder] = []

    def begin(setting: Setting, people: People) -> Recorder:
        recorders.append(Recorder(setting, people, seed))
        return recorders[0]

    history = run_history(customers, seed, world, lambda s, p: begin(s, p).record)
    until = instants(history.setting.month_start[[world.months]])[0]
    tables = recorders[0].tables(history.setting, history.people)
    end = pd.Timestamp(until).as_unit("us")
    return Simulated(tables | around_tables(tables, end, seed), history, end)
