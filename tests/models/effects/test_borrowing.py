"""Borrowing with an allowance for bias: coverage on drawn worlds, limits, and what other actions teach."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.effects.borrowing import Difference, borrowed
from servicelift.models.effects.inference import EffectEstimate


def estimate(value, error):
    return EffectEstimate(
        value, error, value - 1.96 * error, value + 1.96 * error, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0
    )


SHARED, HELD, DRAWN = 0.5, 0.9, 0.4
RANDOMISED, OBSERVATIONAL, BETWEEN = np.hypot(SHARED, HELD), np.hypot(SHARED, DRAWN), np.hypot(HELD, DRAWN)


def worlds(bias, n=250, actions=3, seed=0):
    """Coverage of 0, the true effect, and mean width over the randomised one, of the first action of n worlds."""
    rng, covered, width = np.random.default_rng(seed), [], []
    for _ in range(n):
        treated, held, drawn = (rng.normal(0, error, actions) for error in (SHARED, HELD, DRAWN))
        plain, other = treated - held, treated - drawn + bias
        every = [Difference(value, BETWEEN) for value in other - plain]
        found = borrowed(estimate(plain[0], RANDOMISED), estimate(other[0], OBSERVATIONAL), every[0], every[1:]).effect
        covered.append(found.low < 0 < found.high)
        width.append((found.high - found.low) / (2 * 1.96 * RANDOMISED))
    return np.mean(covered), np.mean(width)


def test_without_bias_the_interval_is_shorter_and_covers():
    covered, width = worlds(0.0)
    assert covered >= 0.94
    assert width < 0.9


@pytest.mark.parametrize("bias", [1.0, 3.0])
def test_under_a_bias_of_every_action_the_interval_still_covers(bias):
    covered, width = worlds(bias)
    assert covered >= 0.9
    assert width < 1.1


def test_a_large_bias_leaves_the_randomised_effect():
    far = [Difference(value, 1.0) for value in (40.0, -35.0, 50.0)]
    found = borrowed(estimate(5.0, 1.0), estimate(45.0, 0.6), far[0], far[1:])
    assert found.effect.estimate == pytest.approx(5.0, abs=0.6)
    assert found.weight < 0.02
    assert found.effect.std_error == pytest.approx(1.0, rel=0.1)


def test_other_actions_without_bias_let_it_borrow_more():
    args = estimate(5.0, 1.0), estimate(5.5, 0.6), Difference(0.5, 1.0)
    alone, among = borrowed(*args), borrowed(*args, [Difference(0.1, 1.0)] * 8)
    assert among.weight > alone.weight
    assert among.effect.std_error < alone.effect.std_error < 1.05


def test_errors_beside_sampling_stay():
    args = estimate(5.0, 1.0), estimate(5.0, 0.6), Difference(0.0, 1.0)
    plain, more = borrowed(*args), borrowed(*args, added_error=2.0)
    assert more.effect.std_error == pytest.approx(np.hypot(plain.effect.std_error, 2.0), rel=1e-6)


def test_an_error_of_0_is_refused():
    with pytest.raises(ModelError, match="above 0"):
        borrowed(estimate(5.0, 1.0), estimate(5.0, 0.6), Difference(0.0, 0.0))
