"""Stability over seeds and folds, and what data of a size can find at all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from servicelift.models.effects.average import AverageEffect
from servicelift.models.refutation.stability import Stability, detectable_effect, stability


def fitted(seed=0, n=800, wild=0.0, repeats=3):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame({"x": rng.normal(size=n)})
    t = rng.integers(0, 2, n)
    y = X["x"].to_numpy() + t + rng.normal(size=n)
    y[0] += wild * (2 * t[0] - 1)
    return AverageEffect(folds=5, repeats=repeats, seed=seed).fit(
        X, t, y, groups=np.arange(n), propensity=np.full(n, 0.5)
    )


def test_an_ordinary_estimate_stands_still():
    effect = fitted()
    found = stability(effect)
    assert found.low <= effect.estimate() <= found.high
    assert found.fold_low < effect.estimate() < found.fold_high
    assert found.holds(effect.summary())
    assert stability(fitted(repeats=1)).spread == 0


def test_seeds_that_move_it_and_folds_that_carry_it_are_seen():
    found = fitted().summary()
    still = Stability(found.estimate, found.estimate, 0.0, found.estimate, found.estimate)
    assert still.holds(found)
    assert not replace(still, spread=0.6 * found.std_error).holds(found)
    assert not replace(still, fold_low=found.estimate - 2.1 * found.std_error).holds(found)
    assert not replace(still, fold_high=found.estimate + 2.1 * found.std_error).holds(found)


def test_a_fold_left_out_is_an_estimate_without_its_customers():
    effect = fitted(repeats=1)
    fold = effect.nuisances_[0].fold
    by_hand = [effect.estimate(None, (fold != k).astype(float)) for k in range(5)]
    found = stability(effect)
    assert (found.fold_low, found.fold_high) == (min(by_hand), max(by_hand))


def test_one_customer_in_a_thousand_who_carries_it_shows_in_his_fold():
    calm, wild = stability(fitted()), stability(fitted(wild=400.0))
    assert wild.fold_high - wild.fold_low > 3 * (calm.fold_high - calm.fold_low)


def test_the_detectable_effect_is_found_four_times_in_five():
    found = fitted().summary()
    detectable = detectable_effect(found)
    assert detectable == pytest.approx(2.80 * found.std_error, rel=0.01)
    drawn = detectable + found.std_error * np.random.default_rng(0).standard_normal(20_000)
    assert np.mean(drawn > 1.96 * found.std_error) == pytest.approx(0.8, abs=0.01)
