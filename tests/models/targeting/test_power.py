"""Sample sizes: by hand, beside statsmodels' formula, and reached in simulation, clusters included."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from servicelift.core.errors import ModelError
from servicelift.models.effects.average import AverageEffect
from servicelift.models.targeting.power import Terms, intraclass_correlation, left_after_adjusting


def test_by_hand_half_a_standard_deviation_needs_126_in_equal_arms():
    """(1.959964 + .841621)^2 * 4 / .25 = 125.6."""
    assert Terms(spread=10.0, holdout=0.5).customers_for(5.0) == 126
    assert Terms(spread=10.0, holdout=0.1).customers_for(5.0) == 349


@pytest.mark.parametrize(
    ("holdout", "power", "level", "first_arm"),
    [(0.5, 0.8, 0.05, 392.4), (0.1, 0.8, 0.05, 1962.2), (0.25, 0.9, 0.01, 1487.9)],
)
def test_closed_form_agrees_with_statsmodels(holdout, power, level, first_arm):
    """First arms are ``NormalIndPower().solve_power(.2, power=, alpha=, ratio=holdout / (1 - holdout))``."""
    found = Terms(spread=1.0, holdout=holdout, power=power, level=level).customers_for(0.2)
    assert found * (1 - holdout) == pytest.approx(first_arm, abs=1.0)


def test_power_and_detectable_effect_turn_the_sample_size_round():
    terms = Terms(spread=50.0, holdout=0.2, power=0.85, level=0.02, agents=40, icc=0.01)
    n = terms.customers_for(9.0)
    assert terms.detectable(n) == pytest.approx(9.0, rel=1e-3)
    assert terms.power_at(9.0, n) == pytest.approx(0.85, abs=1e-3)
    assert terms.power_at(9.0, n - 5) < terms.power_at(9.0, n) < terms.power_at(9.0, n + 5)


def test_unequal_arms_cost_customers_and_a_single_customer_an_agent_costs_none():
    n = {h: Terms(spread=10.0, holdout=h).customers_for(2.0) for h in (0.5, 0.2, 0.1)}
    assert n[0.5] < n[0.2] < n[0.1]
    assert n[0.1] / n[0.5] == pytest.approx((1 / 0.9 + 1 / 0.1) / 4, rel=0.01)
    many = Terms(spread=10.0, holdout=0.5, agents=100_000, icc=0.3)
    assert many.customers_for(2.0) == pytest.approx(n[0.5], rel=0.01)


def test_few_agents_alike_within_can_never_show_a_small_effect():
    terms = Terms(spread=10.0, holdout=0.5, agents=20, icc=0.1)
    assert terms.customers_for(0.5) is None
    assert terms.detectable(10**9) > 0.5
    assert terms.customers_for(6.0) is not None


def _shown(rng, terms, effect, customers, runs):
    """Share of simulated experiments whose interval excludes 0."""
    if terms.agents is None:
        held = round(terms.holdout * customers)
        treated = effect + terms.spread * rng.normal(size=(runs, customers - held))
        control = terms.spread * rng.normal(size=(runs, held))
        error = np.sqrt(treated.var(axis=1, ddof=1) / (customers - held) + control.var(axis=1, ddof=1) / held)
        gap = treated.mean(axis=1) - control.mean(axis=1)
        return np.mean(np.abs(gap) / error > stats.norm.ppf(1 - terms.level / 2))
    held = round(terms.holdout * terms.agents)
    size = -(-customers // terms.agents)
    agent = np.sqrt(terms.icc) * rng.normal(size=(runs, terms.agents))
    own = np.sqrt(1 - terms.icc) * rng.normal(size=(runs, terms.agents, size)).mean(axis=2)
    means = terms.spread * (agent + own) + effect * (np.arange(terms.agents) >= held)
    return np.mean(stats.ttest_ind(means[:, held:], means[:, :held], axis=1).pvalue < terms.level)


@pytest.mark.parametrize(
    ("terms", "effect"),
    [
        (Terms(spread=40.0, holdout=0.5), 8.0),
        (Terms(spread=40.0, holdout=0.1, power=0.9, level=0.1), 12.0),
        (Terms(spread=40.0, holdout=0.5, agents=60, icc=0.02), 8.0),
        (Terms(spread=40.0, holdout=0.5, agents=30, icc=0.05, power=0.7), 14.0),
    ],
)
def test_the_stated_power_is_reached(terms, effect):
    n = terms.customers_for(effect)
    assert n is not None
    rng = np.random.default_rng(0)
    assert _shown(rng, terms, effect, n, 3000) == pytest.approx(terms.power, abs=0.03)
    assert _shown(rng, terms, 0.0, n, 3000) == pytest.approx(terms.level, abs=0.02)


def test_adjusting_leaves_the_noise_and_correlations_are_found():
    rng = np.random.default_rng(1)
    X = pd.DataFrame({"a": rng.normal(size=2000), "b": rng.choice(["x", "y"], 2000)})
    y = 5 * X["a"] + 4 * (X["b"] == "x") + 3 * rng.normal(size=2000)
    assert left_after_adjusting(X, y, seed=0).std() == pytest.approx(3.0, rel=0.05)
    agent = rng.integers(0, 80, 4000)
    values = np.sqrt(0.1) * rng.normal(size=80)[agent] + np.sqrt(0.9) * rng.normal(size=4000)
    assert intraclass_correlation(values, agent) == pytest.approx(0.1, abs=0.04)
    assert intraclass_correlation(rng.normal(size=4000), agent) < 0.02


def test_correlation_by_hand():
    """Two clusters (1, 3) and (5, 7): MSB 16, MSW 2, so (16 - 2) / (16 + 2)."""
    assert intraclass_correlation([1, 3, 5, 7], ["a", "a", "b", "b"]) == pytest.approx(14 / 18)


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        ({"spread": 0.0}, "spread"),
        ({"holdout": 1.0}, "holdout"),
        ({"power": 0.04}, "power"),
        ({"agents": 3}, "at least 4 agents"),
        ({"icc": 1.0}, "icc"),
    ],
)
def test_terms_out_of_range_are_refused(terms, said):
    with pytest.raises(ModelError, match=said):
        Terms(**{"spread": 1.0, "holdout": 0.5, **terms})


def test_input_errors():
    with pytest.raises(ModelError, match="got 0"):
        Terms(spread=1.0, holdout=0.5).customers_for(0.0)
    with pytest.raises(ModelError, match="two clusters"):
        intraclass_correlation([1.0, 2.0], ["a", "b"])
    with pytest.raises(ModelError, match="at least 50"):
        left_after_adjusting(pd.DataFrame({"a": [1.0]}), [1.0], seed=0)


@pytest.mark.slow
def test_the_estimator_that_reads_the_plan_reaches_the_power_that_the_plan_states():
    """Features explain two thirds of the variance: the size from what they leave is enough for the AIPW estimate."""
    rng = np.random.default_rng(3)
    terms, shown = Terms(spread=10.0, holdout=0.3), []
    n = terms.customers_for(2.5)
    for seed in range(150):
        X = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
        t = (rng.random(n) < 0.7).astype(int)
        y = X @ [10.0, 8.0, 0.0, 0.0] + 2.5 * t + 10 * rng.normal(size=n)
        found = AverageEffect(repeats=1, seed=seed).fit(
            X, t, y, groups=np.arange(n), propensity=np.full(n, 0.7)
        ).summary()  # fmt: skip
        shown.append(found.shown)
    assert np.mean(shown) == pytest.approx(0.8, abs=0.09)
