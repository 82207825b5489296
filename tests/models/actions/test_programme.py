"""Programme effects: a panel where treatment calls forth treatment, and the truth is the structural blip."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from servicelift.core.contract_state import ContractState
from servicelift.core.errors import ModelError
from servicelift.core.records import ClvInputs, TrialData
from servicelift.models.actions.programme import (
    LaterDecisions,
    blip_effects,
    later_over_horizon,
    programme_effects,
)
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.portfolio import ClvModel
from servicelift.models.subscriptions.cash_flow import RunningPaths
from servicelift.models.subscriptions.hazard import HazardPaths


@dataclass(frozen=True)
class Estimated:
    effect: EffectEstimate
    fitted: AverageEffect
    bootstrap_outcomes: tuple[np.ndarray, ...]


FREE = {"a": 0.0, "b": 0.0}


def panel(seed, n=3000, blips=(4.0, 2.0)):
    """One decision of a or b (or none), later decisions follow the first; value adds blips of all decisions made."""
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 2)), columns=["x", "z"])
    worlds = {}
    for action, follows in (("a", (0.6, 0.3)), ("b", (0.1, 0.2))):
        t = (rng.random(n) < 0.5).astype(int)
        later = pd.DataFrame(
            {name: rng.binomial(1, np.clip(0.1 + share * t, 0, 1)) for name, share in zip("ab", follows, strict=True)}
        ).astype(float)
        own = blips[0] if action == "a" else blips[1]
        y = X["x"] + own * t + later["a"] * blips[0] + later["b"] * blips[1] + rng.normal(size=n)
        fit = AverageEffect(folds=3, repeats=1, seed=0)
        fit.fit(X, t, y, groups=np.arange(n), propensity=np.full(n, 0.5))
        bootstrap_models = tuple(y + 0.2 * rng.normal(size=n) for _ in range(20))
        worlds[action] = (Estimated(fit.summary(), fit, bootstrap_models), later)
    return {a: w[0] for a, w in worlds.items()}, {a: LaterDecisions(w[1], w[1]) for a, w in worlds.items()}


def test_blips_solve_the_system():
    later = np.array([[0.6, 0.3], [0.1, 0.2]])
    blips = np.array([4.0, 2.0])
    np.testing.assert_allclose(blip_effects(blips + later @ blips, later), blips)
    draws = np.stack([blips + later @ blips] * 3)
    np.testing.assert_allclose(blip_effects(draws, np.stack([later] * 3)), np.stack([blips] * 3))


def test_without_later_actions_the_effect_is_the_blip():
    np.testing.assert_array_equal(blip_effects([3.0, -1.0], np.zeros((2, 2))), [3.0, -1.0])


def test_later_treatments_are_not_counted_twice():
    effects, later = panel(0)
    natural = {a: e.effect.estimate for a, e in effects.items()}
    assert natural["a"] == pytest.approx(4 + 0.6 * 4 + 0.3 * 2, abs=0.4)
    found = programme_effects(effects, later, costs=FREE, seed=0)
    assert found["a"].estimate == pytest.approx(4.0, abs=0.35)
    assert found["b"].estimate == pytest.approx(2.0, abs=0.35)
    for action, truth in (("a", 4.0), ("b", 2.0)):
        assert found[action].low < truth < found[action].high


def test_the_cost_of_later_decisions_is_not_taken_for_their_effect():
    """Values bear what later decisions cost; the blip does not."""
    later = np.array([[0.6, 0.3], [0.1, 0.2]])
    blips, costs = np.array([4.0, 2.0]), np.array([1.0, 3.0])
    np.testing.assert_allclose(blip_effects(blips + later @ (blips - costs), later, later @ costs), blips)


@pytest.mark.slow
def test_intervals_hold_the_blips():
    held = []
    for seed in range(40):
        effects, later = panel(seed, n=800)
        found = programme_effects(effects, later, costs=FREE, seed=seed)
        held += [found["a"].low < 4 < found["a"].high, found["b"].low < 2 < found["b"].high]
    print("blips held", np.mean(held))
    assert 0.87 <= np.mean(held) <= 0.995


def test_an_action_that_never_follows_takes_no_part():
    effects, later = panel(1)
    only = {"a": effects["a"]}
    none = later["a"].counts.assign(a=0.0)
    found = programme_effects(only, {"a": LaterDecisions(none, none)}, costs=FREE, seed=0)
    assert found["a"].estimate == pytest.approx(effects["a"].effect.estimate)
    half = (effects["a"].effect.high - effects["a"].effect.low) / 2
    assert (found["a"].high - found["a"].low) / 2 == pytest.approx(half)


class Fading:
    """Brings 10 a month at first, half as much each further follow-up of six months."""

    def predict_horizons(self, inputs, *, months, late_hazard=1.0, shared=None):
        level = inputs.features["level"].to_numpy(dtype=float)
        return np.column_stack([level * 60 * (1 - 0.5 ** (m / 6)) / 0.5 for m in months])


def test_later_decisions_are_counted_to_the_horizon_for_whoever_is_still_there():
    n = 4
    state = pd.DataFrame({"level": [1.0, 5.0, 1.0, 0.0]})
    running, none = np.array([True, True, False, True]), np.zeros(n, dtype=bool)
    contract = ContractState(running, *[np.ones(n)] * 6, cancel_pending=none, ended_involuntary=none)
    days = round(6 * 365.25 / 12)
    trial = TrialData(
        "a",
        "randomised",
        pd.DataFrame({"treated": [1, 0, 1, 0]}),
        pd.DataFrame({"level": np.ones(n)}),
        pd.DataFrame({"value": np.zeros(n)}),
        ClvInputs(state, contract, {}),
        pd.DataFrame({"a": [1.0, 0.0, 0.0, 1.0]}),
        np.zeros(n),
        np.zeros(n),
        days,
        days,
        0,
        0,
    )
    clv = ClvModel(Fading(), (), Fading(), 18, 0)
    later = later_over_horizon(trial, clv, annual_discount_rate=0.0)
    found = later.counts["a"].to_numpy()
    # Two more follow-ups: the second brings half of the first, at half a decision a follow-up.
    np.testing.assert_allclose(found, [1 + 0.5 * 1.5, 0.5 * 1.5, 0.0, 1.0], atol=0.01)
    np.testing.assert_array_equal(later.worth["a"], found)  # nothing says what losses take
    usual = later_over_horizon(trial, clv, annual_discount_rate=0.0, usual=pd.Series({"a": 0.1})).counts["a"]
    np.testing.assert_allclose(usual, [1 + 0.1 * 1.5, 0.1 * 1.5, 0.0, 1.0], atol=0.01)


HAZARD, KEEPS, CHANCE, PAYS, MONTHS, FOLLOWED = 0.08, 0.6, 0.5, 10.0, 24, 6


class Subscribers:
    """Monthly hazard of each customer as his state has it; payments of 10 a month until he is lost."""

    contractual = SimpleNamespace(
        running_paths=lambda features, contract, months: iter([_paths(features, contract, months)])
    )

    def predict_horizons(self, inputs, *, months, late_hazard=1.0, shared=None):
        stays = 1 - inputs.features["hazard"].to_numpy(dtype=float)[:, None]
        value = PAYS * (1 - stays ** np.asarray(months)[None, :]) / (1 - stays)
        return value * inputs.contract.running[:, None]


def _paths(features, contract, months):
    rows = np.flatnonzero(contract.running)
    hazard = np.repeat(features["hazard"].to_numpy(dtype=float)[rows, None], months, axis=1)
    hazards = HazardPaths(hazard, np.zeros_like(hazard))
    none = np.zeros_like(hazard)
    return rows, RunningPaths(hazards, hazards.survival(), PAYS + none, none, none)


def subscribers(seed, n=6_000):
    """An offer takes two fifths off the hazard for good; half get it at first, and half of those there twice a year."""
    rng = np.random.default_rng(seed)
    treated = np.tile([0, 1], n // 2)
    level = rng.normal(size=n // 2).repeat(2)
    hazard = HAZARD * np.exp(0.2 * level) * np.where(treated == 1, KEEPS, 1.0)
    luck, offered = rng.random((2, n // 2, MONTHS)).repeat(2, axis=1)
    alive, value, later = np.ones(n, dtype=bool), np.zeros(n), np.zeros(n)
    for month in range(MONTHS):
        again = alive & (offered[:, month] < CHANCE) & (month % FOLLOWED == FOLLOWED // 2)
        hazard = np.where(again, hazard * KEEPS, hazard)
        later += again & (month < FOLLOWED)
        value += PAYS * alive
        alive = alive & (luck[:, month] >= hazard)
        if month == FOLLOWED - 1:
            state = pd.DataFrame({"hazard": hazard})
            running = alive.copy()
    none = np.zeros(n, dtype=bool)
    contract = ContractState(running, *[np.ones(n)] * 6, cancel_pending=none, ended_involuntary=none)
    X = pd.DataFrame({"level": level})
    empty = pd.DataFrame({"value": np.zeros(n)})
    days = round(FOLLOWED * 365.25 / 12)
    units = pd.DataFrame({"treated": treated})
    trial = TrialData(
        "a", "randomised", units, X, empty, ClvInputs(state, contract, {}), pd.DataFrame({"a": later}), np.zeros(n),
        np.zeros(n), days, days, 0, 0,
    )  # fmt: skip
    fit = AverageEffect(folds=2, repeats=1, seed=0)
    fit.fit(X, treated, value, groups=np.arange(n), propensity=np.full(n, 0.5))
    base = HAZARD * np.exp(0.2 * level)
    worth = [PAYS * (1 - (1 - h) ** MONTHS) / h for h in (KEEPS * base, base)]
    return Estimated(fit.summary(), fit, (value,) * 3), trial, float(np.mean(worth[0] - worth[1]))


def test_a_later_offer_is_worth_less_to_whom_the_first_made_safe_and_late_in_the_horizon():
    """Constant blips count a later offer of a customer already safe like that of one at risk: too low by a fifth."""
    clv = ClvModel(Subscribers(), (), Subscribers(), MONTHS, 0)
    ours, constant = [], []
    for seed in range(3):
        effect, trial, truth = subscribers(seed)
        later = later_over_horizon(trial, clv, annual_discount_rate=0.0)
        plain = LaterDecisions(later.counts, later.counts)
        for told, errors in ((later, ours), (plain, constant)):
            found = programme_effects({"a": effect}, {"a": told}, costs={"a": 0.0}, seed=0)["a"]
            errors.append(found.estimate / truth - 1)
    assert abs(np.mean(ours)) < 0.1
    assert np.mean(constant) < -0.15


def test_no_actions_no_effects():
    assert programme_effects({}, {}, costs={}, seed=0) == {}


def test_inseparable_actions_are_refused():
    with pytest.raises(ModelError, match="cannot be told apart"):
        blip_effects([1.0, 1.0], [[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ModelError, match="shapes"):
        blip_effects([1.0, 1.0], [[0.0]])
