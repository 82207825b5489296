"""Repeated treatments on a panel whose truth is known: each period's effect with all later treatments set to none."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.actions.dynamic import dynamic_effects

PERIODS, KEEP = 3, 0.6
DIRECT = np.array([1.0, 0.5])
LATER = np.array([0.8, 0.4])


def panel(seed, n=3000, tails=False):
    """Two investments follow the state and their own past; the state keeps 60% and carries what they added.

    One unit of an investment brings its direct effect at once and ``LATER * KEEP**k`` k + 1 periods on.
    """
    rng = np.random.default_rng(seed)
    shape = (n, 2)
    state, treated = rng.normal(size=shape), np.zeros(shape)
    states, treatments, outcomes = [], [], []
    for _ in range(PERIODS):
        states.append(np.column_stack([state, treated, rng.normal(size=(n, 5))]))
        noise = rng.standard_t(2.1, size=shape) if tails else rng.normal(size=shape)
        treated = 0.6 * state + 0.6 * treated + noise
        treatments.append(treated)
        shock = rng.standard_t(2.1, size=n) if tails else rng.normal(size=n)
        outcomes.append(state.sum(axis=1) + treated @ DIRECT + shock)
        state = KEEP * state + treated * LATER + rng.normal(size=shape)
    return states, np.stack(treatments, axis=1), np.column_stack(outcomes)


def truth():
    """Total effect of a unit in each period, (periods, 2)."""
    carried = [LATER * sum(KEEP**k for k in range(PERIODS - 1 - j)) for j in range(PERIODS)]
    return DIRECT + np.array(carried)


@pytest.mark.parametrize("tails", [False, True])
def test_later_treatments_are_not_counted_where_naive_totals_count_them(tails):
    errors, naive, held = [], [], []
    for seed in range(5):
        found = dynamic_effects(*panel(seed, tails=tails), seed=0)
        errors.append(np.abs(found.blip / truth() - 1))
        naive.append(found.natural[0] / truth()[0] - 1)
        held.append((found.low < truth()) & (truth() < found.high))
    assert np.mean(errors) < 0.05
    assert np.mean(naive) > 0.7
    assert np.mean(held) >= 0.8


def test_the_last_period_has_nothing_after_it():
    found = dynamic_effects(*panel(0, n=800), seed=0)
    np.testing.assert_allclose(found.blip[-1], found.natural[-1])


def test_one_period_is_a_partially_linear_regression():
    states, t, y = panel(1, n=2000)
    found = dynamic_effects(states[:1], t[:, :1], y[:, :1], seed=0)
    design = np.column_stack([t[:, 0], states[0], np.ones(len(y))])
    by_regression = np.linalg.lstsq(design, y[:, 0], rcond=None)[0][:2]
    np.testing.assert_allclose(found.blip[0], by_regression, atol=0.03)


def test_twice_the_rows_of_a_customer_are_no_more_evidence():
    states, t, y = panel(2, n=600)
    once = dynamic_effects(states, t, y, seed=0)
    twice = dynamic_effects(
        [np.vstack([s, s]) for s in states],
        np.vstack([t, t]),
        np.vstack([y, y]),
        groups=np.tile(np.arange(600), 2),
        seed=0,
    )
    np.testing.assert_allclose(twice.std_error, once.std_error, rtol=0.1)


def test_what_does_not_fit_or_does_not_vary_is_refused():
    states, t, y = panel(0, n=100)
    with pytest.raises(ModelError, match="m periods"):
        dynamic_effects(states[:2], t, y, seed=0)
    with pytest.raises(ModelError, match="finite"):
        dynamic_effects(states, np.where(t > 2, np.nan, t), y, seed=0)
    constant = t.copy()
    constant[:, 1, 0] = 1.0
    with pytest.raises(ModelError, match="period 2 do not vary"):
        dynamic_effects(states, constant, y, seed=0)
