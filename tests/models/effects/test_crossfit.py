"""Cross-fitted nuisances: honest folds, good mixes, known propensities kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from servicelift.core.errors import ModelError
from servicelift.models.effects.crossfit import convex_weights, cross_fit, customer_folds, mixture_weights, thinned
from servicelift.models.fitting.design import DesignMatrix, Encoder
from servicelift.models.fitting.ridge import ridge, spectrum_of
from sklearn.linear_model import Ridge


@pytest.fixture(scope="module")
def units():
    rng = np.random.default_rng(0)
    n = 1500
    X = pd.DataFrame(
        {
            "a": rng.normal(size=n),
            "b": np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
            "kind": rng.choice(["x", "y", "z"], n),
            "noise": rng.normal(size=n),
        }
    )
    mu0 = 3 * X["a"] + 4 * (X["kind"] == "y") + 2 * (X["a"] > 1)
    e = 1 / (1 + np.exp(-X["a"] + 0.5))
    t = (rng.random(n) < e).astype(int)
    y = mu0 + 2 * t + rng.normal(size=n)
    return X, t, y.to_numpy(), mu0.to_numpy(), e.to_numpy()


def test_predictions_come_close_to_the_truth(units):
    X, t, y, mu0, e = units
    found = cross_fit(X, t, y, groups=np.arange(len(X)), seed=1)
    assert np.mean((found.mu0 - mu0) ** 2) < 0.05 * mu0.var()
    assert np.mean((found.mu1 - mu0 - 2) ** 2) < 0.08 * mu0.var()
    assert np.sqrt(np.mean((found.propensity - e) ** 2)) < 0.05


def test_same_seed_same_numbers_other_seed_other_folds(units):
    X, t, y, *_ = units
    one, two, other = (cross_fit(X, t, y, groups=np.arange(len(X)), seed=s, folds=2) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.mu0, two.mu0)
    np.testing.assert_array_equal(one.propensity, two.propensity)
    assert (one.fold != other.fold).any()


def test_a_unit_never_informs_its_own_prediction(units):
    """Another outcome for one unit changes predictions of the other folds only, up to the shared mix."""
    X, t, y, *_ = units
    moved = y.copy()
    moved[0] += 1e6
    groups = np.arange(len(X))
    before = cross_fit(X, t, y, groups=groups, seed=1, folds=3, linear=True)
    after = cross_fit(X, t, moved, groups=groups, seed=1, folds=3, linear=True)
    own = before.fold == before.fold[0]
    other_arm = after.mu1 if t[0] == 0 else after.mu0
    assert np.abs(other_arm[~own]).max() > 1000 or np.abs(after.mu0[~own] - before.mu0[~own]).max() > 100
    assert np.abs(after.mu0[own] - before.mu0[own]).max() < 5
    assert np.abs(after.mu1[own] - before.mu1[own]).max() < 5


def test_customers_stay_whole_and_arms_are_spread():
    groups = np.repeat(np.arange(100), 3)
    treated = (groups < 20).astype(int)
    fold = customer_folds(groups, treated, folds=5, seed=0)
    assert len(set(zip(groups, fold, strict=True))) == 100
    assert np.bincount(fold[treated == 1]).tolist() == [12] * 5
    assert np.bincount(fold).tolist() == [60] * 5


def test_recorded_propensity_is_kept(units):
    X, t, y, _, e = units
    found = cross_fit(X, t, y, groups=np.arange(len(X)), seed=1, propensity=e, linear=True)
    np.testing.assert_array_equal(found.propensity, e)


def test_weight_zero_is_as_good_as_absent(units):
    X, t, y, *_ = units
    groups = np.arange(len(X))
    weight = np.ones(len(X))
    weight[:100] = 0
    wild = y.copy()
    wild[:100] = 1e9
    fold = customer_folds(groups, t, folds=3, seed=0)
    a = cross_fit(X, t, y, groups=groups, seed=1, fold=fold, sample_weight=weight)
    b = cross_fit(X, t, wild, groups=groups, seed=1, fold=fold, sample_weight=weight)
    np.testing.assert_allclose(a.mu0, b.mu0)


def test_ridge_is_sklearns_at_the_same_penalty():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(200, 5))
    x -= x.mean(axis=0)
    y = x @ np.arange(5.0) + rng.normal(size=200)
    y -= y.mean()
    expected = Ridge(alpha=7.0, fit_intercept=False).fit(x, y).coef_
    np.testing.assert_allclose(ridge(x, y, np.ones(200), alphas=np.array([7.0])), expected)


def test_a_ridge_that_is_given_the_decomposition_is_the_same():
    rng = np.random.default_rng(3)
    x, y, weight = rng.normal(size=(300, 5)), rng.normal(size=300), rng.random(300)
    x -= np.average(x, axis=0, weights=weight)
    y -= np.average(y, weights=weight)
    np.testing.assert_array_equal(ridge(x, y, weight, known=spectrum_of(x, weight)), ridge(x, y, weight))


def test_units_are_decomposed_once_for_every_outcome_and_anew_for_other_weights(monkeypatch):
    from servicelift.models.effects import crossfit

    rng = np.random.default_rng(4)
    design = DesignMatrix(rng.normal(size=(400, 3)))
    treated, groups = rng.integers(0, 2, 400), np.arange(400)
    seen = []
    monkeypatch.setattr(crossfit, "spectrum_of", lambda x, w: seen.append(len(x)) or spectrum_of(x, w))
    outcomes = rng.normal(size=(2, 400))
    fitted = [cross_fit(design, treated, y, groups=groups, folds=2, seed=0, linear=True) for y in outcomes]
    assert len(seen) == 2 * 3
    alone = cross_fit(DesignMatrix(design.matrix), treated, outcomes[1], groups=groups, folds=2, seed=0, linear=True)
    np.testing.assert_array_equal(fitted[1].mu0, alone.mu0)
    seen.clear()
    cross_fit(design, treated, outcomes[0], groups=groups, folds=2, seed=0, linear=True, sample_weight=rng.random(400))
    assert len(seen) == 2 * 3


@pytest.mark.parametrize("rows", [60, 400])
def test_repeated_columns_teach_a_linear_learner_nothing(rows):
    """Levels, constants and copies are turned away; ridge predicts as from the columns themselves."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(rows, 40))
    x[:, 20:30], x[:, 30:] = x[:, :10] + x[:, 10:20], 7.0
    design = DesignMatrix(x)
    assert design.linear.shape == (rows, 20)
    np.testing.assert_allclose(design.linear.mean(axis=0), 0.0, atol=1e-9)
    y = x[:, 0] + rng.normal(size=rows)
    y -= y.mean()
    centred = x - x.mean(axis=0)
    expected = centred @ ridge(centred, y, np.ones(rows))
    np.testing.assert_allclose(design.linear @ ridge(design.linear, y, np.ones(rows)), expected, atol=1e-8)


