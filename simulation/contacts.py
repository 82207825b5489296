"""Days 8-24 of a month: contacts, how they are solved, the survey after them, and what they do to satisfaction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.arrays import Bools, Floats, Ints
from ..core.short_repr import ShortRepr
from .settings import ContactSettings
from .state import Draw, Setting, State, sigmoid

__all__ = ["CONTACT_DAY", "ContactEvents", "contact_phase"]

CONTACT_DAY = 9.0
"""Days after the first of the month at which the state dates contacts; they open on days 8 to 12."""


@dataclass(frozen=True)
class ContactEvents(ShortRepr):
    """The month's contacts; all arrays (contacts,), in order of ``rows`` (positions in the state).

    ``repeated`` marks a second contact on the same reason, solved where ``resolved_repeat``; ``score`` is the
    CSAT answer, NaN without one; ``refunded`` complaints are paid back in the billing phase.
    """

    rows: Ints
    complaint: Bools
    agent: Ints
    hours: Floats
    resolved: Bools
    repeated: Bools
    resolved_repeat: Bools
    surveyed: Bools
    score: Floats
    refunded: Bools


def contact_rate(settings: ContactSettings, state: State) -> Floats:
    """Return the probability of a contact this month (n,), for running customers."""
    log_rate = settings.rate_spread * state.contact_propensity - settings.rate_dissatisfied * state.satisfaction
    return np.minimum(settings.rate_ceiling, settings.rate * np.exp(log_rate))


def contact_phase(setting: Setting, state: State, uniforms: Floats) -> ContactEvents:
    """Let customers make contact; change satisfaction, what agents see, and book the cost.

    Customers with a pending cancellation have gone quiet, so that a final departure takes all later money
    with it, whether it is drawn or carried as a weight.

    Parameters
    ----------
    uniforms
        Uniforms of the month, (Draw.COUNT, n).
    """
    settings = setting.config.contacts
    calling = state.running & ~state.pending
    rows = np.flatnonzero(calling & (uniforms[Draw.CONTACT] < contact_rate(settings, state)))
    events = _draw_contacts(setting, state, rows, uniforms[: Draw.UPSELL, rows])
    _change_satisfaction(settings, state, events)
    day = setting.month_start[state.month[rows]] + CONTACT_DAY
    cost = np.where(events.complaint, settings.cost_complaint, settings.cost)
    state.book(setting, rows, day, -(cost + settings.cost * events.repeated))
    state.contact_day[rows] = day
    state.complaint_day[rows[events.complaint]] = day[events.complaint]
    state.unresolved_day[rows[~events.resolved]] = day[~events.resolved]
    answered = ~np.isnan(events.score)
    state.csat[rows[answered]] = events.score[answered]
    state.csat_day[rows[answered]] = day[answered]
    return events


def _draw_contacts(setting: Setting, state: State, rows: Ints, uniforms: Floats) -> ContactEvents:
    """Return what happens in the contacts of ``rows``; ``uniforms`` are theirs, (Draw.UPSELL, contacts)."""
    settings = setting.config.contacts
    mood = state.satisfaction[rows]
    complaint_odds = sigmoid(settings.complaint_logit - settings.complaint_dissatisfied * mood)
    complaint = uniforms[Draw.COMPLAINT] < complaint_odds
    agent = (uniforms[Draw.AGENT] * len(setting.agents.skill)).astype(np.int64)
    resolved_logit = settings.resolved_logit + setting.agents.skill[agent]
    resolved = uniforms[Draw.RESOLVED] < sigmoid(resolved_logit + settings.resolved_complaint * complaint)
    repeated = ~resolved & (uniforms[Draw.REPEAT] < settings.repeat_share)
    resolved_repeat = repeated & (uniforms[Draw.RESOLVED_REPEAT] < settings.repeat_resolved)
    surveyed, score = _answer(settings, state, rows, uniforms, resolved | resolved_repeat)
    return ContactEvents(
        rows,
        complaint,
        agent,
        _hours_to_answer(settings, uniforms[Draw.HOURS]),
        resolved,
        repeated,
        resolved_repeat,
        surveyed,
        score,
        complaint & (uniforms[Draw.REFUND] < settings.refund_share),
    )


def _logistic(uniform: Floats) -> Floats:
    """Return standard logistic quantiles, kept within +-9."""
    inside = np.clip(uniform, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(inside / (1 - inside)))


def _hours_to_answer(settings: ContactSettings, uniform: Floats) -> Floats:
    """Return hours to the first answer, log-logistic and capped."""
    log_hours = np.log(settings.hours_median) + settings.hours_spread * _logistic(uniform)
    return np.asarray(np.minimum(settings.hours_ceiling, np.exp(log_hours)))


def _answer(
    settings: ContactSettings, state: State, rows: Ints, uniforms: Floats, solved: Bools
) -> tuple[Bools, Floats]:
    """Return who is sent a CSAT survey and the scores 1 to 5, NaN without an answer; both (contacts,)."""
    mood = state.satisfaction[rows]
    answer = sigmoid(
        settings.answer_logit + settings.answer_loyalty * state.loyalty[rows] + settings.answer_satisfaction * mood
    )
    surveyed = uniforms[Draw.ANSWER] < settings.survey_share
    answered = uniforms[Draw.ANSWER] < settings.survey_share * answer
    base, per_mood, if_solved, if_not, spread = settings.csat
    felt = base + per_mood * mood + np.where(solved, if_solved, if_not) + spread * _logistic(uniforms[Draw.SCORE])
    return surveyed, np.where(answered, np.clip(np.rint(felt), 1, 5), np.nan)


def _change_satisfaction(settings: ContactSettings, state: State, events: ContactEvents) -> None:
    """Lower or raise satisfaction by how the contacts went."""
    solved = events.resolved | events.resolved_repeat
    change = (
        settings.gain_resolved * solved
        - settings.loss_unresolved * ~solved
        - settings.loss_complaint * events.complaint
        - settings.loss_day_waiting * events.hours / 24
    )
    state.satisfaction[events.rows] = np.clip(state.satisfaction[events.rows] + change, -4.0, 3.0)
