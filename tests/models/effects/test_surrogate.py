"""Surrogate outcome and its check: it passes with a sufficient state, and fails when the state forgets something."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.surrogate import surrogate_check, surrogate_outcome


@pytest.fixture(scope="module")
def decisions():
    """The action raises a state, and the state alone drives later value: twice the state."""
    rng = np.random.default_rng(0)
    n = 1500
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    t = (rng.random(n) < 0.5).astype(int)
    state = X["a"].to_numpy() + 0.8 * t + rng.normal(size=n)
    later = 2 * state + rng.normal(size=n)
    effect = AverageEffect(folds=3, repeats=1, seed=0).fit(X, t, state, groups=np.arange(n), propensity=np.full(n, 0.5))
    return effect, state, later, t


def test_outcome_is_realised_plus_discounted_future():
    np.testing.assert_allclose(surrogate_outcome([1.0, 2.0], [10.0, 20.0], 0.9), [10.0, 20.0])
    np.testing.assert_allclose(surrogate_outcome([1.0, 2.0], [10.0, 20.0], [1.0, 0.5]), [11.0, 12.0])


@pytest.mark.parametrize("factor", [0.0, 1.1, -0.5])
def test_discount_factors_lie_in_0_1(factor):
    with pytest.raises(ModelError, match="discount_factor"):
        surrogate_outcome([1.0], [1.0], factor)


def test_outcome_refuses_gaps_and_lengths():
    with pytest.raises(ModelError, match="finite"):
        surrogate_outcome([np.nan], [1.0], 0.9)
    with pytest.raises(ModelError, match="shapes"):
        surrogate_outcome([1.0, 2.0], [1.0], 0.9)


def test_a_sufficient_state_passes(decisions):
    effect, state, later, _ = decisions
    found = surrogate_check(effect, later, 2 * state)
    assert not found.excludes_zero
    assert found.detectable < 0.3


def test_a_state_that_forgets_the_action_fails(decisions):
    effect, state, later, t = decisions
    found = surrogate_check(effect, later, 2 * (state - 0.8 * t))
    assert found.excludes_zero
    assert found.effect.estimate == pytest.approx(1.6, abs=0.3)


def test_only_decisions_old_enough_count(decisions):
    effect, state, later, t = decisions
    old = np.arange(len(t)) < 700
    found = surrogate_check(effect, np.where(old, later, np.nan), np.where(old, 2 * state, 1e6))
    assert (found.n_treated, found.n_control) == (int(t[:700].sum()), int((1 - t[:700]).sum()))
    assert found.effect.n_treated == found.n_treated
    assert not found.excludes_zero


def test_too_few_old_decisions_is_no_check(decisions):
    effect, state, later, _ = decisions
    young = np.where(np.arange(len(later)) < 150, later, np.nan)
    assert surrogate_check(effect, young, 2 * state) is None
