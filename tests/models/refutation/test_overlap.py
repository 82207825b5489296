"""Diagnostics that can fail, and do where they should."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.refutation.overlap import balance, comparable, overlap, placebo


def fitted(strength, seed=0, n=2000, recorded=False):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd")).assign(kind=rng.choice(["x", "y"], n))
    e = 1 / (1 + np.exp(0.5 - strength * X["a"] - 0.3 * strength * (X["kind"] == "x")))
    t = (rng.random(n) < e).astype(int)
    y = X["a"] + t + rng.normal(size=n)
    fit = AverageEffect(folds=3, repeats=1, seed=0)
    return X, fit.fit(X, t, y, groups=np.arange(n), propensity=e if recorded else None)


def test_weighting_brings_the_arms_together():
    X, effect = fitted(1.0)
    found = balance(X, effect)
    assert list(found.table.index) == ["a", "b", "c", "d", "kind = x", "kind = y"]
    assert found.table["before"].abs().idxmax() == "a"
    assert found.worst_before > 0.5
    assert found.worst_after < 0.12


def test_balance_wants_the_same_units():
    X, effect = fitted(0.5, n=300)
    with pytest.raises(ModelError, match="300 units"):
        balance(X[:100], effect)


def test_overlap_holds_for_a_coin_and_fails_for_a_rule():
    _, fair = fitted(0.0)
    good = overlap(fair)
    assert good.holds()
    assert good.trimmed_share == 0
    assert good.effective_controls > 1000
    assert good.largest_weight < 0.01
    _, ruled = fitted(8.0, recorded=True)
    bad = overlap(ruled)
    assert not bad.holds()
    assert bad.trimmed_share > 0.5
    assert bad.sparse_share >= bad.trimmed_share


def test_nothing_to_compare_is_refused_with_its_reason():
    _, fair = fitted(0.0)
    assert comparable(fair) == overlap(fair)
    X = pd.DataFrame({"a": np.r_[np.zeros(50), np.ones(400)]})
    t = np.r_[np.tile([0, 1], 25), np.ones(385, dtype=int), np.zeros(15, dtype=int)]
    e = np.r_[np.full(50, 0.5), np.full(400, 0.99)]
    always = AverageEffect(folds=2, repeats=1, seed=0).fit(X, t, t + 0.0, groups=np.arange(450), propensity=e)
    with pytest.raises(ModelError, match=r"controls like the treated.*94% of the treated.*hold some of the chosen out"):
        comparable(always)


def test_placebo_sees_selection_that_the_features_miss():
    rng = np.random.default_rng(3)
    n = 2000
    hidden = rng.normal(size=n)
    X = pd.DataFrame({"noise": rng.normal(size=n)})
    before = hidden + rng.normal(size=n)
    for drive, shown in ((1.0, True), (0.0, False)):
        t = (rng.random(n) < 1 / (1 + np.exp(-drive * hidden))).astype(int)
        effect = AverageEffect(folds=3, repeats=1, seed=0).fit(X, t, hidden, groups=np.arange(n))
        assert placebo(effect, before).shown == shown
