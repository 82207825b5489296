"""Balance: means by hand, the level of the joint test, and covariates that the arm has moved."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.randomised.arm_balance import arm_balance


def test_means_and_differences_by_hand():
    X = pd.DataFrame({"age": np.tile([20.0, 30.0, 40.0], 40), "plan": np.repeat(["a", "b"], 60)})
    arms = np.tile([0, 1], 60)
    found = arm_balance(X, arms, [0.5, 0.5]).table.set_index("feature")
    for name, values in (("age", X["age"]), ("plan = b", (X["plan"] == "b").astype(float))):
        one, other = values[arms == 1], values[arms == 0]
        pooled = np.sqrt((one.var(ddof=0) + other.var(ddof=0)) / 2)
        row = found.loc[name]
        assert row["mean"] == pytest.approx(one.mean())
        assert row["control_mean"] == pytest.approx(other.mean())
        assert row["standardised_difference"] == pytest.approx((one.mean() - other.mean()) / pooled)


def test_the_joint_test_keeps_its_level_with_correlated_columns_and_three_arms():
    rng = np.random.default_rng(0)
    p = []
    for _ in range(300):
        x = rng.normal(size=(300, 3))
        X = pd.DataFrame({"a": x[:, 0], "b": x[:, 0] + 0.1 * x[:, 1], "c": rng.choice(["u", "v", "w"], 300)})
        p.append(arm_balance(X, rng.integers(0, 3, 300), [1 / 3] * 3).p_value)
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.04)
    assert np.mean(p) == pytest.approx(0.5, abs=0.07)


def test_a_covariate_that_the_arm_moved_is_seen():
    rng = np.random.default_rng(1)
    arms = rng.integers(0, 2, 1_000)
    X = pd.DataFrame({"before": rng.normal(size=1_000), "after": rng.normal(size=1_000) + 0.3 * arms})
    found = arm_balance(X, arms, [0.5, 0.5])
    assert found.p_value < 0.001
    assert found.worst > 0.2


def test_chances_that_differ_between_customers_are_weighted_away():
    rng = np.random.default_rng(2)
    x = rng.normal(size=6_000)
    chance = 1 / (1 + np.exp(-x))
    arms = (rng.random(6_000) < chance).astype(int)
    X, e = pd.DataFrame({"x": x}), np.column_stack([1 - chance, chance])
    assert arm_balance(X, arms, e).p_value > 0.001
    assert arm_balance(X, arms, e).worst < 0.1
    assert arm_balance(X, arms, [0.5, 0.5]).p_value < 1e-6


def test_without_covariates_there_is_nothing_to_compare():
    found = arm_balance(pd.DataFrame(index=range(4)), np.array([0, 1, 0, 1]), [0.5, 0.5])
    assert (found.worst, found.p_value) == (0.0, 1.0)
