"""The six actions of the demo world: who can get them, whom agents choose, who accepts, what they do.

Choices look at what the tables show, and at nothing else unless ``hidden_confounding`` is set.
"""

from __future__ import annotations

import numpy as np

from .actions import ActionRule
from .state import CHEQUE, IBAN, Bools, Floats, Ints, Setting, State, sigmoid

__all__ = ["RULES", "rule_named"]

QUARTER, HALF_YEAR, YEAR = 90.0, 180.0, 365.0


def _recent(day: Floats, since: Floats, days: float) -> Bools:
    """Return whether ``since`` lies less than ``days`` before ``day``."""
    return day - since < days


def _chosen(setting: Setting, state: State, rows: Ints, logit: Floats) -> Floats:
    """Return choice probabilities (rows,), capped."""
    hidden = setting.config.hidden_confounding * state.loyalty[rows]
    return np.minimum(setting.config.actions.choice_ceiling, sigmoid(logit + hidden))


def _anyone(state: State, day: Floats) -> Bools:
    return np.ones(len(day), dtype=bool)


def _unresolved_possible(state: State, day: Floats) -> Bools:
    return _recent(day, state.unresolved_day, 30.0)


def _callback_choice(setting: Setting, state: State, rows: Ints, day: Floats) -> Floats:
    return np.ones(len(rows))


def _callback_success(setting: Setting, state: State, rows: Ints, treated: Bools, agent: Ints) -> Floats:
    actions, agents = setting.config.actions, setting.agents
    chance = sigmoid(actions.callback_untrained + actions.callback_training * agents.trained + agents.skill)
    arm = np.where(treated, chance[agents.trained].mean(), chance[~agents.trained].mean())
    return np.where(agent < 0, arm, chance[agent])


def _callback_effect(
    setting: Setting, state: State, rows: Ints, treated: Bools, success: Bools, day: Floats
) -> None:
    _please(state, rows[success], np.full(success.sum(), setting.config.actions.callback_gain))


def _please(state: State, rows: Ints, gain: Floats) -> None:
    """Raise satisfaction, at most to 3."""
    state.satisfaction[rows] = np.minimum(3.0, state.satisfaction[rows] + gain)


def _complaint_possible(state: State, day: Floats) -> Bools:
    return _recent(day, state.complaint_day, QUARTER)


def _recovery_choice(setting: Setting, state: State, rows: Ints, day: Floats) -> Floats:
    logit = (
        setting.config.actions.recovery_logit
        + 1.0 * _recent(day, state.complaint_day[rows], 40.0)
        + 0.8 * _recent(day, state.unresolved_day[rows], QUARTER)
        + 0.4 * state.product[rows]
        + 0.4 * (day - state.started_day[rows] > YEAR)
        - 2.0 * _recent(day, state.recovery_day[rows], HALF_YEAR)
    )
    return _chosen(setting, state, rows, logit)


def _recovery_effect(
    setting: Setting, state: State, rows: Ints, treated: Bools, success: Bools, day: Floats
) -> None:
    actions, helped = setting.config.actions, rows[treated]
    gain = (
        actions.recovery_gain
        + actions.recovery_loyalty * state.loyalty[helped]
        + actions.recovery_product * state.product[helped]
    )
    _please(state, helped, np.clip(gain, 0.1, 2.5))
    state.recovery_day[helped] = day[treated]


def _retention_choice(setting: Setting, state: State, rows: Ints, day: Floats) -> Floats:
    dissatisfied = _recent(day, state.csat_day[rows], HALF_YEAR) & (state.csat[rows] <= 2)
    logit = (
        setting.config.actions.retention_logit
        + 1.0 * _recent(day, state.complaint_day[rows], QUARTER)
        + 0.8 * _recent(day, state.contact_day[rows], 60.0)
        + 0.9 * _recent(day, state.failed_day[rows], QUARTER)
        + 0.9 * dissatisfied
        + 0.5 * (day - state.started_day[rows] < YEAR)
        - 2.0 * _recent(day, state.retention_day[rows], YEAR)
    )
    return _chosen(setting, state, rows, logit)


def _retention_success(setting: Setting, state: State, rows: Ints, treated: Bools, agent: Ints) -> Floats:
    return treated * sigmoid(
        setting.config.actions.retention_accept + 0.3 * state.price_sensitivity[rows]
    )


def _retention_effect(
    setting: Setting, state: State, rows: Ints, treated: Bools, success: Bools, day: Floats
) -> None:
    actions, kept = setting.config.actions, rows[success]
    is_new = day[success] - state.started_day[kept] < 2 * YEAR
    strength = (
        actions.retention_strength
        + actions.retention_new * is_new
        + actions.retention_sensitivity * state.price_sensitivity[kept]
    )
    state.offer_strength[kept] = np.clip(strength, 0.05, 2.0)
    state.offer_left[kept] = actions.retention_months
    state.retention_day[rows[treated]] = day[treated]


def _not_iban(state: State, day: Floats) -> Bools:
    return state.method != IBAN


