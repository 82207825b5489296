"""Targeting: close to the exact optimum, never over a limit, and judged on held-out decisions."""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from servicelift.core.errors import ModelError
from servicelift.models.policy import choose_actions, policy_value, standard_policies


def problem(seed, customers=40, actions=3):
    rng = np.random.default_rng(seed)
    who, what = (a.ravel() for a in np.meshgrid(np.arange(customers), np.arange(actions), indexing="ij"))
    keep = rng.random(len(who)) < 0.8
    who, what = who[keep], np.array(["switch", "offer", "call"])[what[keep]]
    cost = np.where(what == "offer", 6.0, 2.0) + rng.random(len(who))
    value = rng.normal(3, 5, len(who)) + cost / 3
    return who, what, value, cost


def exact(who, what, value, cost, budget, capacities):
    rows, tops = [cost], [budget]
    for customer in np.unique(who):
        rows.append((who == customer).astype(float))
        tops.append(1)
    for action, most in capacities.items():
        rows.append((what == action).astype(float))
        tops.append(most)
    limits = LinearConstraint(np.array(rows), ub=np.array(tops))
    return -milp(-value, constraints=limits, integrality=np.ones(len(value)), bounds=Bounds(0, 1)).fun


@pytest.mark.parametrize("seed", range(12))
def test_close_to_the_exact_optimum_and_inside_every_limit(seed):
    who, what, value, cost = problem(seed)
    capacities = {"switch": 6, "offer": 5}
    plan = choose_actions(who, what, value, cost, budget=60.0, capacities=capacities)
    best = exact(who, what, value, cost, 60.0, capacities)
    assert plan.value <= best + 1e-6
    assert best <= plan.upper_bound + 1e-6
    assert plan.value >= 0.95 * best
    assert plan.gap < 0.08
    assert plan.cost <= 60 + 1e-9
    assert len(set(who[plan.chosen])) == plan.chosen.sum()
    for action, most in capacities.items():
        assert (what[plan.chosen] == action).sum() <= most


def test_without_limits_everyone_gets_the_best_that_pays():
    who, what, value, cost = problem(0)
    plan = choose_actions(who, what, value, cost)
    best = [max(value[who == c].max(), 0) for c in np.unique(who)]
    assert plan.value == pytest.approx(sum(best))
    assert plan.gap == pytest.approx(0)


def test_nothing_where_nothing_pays():
    plan = choose_actions([1, 2, 3], ["a"] * 3, [-1.0, 0.0, np.nan], [1.0, 1.0, 1.0], budget=100)
    assert not plan.chosen.any()
    assert (plan.value, plan.cost, plan.upper_bound, plan.gap) == (0, 0, 0, 0)
    assert not choose_actions([], [], [], [], budget=5).chosen.any()


def test_a_budget_of_nothing_buys_only_what_is_free():
    plan = choose_actions([1, 2], ["a", "a"], [5.0, 4.0], [1.0, 0.0], budget=0)
    assert plan.chosen.tolist() == [False, True]


def test_a_total_capacity_takes_the_most_valuable():
    rng = np.random.default_rng(0)
    value = rng.random(200)
    plan = choose_actions(np.arange(200), np.repeat("a", 200), value, np.ones(200), capacity=10)
    assert set(np.flatnonzero(plan.chosen)) == set(np.argsort(-value)[:10])


def test_a_tight_budget_takes_value_per_euro():
    value, cost = np.array([10.0, 6.0, 6.0]), np.array([10.0, 5.0, 5.0])
    plan = choose_actions([1, 2, 3], ["a"] * 3, value, cost, budget=10)
    assert plan.chosen.tolist() == [False, True, True]


def test_identifiers_may_be_words_and_order_does_not_matter():
    who, what, value, cost = problem(3)
    names = np.array([f"customer {w}" for w in who])
    order = np.random.default_rng(1).permutation(len(who))
    one = choose_actions(names, what, value, cost, budget=50)
    two = choose_actions(names[order], what[order], value[order], cost[order], budget=50)
    np.testing.assert_array_equal(one.chosen[order], two.chosen)


def test_a_large_base_is_planned_in_seconds_and_almost_exactly():
    rng = np.random.default_rng(0)
    n, k = 20_000, 4
    who, what = np.repeat(np.arange(n), k), np.tile(np.array(list("abcd")), n)
    cost = np.tile([2.5, 6.0, 4.0, 9.0], n)
    value = rng.normal(-1, 6, n * k)
    start = time.perf_counter()
    plan = choose_actions(who, what, value, cost, budget=20_000, capacities={"a": 1500, "b": 800})
    assert time.perf_counter() - start < 20
    assert plan.gap < 1e-3
    assert plan.cost <= 20_000


def test_planning_errors():
    with pytest.raises(ModelError, match="lengths differ"):
        choose_actions([1], ["a", "b"], [1.0], [1.0])
    with pytest.raises(ModelError, match="0 or more"):
        choose_actions([1], ["a"], [1.0], [-1.0])
    with pytest.raises(ModelError, match="budget"):
        choose_actions([1], ["a"], [1.0], [1.0], budget=-1)
    with pytest.raises(ModelError, match="budget"):
        choose_actions([1], ["a"], [1.0], [1.0], budget=float("nan"))
    with pytest.raises(ModelError, match="1 are missing"):
        choose_actions(["c", None], ["a", "a"], [1.0, 1.0], [1.0, 1.0])


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
