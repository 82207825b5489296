from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.time import discount
from servicelift.simulation.action_rules import RULES, rule_named
from servicelift.simulation.actions import View, carry_out, eligible, offer_to_all
from servicelift.simulation.contract_tables import Simulated, simulate_frames
from servicelift.simulation.month import step
from servicelift.simulation.population import draw_agents, draw_people, first_state
from servicelift.simulation.settings import WorldConfig
from servicelift.simulation.state import Draw, Setting, State
from servicelift.simulation.truth import half_correlation, natural_value, standard_error, true_effects
from servicelift.simulation.truth_tables import Truth

EFFECTIVE = [rule.name for rule in RULES if rule.effect is not None]


def running(world: Simulated) -> State:
    return world.history.final.take(np.flatnonzero(world.history.final.running))


def decided(world: Simulated, action: str) -> State:
    return State.concat([d.before for d in world.history.decisions if d.rule.name == action])


def test_survival_as_a_weight_has_the_mean_of_survival_drawn(world: Simulated) -> None:
    setting, state = world.history.setting, running(world)
    weighed = natural_value(setting, state, drawn=False, seed=[1], replicates=4).mean(axis=1)
    drawn = natural_value(setting, state, drawn=True, seed=[2], replicates=16).mean(axis=1)
    apart = weighed - drawn
    assert abs(apart.mean()) < 3.5 * apart.std() / np.sqrt(len(apart))
    assert apart.std() < 30, "each customer's own mean agrees too, within the noise of 16 drawn lives"
    assert weighed.mean() > 80


def test_the_horizon_is_exactly_thirty_six_billings() -> None:
    """Nobody leaves, nothing else happens: the value is the discounted margin on the price, in closed form."""
    config = WorldConfig()
    quiet = replace(
        config,
        contacts=replace(config.contacts, rate=0.0),
        churn=replace(config.churn, monthly_logit=-60.0, yearly_logit=-60.0),
        billing=replace(config.billing, failure=(0.0,) * 4, product_change=0.0, upsell=1e-12, rise=0.0),
        actions=replace(config.actions, first_month=999, coaching_month=999),
    )
    still = simulate_frames(300, 1, quiet).history
    state = still.final.take(np.flatnonzero(still.final.running))
    value = natural_value(still.setting, state, drawn=False, seed=[3], replicates=1)[:, 0]
    start = still.setting.month_start
    months = still.final.month[0] + np.arange(36)
    for i in range(len(state)):
        due = (np.arange(36) % state.term[i]) == state.to_renewal[i] - 1
        days = start[months[due]] + state.bill_day[i] - start[months[0]]
        expected = 0.35 * state.price[i] * discount(days, 0.10).sum()
        assert value[i] == pytest.approx(expected, rel=1e-9)
        assert due.sum() == 36 // state.term[i]


@pytest.mark.parametrize("action", EFFECTIVE)
def test_two_independent_draws_of_the_individual_truth_agree(world: Simulated, truth: Truth, action: str) -> None:
    rule = rule_named(action)
    again = true_effects(world.history.setting, decided(world, action), rule, at_snapshot=False, seed=[99])
    first = truth.decisions.query("action == @action")["tau"]
    assert np.corrcoef(first, again.natural.mean(axis=1))[0, 1] > 0.9
    assert half_correlation(again.natural) > 0.85
    apart = first - again.natural.mean(axis=1)
    error = np.hypot(truth.decisions.query("action == @action")["tau_se"], standard_error(again.natural))
    assert 0.75 < (apart.std() / np.sqrt((error**2).mean())) < 1.25, "the stated simulation error is the real one"


def test_forcing_and_barring_by_drawn_lives_finds_the_same_effect(world: Simulated, truth: Truth) -> None:
    """A brute-force route without weights, averaging over acceptance or common random numbers."""
    rule, setting = rule_named("iban_switch"), world.history.setting
    before = decided(world, rule.name)
    before = before.take(np.tile(np.arange(len(before)), 30))
    day = rule.day(setting, before)
    before.restart_books(day)
    rng = np.random.default_rng(4)
    values = {}
    for treated in (True, False):
        life = before.take(slice(None))
        offer = offer_to_all(setting, life, day, treated=treated)
        accepts = rng.random(len(life)) < rule.success(offer)
        carry_out(rule, replace(offer, success=accepts))
        for month in range(36):
            rules = RULES if month else [r for r in RULES if r.slot > rule.slot]
            step(setting, life, rng.random((Draw.COUNT, len(life))), drawn=True, rules=rules)
        values[treated] = life.value
    effect = values[True].mean() - values[False].mean()
    error = np.sqrt((values[True].var() + values[False].var()) / len(before))
    known = truth.decisions.query("action == 'iban_switch'")["tau"].mean()
    assert abs(effect - known) < 3.5 * error
    assert effect > 3 * error


def test_the_action_without_effect_has_none(truth: Truth) -> None:
    """Exactly 0 where it was decided: nothing in the world looks at it, and its cool-down is over in time."""
    idle = truth.decisions.query("action == 'resubscription_offer'")
    assert (idle["tau"] == 0).all()
    assert (idle["tau_programme"] == 0).all()
    at_snapshot = truth.snapshot.query("action == 'resubscription_offer'")
    assert (at_snapshot["tau_programme"] == 0).all()
    assert abs(at_snapshot["tau"].mean()) < 1.0, "only the crowding-out of the month's other actions"


