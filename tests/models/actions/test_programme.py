"""Programme effects: a panel where treatment calls forth treatment, and the truth is the structural blip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from servicelift.core.contract_state import ContractState
from servicelift.core.errors import ModelError
from servicelift.core.records import ClvInputs, TrialData
from servicelift.models.actions.programme import blip_effects, later_over_horizon, programme_effects
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.portfolio import ClvModel


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
    return {a: w[0] for a, w in worlds.items()}, {a: w[1] for a, w in worlds.items()}


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
    np.testing.assert_allclose(blip_effects(blips + later @ (blips - costs), later, costs), blips)


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
    found = programme_effects(only, {"a": later["a"].assign(a=0.0)}, costs=FREE, seed=0)
    assert found["a"].estimate == pytest.approx(effects["a"].effect.estimate)
    half = (effects["a"].effect.high - effects["a"].effect.low) / 2
    assert (found["a"].high - found["a"].low) / 2 == pytest.approx(half)


class Fading:
    """Brings 10 a month at first, half as much each further follow-up of six months."""

    def predict_horizons(self, inputs, *, months, late_hazard=1.0):
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
    found = later_over_horizon(trial, clv, annual_discount_rate=0.0)["a"].to_numpy()
    # Two more follow-ups: the second brings half of the first, at half a decision a follow-up.
    np.testing.assert_allclose(found, [1 + 0.5 * 1.5, 0.5 * 1.5, 0.0, 1.0], atol=0.01)


def test_no_actions_no_effects():
    assert programme_effects({}, {}, costs={}, seed=0) == {}


def test_inseparable_actions_are_refused():
    with pytest.raises(ModelError, match="cannot be told apart"):
        blip_effects([1.0, 1.0], [[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ModelError, match="shapes"):
        blip_effects([1.0, 1.0], [[0.0]])
