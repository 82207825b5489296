"""Effects mixed from shapes: each shape is found where it is true, nothing where nothing is, and the rule that won."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.stacking import Rule, StackedEffect, believed_average, judged_rules, winner
from servicelift.models.effects.value_at_risk import ValueAtRiskEffect

RISKS = ["at_risk_voluntary", "at_risk_involuntary"]
N = 2_500


def a_trial(tau, seed=0, n=N, noise=15.0):
    """A randomised trial on customers with two risks; ``tau`` says each one's effect, which saves from the first."""
    rng = np.random.default_rng(seed)
    z = rng.exponential(20, (n, 2)) * [1.0, 0.5]
    X = pd.DataFrame({"tenure": rng.random(n), "contacts": rng.poisson(1, n), RISKS[0]: z[:, 0], RISKS[1]: z[:, 1]})
    t = (rng.random(n) < 0.6).astype(int)
    effect = np.asarray(tau(X), dtype=float) * np.ones(n)
    lost = pd.DataFrame(z + 2 * rng.normal(size=(n, 2)), columns=RISKS)
    lost[RISKS[0]] -= t * effect
    y = 50 - lost.sum(axis=1).to_numpy() + noise * rng.normal(size=n)
    return X, t, y, -lost, effect


def fitted(trial, cost=None, seed=0):
    X, t, y, parts, _ = trial
    known = {"groups": np.arange(len(X)), "propensity": np.full(len(X), 0.6)}
    return StackedEffect(repeats=1, seed=seed).fit(X, t, y, parts=parts, cost=cost, **known)


def proportional(X):
    return 0.3 * X[RISKS[0]]


def quiet_are_harmed(X):
    return np.where(X["contacts"] > 0, 8.0, -8.0)


@pytest.fixture(scope="module")
def harmful():
    trial = a_trial(quiet_are_harmed)
    return trial, fitted(trial, cost=2.0)


def test_a_proportional_effect_is_found_nearly_as_well_as_by_who_assumes_it():
    trial = a_trial(proportional)
    X, t, y, parts, tau = trial
    known = {"groups": np.arange(N), "propensity": np.full(N, 0.6)}
    assumed = ValueAtRiskEffect(repeats=1, seed=0).fit(X, t, y, parts=parts, **known).predict(X)
    found = fitted(trial).predict(X)
    assert np.corrcoef(found, tau)[0, 1] > 0.9
    assert np.mean((found - tau) ** 2) < 0.2 * tau.var() + np.mean((assumed - tau) ** 2)


def test_an_effect_that_changes_sign_is_found_and_the_value_at_risk_is_given_up(harmful):
    (X, _, _, _, tau), model = harmful
    found = model.predict(X)
    assert model.weights_["value at risk"] + model.weights_["none"] < 0.05
    assert np.corrcoef(found, tau)[0, 1] > 0.9
    assert (found[tau < 0] > 2).mean() < 0.05
    assert model.rule_ == "combined"


def test_the_same_effect_for_everybody_is_told_as_such():
    X, _, _, _, _ = trial = a_trial(lambda X: np.full(len(X), 5.0))
    model = fitted(trial)
    assert model.predict(X).std() < 1.5
    assert model.predict(X).mean() == pytest.approx(model.ate_, abs=0.5)


def test_without_an_effect_little_is_promised():
    """Over many trials of nothing, a list at a cost of 3 promises little: not each one, but on average."""
    promised = []
    for seed in range(6):
        trial = a_trial(lambda X: np.zeros(len(X)), seed=seed, n=700, noise=40.0)
        effect = fitted(trial, cost=3.0, seed=seed).predict(trial[0])
        promised.append(np.mean(np.maximum(effect - 3.0, 0)))
    assert np.mean(promised) < 0.8


def test_weights_add_up_and_every_candidate_has_one(harmful):
    weights = harmful[1].weights_
    assert sum(weights.values()) == pytest.approx(1)
    assert min(weights.values()) >= 0
    assert {"none", "value at risk", "0.5 trees", "1 forest", "1 lines of the risk"} <= set(weights)


def test_the_interval_surrounds_the_effect_and_widens_where_candidates_disagree(harmful):
    (X, *_), model = harmful
    effect, low, high = model.predict_with_interval(X)
    np.testing.assert_allclose((low + high) / 2, effect)
    np.testing.assert_allclose(model.predict(X), effect)
    assert ((high - low) / 2 >= 1.959 * model.ate_std_error_).all()
    assert (high - low).std() > 0


def test_a_pickled_model_predicts_the_same(harmful):
    (X, *_), model = harmful
    again = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(again.predict(X[:50]), model.predict(X[:50]))


def test_without_contracts_nothing_is_at_risk():
    X, t, y, parts, _ = a_trial(quiet_are_harmed, n=900)
    model = StackedEffect(repeats=1, seed=0).fit(X, t, y, groups=np.arange(900), parts=parts[[]])
    assert "1 trees of the risk" not in model.weights_
    assert np.isfinite(model.predict(X)).all()


def test_what_is_believed_of_an_average_by_hand():
    assert believed_average(10.0, 5.0, None) == pytest.approx(7.5)
    assert believed_average(3.0, 4.0, None) == 0
    assert believed_average(3.0, 4.0, 4.0) == pytest.approx(1.5)
    assert believed_average(-10.0, 5.0, 6.0) == pytest.approx(-7.5)
    assert believed_average(0.0, 0.0, None) == 0


def test_rules_by_hand():
    """At a cost of 1: the mix treats the first two, for 3 - 1 and -1 - 1; nobody earns 0."""
    score, groups = np.array([3.0, -1.0, 5.0]), np.arange(3)
    mix, nobody = judged_rules({"combined": np.array([2.0, 2.0, 0.0])}, score, np.ones(3), 1.0, groups)
    assert mix.value == pytest.approx(0.0)
    assert (nobody.name, nobody.value, nobody.lead) == ("nobody", 0.0, pytest.approx(0.0))


def test_another_rule_wins_only_beyond_its_error():
    mix = Rule("combined", -5.0, 1.0, 0.0, 0.0)
    assert (
        winner((mix, Rule("nobody", 0.0, 0.0, 5.0, 1.0), Rule("value at risk", 1.0, 1.0, 6.0, 1.0))) == "value at risk"
    )
    assert winner((mix, Rule("nobody", 0.0, 0.0, 5.0, 6.0))) == "combined"
    assert winner(()) == "combined"


def test_where_nobody_wins_no_effect_is_above_the_cost(harmful):
    (X, *_), model = harmful
    other = pickle.loads(pickle.dumps(model))
    other.rule_ = "nobody"
    assert other.predict(X).max() <= 2.0 < model.predict(X).max()
    other.rule_ = "value at risk"
    np.testing.assert_allclose(other.predict(X), sum(p.shrunken * p.spread(X) for p in model.paths_))


def test_input_errors():
    X, t, y, parts, _ = a_trial(proportional, n=200)
    with pytest.raises(ModelError, match="at_risk_voluntary"):
        StackedEffect(seed=0).fit(X[["tenure"]], t, y, groups=np.arange(200), parts=parts)
    average = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=np.arange(200))
    with pytest.raises(ModelError, match="200 units"):
        StackedEffect(seed=0).fit(
            X, t, y, groups=np.arange(200), parts=parts[:5], fitted=average, average=average.summary()
        )
