"""One month of the world: actions, then contacts, then billing. The same step draws and weighs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..core.arrays import Floats
from .actions import ActionRule, MonthDecisions, natural_slot
from .billing import BillingEvents, billing_phase
from .contacts import ContactEvents, contact_phase
from .state import Setting, State
from .win_back import rules_of

__all__ = ["MonthEvents", "step"]


@dataclass(frozen=True)
class MonthEvents:
    """What happened in a month, phase by phase."""

    decisions: tuple[MonthDecisions, ...]
    contacts: ContactEvents
    billing: BillingEvents


def step(
    setting: Setting,
    state: State,
    uniforms: Floats,
    *,
    drawn: bool,
    rules: Iterable[ActionRule] | None = None,
    keep: bool = False,
) -> MonthEvents:
    """Move every customer one month on, in place.

    Parameters
    ----------
    uniforms
        Uniforms of the month, (:func:`.win_back.draw_count`, n). Two copies of a state that are given the same ones
        differ only by what was done to them (common random numbers).
    drawn
        True: leaving for good is drawn, as in the logged world. False: it is carried as a weight.
    rules
        Actions that take their natural course this month; ``()``: no action at all. None: all of the world's.
    keep
        Whether decisions carry the state just before them.
    """
    decisions = tuple(
        natural_slot(setting, state, rule, uniforms, keep=keep)
        for rule in (rules_of(setting.config) if rules is None else rules)
    )
    contacts = contact_phase(setting, state, uniforms)
    complained = contacts.rows[contacts.refunded]
    billing = billing_phase(setting, state, uniforms, complained=complained, drawn=drawn)
    _close_month(setting, state)
    return MonthEvents(decisions, contacts, billing)


def _close_month(setting: Setting, state: State) -> None:
    """Let satisfaction return towards the mood, the woken fall asleep, and offers run out."""
    churn = setting.config.churn
    state.satisfaction += (1.0 - churn.satisfaction_memory) * (state.mood - state.satisfaction)
    state.awake *= churn.awake_memory
    state.offer_left -= state.offer_left > 0
    state.month += 1
