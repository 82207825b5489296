"""Individual effects: shrunk to the average, calibrated, and no differences where there are none."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.individual import IndividualEffect
from servicelift.models.fitting.design import DesignMatrix


def trial(seed, *, n=4000, spread=3.0, noise=3.0, strength=0.8):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 6)), columns=list("abcdef")).assign(kind=rng.choice(["x", "y"], n))
    e = 1 / (1 + np.exp(0.5 - strength * X["b"]))
    t = (rng.random(n) < e).astype(int)
    tau = 2 + spread * (np.maximum(X["a"], 0) - 0.4) + spread / 3 * (X["kind"] == "x")
    y = 3 * X["b"] + t * tau + noise * rng.normal(size=n)
    return X, t, y.to_numpy(), tau.to_numpy(), e.to_numpy()


@pytest.fixture(scope="module")
def fitted():
    X, t, y, tau, _ = trial(0)
    model = IndividualEffect(seed=0, repeats=1).fit(X, t, y, groups=np.arange(len(X)))
    return model, X, t, y, tau


def test_real_differences_are_found(fitted):
    model, *_ = fitted
    X, *_, tau, _ = trial(99, n=3000)
    predicted = model.predict(X)
    assert model.slope_ > 0.6
    assert np.corrcoef(predicted, tau)[0, 1] > 0.85
    assert np.mean((predicted - tau) ** 2) < 0.4 * tau.var()


def test_predictions_average_to_the_effect_on_the_treated(fitted):
    model, X, t, *_ = fitted
    assert model.predict(X)[t == 1].mean() == pytest.approx(model.ate_)


def test_the_formula_holds(fitted):
    model, X, *_ = fitted
    np.testing.assert_allclose(model.predict(X), model.ate_ + model.slope_ * (model.raw(X) - model.raw_mean_))
    low, high = model.predict_interval(X)
    assert (low < model.predict(X)).all()
    np.testing.assert_allclose(high + low, 2 * model.predict(X))
    at_mean = np.argmin(np.abs(model.raw(X) - model.raw_mean_))
    assert (high - low)[at_mean] == pytest.approx(2 * 1.96 * model.ate_std_error_, rel=0.01)
    assert (high - low).min() >= 2 * 1.95 * model.ate_std_error_


def test_no_differences_shrink_to_the_average():
    slopes, errors = [], []
    for seed in range(4):
        X, t, y, _, e = trial(seed, n=2500, spread=0.0)
        model = IndividualEffect(seed=seed, repeats=1).fit(X, t, y, groups=np.arange(len(X)), propensity=e)
        slopes.append(model.slope_)
        errors.append(np.sqrt(np.mean((model.predict(X) - 2) ** 2)))
        assert model.raw_slope_ - 2.6 * model.slope_std_error_ < 0.3
    assert np.mean(errors) < 0.35
    assert min(slopes) >= 0


def test_harmful_and_helpful_customers_are_told_apart():
    rng = np.random.default_rng(1)
    X, t, *_ = trial(1, n=6000, strength=0.0)
    tau = np.where(X["kind"] == "x", 4.0, -4.0)
    y = X["b"] + t * tau + 4 * rng.normal(size=len(X))
    model = IndividualEffect(seed=0, repeats=1).fit(
        X, t, y, groups=np.arange(len(X)), propensity=np.full(6000, 1 / (1 + np.exp(0.5)))
    )
    assert (np.sign(model.predict(X)) == np.sign(tau)).mean() > 0.95


def test_nuisances_and_average_may_be_handed_over():
    X, t, y, *_ = trial(2, n=1500)
    groups = np.arange(len(X))
    average = AverageEffect(repeats=2, seed=5).fit(X, t, y, groups=groups)
    for population in ("treated", "overlap", "everybody"):
        found = average.summary(population=population, std_error=9.0)
        model = IndividualEffect(seed=0).fit(X, t, y, groups=groups, nuisances=average.nuisances_, average=found)
        assert model.ate_ == found.estimate
        assert model.ate_std_error_ == 9.0
    with pytest.raises(ModelError, match="same 1400 units"):
        IndividualEffect(seed=0).fit(
            X[:1400], t[:1400], y[:1400], groups=groups[:1400], nuisances=average.nuisances_, average=found
        )


def test_it_survives_pickling_and_holds_no_rows(fitted):
    model, X, *_ = fitted
    stored = pickle.dumps(model)
    np.testing.assert_array_equal(pickle.loads(stored).predict(X), model.predict(X))
    longest = max(np.size(v) for v in vars(model).values() if not isinstance(v, dict))
    assert longest < 100


def test_same_seed_same_predictions():
    X, t, y, *_ = trial(3, n=1200)
    one, two = (IndividualEffect(seed=4, repeats=1).fit(X, t, y, groups=np.arange(len(X))).predict(X) for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_features_may_be_encoded_once():
    X, t, y, *_ = trial(3, n=800)
    own, shared = (
        IndividualEffect(seed=4, repeats=1).fit(given, t, y, groups=np.arange(len(X)))
        for given in (X, DesignMatrix.of(X))
    )
    np.testing.assert_array_equal(own.predict(X), shared.predict(X))
    with pytest.raises(ModelError, match="bare matrix"):
        IndividualEffect(seed=4).fit(DesignMatrix(np.ones((800, 2))), t, y, groups=np.arange(800))


def test_a_missing_feature_is_named(fitted):
    model, X, *_ = fitted
    with pytest.raises(ModelError, match="'kind'"):
        model.predict(X.drop(columns="kind"))


@pytest.mark.slow
def test_slope_and_intervals_over_many_seeds():
    slopes, hits = [], []
    for seed in range(30):
        X, t, y, tau, _ = trial(seed, n=3000, noise=6.0)
        model = IndividualEffect(seed=seed, repeats=1).fit(X, t, y, groups=np.arange(len(X)))
        raw = model.raw(X)
        slopes.append(model.slope_)
        low, high = model.predict_interval(X)
        for part in np.array_split(np.argsort(raw), 5):
            hits.append(low[part].mean() < tau[part].mean() < high[part].mean())
    print("slopes", np.mean(slopes), "group effects covered", np.mean(hits))
    assert 0.6 < np.mean(slopes) <= 1
    assert np.mean(hits) > 0.8


@pytest.mark.slow
def test_ihdp_first_replicate(data_dir):
    """747 children, 139 treated: truth 4.0161 on average; effects of single children against their spread."""
    table = pd.read_csv(data_dir / "uplift" / "ihdp" / "ihdp_npci_1.csv", header=None)
    t, y = table[0].to_numpy(), table[1].to_numpy()
    tau = (table[4] - table[3]).to_numpy()
    X = table.loc[:, 5:].set_axis([f"x{i}" for i in range(25)], axis=1)
    assert tau.mean() == pytest.approx(4.0161, abs=1e-4)
    groups = np.arange(len(t))
    fit = AverageEffect(repeats=5, seed=0).fit(X, t, y, groups=groups)
    whole = fit.summary(population="everybody")
    model = IndividualEffect(seed=0).fit(X, t, y, groups=groups, nuisances=fit.nuisances_, average=whole)
    error = np.sqrt(np.mean((model.predict(X) - tau) ** 2))
    print(whole, "error", error, "spread", tau.std(), "slope", model.slope_)
    assert whole.low < tau.mean() < whole.high
    assert error < 1.02 * tau.std()
