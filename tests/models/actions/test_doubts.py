"""Findings of checks become one doubt: the sign of each, what counts once, and what is only noise."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.actions.doubts import Findings, doubt_of, pooled_bias, unseen_bias
from servicelift.models.effects.doubt import Evidence
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.effects.rectified import Rectification
from servicelift.models.effects.surrogate import SurrogateCheck
from servicelift.models.refutation.verdict import Check


def estimate(value, error=1.0):
    return EffectEstimate(value, error, value - 2 * error, value + 2 * error, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0)


def found(*failed, randomised=False, **changes):
    return Findings(estimate(20.0, 2.0), randomised, tuple(str(code) for code in failed), **changes)


def test_a_randomised_effect_that_passed_is_left_alone():
    doubt = doubt_of(found(randomised=True, hidden_bias=9.0), elsewhere=[estimate(9.0)])
    assert (doubt.evidence, doubt.corrected, doubt.error) == (Evidence.RANDOMISED, 20.0, 2.0)


@pytest.mark.parametrize("seen", [-5.0, 5.0])
def test_value_that_came_beyond_the_forecast_is_added_and_value_that_did_not_is_taken_off(seen):
    check = SurrogateCheck(estimate(seen), 99, 99, 2.8, discount=0.9, beyond=2.0)
    known = Rectification(estimate(20.0, 2.0), check, spread=1.0)
    doubt = doubt_of(found(randomised=True, rectification=known))
    assert doubt.evidence == Evidence.RANDOMISED
    assert doubt.corrected == pytest.approx(20.0 + 0.9 * seen / 2)
    assert doubt.error == pytest.approx(known.effect.std_error)
    whole = doubt_of(found(Check.SURROGATE, randomised=True, rectification=known))
    assert whole.evidence == Evidence.REFUSED
    assert whole.corrected == pytest.approx(20.0 + 0.9 * seen)
    assert whole.error > doubt.error


def test_selection_is_taken_off_once_from_the_nearest_that_saw_it():
    failed = (Check.PLACEBO, Check.NEGATIVE_CONTROL)
    doubt = doubt_of(found(*failed, placebo=estimate(3.0)), own=estimate(8.0), elsewhere=[estimate(1.0)])
    assert doubt.corrected == 12.0
    placebo = doubt_of(found(Check.PLACEBO, placebo=estimate(3.0)))
    assert placebo.corrected == 17.0
    elsewhere = doubt_of(found(Check.NEGATIVE_CONTROL_ELSEWHERE), elsewhere=[estimate(6.0), estimate(6.0)])
    assert elsewhere.corrected == 14.0
    assert elsewhere.error > np.hypot(2.0, 6.0)


def test_what_has_no_sign_widens_only():
    moving = doubt_of(found(Check.STABILITY, randomised=True, furthest=5.0))
    assert (moving.corrected, moving.error) == (20.0, pytest.approx(np.hypot(2, 5)))
    unlike = doubt_of(found(Check.OVERLAP, trimmed_share=0.5))
    assert unlike.error == pytest.approx(np.hypot(2, 10))
    false_effects = doubt_of(found(Check.RANDOM_TREATMENT, false_effects=0.3173))  # one error where two should be
    assert false_effects.error == pytest.approx(2 * 1.96, rel=1e-3)


def test_a_choice_that_passed_keeps_the_bias_that_may_be_unseen():
    blind = doubt_of(found(hidden_bias=3.92))
    assert (blind.evidence, blind.corrected) == (Evidence.OBSERVATIONAL, 20.0)
    assert blind.error == pytest.approx(np.hypot(2, 2), rel=1e-3)
    seen = doubt_of(found(hidden_bias=3.92), elsewhere=[estimate(0.5), estimate(-0.5)])
    assert seen.error == 2.0


def test_the_spread_of_biases_between_actions_is_found():
    rng = np.random.default_rng(0)
    controls = [estimate(4.0 + rng.normal(0, 3) + rng.normal(0, 1)) for _ in range(4_000)]
    mean, error = pooled_bias(controls)
    assert mean == pytest.approx(4.0, abs=0.2)
    assert error == pytest.approx(3.0, rel=0.05)
    assert unseen_bias(controls) == pytest.approx(5.0, rel=0.05)
