"""Effects by steps: each shape is found where it is true, nothing where nothing is, and no more is promised."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.stepped import SteppedEffect
from servicelift.models.effects.value_at_risk import ValueAtRiskEffect
from servicelift.models.fitting.encoding import SharedRows, encodings_of

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


def fitted(trial, kind=SteppedEffect, **more):
    X, t, y, parts, _ = trial
    known = {"groups": np.arange(len(X)), "propensity": np.full(len(X), 0.6)}
    return kind(repeats=1, seed=0).fit(X, t, y, parts=parts, **known, **more)


def proportional(X):
    return 0.3 * X[RISKS[0]]


def quiet_are_harmed(X):
    return np.where(X["contacts"] > 0, 8.0, -8.0)


@pytest.fixture(scope="module")
def harmful():
    trial = a_trial(quiet_are_harmed)
    return trial, fitted(trial)


def test_a_proportional_effect_is_found_as_well_as_by_who_assumes_it():
    trial = a_trial(proportional)
    X, tau = trial[0], trial[-1]
    assumed = fitted(trial, ValueAtRiskEffect).predict(X)
    model = fitted(trial)
    assert abs(model.share_ - 1) < 0.3
    assert np.corrcoef(model.predict(X), tau)[0, 1] > 0.97
    assert np.mean((model.predict(X) - tau) ** 2) < 0.1 * tau.var() + np.mean((assumed - tau) ** 2)


def test_harm_is_found_and_the_feature_named(harmful):
    trial, model = harmful
    X, tau = trial[0], trial[-1]
    found = model.predict(X)
    assert np.mean((found > 0) == (tau > 0)) > 0.95
    assert next(iter(model.chances_)) == "contacts"
    assert model.chances_["contacts"] > 0.95
    assert model.spread_ == pytest.approx(tau.std(), rel=0.25)


def test_few_decisions_are_enough_where_held_out_proof_needs_more():
    """With 400 decisions, effects of 12 and -12 under noise of 25."""
    errors = []
    for seed in range(6):
        trial = a_trial(lambda X: 1.5 * quiet_are_harmed(X), seed=seed, n=400, noise=25.0)
        X, tau = trial[0], trial[-1]
        errors.append(
            [np.mean((fitted(trial, kind).predict(X) - tau) ** 2) for kind in (SteppedEffect, ValueAtRiskEffect)]
        )
    steps, one_shape = np.mean(errors, axis=0)
    assert steps < 0.75 * one_shape
    assert steps < 0.35 * 144


def test_effects_that_go_with_the_risk_of_some_are_found():
    trial = a_trial(lambda X: 0.5 * X[RISKS[0]] * (X["tenure"] > 0.5))
    X, tau = trial[0], trial[-1]
    assert np.corrcoef(fitted(trial).predict(X), tau)[0, 1] > 0.8


@pytest.mark.parametrize("with_risk", [True, False])
def test_neither_kind_of_difference_is_taken_for_the_other(with_risk):
    """Of few noisy decisions it is learnt whether a difference goes with the risk or is the same for everybody."""

    def one_kind(X):
        later = X["tenure"] > 0.5
        return 0.5 * X[RISKS[0]] * later if with_risk else np.where(later, 8.0, -8.0)

    found = []
    for seed in range(4):
        same, risky = np.abs(fitted(a_trial(one_kind, seed=seed, n=1_200, noise=30.0)).coefficients_).sum(axis=0)
        found.append((risky if with_risk else same) / (same + risky))
    assert np.mean(found) > 0.6


def test_nothing_differs_where_nothing_does():
    trial = a_trial(lambda X: 6.0, noise=30.0)
    model = fitted(trial)
    assert model.spread_ < 1
    assert sum(model.chances_.values()) < 0.9


def test_noise_that_grows_with_the_risk_is_no_difference():
    """Much noise at high risk gives terms that go with it large estimates; over trials few are believed."""
    believed = []
    for seed in range(10):
        X, t, y, parts, tau = a_trial(lambda X: 6.0, seed=seed, n=800, noise=1.0)
        rng = np.random.default_rng(100 + seed)
        more = pd.DataFrame(rng.normal(size=(800, 30)), columns=[f"x{k}" for k in range(30)])
        loud = y + rng.standard_t(3, 800) * X[RISKS[0]]
        model = fitted((pd.concat([X, more], axis=1), t, loud, parts, tau))
        believed.append(max(model.chances_.values()))
    assert np.mean(np.array(believed) > 0.5) <= 0.1


def test_what_is_promised_is_what_comes():
    """Over trials of no effect and of harm for some, the customers with the best predictions get what these say."""
    said, true = [], []
    for seed in range(12):
        trial = a_trial([quiet_are_harmed, lambda X: 0.0 * X["tenure"]][seed % 2], seed=seed, n=500, noise=30.0)
        found = fitted(trial).predict(trial[0])
        best = np.argsort(-found)[:100]
        said.append(found[best].mean())
        true.append(trial[-1][best].mean())
    assert 0.5 < np.mean(said) / np.mean(true) < 1.3


def test_predictions_average_to_what_is_believed(harmful):
    (X, t, *_), model = harmful
    treated = model.predict(X)[t == 1].mean()
    assert treated == pytest.approx(sum(path.shrunken for path in model.paths_), abs=1e-9)


def test_intervals_hold_for_customers_with_equal_predictions(harmful):
    trial, model = harmful
    X, tau = trial[0], trial[-1]
    found, low, high = model.predict_with_interval(X)
    np.testing.assert_array_equal(np.column_stack(model.predict_interval(X)), np.column_stack([low, high]))
    assert np.all((low <= found) & (found <= high))
    tenths = np.array_split(np.argsort(found), 10)
    assert sum(low[at].mean() <= tau[at].mean() <= high[at].mean() for at in tenths) >= 8


def test_an_average_that_was_fitted_before_changes_nothing(harmful):
    (X, t, y, parts, _), model = harmful
    before = AverageEffect(repeats=1, seed=0).fit(X, t, y, groups=np.arange(N), propensity=np.full(N, 0.6))
    again = fitted((X, t, y, parts, None), fitted=before, average=before.summary())
    np.testing.assert_array_equal(again.predict(X), model.predict(X))


def test_without_contracts_there_is_no_risk_to_go_with():
    X, t, y, parts, tau = a_trial(quiet_are_harmed)
    model = fitted((X[["tenure", "contacts"]], t, y, parts[[]], tau))
    assert [path.column for path in model.paths_] == [None]
    assert np.mean((model.predict(X) > 0) == (tau > 0)) > 0.95


def test_features_that_never_differ_leave_the_average():
    _, t, y, parts, tau = a_trial(lambda X: 6.0, n=300)
    model = fitted((pd.DataFrame({"always": np.ones(300)}), t, y, parts[[]], tau))
    found = model.predict(pd.DataFrame({"always": [1.0, 2.0]}))
    np.testing.assert_allclose(found, model.shrunken_)


def test_it_is_kept_and_reads_shared_rows(harmful):
    (X, *_), model = harmful
    again = pickle.loads(pickle.dumps(model))
    shared = SharedRows(X)
    for one, other in zip(again.predict_with_interval(X, shared), model.predict_with_interval(X), strict=True):
        np.testing.assert_allclose(one, other)
    assert [list(encoding.columns) for encoding in encodings_of(model)] == [list(X.columns)]


def test_a_column_that_is_lacking_is_told():
    X, t, y, parts, _ = a_trial(proportional, n=200)
    with pytest.raises(ModelError, match=r"expected column 'at_risk_voluntary'"):
        SteppedEffect(seed=0).fit(X[["tenure"]], t, y, groups=np.arange(200), parts=parts)
