"""Bootstrap: weights by identity, errors that match theory, and the part that refits add."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from servicelift.core.errors import ModelError
from servicelift.core.hashing import customer_weights
from servicelift.models.effects.average import AverageEffect
from servicelift.models.effects.bootstrap import (
    _Variance,
    bootstrap_effect,
    bootstrap_weights,
    bootstrapped,
    draws_suffice,
)


@pytest.fixture(scope="module")
def effect():
    rng = np.random.default_rng(0)
    n = 1200
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    t = (rng.random(n) < 0.5).astype(int)
    y = 2 * X["a"] + 3 * t + 2 * rng.normal(size=n)
    return AverageEffect(folds=3, repeats=1, seed=0).fit(X, t, y, groups=np.arange(n) // 2, propensity=np.full(n, 0.5))


def test_a_customer_weighs_the_same_in_every_table():
    few, many = np.array(["b", "a"]), np.array(["a", "x", "b", "a"])
    first = bootstrap_weights(few, draw=3, seed=1)
    second = bootstrap_weights(many, draw=3, seed=1)
    assert (second[0], second[2]) == (first[1], first[0])
    assert second[0] == second[3] == customer_weights(["a"], 1, 3)[0]


def test_weights_average_to_one_with_variance_one_and_change_with_the_draw():
    ids = np.arange(50_000)
    one, two = (bootstrap_weights(ids, draw=d, seed=0) for d in (0, 1))
    assert one.mean() == pytest.approx(1, abs=0.02)
    assert one.var() == pytest.approx(1, abs=0.05)
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.02


def test_crossed_agents_multiply_and_nested_agents_stand_alone():
    customers, agents = np.array([1, 1, 2, 2]), np.array(["p", "q", "p", None], dtype=object)
    crossed = bootstrap_weights(customers, draw=0, seed=0, clusters=agents)
    own = bootstrap_weights(customers, draw=0, seed=0)
    ratio = crossed / own
    assert ratio[0] == pytest.approx(ratio[2])
    assert ratio[0] != pytest.approx(ratio[1])
    assert ratio[3] == pytest.approx(1)
    nested = bootstrap_weights(np.arange(4), draw=0, seed=0, clusters=agents)
    assert nested[0] == nested[2]
    assert nested[3] == bootstrap_weights(np.arange(4), draw=0, seed=0)[3]


def test_with_a_fixed_outcome_it_is_the_influence_function(effect):
    given = effect.summary()
    found = bootstrap_effect(lambda draw: effect.outcome_, effect, draws=40, seed=0)
    assert found.effect.estimate == given.estimate
    assert found.effect.std_error == pytest.approx(given.std_error, rel=0.01)
    assert found.refit_share < 0.01


def test_many_draws_alone_give_the_same_error(effect):
    found = bootstrap_effect(lambda draw: effect.outcome_, effect, draws=400, seed=1)
    assert found.values.std(ddof=1) == pytest.approx(effect.summary().std_error, rel=0.12)
    assert found.percentile_low == pytest.approx(found.effect.low, abs=0.35 * found.effect.std_error)
    assert found.percentile_high == pytest.approx(found.effect.high, abs=0.35 * found.effect.std_error)


def test_refits_add_their_own_variance(effect):
    """A model behind the outcome that moves the effect by N(0, 0.3) from draw to draw."""
    rng = np.random.default_rng(2)
    shifts = rng.normal(size=60) * 0.3
    found = bootstrap_effect(lambda draw: effect.outcome_ + shifts[draw] * effect.treated_, effect, draws=60, seed=0)
    given = effect.summary().std_error
    assert found.effect.std_error == pytest.approx(np.hypot(given, 0.3), rel=0.15)
    assert found.refit_share == pytest.approx(0.09 / (given**2 + 0.09), abs=0.12)
    assert found.effect.high - found.effect.low > 2 * 1.96 * found.effect.std_error


def test_a_loop_of_ones_own_gives_the_same(effect):
    values = [
        effect.estimate(2 * effect.outcome_, effect.sample_weight_ * bootstrap_weights(effect.groups_, draw=d, seed=4))
        for d in range(12)
    ]
    mine = bootstrapped(effect, values, seed=4)
    theirs = bootstrap_effect(lambda draw: 2 * effect.outcome_, effect, draws=12, seed=4)
    np.testing.assert_array_equal(mine.values, theirs.values)
    assert mine.effect == theirs.effect


def test_too_few_draws_are_refused(effect):
    with pytest.raises(ModelError, match="at least 10"):
        bootstrapped(effect, [1.0, 2.0], seed=0)


def test_the_stated_monte_carlo_error_is_the_spread_of_standard_errors_over_other_draws(effect):
    """Refitting that adds half the variance again: 20 draws with other luck, many times over."""
    unit = effect.summary().std_error
    fixed = np.array([effect.estimate(None, bootstrap_weights(effect.groups_, draw=d, seed=0)) for d in range(20)])
    rng = np.random.default_rng(0)
    found = [bootstrapped(effect, fixed + 0.7 * unit * rng.normal(size=20), seed=0) for _ in range(200)]
    errors = np.array([one.effect.std_error for one in found])
    stated = np.mean([one.monte_carlo for one in found])
    assert stated == pytest.approx(errors.std() / errors.mean(), rel=0.3)


def test_draws_suffice_soon_where_refitting_adds_little_and_never_where_all_are_asked_for(effect):
    unit = effect.summary().std_error
    fixed = np.array([effect.estimate(None, bootstrap_weights(effect.groups_, draw=d, seed=0)) for d in range(40)])
    noise = np.random.default_rng(1).normal(size=40)

    def needed(added: float, enough: float = 0.1) -> list[int]:
        values = fixed + added * unit * noise
        return [k for k in range(1, 41) if draws_suffice(effect, values[:k], fixed[:k], enough=enough)]

    assert needed(0.1)[0] == 10
    assert needed(1.5) == []
    assert needed(0.1, enough=0.0) == []
    assert all(k % 5 == 0 for k in needed(0.3))


def test_weights_at_hand_are_those_of_the_seed(effect):
    values = effect.estimate() + np.random.default_rng(2).normal(size=12)
    known = [bootstrap_weights(effect.groups_, draw=d, seed=0) * effect.sample_weight_ for d in range(12)]
    assert bootstrapped(effect, values, seed=0, weights=known).effect == bootstrapped(effect, values, seed=0).effect


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_twenty_draws_cover_whatever_share_of_the_variance_comes_from_refits(share):
    """Each of 2,000 effects errs by N(0, 1): the part of its units is known, that of its refits is in the draws."""
    rng, known = np.random.default_rng(5), np.sqrt(1 - share)
    covered = []
    for _ in range(2_000):
        fixed = rng.normal(0, known, 20)
        variance = _Variance.of(fixed + rng.normal(0, np.sqrt(share), 20), fixed, known)
        covered.append(abs(rng.normal()) <= stats.t.ppf(0.975, variance.dof(400)) * np.sqrt(variance.total))
    assert np.mean(covered) == pytest.approx(0.95, abs=0.015)  # three standard errors
