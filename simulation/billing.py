"""Days 20-28 of a month: extras, cancellations, renewals, payment failures, ends and restarts.

One function serves the world that is drawn and the one whose survival is a weight. They differ in
:func:`_leave_for_good` alone: the weighted world multiplies each weight by the probability of not leaving for
good and draws everything else given that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.arrays import Floats, Ints
from ..core.short_repr import ShortRepr
from .settings import WorldConfig
from .state import IBAN, Draw, Setting, State, sigmoid

__all__ = ["EXTRA_DAY", "LOST_DAYS", "REFUND_DAY", "BillingEvents", "billing_phase", "term_factor", "voluntary_hazard"]

MONTHLY = 1
EXTRA_DAY = 19.5
"""Days after the first of the month at which extras are dated; they are bought on days 20 and 21."""
REFUND_DAY = 19.0
"""The same for refunds."""
LOST_DAYS = 2.5
"""Days from a failed payment to the end of a subscription that nobody pays for."""


@dataclass(frozen=True)
class BillingEvents(ShortRepr):
    """What happened in the billing phase: positions in the state, with amounts and methods beside them.

    ``requested`` cancellations stand, ``withdrawn`` ones were taken back; ``ended`` subscriptions stop at
    this month's renewal by the customer's will, ``failed_out`` ones some days after it; ``changed`` ones go on
    under a new row (product or price). ``tried`` customers were billed ``amounts`` by ``methods`` with
    ``outcome`` 0 paid at once, 1 paid at the second attempt, 2 not paid.
    """

    refunded: Ints
    refunds: Floats
    refund_methods: Ints
    extra: Ints
    extras: Floats
    extra_methods: Ints
    switched: Ints
    requested: Ints
    withdrawn: Ints
    ended: Ints
    failed_out: Ints
    changed: Ints
    tried: Ints
    amounts: Floats
    methods: Ints
    outcome: Ints
    restarted: Ints


def term_factor(config: WorldConfig, term: Ints) -> Floats:
    """Return the price of a term in monthly prices, same shape."""
    return np.where(term == MONTHLY, 1.0, config.billing.yearly_factor)


def voluntary_hazard(setting: Setting, state: State, rows: Ints) -> Floats:
    """Return the probability of cancelling at this opportunity (rows,), logistic in latents and experience.

    What an additive action spares is taken off it: points of a month, twelve times as many of a year.
    """
    config, churn = setting.config, setting.config.churn
    base = np.where(state.term[rows] == MONTHLY, churn.monthly_logit, churn.yearly_logit)
    price = state.price[rows] / term_factor(config, state.term[rows]) / 20.0
    rise_to_come = ~state.raised[rows] & (state.month[rows] >= config.billing.rise_month)
    is_new = setting.month_start[state.month[rows]] - state.started_day[rows] < 90
    logit = (
        base
        - churn.loyalty * state.loyalty[rows]
        - churn.satisfaction * state.satisfaction[rows]
        + churn.price * state.price_sensitivity[rows] * price
        + churn.early * is_new
        - churn.iban_inertia * (state.method[rows] == IBAN)
        + churn.price_rise * rise_to_come
        + state.awake[rows]
        - np.where(state.offer_left[rows] > 0, state.offer_strength[rows], 0.0)
    )
    spared = np.where(state.offer_left[rows] > 0, state.spared[rows], 0.0)
    points = np.where(state.term[rows] == MONTHLY, 1.0, 12.0) * spared
    return np.asarray(np.maximum(sigmoid(logit) - points, 0.0))


def billing_phase(setting: Setting, state: State, uniforms: Floats, *, complained: Ints, drawn: bool) -> BillingEvents:
    """Let subscriptions be paid for, changed, cancelled, ended and restarted; book the money.

    Parameters
    ----------
    uniforms
        Uniforms of the month, (Draw.COUNT, n).
    complained
        Positions of customers whose complaint ends in a refund.
    drawn
        True: leaving for good is drawn. False: it lowers the weight.
    """
    restarting = np.flatnonzero(~state.running & (state.pause_left == 1))
    state.pause_left -= state.pause_left > 0
    refunds = _refund(setting, state, complained)
    extra, extras = _sell_extras(setting, state, uniforms)
    switched = _switch_unasked(setting, state, uniforms)
    due = np.flatnonzero(state.pending & (state.to_renewal == 1))
    _stop(state, due, state.pause_next[due], _renewal_day(setting, state, due))
    state.pending[due] = False
    requested, withdrawn, ended = _cancel(setting, state, uniforms, drawn=drawn)
    renewing = np.flatnonzero(state.running & (state.to_renewal == 1))
    state.to_renewal -= state.running & (state.to_renewal > 1)
    state.to_renewal[renewing] = state.term[renewing]
    changed = _change_row(setting, state, renewing, uniforms)
    amounts, methods = state.price[renewing], state.method[renewing]
    outcome = _collect(setting, state, renewing, uniforms, drawn=drawn)
    _restart(setting, state, restarting)
    return BillingEvents(
        refunded=complained,
        refunds=refunds,
        refund_methods=state.method[complained],
        extra=extra,
        extras=extras,
        extra_methods=state.method[extra],
        switched=switched,
        requested=requested,
        withdrawn=withdrawn,
        ended=np.concatenate([due, ended]),
        failed_out=renewing[outcome == 2],
        changed=changed,
        tried=renewing,
        amounts=amounts,
        methods=methods,
        outcome=outcome,
        restarted=restarting,
    )


def _renewal_day(setting: Setting, state: State, rows: Ints) -> Floats:
    return setting.month_start[state.month[rows]] + state.bill_day[rows]


def _earn(setting: Setting, state: State, rows: Ints, day: Floats, amount: Floats) -> None:
    state.book(setting, rows, day, setting.config.billing.margin_rate * amount)


def _refund(setting: Setting, state: State, rows: Ints) -> Floats:
    """Pay back part of a month; return the amounts (rows,), negative."""
    monthly = state.price[rows] / term_factor(setting.config, state.term[rows])
    amount = -np.round(setting.config.contacts.refund_months * monthly, 2)
    _earn(setting, state, rows, setting.month_start[state.month[rows]] + REFUND_DAY, amount)
    return amount


def _sell_extras(setting: Setting, state: State, uniforms: Floats) -> tuple[Ints, Floats]:
    """Sell extras to running subscribers; return who bought, and for how much."""
    billing, uniform = setting.config.billing, uniforms[Draw.UPSELL]
    chance = billing.upsell * np.exp(billing.upsell_satisfaction * state.satisfaction)
    rows = np.flatnonzero(state.running & ~state.pending & (uniform < chance))
    low, high = billing.upsell_amount
    amount = np.round(low + (high - low) * uniform[rows] / chance[rows], 2)
    _earn(setting, state, rows, setting.month_start[state.month[rows]] + EXTRA_DAY, amount)
    return rows, amount


def _switch_unasked(setting: Setting, state: State, uniforms: Floats) -> Ints:
    """Let customers switch to IBAN by themselves; return who did."""
    billing = setting.config.billing
    chance = billing.self_switch * np.exp(billing.self_switch_loyalty * state.loyalty)
    can = state.running & ~state.pending & (state.method != IBAN)
    rows = np.flatnonzero(can & (uniforms[Draw.SELF_SWITCH] < chance))
    state.method[rows] = IBAN
    return rows


def _leave_for_good(state: State, rows: Ints, chance: Floats, uniform: Floats, *, drawn: bool) -> Floats:
    """Return uniforms (rows,) of which those below ``chance`` mean leaving for good.

    In the weighted world nobody does: the weight takes the chance, and the uniform is stretched over what is
    left, so that every other outcome is drawn given that the customer has not left for good.
    """
    if drawn:
        return uniform
    state.weight[rows] *= 1.0 - chance
    return chance + uniform * (1.0 - chance)


def _pause_length(setting: Setting, uniform: Floats) -> Ints:
    """Return months until the restart, uniform from 1, same shape."""
    return 1 + (uniform * setting.config.churn.pause_months).astype(np.int64)


def _stop(state: State, rows: Ints, pause: Ints, day: Floats) -> None:
    """End the subscriptions of ``rows`` at ``day``; they restart ``pause`` months later, never where it is 0."""
    state.ended_day[rows] = day
    state.running[rows] = False
    state.pause_left[rows] = pause


def _cancel(setting: Setting, state: State, uniforms: Floats, *, drawn: bool) -> tuple[Ints, Ints, Ints]:
    """Let customers cancel; return who did, who took it back, and whose term ends at once (monthly terms).

    Monthly terms can be cancelled each month, yearly ones a month before their renewal.
    """
    churn = setting.config.churn
    asking = state.running & ~state.pending & ((state.term == MONTHLY) | (state.to_renewal == 2))
    rows = np.flatnonzero(asking)
    hazard = voluntary_hazard(setting, state, rows)
    for_good = hazard * (1.0 - churn.pause_voluntary)
    uniform = _leave_for_good(state, rows, for_good, uniforms[Draw.CANCEL, rows], drawn=drawn)
    leaves = uniform < hazard
    taken_back = ~leaves & (uniform < hazard * (1.0 + churn.withdrawn))
    requested = rows[leaves]
    pause = np.where(uniform < for_good, 0, _pause_length(setting, uniforms[Draw.PAUSE, rows]))[leaves]
    at_once = state.term[requested] == MONTHLY
    _stop(state, requested[at_once], pause[at_once], _renewal_day(setting, state, requested[at_once]))
    state.pending[requested[~at_once]] = True
    state.pause_next[requested[~at_once]] = pause[~at_once]
    return requested, rows[taken_back], requested[at_once]


def _change_row(setting: Setting, state: State, rows: Ints, uniforms: Floats) -> Ints:
    """Apply the price rise and product changes to the renewing ``rows``; return whose row changes."""
    billing = setting.config.billing
    rising = rows[~state.raised[rows] & (state.month[rows] >= billing.rise_month)]
    state.price[rising] = np.round(state.price[rising] * (1.0 + billing.rise), 2)
    state.raised[rising] = True
    uniform = uniforms[Draw.PRODUCT, rows]
    moving = rows[uniform < billing.product_change]
    upwards = uniforms[Draw.PRODUCT, moving] < billing.product_change / 2
    product = np.clip(state.product[moving] + np.where(upwards, 1, -1), 0, len(billing.prices) - 1)
    prices = np.asarray(billing.prices)
    ratio = prices[product] / prices[state.product[moving]]
    state.price[moving] = np.round(state.price[moving] * ratio, 2)
    moved = moving[product != state.product[moving]]
    state.product[moving] = product
    return np.union1d(rising, moved)


def _collect(setting: Setting, state: State, rows: Ints, uniforms: Floats, *, drawn: bool) -> Ints:
    """Bill the renewing ``rows``; return 0 paid, 1 paid at the second attempt, 2 not paid; (rows,)."""
    billing, churn = setting.config.billing, setting.config.churn
    failing = np.asarray(billing.failure)[state.method[rows]]
    lost = failing * (1.0 - np.asarray(billing.recovered)[state.method[rows]])
    for_good = lost * (1.0 - churn.pause_failure)
    uniform = _leave_for_good(state, rows, for_good, uniforms[Draw.PAYMENT, rows], drawn=drawn)
    outcome = np.where(uniform < lost, 2, np.where(uniform < failing, 1, 0))
    out = outcome == 2
    pause = np.where(uniform < for_good, 0, _pause_length(setting, uniforms[Draw.PAUSE, rows]))
    day = _renewal_day(setting, state, rows)
    _stop(state, rows[out], pause[out], day[out] + LOST_DAYS)
    state.failed_day[rows[outcome > 0]] = day[outcome > 0]
    _earn(setting, state, rows[~out], day[~out], state.price[rows[~out]])
    return outcome


def _restart(setting: Setting, state: State, rows: Ints) -> None:
    """Let paused customers come back at today's list price; their first payment does not fail."""
    billing = setting.config.billing
    state.raised[rows] = state.month[rows] >= billing.rise_month
    level = np.where(state.raised[rows], 1.0 + billing.rise, 1.0)
    monthly = np.asarray(billing.prices)[state.product[rows]] * level
    state.price[rows] = np.round(monthly * term_factor(setting.config, state.term[rows]), 2)
    state.running[rows] = True
    state.to_renewal[rows] = state.term[rows]
    _earn(setting, state, rows, _renewal_day(setting, state, rows), state.price[rows])