def _switch_choice(setting: Setting, state: State, rows: Ints, day: Floats) -> Floats:
    tenure_years = (day - state.started_day[rows]) / YEAR
    logit = (
        setting.config.actions.iban_logit
        + 1.1 * np.log1p(tenure_years)
        + 0.8 * _recent(day, state.failed_day[rows], HALF_YEAR)
        + 0.4 * (state.method[rows] == CHEQUE)
        + 0.2 * state.product[rows]
        - 1.5 * _recent(day, state.switch_day[rows], YEAR)
    )
    return _chosen(setting, state, rows, logit)


def _switch_success(setting: Setting, state: State, rows: Ints, treated: Bools, agent: Ints) -> Floats:
    actions = setting.config.actions
    return treated * sigmoid(actions.iban_accept + actions.iban_accept_loyalty * state.loyalty[rows])


def _switch_effect(
    setting: Setting, state: State, rows: Ints, treated: Bools, success: Bools, day: Floats
) -> None:
    state.method[rows[success]] = IBAN
    state.switch_day[rows[treated]] = day[treated]


def _courtesy_choice(setting: Setting, state: State, rows: Ints, day: Floats) -> Floats:
    return np.full(len(rows), setting.config.actions.courtesy_rate)


def _courtesy_effect(
    setting: Setting, state: State, rows: Ints, treated: Bools, success: Bools, day: Floats
) -> None:
    actions, called, today = setting.config.actions, rows[treated], day[treated]
    hurt = (
        _recent(today, state.complaint_day[called], QUARTER)
        | _recent(today, state.unresolved_day[called], QUARTER)
        | (_recent(today, state.csat_day[called], QUARTER) & (state.csat[called] <= 2))
    )
    asleep = (today - state.started_day[called] > 2 * YEAR) & ~_recent(
        today, state.contact_day[called], HALF_YEAR
    )
    state.awake[called] += actions.courtesy_wake * asleep
    gain = np.where(hurt, actions.courtesy_gain, np.where(asleep, 0.0, actions.courtesy_gain_other))
    _please(state, called, gain)


def _content(state: State, day: Floats) -> Bools:
    return ~_recent(day, state.complaint_day, QUARTER)


def _resubscription_choice(setting: Setting, state: State, rows: Ints, day: Floats) -> Floats:
    pleased = _recent(day, state.csat_day[rows], YEAR) & (state.csat[rows] >= 4)
    logit = (
        setting.config.actions.resubscription_logit
        + 0.9 * pleased
        + 0.5 * np.log1p((day - state.started_day[rows]) / YEAR)
        + 0.5 * (state.method[rows] == IBAN)
        - 0.8 * _recent(day, state.contact_day[rows], 60.0)
        - 0.8 * _recent(day, state.failed_day[rows], HALF_YEAR)
    )
    return _chosen(setting, state, rows, logit)


def _resubscription_success(
    setting: Setting, state: State, rows: Ints, treated: Bools, agent: Ints
) -> Floats:
    actions = setting.config.actions
    logit = actions.resubscription_accept + actions.resubscription_accept_loyalty * state.loyalty[rows]
    return treated * sigmoid(logit)


RULES: tuple[ActionRule, ...] = (
    ActionRule(
        "skilled_callback",
        0,
        _unresolved_possible,
        _callback_choice,
        lambda config: config.actions.trained_share,
        lambda config: (config.actions.callback_cost, 0.0),
        _callback_success,
        _callback_effect,
        first_month=lambda config: config.actions.coaching_month,
        by_agent=True,
    ),
    ActionRule(
        "complaint_recovery",
        1,
        _complaint_possible,
        _recovery_choice,
        lambda config: config.actions.treated_share,
        lambda config: (config.actions.recovery_cost, 0.0),
        None,
        _recovery_effect,
    ),
    ActionRule(
        "retention_offer",
        2,
        _anyone,
        _retention_choice,
        lambda config: config.actions.treated_share,
        lambda config: (config.actions.retention_cost, config.actions.retention_cost_accepted),
        _retention_success,
        _retention_effect,
        accepted=True,
    ),
    ActionRule(
        "iban_switch",
        3,
        _not_iban,
        _switch_choice,
        lambda config: 1.0,
        lambda config: (config.actions.iban_cost, 0.0),
        _switch_success,
        _switch_effect,
        accepted=True,
    ),
    ActionRule(
        "courtesy_call",
        4,
        _anyone,
        _courtesy_choice,
        lambda config: 0.5,
        lambda config: (config.actions.courtesy_cost, 0.0),
        None,
        _courtesy_effect,
    ),
    ActionRule(
        "resubscription_offer",
        5,
        _content,
        _resubscription_choice,
        lambda config: config.actions.treated_share,
        lambda config: (config.actions.resubscription_cost, 0.0),
        _resubscription_success,
        None,
        accepted=True,
    ),
)
"""Every action, in the order of its day in the month."""


def rule_named(name: str) -> ActionRule:
    """Return the rule of an action.

    Raises
    ------
    KeyError
        There is no such action.
    """
    return {rule.name: rule for rule in RULES}[name]