def test_a_design_without_any_difference_has_no_linear_columns():
    assert DesignMatrix(np.full((30, 2), 4.0)).linear.shape == (30, 0)


def test_ridge_chooses_a_heavy_penalty_for_noise():
    rng = np.random.default_rng(4)
    x = rng.normal(size=(300, 30))
    noise = ridge(x - x.mean(axis=0), rng.normal(size=300), np.ones(300))
    assert np.abs(noise).max() < 0.05


def test_convex_weights_minimise_squared_error():
    rng = np.random.default_rng(5)
    y = rng.normal(size=500)
    predictions = np.column_stack([y + rng.normal(size=500), y + rng.normal(size=500) * 2, rng.normal(size=500)])
    w = convex_weights(predictions, y, np.ones(500))
    assert w.sum() == pytest.approx(1)
    assert (w >= 0).all()

    def loss(v):
        return np.mean((y - predictions @ v) ** 2)

    for _ in range(200):
        v = rng.dirichlet(np.ones(3))
        assert loss(w) <= loss(v) + 1e-6


def test_mixture_weights_minimise_log_loss():
    rng = np.random.default_rng(6)
    p = rng.uniform(0.1, 0.9, size=500)
    t = (rng.random(500) < p).astype(int)
    candidates = np.column_stack([np.clip(p + 0.1, 0, 0.95), np.full(500, 0.5)])
    w = mixture_weights(candidates, t, np.ones(500))

    def loss(share):
        mixed = candidates @ np.array([share, 1 - share])
        return -np.mean(np.log(np.where(t == 1, mixed, 1 - mixed)))

    best = minimize(lambda s: loss(s[0]), [0.5], bounds=[(0, 1)]).x[0]
    assert w[0] == pytest.approx(best, abs=0.01)


