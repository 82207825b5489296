"""The service side of the log: contacts, surveys and actions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ..core.arrays import Bools, Floats, Ints
from .actions import MonthDecisions
from .billing_log import Ledger
from .columns import Columns, identifiers, instants, labels
from .history import LoggedMonth
from .settings import WorldConfig
from .state import IBAN, Setting

__all__ = ["Desk"]

REASONS = ("delivery", "billing", "content", "login", "moving", "other")
REASON_SHARES = (0.34, 0.24, 0.08, 0.16, 0.08, 0.10)
CHANNELS = ("phone", "mail", "chat")
CHANNEL_SHARES = (0.55, 0.30, 0.15)
OPENS = (7.0, 11.0)
"""First and last day after the first of the month on which contacts open."""
INITIATIVES = {"skilled_callback": "coaching", "iban_switch": "iban_campaign"}
NPS_SHARE = 0.12
"""Share of subscribers asked for the NPS in the last month of a quarter."""


class Desk:
    """Writes down contacts, surveys and actions, month by month; accepted switches go to the ledger."""

    def __init__(self, setting: Setting, ledger: Ledger, rng: np.random.Generator) -> None:
        self._setting = setting
        self._config: WorldConfig = setting.config
        self._ledger = ledger
        self._rng = rng
        self._contacts = Columns(
            "customer", "month", "opened", "answered", "closed", "channel", "reason", "agent",
            "seconds", "resolved", "complaint", "cost",
        )  # fmt: skip
        self._surveys = Columns("customer", "sent", "responded", "metric", "score", "contact")
        self._actions = Columns(
            "customer", "day", "action", "treated", "propensity", "cost", "accepted", "accepted_day",
            "agent", "initiative", "month",
        )  # fmt: skip

    def record(self, logged: LoggedMonth) -> None:
        """Write down the actions and contacts of one month, and its NPS survey if a quarter ends."""
        first = self._setting.month_start[logged.month]
        for decisions in logged.events.decisions:
            if len(decisions.rows):
                self._record_decisions(decisions, first, logged.month)
        self._record_contacts(logged, first)
        if logged.month % 3 == 2:
            self._record_nps(logged, first)

    def _record_decisions(self, decisions: MonthDecisions, first: float, month: int) -> None:
        rule, rng, count = decisions.rule, self._rng, len(decisions.rows)
        day = first + rule.slot + rng.uniform(8, 18, count) / 24
        accepted_day = np.where(decisions.success, day + rng.uniform(0.05, 0.9, count), np.nan)
        share = rule.treated_share(self._config)
        self._actions.add(
            customer=decisions.rows,
            day=day,
            action=rule.name,
            treated=decisions.treated,
            propensity=share if share < 1.0 else np.nan,
            cost=decisions.cost,
            accepted=np.where(decisions.treated, decisions.success, np.nan) if rule.accepted else np.nan,
            accepted_day=accepted_day if rule.accepted else np.nan,
            agent=decisions.agent if rule.by_agent else rng.integers(0, self._config.contacts.agents, count),
            initiative=INITIATIVES.get(rule.name),
            month=month if rule.by_agent else -1,
        )
        if rule.name == "iban_switch":
            accepted = decisions.success
            self._ledger.add_method(decisions.rows[accepted], accepted_day[accepted] + 0.02, IBAN)

    def _record_contacts(self, logged: LoggedMonth, first: float) -> None:
        events, rng, contacts = logged.events.contacts, self._rng, self._config.contacts
        count, again = len(events.rows), events.repeated
        reason = rng.choice(len(REASONS), count, p=REASON_SHARES)
        opened = first + rng.uniform(*OPENS, count)
        cost = np.where(events.complaint, contacts.cost_complaint, contacts.cost)
        numbers, closed = self._write_contacts(
            customer=events.rows, month=logged.month, opened=opened, hours=events.hours, reason=reason,
            agent=events.agent, resolved=events.resolved, complaint=events.complaint, cost=cost,
        )  # fmt: skip
        second, last = self._write_contacts(
            customer=events.rows[again], month=logged.month,
            opened=closed[again] + rng.uniform(0.4, 1.2, again.sum()), hours=rng.uniform(0.5, 8.0, again.sum()),
            reason=reason[again], agent=rng.integers(0, contacts.agents, again.sum()),
            resolved=events.resolved_repeat[again], complaint=np.zeros(again.sum(), dtype=bool),
            cost=np.full(again.sum(), contacts.cost),
        )  # fmt: skip
        numbers[again], closed[again] = second, last
        self._record_surveys(logged, numbers, closed)

    def _write_contacts(
        self, *, opened: Floats, hours: Floats, agent: Ints, complaint: Bools, **known: Any
    ) -> tuple[Ints, Floats]:
        """Write contacts, all arguments (contacts,); return their row numbers and when they were closed."""
        rng, count = self._rng, len(opened)
        skill = self._setting.agents.skill[agent]
        seconds = np.rint(420 * np.exp(0.4 * rng.standard_normal(count) - 0.2 * skill + 0.3 * complaint))
        answered = opened + hours / 24
        closed = answered + seconds / 86_400 + rng.uniform(0.0, 1.0, count) * (rng.random(count) < 0.4)
        channel = rng.choice(len(CHANNELS), count, p=CHANNEL_SHARES)
        numbers = self._contacts.add(
            opened=opened, answered=answered, closed=closed, channel=channel, agent=agent, seconds=seconds,
            complaint=complaint, **known,
        )  # fmt: skip
        return numbers, closed

    def _record_surveys(self, logged: LoggedMonth, contacts: Ints, closed: Floats) -> None:
        """Write the CSAT survey after each surveyed contact, and a CES question to half of them."""
        events, rng = logged.events.contacts, self._rng
        sent = closed + rng.uniform(0.4, 0.9, len(closed))
        responded = np.where(np.isnan(events.score), np.nan, sent + rng.uniform(0.05, 3.0, len(sent)))
        chosen = events.surveyed
        self._surveys.add(
            customer=events.rows[chosen], sent=sent[chosen], responded=responded[chosen], metric="csat",
            score=events.score[chosen], contact=contacts[chosen],
        )  # fmt: skip
        half = chosen & (rng.random(len(chosen)) < 0.5)
        effort = 5.2 - events.hours / 20 - 1.8 * ~events.resolved + rng.standard_normal(len(half))
        score = np.where(np.isnan(events.score), np.nan, np.clip(np.rint(effort), 1, 7))
        self._surveys.add(
            customer=events.rows[half], sent=sent[half], responded=responded[half], metric="ces",
            score=score[half], contact=contacts[half],
        )  # fmt: skip

    def _record_nps(self, logged: LoggedMonth, first: float) -> None:
        """Ask a sample of those who were subscribers before this month's billing."""
        rng, state = self._rng, logged.state
        rows = np.flatnonzero(logged.open_before & (rng.random(len(state)) < NPS_SHARE))
        happy = state.satisfaction[rows]
        answers = rng.random(len(rows)) < 1 / (1 + np.exp(0.6 - 0.5 * state.loyalty[rows] - 0.4 * happy))
        felt = 7.2 + 1.3 * happy + 0.6 * state.loyalty[rows] + 1.2 * rng.standard_normal(len(rows))
        sent = first + rng.uniform(18.0, 18.5, len(rows))
        self._surveys.add(
            customer=rows,
            sent=sent,
            responded=np.where(answers, sent + rng.uniform(0.05, 4.0, len(rows)), np.nan),
            metric="nps",
            score=np.where(answers, np.clip(np.rint(felt), 0, 10), np.nan),
            contact=-1,
        )

    def contacts(self, customer_ids: pd.Series) -> pd.DataFrame:
        """Return the table ``contacts`` in contract form."""
        frame, count = self._contacts.frame(), self._contacts.length
        return pd.DataFrame(
            {
                "contact_id": identifiers("K", np.arange(count), count),
                "customer_id": customer_ids.to_numpy()[frame["customer"]],
                "opened_at": instants(frame["opened"].to_numpy()),
                "answered_at": instants(frame["answered"].to_numpy()),
                "closed_at": instants(frame["closed"].to_numpy()),
                "channel": labels(CHANNELS, frame["channel"].to_numpy()),
                "reason": labels(REASONS, frame["reason"].to_numpy()),
                "direction": "inbound",
                "agent_id": agent_ids(frame["agent"].to_numpy()),
                "handle_seconds": frame["seconds"],
                "resolved": frame["resolved"],
                "is_complaint": frame["complaint"],
                "cost": frame["cost"],
            }
        )

    def surveys(self, customer_ids: pd.Series) -> pd.DataFrame:
        """Return the table ``surveys`` in contract form."""
        frame, count = self._surveys.frame(), self._surveys.length
        return pd.DataFrame(
            {
                "survey_id": identifiers("Q", np.arange(count), count),
                "customer_id": customer_ids.to_numpy()[frame["customer"]],
                "sent_at": instants(frame["sent"].to_numpy()),
                "responded_at": instants(frame["responded"].to_numpy()),
                "metric": frame["metric"],
                "score": frame["score"],
                "contact_id": identifiers("K", frame["contact"].to_numpy(), self._contacts.length),
            }
        )

    def actions(self, customer_ids: pd.Series) -> pd.DataFrame:
        """Return the table ``actions`` in contract form, in the order in which the world decided."""
        frame, count = self._actions.frame(), self._actions.length
        return pd.DataFrame(
            {
                "action_id": identifiers("A", np.arange(count), count),
                "customer_id": customer_ids.to_numpy()[frame["customer"]],
                "action": frame["action"],
                "decided_at": instants(frame["day"].to_numpy()),
                "arm": np.where(frame["treated"], "treated", "control"),
                "propensity": frame["propensity"],
                "cost": frame["cost"],
                "accepted": frame["accepted"].map({1.0: True, 0.0: False}).astype("boolean"),
                "accepted_at": instants(frame["accepted_day"].to_numpy()),
                "contact_id": identifiers("K", self._called_back(frame), self._contacts.length),
                "agent_id": agent_ids(frame["agent"].to_numpy()),
                "initiative": frame["initiative"],
            }
        )

    def _called_back(self, actions: pd.DataFrame) -> Ints:
        """Return the row number of the last month's unresolved contact of each callback, else -1."""
        month = actions["month"].to_numpy()
        found = np.full(len(actions), -1)
        called = np.flatnonzero(month >= 0)
        if len(called):
            contacts, people = self._contacts.frame(), int(self._contacts.column("customer").max()) + 1
            key, first = np.unique(contacts["month"] * people + contacts["customer"], return_index=True)
            wanted = (month[called] - 1) * people + actions["customer"].to_numpy()[called]
            found[called] = first[np.searchsorted(key, wanted)]
        return found


def agent_ids(agents: Ints) -> pd.Series:
    """Return identifiers of agents; numbers start at 0."""
    return identifiers("AG", agents, 999)
