"""The six actions of the demo world: who can get them, whom agents choose, who accepts, what they do.

Choices look at what the tables show, and at nothing else unless ``hidden_confounding`` is set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.arrays import Arrays, Bools, Floats, Ints
from .actions import ActionRule, Offer, View
from .settings import Weights
from .shapes import factor, spare, works_as_built
from .state import CHEQUE, IBAN, State, sigmoid

__all__ = ["RULES", "SIGHTS", "chosen", "rule_named"]

MONTH, QUARTER, HALF_YEAR, YEAR = 30.0, 90.0, 180.0, 365.0


SIGHTS: dict[str, Callable[[View], Arrays]] = {
    "complaint_40d": lambda view: view.recent("complaint_day", 40.0),
    "complaint_90d": lambda view: view.recent("complaint_day", QUARTER),
    "unresolved_90d": lambda view: view.recent("unresolved_day", QUARTER),
    "contact_60d": lambda view: view.recent("contact_day", 60.0),
    "failed_90d": lambda view: view.recent("failed_day", QUARTER),
    "failed_180d": lambda view: view.recent("failed_day", HALF_YEAR),
    "dissatisfied_180d": lambda view: _dissatisfied(view, HALF_YEAR),
    "pleased_365d": lambda view: view.recent("csat_day", YEAR) & (view.state.csat[view.rows] >= 4),
    "ended_90d": lambda view: view.recent("ended_day", QUARTER),
    "treated_180d": lambda view: view.recent("treated_day", HALF_YEAR),
    "recovered_180d": lambda view: view.recent("recovery_day", HALF_YEAR),
    "offered_365d": lambda view: view.recent("retention_day", YEAR),
    "proposed_365d": lambda view: view.recent("switch_day", YEAR),
    "log_tenure": lambda view: np.log1p(view.tenure() / YEAR),
    "under_a_year": lambda view: view.tenure() < YEAR,
    "over_a_year": lambda view: view.tenure() > YEAR,
    "monthly": lambda view: view.state.term[view.rows] == 1,
    "cheque": lambda view: view.state.method[view.rows] == CHEQUE,
    "iban": lambda view: view.state.method[view.rows] == IBAN,
    "product": lambda view: view.state.product[view.rows],
}
"""What agents can see of customers; all of it is in the tables."""


def chosen(view: View, logit: float, sees: Weights) -> Floats:
    """Return the probability of being chosen (rows,), logistic in what agents see, and capped."""
    odds = logit + view.setting.config.hidden_confounding * view.state.loyalty[view.rows]
    for name, weight in sees:
        odds += weight * SIGHTS[name](view)
    return np.minimum(view.setting.config.actions.choice_ceiling, sigmoid(odds))


def _gain(
    offer: Offer, helped: Bools, as_built: NDArray[np.floating[Any]], strength: float
) -> NDArray[np.floating[Any]]:
    """Return what the ``helped`` (rows,) gain: as the world is built, or ``strength`` in the shape that is set."""
    if works_as_built(offer):
        return as_built
    spare(offer, helped)
    return strength * factor(offer)[helped]


def _please(state: State, rows: Ints, gain: NDArray[np.floating[Any]]) -> None:
    """Raise satisfaction, at most to 3."""
    state.satisfaction[rows] = np.minimum(3.0, state.satisfaction[rows] + gain)


def _dissatisfied(view: View, days: float) -> Bools:
    """Return whether the last CSAT answer is a bad and recent one (rows,)."""
    return view.recent("csat_day", days) & (view.state.csat[view.rows] <= 2)


def _anyone(view: View) -> Bools:
    return np.ones(len(view.rows), dtype=bool)


def _complained(view: View) -> Bools:
    return view.recent("complaint_day", QUARTER)


def _recovery_choice(view: View) -> Floats:
    actions = view.setting.config.actions
    return chosen(view, actions.recovery_logit, actions.recovery_sees)


def _recovery_effect(offer: Offer) -> None:
    actions, state, helped = offer.setting.config.actions, offer.state, offer.rows[offer.treated]
    gain = (
        actions.recovery_gain
        + actions.recovery_loyalty * state.loyalty[helped]
        + actions.recovery_product * state.product[helped]
    )
    _please(state, helped, _gain(offer, offer.treated, np.clip(gain, 0.1, 2.5), actions.recovery_gain))
    state.recovery_day[helped] = offer.day[offer.treated]


def _retention_choice(view: View) -> Floats:
    actions = view.setting.config.actions
    return chosen(view, actions.retention_logit, actions.retention_sees)


def _retention_success(offer: Offer) -> Floats:
    actions = offer.setting.config.actions
    sensitivity = offer.state.price_sensitivity[offer.rows]
    return offer.treated * sigmoid(actions.retention_accept + actions.retention_accept_sensitivity * sensitivity)


def _retention_effect(offer: Offer) -> None:
    actions, state, kept = offer.setting.config.actions, offer.state, offer.rows[offer.success]
    strength = (
        actions.retention_strength
        + actions.retention_new * (offer.tenure()[offer.success] < 2 * YEAR)
        + actions.retention_sensitivity * state.price_sensitivity[kept]
    )
    strength = np.clip(strength, 0.05, 3.0)
    state.offer_strength[kept] = _gain(offer, offer.success, strength, actions.retention_strength)
    state.offer_left[kept] = actions.retention_months
    state.retention_day[offer.rows[offer.treated]] = offer.day[offer.treated]


def _not_iban(view: View) -> Bools:
    return np.asarray(view.state.method[view.rows] != IBAN)


def _switch_choice(view: View) -> Floats:
    actions = view.setting.config.actions
    return chosen(view, actions.iban_logit, actions.iban_sees)


def _switch_success(offer: Offer) -> Floats:
    actions = offer.setting.config.actions
    logit = actions.iban_accept + actions.iban_accept_loyalty * offer.state.loyalty[offer.rows]
    return offer.treated * sigmoid(logit)


def _switch_effect(offer: Offer) -> None:
    offer.state.method[offer.rows[offer.success]] = IBAN
    offer.state.switch_day[offer.rows[offer.treated]] = offer.day[offer.treated]


def _courtesy_choice(view: View) -> Floats:
    return np.full(len(view.rows), view.setting.config.actions.courtesy_rate)


def _courtesy_effect(offer: Offer) -> None:
    """Help the recently dissatisfied, wake up the sleeping (long-standing, silent), please others a little."""
    actions, state = offer.setting.config.actions, offer.state
    hurt = (
        offer.recent("complaint_day", QUARTER) | offer.recent("unresolved_day", QUARTER) | _dissatisfied(offer, QUARTER)
    )
    asleep = (offer.tenure() > 2 * YEAR) & ~offer.recent("contact_day", HALF_YEAR)
    gain = np.where(hurt, actions.courtesy_gain, np.where(asleep, 0.0, actions.courtesy_gain_other))
    called = offer.rows[offer.treated]
    state.awake[called] += actions.courtesy_wake * asleep[offer.treated] * works_as_built(offer)
    _please(state, called, _gain(offer, offer.treated, gain[offer.treated], actions.courtesy_gain))


def _unresolved(view: View) -> Bools:
    return view.recent("unresolved_day", MONTH)


def _everyone(view: View) -> Floats:
    return np.ones(len(view.rows))


def _callback_success(offer: Offer) -> Floats:
    actions, agents = offer.setting.config.actions, offer.setting.agents
    chance = sigmoid(actions.callback_untrained + actions.callback_training * agents.trained + agents.skill)
    arm = np.where(offer.treated, chance[agents.trained].mean(), chance[~agents.trained].mean())
    return np.where(offer.agent < 0, arm, chance[offer.agent])


def _callback_effect(offer: Offer) -> None:
    actions = offer.setting.config.actions
    is_new = offer.tenure()[offer.success] < 2 * YEAR
    gain = actions.callback_gain + actions.callback_new * is_new
    _please(offer.state, offer.rows[offer.success], _gain(offer, offer.success, gain, actions.callback_gain))


def _content(view: View) -> Bools:
    return ~view.recent("complaint_day", QUARTER)


def _resubscription_choice(view: View) -> Floats:
    actions = view.setting.config.actions
    return chosen(view, actions.resubscription_logit, actions.resubscription_sees)


def _resubscription_success(offer: Offer) -> Floats:
    actions = offer.setting.config.actions
    logit = actions.resubscription_accept + actions.resubscription_accept_loyalty * offer.state.loyalty[offer.rows]
    return offer.treated * sigmoid(logit)


RULES: tuple[ActionRule, ...] = (
    ActionRule(
        name="complaint_recovery",
        slot=0,
        possible=_complained,
        choice=_recovery_choice,
        treated_share=lambda config: config.actions.treated_share,
        costs=lambda config: (config.actions.recovery_cost, 0.0),
        success=None,
        effect=_recovery_effect,
    ),
    ActionRule(
        name="retention_offer",
        slot=1,
        possible=_anyone,
        choice=_retention_choice,
        treated_share=lambda config: config.actions.treated_share,
        costs=lambda config: (config.actions.retention_cost, config.actions.retention_cost_accepted),
        success=_retention_success,
        effect=_retention_effect,
        accepted=True,
    ),
    ActionRule(
        name="iban_switch",
        slot=2,
        possible=_not_iban,
        choice=_switch_choice,
        treated_share=lambda _: 1.0,
        costs=lambda config: (config.actions.iban_cost, 0.0),
        success=_switch_success,
        effect=_switch_effect,
        accepted=True,
    ),
    ActionRule(
        name="courtesy_call",
        slot=3,
        possible=_anyone,
        choice=_courtesy_choice,
        treated_share=lambda config: config.actions.courtesy_share,
        costs=lambda config: (config.actions.courtesy_cost, 0.0),
        success=None,
        effect=_courtesy_effect,
    ),
    ActionRule(
        name="skilled_callback",
        slot=4,
        possible=_unresolved,
        choice=_everyone,
        treated_share=lambda config: config.actions.trained_share,
        costs=lambda config: (config.actions.callback_cost, 0.0),
        success=_callback_success,
        effect=_callback_effect,
        first_month=lambda config: config.actions.coaching_month,
        by_agent=True,
    ),
    ActionRule(
        name="resubscription_offer",
        slot=5,
        possible=_content,
        choice=_resubscription_choice,
        treated_share=lambda config: config.actions.treated_share,
        costs=lambda config: (config.actions.resubscription_cost, 0.0),
        success=_resubscription_success,
        effect=None,
        accepted=True,
    ),
)
"""Every action, in the order of its day in the month; the one without effect comes last, so that its
cool-down, over by the next month, stands in nobody's way."""


def rule_named(name: str) -> ActionRule:
    """Return the rule of an action.

    Raises
    ------
    KeyError
        There is no such action.
    """
    return {rule.name: rule for rule in RULES}[name]
