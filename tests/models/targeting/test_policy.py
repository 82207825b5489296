"""Targeting: the exact optimum where there are few, close to it at scale, never over a limit."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp
from servicelift.core.errors import ModelError
from servicelift.models.targeting.policy import Capacity, choose_actions


def problem(seed, customers=40, actions=3):
    rng = np.random.default_rng(seed)
    who, what = (a.ravel() for a in np.meshgrid(np.arange(customers), np.arange(actions), indexing="ij"))
    keep = rng.random(len(who)) < 0.8
    who, what = who[keep], np.array(["switch", "offer", "call"])[what[keep]]
    cost = np.where(what == "offer", 6.0, 2.0) + rng.random(len(who))
    value = rng.normal(3, 5, len(who)) + cost / 3
    return who, what, value, cost


def brute_force(who, what, value, cost, budget, capacities):
    """The value of the best plan, every combination of one action or none for each customer looked at."""
    none = len(who)
    options = [[none, *np.flatnonzero(who == customer)] for customer in np.unique(who)]
    plans = np.array(list(itertools.product(*options)))
    worth, spent = (np.append(each, 0.0)[plans].sum(axis=1) for each in (value, cost))
    inside = spent <= budget
    for capacity in capacities:
        named = np.ones(none) if capacity.actions is None else np.isin(what, list(capacity.actions)).astype(float)
        inside &= np.append(named, 0.0)[plans].sum(axis=1) <= capacity.most
    return worth[inside].max()


def assert_inside(plan, who, what, cost, budget, capacities):
    assert plan.cost <= budget + 1e-9
    assert len(set(who[plan.chosen])) == plan.chosen.sum()
    for capacity in capacities:
        named = plan.chosen if capacity.actions is None else plan.chosen & np.isin(what, list(capacity.actions))
        assert named.sum() <= capacity.most


tiny = st.integers(0, 2**32 - 1).map(lambda seed: problem(seed, customers=4, actions=3))
few = st.integers(0, 3)


@settings(max_examples=40, deadline=None)
@given(tiny, st.floats(0, 30), few, few, few, few)
def test_tiny_problems_are_solved_as_brute_force_does(pairs, budget, action, team, channel, everybody):
    """An action's own capacity, a team of two actions, a channel that overlaps it, and one for all."""
    who, what, value, cost = pairs
    capacities = [
        Capacity(action, frozenset({"switch"})),
        Capacity(team, frozenset({"switch", "offer"})),
        Capacity(channel, frozenset({"offer", "call"})),
        Capacity(everybody),
    ]
    best = brute_force(who, what, value, cost, budget, capacities)
    plan = choose_actions(who, what, value, cost, budget=budget, capacities=capacities)
    assert plan.exact
    assert plan.value == pytest.approx(best, abs=1e-7)
    assert plan.gap == pytest.approx(0, abs=1e-9)
    greedy = choose_actions(who, what, value, cost, budget=budget, capacities=capacities, exact_up_to=0)
    assert greedy.value <= best + 1e-7
    assert best <= greedy.upper_bound * (1 + 1e-9) + 1e-7
    for found in (plan, greedy):
        assert_inside(found, who, what, cost, budget, capacities)
        assert (value[found.chosen] > 0).all()


@pytest.mark.parametrize("seed", range(12))
def test_greedy_prices_come_close_to_the_exact_optimum(seed):
    who, what, value, cost = problem(seed)
    capacities = [Capacity(6, frozenset({"switch"})), Capacity(5, frozenset({"offer"}))]
    plan = choose_actions(who, what, value, cost, budget=60.0, capacities=capacities, exact_up_to=0)
    best = choose_actions(who, what, value, cost, budget=60.0, capacities=capacities)
    assert best.exact
    assert not plan.exact
    assert 0.95 * best.value <= plan.value <= best.value + 1e-6 <= plan.upper_bound + 2e-6
    assert plan.gap < 0.08
    for found in (plan, best):
        assert_inside(found, who, what, cost, 60.0, capacities)


def test_the_price_of_the_budget_is_what_a_little_more_would_add():
    rng = np.random.default_rng(5)
    value, cost = rng.exponential(5, 2000), np.ones(2000)
    plan, more = (
        choose_actions(np.arange(2000), np.repeat("a", 2000), value, cost, budget=budget, exact_up_to=0)
        for budget in (300, 310)
    )
    assert plan.budget_price == pytest.approx((more.value - plan.value) / 10, rel=0.02)
    assert choose_actions([1], ["a"], [5.0], [1.0], budget=9).budget_price == 0


@pytest.mark.parametrize("spread", [0.0, 1e-3])
def test_effects_shrunk_to_the_average_are_planned_as_well_as_any(spread):
    """Where nearly all customers tie, the order of values says nothing: shares of actions have to."""
    n = 1000
    who, what = np.repeat(np.arange(n), 4), np.tile(np.array(list("abcd")), n)
    cost = np.tile([2.5, 6.0, 4.0, 9.0], n)
    value = np.tile([5.0, 9.0, 7.0, 12.0], n) + spread * np.random.default_rng(0).normal(size=4 * n)
    capacities = [Capacity(111, frozenset("ab")), Capacity(301)]
    plan = choose_actions(who, what, value, cost, budget=1733, capacities=capacities, exact_up_to=0)
    assert_inside(plan, who, what, cost, 1733, capacities)
    assert plan.gap < 5e-3


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
    plan = choose_actions(np.arange(200), np.repeat("a", 200), value, np.ones(200), capacities=[Capacity(10)])
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
    capacities = [Capacity(1500, frozenset("a")), Capacity(800, frozenset("bc"))]
    plan = choose_actions(who, what, value, cost, budget=20_000, capacities=capacities)
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


def test_the_solver_keeps_off_the_standard_output(capfd):
    rng = np.random.default_rng(0)
    customers, actions = np.repeat(np.arange(200), 3), np.tile(["a", "b", "c"], 200)
    for _ in range(12):
        value, cost = rng.normal(5, 8, 600).round(2), rng.choice([2.5, 5, 6.3, 4], 600)
        limits = [Capacity(40, frozenset({"a"}))]
        assert choose_actions(customers, actions, value, cost, budget=300.0, capacities=limits).exact
    print("ours")
    assert capfd.readouterr().out == "ours\n"


@pytest.mark.parametrize("seed", range(12))
def test_what_the_bound_settles_costs_no_value(seed):
    """The search of what is left open finds what a search of all pairs finds."""
    rng = np.random.default_rng(seed)
    n, customers = 150, 60
    who, what = rng.integers(0, customers, n), rng.choice(["call", "letter", "visit"], n)
    value, cost = rng.gamma(2.0, 3.0, n), rng.choice([1.0, 2.5, 6.29], n)
    limits = [Capacity(8, frozenset({"visit"}))] if seed % 2 else []
    plan = choose_actions(who, what, value, cost, budget=40.0, capacities=limits)
    uses = [cost, (what == "visit").astype(float)] if limits else [cost]
    most = [40.0, 8.0] if limits else [40.0]
    once = (who[None, :] == np.arange(customers)[:, None]).astype(float)
    whole = milp(
        -value,
        constraints=LinearConstraint(np.vstack([once, *uses]), ub=np.append(np.ones(customers), most)),
        integrality=np.ones(n),
        bounds=Bounds(0, 1),
        options={"mip_rel_gap": 0.0},
    )
    assert plan.exact
    assert plan.value == pytest.approx(-whole.fun, rel=1e-9)