def test_doubly_robust_scores_average_to_the_effect_when_either_side_is_true(units):
    X, t, y, mu0, e = units
    found = cross_fit(X, t, y, groups=np.arange(len(X)), seed=1, propensity=e, linear=True)
    wrong_outcome = type(found)(np.zeros(len(t)), np.zeros(len(t)), e, found.fold)
    right_outcome = type(found)(mu0, mu0 + 2, np.full(len(t), 0.5), found.fold)
    assert wrong_outcome.scores(t, y).mean() == pytest.approx(2, abs=0.6)
    assert right_outcome.scores(t, y).mean() == pytest.approx(2, abs=0.2)


def test_input_errors_say_what_is_wrong(units):
    X, t, y, *_ = units
    groups = np.arange(len(X))
    with pytest.raises(ModelError, match="treated: expected 0 or 1"):
        cross_fit(X, t + 1, y, groups=groups, seed=0)
    with pytest.raises(ModelError, match="not finite"):
        cross_fit(X, t, np.where(groups == 3, np.nan, y), groups=groups, seed=0)
    with pytest.raises(ModelError, match="at least 10 treated"):
        cross_fit(X, np.where(groups < 5, 1, 0), y, groups=groups, seed=0)
    with pytest.raises(ModelError, match="strictly between 0 and 1"):
        cross_fit(X, t, y, groups=groups, seed=0, propensity=np.ones(len(X)))
    with pytest.raises(ModelError, match="expected 1500 values"):
        cross_fit(X, t[:-1], y, groups=groups, seed=0)
    with pytest.raises(ModelError, match="at least 5 customers"):
        cross_fit(X, t, y, groups=np.zeros(len(X)), seed=0)


def test_encoder_handles_what_frames_bring():
    n = 60
    X = pd.DataFrame(
        {
            "number": np.arange(n, dtype=float),
            "empty": np.full(n, np.nan),
            "gaps": np.where(np.arange(n) % 2, np.nan, 1.0),
            "flag": np.arange(n) % 3 == 0,
            "nullable": pd.array([1, None] * (n // 2), dtype="Int64"),
            "word": ["often"] * 40 + ["rare"] * 5 + [None] * 15,
            "constant": np.ones(n),
            "odd": np.where(np.arange(n) == 0, np.inf, 0.0),
        }
    )
    encoder = Encoder().fit(X)
    matrix = encoder.transform(X)
    assert np.isfinite(matrix).all()
    assert encoder.names() == [
        *["number", "empty", "gaps", "flag", "nullable", "constant", "odd"],
        *["gaps is missing", "nullable is missing", "word = often"],
    ]
    assert matrix.shape == (n, 10)
    assert matrix[:, 0].mean() == pytest.approx(0)
    unseen = encoder.transform(X.assign(word="never seen"))
    assert unseen[:, -1].sum() == 0
    with pytest.raises(ModelError, match="missing: \\['word'\\]"):
        encoder.transform(X.drop(columns="word"))
    with pytest.raises(ModelError, match="durations"):
        Encoder().fit(pd.DataFrame({"when": pd.to_datetime(["2024-01-01"])}))


def test_a_design_is_taken_as_it_is(units):
    X, *_ = units
    design = DesignMatrix.of(X)
    assert DesignMatrix.of(design) is design
    assert len(design) == len(X)


def test_a_learner_sees_a_random_part_of_very_many_rows():
    rows = np.arange(0, 1000, 2)
    assert thinned(rows, 0) is rows
    part = thinned(rows, 0, most=100)
    assert len(part) == 100
    assert (np.diff(part) > 0).all()
    assert set(part) <= set(rows)
    np.testing.assert_array_equal(part, thinned(rows, 0, most=100))
    assert abs(part.mean() - rows.mean()) < 100


def test_encoding_does_not_depend_on_the_chunks(monkeypatch):
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"a": rng.normal(size=200), "b": rng.choice(["x", "y", None], 200), "c": True})
    X.loc[::4, "a"] = np.nan
    whole = Encoder().fit(X).transform(X)
    monkeypatch.setattr("servicelift.models.fitting.design._CHUNK", 7)
    np.testing.assert_array_equal(Encoder().fit(X).transform(X), whole)
    assert whole.shape == (200, 5)