def test_three_in_four_accept_the_action_without_effect(world: Simulated) -> None:
    offers = world.tables["actions"].query("action == 'resubscription_offer' and arm == 'treated'")
    assert offers["accepted"].astype(float).mean() == pytest.approx(0.75, abs=0.06)


def test_effects_are_as_large_as_the_demo_needs(truth: Truth) -> None:
    treated = truth.summary.query("population == 'decisions_treated'").set_index("action")
    for action in ("complaint_recovery", "retention_offer", "iban_switch", "skilled_callback"):
        assert 5 < treated.loc[action, "tau"] < 16
        assert treated.loc[action, "tau"] > 1.3 * treated.loc[action, "cost"]
        assert treated.loc[action, "tau_sd"] > 2, "effects differ between customers"
    assert treated.loc["courtesy_call", "tau"] < treated.loc["courtesy_call", "cost"]


def test_the_courtesy_call_harms_sleeping_customers(world: Simulated, truth: Truth) -> None:
    calls = truth.decisions.query("action == 'courtesy_call'").reset_index(drop=True)
    before = decided(world, "courtesy_call")
    day = rule_named("courtesy_call").day(world.history.setting, before)
    asleep = (day - before.started_day > 730) & (day - before.contact_day >= 180)
    assert (calls["tau"] < 0).mean() > 0.15
    assert calls["tau"][asleep].mean() < -4
    assert calls["tau"][~asleep].mean() > 1


def test_the_naive_difference_is_far_from_the_truth(world: Simulated, truth: Truth) -> None:
    """Whom agents choose are worth more anyway, by about as much as the action brings, or more."""
    setting, state = world.history.setting, world.history.final
    day = setting.month_start[state.month]
    clv = truth.clv.set_index("customer_id")["clv"]
    ids = world.tables["customers"]["customer_id"]
    for action in ("iban_switch", "resubscription_offer"):
        rule = rule_named(action)
        rows = eligible(setting, state, rule, np.arange(len(state)), day)
        chance = rule.choice(View(setting, state, rows, day[rows]))
        value = clv.loc[ids.iloc[rows]].to_numpy()
        selection = np.average(value, weights=chance) - value.mean()
        assert selection > 4, action


def test_the_truth_covers_every_decision_and_everyone_eligible(world: Simulated, truth: Truth) -> None:
    actions = world.tables["actions"]
    merged = truth.decisions.merge(actions, on=["action_id", "customer_id", "action", "decided_at", "arm"])
    assert len(merged) == len(actions) == len(truth.decisions)
    assert (truth.decisions["tau_se"] >= 0).all()
    assert not truth.snapshot.duplicated(["customer_id", "action"]).any()
    assert (truth.snapshot["as_of"] == world.data_until).all()
    assert len(truth.clv) == int(world.history.final.running.sum())
    money = ["tau", "tau_se", "tau_programme", "tau_programme_se"]
    assert not pd.concat([truth.decisions[money], truth.snapshot[money]]).isna().any(axis=None)


def test_programme_effects_exceed_those_that_later_actions_dilute(truth: Truth) -> None:
    """Who is not switched today may be switched later, and who is not won back may be: natural < programme."""
    treated = truth.summary.query("population == 'decisions_treated'").set_index("action")
    for action in ("iban_switch", "complaint_recovery"):
        assert treated.loc[action, "tau_programme"] > treated.loc[action, "tau"] + 1


def test_common_random_numbers_keep_equal_worlds_equal(world: Simulated) -> None:
    setting, state = world.history.setting, running(world)
    first, second = state.take(slice(None)), state.take(slice(None))
    rng = np.random.default_rng(8)
    for _ in range(6):
        uniforms = rng.random((Draw.COUNT, len(state)))
        step(setting, first, uniforms, drawn=False)
        step(setting, second, uniforms, drawn=False)
    assert np.array_equal(first.value, second.value)


def test_a_changed_customer_changes_nobody_else(world: Simulated) -> None:
    """Uniforms are fixed by customer and step: what happens to one cannot shift the draws of another."""
    setting, state = world.history.setting, running(world)
    plain, changed = state.take(slice(None)), state.take(slice(None))
    changed.satisfaction[0] = -4.0
    changed.method[0] = 2
    rng = np.random.default_rng(9)
    for _ in range(12):
        uniforms = rng.random((Draw.COUNT, len(state)))
        step(setting, plain, uniforms, drawn=True)
        step(setting, changed, uniforms, drawn=True)
    assert np.array_equal(plain.value[1:], changed.value[1:])
    assert plain.value[0] != changed.value[0]


def test_no_customers_no_effects() -> None:
    config = WorldConfig()
    setting = Setting.make(config, draw_agents(config, np.random.default_rng(0)))
    nobody = first_state(draw_people(100, config, np.random.default_rng(1)), config).take(np.arange(0))
    assert true_effects(setting, nobody, RULES[0], at_snapshot=True, seed=[1]).natural.shape == (0, 4)
