"""Effects of several arms: the plain difference without covariates, less error with them, and joint intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from servicelift.core.errors import ModelError
from servicelift.models.effects.inference import difference_in_means
from servicelift.models.randomised.arm_effects import arm_effects, arm_folds, together


def trial(n=1_500, seed=0, effects=(0.0, 0.5, 0.0)):
    rng = np.random.default_rng(seed)
    x, arms = rng.normal(size=n), rng.integers(0, 3, n)
    y = 3 * x + np.array(effects)[arms] + rng.normal(size=n)
    return pd.DataFrame({"x": x}), arms, y


def test_without_covariates_it_is_the_difference_in_means_with_neymans_error():
    X, arms, y = trial()
    found = arm_effects(X[[]], arms, y, [1 / 3] * 3, seed=0)
    assert not found.adjusted
    for arm in (1, 2):
        pair = np.isin(arms, (0, arm))
        tau, error = difference_in_means((arms[pair] == arm).astype(int), y[pair])
        assert found.estimates[arm - 1] == pytest.approx(tau)
        assert found.errors[arm - 1] == pytest.approx(error)


def test_covariates_take_out_what_they_explain_and_the_truth_stays_inside():
    X, arms, y = trial()
    found = arm_effects(X, arms, y, [1 / 3] * 3, seed=0, repeats=1)
    plain = arm_effects(X[[]], arms, y, [1 / 3] * 3, seed=0)
    assert (found.errors < 0.45 * plain.errors).all()
    assert (np.abs(found.estimates - [0.5, 0.0]) < 3 * found.errors).all()
    assert np.allclose(found.influence.sum(axis=0), 0, atol=1e-9)


def test_chances_that_differ_between_customers_are_taken_as_they_are():
    rng = np.random.default_rng(3)
    x = rng.normal(size=4_000)
    chance = 1 / (1 + np.exp(-x))
    arms = (rng.random(4_000) < chance).astype(int)
    y = 2 * x + 1.0 * arms + rng.normal(size=4_000)
    e = np.column_stack([1 - chance, chance])
    found = arm_effects(pd.DataFrame({"x": x})[[]], arms, y, e, seed=0)
    assert abs(found.estimates[0] - 1) < 3 * found.errors[0]
    assert difference_in_means(arms, y)[0] > 2


def test_arms_are_spread_evenly_over_folds():
    arms = np.repeat([0, 1, 2], [50, 25, 100])
    fold = arm_folds(arms, seed=1)
    counts = np.array([np.bincount(fold[arms == a], minlength=5) for a in range(3)])
    assert (np.ptp(counts, axis=1) <= 1).all()


def test_one_comparison_together_is_the_comparison_alone():
    one = np.random.default_rng(0).normal(size=300) / 300
    found = together([0.1], [one], dof=200, seed=0)
    half = stats.t.ppf(0.975, 200) * np.sqrt((one**2).sum())
    assert found.high[0] - 0.1 == pytest.approx(half)
    assert found.high_together.tolist() == found.high.tolist()
    assert found.p_together.tolist() == found.p_value.tolist()


def test_independent_comparisons_are_wide_as_sidak_says():
    rng = np.random.default_rng(0)
    influence = [rng.normal(size=5_000) for _ in range(6)]
    errors = np.sqrt([(i**2).sum() for i in influence])
    found = together(np.zeros(6), influence, dof=1e6, seed=0)
    wide = (found.high_together / errors).mean()
    assert wide == pytest.approx(stats.norm.ppf((1 + 0.95 ** (1 / 6)) / 2), abs=0.02)
    shown = together(wide * errors, influence, dof=1e6, seed=0)
    assert shown.p_together == pytest.approx(np.full(6, 0.05), abs=0.003)


def test_an_outcome_that_never_varies_has_no_effect():
    X, arms, _ = trial(300)
    found = arm_effects(X, arms, np.zeros(300), [1 / 3] * 3, seed=0, repeats=1)
    both = together(found.estimates, list(found.influence.T), dof=90, seed=0)
    assert both.p_together.tolist() == [1.0, 1.0]


def test_what_cannot_be_estimated_is_refused():
    X, arms, y = trial(90)
    with pytest.raises(ModelError, match="finite number"):
        arm_effects(X, arms, np.where(y > 0, np.nan, y), [1 / 3] * 3, seed=0)
    with pytest.raises(ModelError, match="two customers in every arm"):
        arm_effects(X, np.zeros(90, dtype=int), y, [0.5, 0.5], seed=0)
