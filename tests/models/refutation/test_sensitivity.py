"""Sensitivity to a hidden confounder: the bound against a confounder that is hidden on purpose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.refutation.sensitivity import robustness_value, sensitivity, strengths


def twins(seed, n=3000, hidden=1.0, effect=1.0):
    """Two confounders alike, x and u; u is not among the features. Noise features besides."""
    rng = np.random.default_rng(seed)
    x, u = rng.normal(size=(2, n))
    X = pd.DataFrame({"x": x, **{f"noise_{i}": rng.normal(size=n) for i in range(4)}})
    t = (rng.random(n) < 1 / (1 + np.exp(0.5 - 0.6 * x - 0.6 * hidden * u))).astype(int)
    y = x + hidden * u + effect * t + rng.normal(size=n)
    return X, t, y


def fitted(X, t, y):
    return AverageEffect(folds=3, repeats=1, seed=0).fit(X, t, y, groups=np.arange(len(t)))


def test_a_hidden_twin_of_the_strongest_feature_biases_by_about_the_bound_and_not_beyond():
    ratios = []
    for seed in range(4):
        X, t, y = twins(seed)
        effect = fitted(X, t, y)
        found = sensitivity(X, effect)
        assert found.strongest.features == ("x",)
        ratios.append((effect.estimate() - 1.0) / found.bias)
    assert 0.6 < np.mean(ratios) < 1.1
    assert max(ratios) < 1.3


def test_an_effect_made_of_a_hidden_twin_is_explained_and_a_large_one_is_not():
    X, t, y = twins(0, effect=0.0)
    made = sensitivity(X, fitted(X, t, y))
    assert made.effect.shown
    assert made.explains(0.0)
    X, t, y = twins(0, hidden=0.0, effect=3.0)
    real = sensitivity(X, fitted(X, t, y))
    assert not real.explains(0.0)
    assert real.times(0.0) > 2
    assert real.explains(3.0)
    assert real.times(2.5) < real.times(0.0)


def test_the_robustness_value_brings_the_bound_to_the_gap():
    for gap in (0.01, 0.3, 2.0, 40.0):
        r = robustness_value(gap, 3.0)
        assert 0 < r < 1
        assert 3.0 * r / np.sqrt(1 - r) == pytest.approx(gap)
    assert robustness_value(0.0, 3.0) == 0
    X, t, y = twins(0, hidden=0.0, effect=3.0)
    found = sensitivity(X, fitted(X, t, y))
    assert found.robustness_value_interval() < found.robustness_value()
    assert found.robustness_value_interval(found.effect.estimate) == 0


def _partial(x, y, j):
    def rest(columns):
        a = np.column_stack([np.ones(len(y)), *(x[:, c] for c in columns)])
        return float(np.sum((y - a @ np.linalg.lstsq(a, y, rcond=None)[0]) ** 2))

    every = range(x.shape[1])
    long, short = rest(every), rest([c for c in every if c not in j])
    gain = short - long - len(j) * long / (len(y) - x.shape[1] - 1)
    return max(gain, 0.0) / (long + max(gain, 0.0))


def test_strengths_are_partial_r2_by_two_regressions():
    X, t, y = twins(1, n=500)
    X = X.assign(x_again=X["x"] + 0.1 * np.random.default_rng(0).normal(size=500))
    found = {s.features: s for s in strengths(X, fitted(X, t, y), 1.0)}
    together = found["x", "x_again"]
    scaled = X.to_numpy()
    assert together.treatment == pytest.approx(_partial(scaled, t.astype(float), (0, 5)), rel=0.05)
    with_t = np.column_stack([scaled, t])
    assert together.outcome == pytest.approx(_partial(with_t, y, (0, 5)), rel=0.05)
    assert together.bias == max(s.bias for s in found.values())


def test_levels_and_gaps_of_a_feature_are_one_strength():
    X, t, y = twins(2, n=600)
    method = np.where(X["x"] > 0.5, "iban", np.where(X["x"] < -0.5, "card", "cheque"))
    X = X.drop(columns="x").assign(method=method, noise_0=X["noise_0"].where(X["noise_0"] < 1))
    names = [s.features for s in strengths(X, fitted(X, t, y), 1.0)]
    assert names[0] == ("method",)
    assert ("noise_0",) in names
    assert len(names) == 5


def test_features_that_do_not_vary_have_no_strength():
    X, t, y = twins(3, n=400)
    constant = pd.DataFrame({"c": np.ones(400)})
    found = sensitivity(constant, fitted(constant, t, y))
    assert found.strongest is None
    assert found.times() == np.inf
    with pytest.raises(ModelError, match="400 units"):
        sensitivity(X[:100], fitted(X, t, y))
