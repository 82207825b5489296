"""Programme effects: a panel where treatment calls forth treatment, and the truth is the structural blip."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.aipw import AverageEffect
from servicelift.models.inference import EffectEstimate
from servicelift.models.programme import blip_effects, later_decisions, programme_effects


@dataclass(frozen=True)
class Estimated:
    effect: EffectEstimate
    fitted: AverageEffect


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
        worlds[action] = (Estimated(fit.summary(), fit), later)
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
    found = programme_effects(effects, later)
    assert found["a"] == pytest.approx(4.0, abs=0.35)
    assert found["b"] == pytest.approx(2.0, abs=0.35)


def test_the_counts_are_effects_too():
    effects, later = panel(1)
    row = later_decisions(effects["a"].fitted, later["a"].assign(c=0.0), ["a", "b", "c", "absent"])
    np.testing.assert_allclose(row, [0.6, 0.3, 0, 0], atol=0.06)
    assert row[2:].tolist() == [0, 0]


def test_no_actions_no_effects():
    assert programme_effects({}, {}) == {}


def test_inseparable_actions_are_refused():
    with pytest.raises(ModelError, match="cannot be told apart"):
        blip_effects([1.0, 1.0], [[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ModelError, match="shapes"):
        blip_effects([1.0, 1.0], [[0.0]])
