"""Cost curves: by hand, along the hull, random as a straight line, and intervals that cover."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.targeting.cost_curve import best_steps, cost_curves, ranked_steps

NAN = np.nan


def read(policies, budgets, groups=None, **more):
    n = more.pop("n", 8)
    groups = np.arange(n) if groups is None else groups
    return cost_curves(policies, budgets=budgets, groups=groups, seed=0, draws=more.pop("draws", 20), **more)


def test_by_hand_the_dearer_action_is_a_step_from_the_cheaper_one():
    """Unit 0: 1 EUR for 4, 3 EUR for 6; unit 1: 2 EUR for 3. Slopes 4, 1.5, 1."""
    predicted, cost = [[4.0, 6.0], [NAN, 3.0]], [[1.0, 3.0], [NAN, 2.0]]
    scores = [[10.0, 20.0], [NAN, 1.0]]
    steps = best_steps(predicted, cost, scores)
    assert steps.unit.tolist() == [0, 1, 0]
    np.testing.assert_allclose(steps.priority, [4, 1.5, 1])
    np.testing.assert_allclose(steps.cost, [1, 2, 2])
    np.testing.assert_allclose(steps.gain, [10 - 1, 1 - 2, (20 - 3) - (10 - 1)])
    np.testing.assert_allclose(steps.begins, [1, 1, 0])


def test_an_action_below_the_hull_is_never_a_step():
    """2 EUR for 2 lies below the line from nothing to 4 EUR for 8."""
    steps = best_steps([[2.0, 8.0]], [[2.0, 4.0]], [[0.0, 0.0]])
    np.testing.assert_allclose(steps.cost, [4])


def test_nothing_is_done_where_nothing_is_predicted_to_pay():
    steps = best_steps([[-1.0], [0.0], [NAN]], [[1.0], [1.0], [1.0]], [[5.0], [5.0], [5.0]])
    table = read({"ours": steps}, [0, 1, 2], n=8)
    assert (table[["value", "treated_share", "std_error"]] == 0).all().all()


def test_the_path_is_the_best_that_any_budget_buys():
    """Between corners the best plan is a mixture of two: at corners it is found by looking at every plan."""
    rng = np.random.default_rng(1)
    predicted, cost = rng.normal(1, 3, (4, 2)), rng.integers(1, 5, (4, 2)).astype(float)
    steps = best_steps(predicted, cost, predicted + cost)
    budgets = np.cumsum(steps.cost) / 4
    value = read({"ours": steps}, budgets, groups=np.arange(4))["value"].to_numpy()
    for budget, found in zip(budgets, value, strict=True):
        plans = itertools.product([None, 0, 1], repeat=4)
        totals = [
            (
                sum(cost[i, a] for i, a in enumerate(p) if a is not None),
                sum(predicted[i, a] for i, a in enumerate(p) if a is not None),
            )
            for p in plans
        ]
        assert found * 4 == pytest.approx(max(worth for spent, worth in totals if spent <= budget * 4 + 1e-9))


def test_random_is_a_straight_line_to_everybody_and_a_ranking_ends_there_too():
    rng = np.random.default_rng(2)
    scores, cost = rng.normal(3, 5, 400), np.full(400, 2.0)
    policies = {"best": ranked_steps(scores, cost, scores), "random": ranked_steps(np.zeros(400), cost, scores)}
    table = read(policies, [0.0, 0.5, 1.0, 2.0, 9.0], n=400).set_index(["policy", "budget"])["value"]
    everybody = (scores - cost).mean()
    np.testing.assert_allclose(table["random"], everybody * np.array([0, 0.25, 0.5, 1, 1]))
    assert table["best"][2.0] == pytest.approx(everybody)
    assert table["best"][0.5] > table["random"][0.5]


def test_one_action_of_one_price_is_the_qini_curve():
    """Value at a budget is the share treated times their mean score, less cost."""
    rng = np.random.default_rng(3)
    scores, ranking = rng.normal(size=100), rng.random(100)
    table = read({"one": ranked_steps(ranking, np.ones(100), scores)}, [0.3], n=100)
    top = np.argsort(-ranking)[:30]
    assert table["value"].iloc[0] == pytest.approx((scores[top] - 1).sum() / 100)
    assert table["treated_share"].iloc[0] == pytest.approx(0.3)


def test_predicted_uplift_from_noise_earns_nothing():
    rng = np.random.default_rng(4)
    predicted, scores = rng.normal(size=(4000, 1)), rng.normal(size=(4000, 1))
    table = read({"ours": best_steps(predicted, np.zeros((4000, 1)), scores)}, [0.0], n=4000, draws=100)
    assert predicted[predicted > 0].sum() / 4000 > 0.3
    assert table["low"].iloc[0] < 0 < table["high"].iloc[0]


def test_good_targeting_beats_the_usual_lists_and_contact_that_harms_is_left():
    """Contact raises churn for most (Ascarza et al.); only those with a payment problem gain."""
    rng = np.random.default_rng(3)
    n = 6000
    problem_card = rng.random(n) < 0.2
    effect, t = np.where(problem_card, 8.0, -3.0), rng.random(n) < 0.5
    scores, price = effect + (t - 0.5) / 0.25 * 5 * rng.normal(size=n), np.full(n, 2.0)
    policies = {"ours": best_steps((effect - 2)[:, None], price[:, None], scores[:, None])}
    policies |= {"risk": ranked_steps(rng.random(n), price, scores), "random": ranked_steps(np.ones(n), price, scores)}
    table = read(policies, [0.4, 2.0], n=n, draws=100).set_index(["policy", "budget"])
    ours = table.loc["ours"]
    assert ours["value"].to_numpy() == pytest.approx(0.2 * 6, abs=0.3)
    assert (ours["low"] > 0).all()
    assert ours.loc[2.0, "treated_share"] == pytest.approx(problem_card.mean())
    assert table.loc[("random", 2.0), "high"] < 0
    assert (table.loc[["risk", "random"], "lead_low"] > 0).all()


def test_intervals_of_values_and_leads_cover():
    rng = np.random.default_rng(5)
    n, hits = 600, []
    for seed in range(60):
        effect = rng.normal(1, 2, n)
        scores, price = effect + 4 * rng.normal(size=n), np.ones(n)
        good, none = effect + rng.normal(size=n), np.zeros(n)
        table = cost_curves(
            {"good": ranked_steps(good, price, scores), "random": ranked_steps(none, price, scores)},
            budgets=[0.3], groups=np.arange(n), seed=seed, draws=60,
        ).set_index("policy")  # fmt: skip
        true = 0.3 * (1 + 4 / np.sqrt(5) * 1.159 - 1)
        lead = table.loc["random"]
        hits.append([table.loc["good", "low"] <= true <= table.loc["good", "high"],
                     lead["lead_low"] <= true <= lead["lead_high"]])  # fmt: skip
    assert np.mean(hits, axis=0) == pytest.approx(0.95, abs=0.07)


def test_customers_with_several_decisions_widen_the_interval_and_weights_count():
    rng = np.random.default_rng(6)
    scores = np.repeat(rng.normal(size=200), 5)
    steps = {"all": ranked_steps(np.zeros(1000), np.ones(1000), scores)}
    apart = read(steps, [1.0], n=1000, draws=100)
    together = read(steps, [1.0], groups=np.repeat(np.arange(200), 5), draws=100)
    assert together["std_error"].iloc[0] > 1.6 * apart["std_error"].iloc[0]
    weight = rng.random(1000)
    weighted = read(steps, [1.0], n=1000, weight=weight)
    assert weighted["value"].iloc[0] == pytest.approx(np.average(scores - 1, weights=weight))


def test_input_errors():
    with pytest.raises(ModelError, match="finite score"):
        best_steps([[1.0]], [[1.0]], [[NAN]])
    with pytest.raises(ModelError, match="units, actions"):
        best_steps([1.0], [1.0], [1.0])
    with pytest.raises(ModelError, match="one ranking"):
        ranked_steps([1.0, 2.0], [1.0], [1.0])
    with pytest.raises(ModelError, match="weight"):
        read({"x": ranked_steps(np.ones(8), np.ones(8), np.ones(8))}, [1.0], weight=-np.ones(8))
