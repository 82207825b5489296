"""Predictions in turn: a part's own outcomes never reach its predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.randomised.arm_effects import arm_folds
from servicelift.models.randomised.sequential import BURN_IN, predict_in_turn


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(0)
    n = 1_200
    X, arms = pd.DataFrame({"x": rng.normal(size=n), "z": rng.choice(["a", "b"], n)}), rng.integers(0, 3, n)
    y = X["x"].to_numpy() + 4 * X["x"].to_numpy() * (arms == 1) + rng.normal(size=n)
    e, part = np.full((n, 3), 1 / 3), arm_folds(arms, seed=0)
    return X, arms, y, e, part, predict_in_turn(X, arms, y, e, part, seed=0)


def test_the_first_parts_are_learnt_from_only(made):
    *_, part, turns = made
    assert (turns.judged == (part >= BURN_IN)).all()
    assert np.isnan(turns.effect[part < BURN_IN]).all()


def test_who_gains_is_found_where_they_differ(made):
    X, *_, turns = made
    seen = turns.judged
    assert np.corrcoef(turns.raw[seen, 0], X["x"][seen])[0, 1] > 0.8
    assert np.std(turns.effect[seen, 1]) < 0.3 * np.std(turns.effect[seen, 0])


def test_what_comes_later_changes_no_prediction(made):
    X, arms, y, e, part, turns = made
    other = np.where(part >= 3, y + np.random.default_rng(1).normal(size=len(y)) * 10, y)
    again = predict_in_turn(X, arms, other, e, part, seed=0)
    early, last = part == 2, part == 4
    assert np.array_equal(again.effect[early], turns.effect[early])
    assert not np.array_equal(again.effect[last], turns.effect[last])
