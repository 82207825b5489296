"""Policies are judged on held-out decisions, against the usual lists; promises are never taken for value."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.policy_value import policy_value, standard_policies


def test_policy_value_is_unbiased_where_predicted_uplift_is_not():
    """Noise that looks like uplift: the plan's own sum promises much, held-out scores say nothing is gained."""
    rng = np.random.default_rng(2)
    n = 4000
    predicted = rng.normal(size=n)
    assigned = predicted > 0.5
    t = rng.random(n) < 0.5
    y = rng.normal(size=n)
    scores = y * (t - 0.5) / 0.25
    found = policy_value(scores, assigned, 0.0, groups=np.arange(n))
    assert predicted[assigned].sum() / n > 0.3
    assert found.low < 0 < found.high
    assert found.treated_share == pytest.approx(assigned.mean())


def test_good_targeting_beats_the_usual_lists_and_contact_that_harms_is_left():
    """Contact raises churn for most (Ascarza et al.); only those with a payment problem gain."""
    rng = np.random.default_rng(3)
    n = 6000
    problem_card = rng.random(n) < 0.2
    churn_risk, clv = rng.random(n), rng.exponential(100, n)
    effect = np.where(problem_card, 8.0, -3.0)
    t = rng.random(n) < 0.5
    y = 0.1 * clv + t * effect + 5 * rng.normal(size=n)
    scores = effect + (t - 0.5) / 0.25 * (y - 0.1 * clv - t * effect)
    ours = problem_card.astype(float)
    value = policy_value(scores, ours, 2.0, groups=np.arange(n))
    assert value.low > 0
    assert value.estimate == pytest.approx(0.2 * 6, abs=0.3)
    others = standard_policies(ours, churn_risk, clv)
    assert policy_value(scores, others["everybody"], 2.0, groups=np.arange(n)).high < 0
    assert policy_value(scores, others["nobody"], 2.0, groups=np.arange(n)).estimate == 0
    for name in ("highest churn risk", "highest CLV", "everybody", "nobody"):
        assert policy_value(scores, ours, 2.0, groups=np.arange(n), against=others[name]).low > 0
        if name.startswith("highest"):
            assert others[name].sum() == ours.sum()


def test_standard_policies_pick_the_top():
    found = standard_policies([1, 0, 1, 0], churn_risk=[0.1, 0.9, 0.2, 0.8], clv=[4, 3, 2, 1])
    assert found["highest churn risk"].tolist() == [0, 1, 0, 1]
    assert found["highest CLV"].tolist() == [1, 1, 0, 0]


def test_policy_value_errors():
    with pytest.raises(ModelError, match="one score"):
        policy_value([1.0, 2.0], [1.0], 0.0, groups=[1, 2])
    with pytest.raises(ModelError, match="finite"):
        policy_value([1.0, np.nan], [1.0, 1.0], 0.0, groups=[1, 2])
