"""What is taken off a doubted effect: nothing where nothing is known, all of it in the interval, averages exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from servicelift.models.effects.doubt import Doubt, Evidence, trust
from servicelift.models.effects.inference import EffectEstimate

FOUND = EffectEstimate(20.0, 4.0, 12.0, 28.0, "treated", 400, 400, 400.0, 400.0, 0.0, 20.0, 4.0)


def customers(n=5_000, seed=0):
    """Effects whose average is what is believed of FOUND, as single effects are made."""
    effect = np.random.default_rng(seed).exponential(size=n)
    effect *= trust(20.0, 4.0) * 20.0 / effect.mean()
    middle = effect / effect.mean() * 20.0
    return effect, middle - 8.0, middle + 8.0


def test_without_doubt_nothing_changes():
    clean = Doubt(Evidence.RANDOMISED, 20.0, 4.0)
    assert clean.of(FOUND) is FOUND
    for before, after in zip(customers(), clean.of_customers(*customers()), strict=True):
        assert before is after or (before == after).all()


def test_a_bias_is_taken_off_the_average_and_put_into_its_interval():
    doubt = Doubt(Evidence.REFUSED, 20.0, 4.0, ("placebo",), bias=6.0, bias_std_error=3.0)
    left = doubt.of(FOUND)
    assert left.estimate == 14.0
    assert left.std_error == 5.0
    assert left.high - left.estimate == pytest.approx(1.96 * 5.0, rel=1e-3)
    assert doubt.of(FOUND).n_treated == 400


@pytest.mark.parametrize("bias", [-5.0, 0.0, 6.0, 14.0, 20.0, 30.0])
def test_customers_average_to_what_is_believed_of_the_corrected_average(bias):
    doubt = Doubt(Evidence.REFUSED, 20.0, 4.0, ("placebo",), bias=bias, bias_std_error=3.0)
    effect, low, high = doubt.of_customers(*customers())
    assert effect.mean() == pytest.approx(trust(20.0 - bias, 5.0) * (20.0 - bias))
    assert ((low <= effect) & (effect <= high)).all()
    before = customers()
    assert (high - low >= (before[2] - before[1]) - 1e-9).all()
    assert (np.diff(effect[np.argsort(before[0])]) >= -1e-9).all()  # nobody overtakes


def test_differences_that_were_learnt_stay_where_the_average_falls_unless_the_effect_is_refused():
    """An average learnt at 2 of which .5 is believed beside the others: those with a step of 9 keep the step."""
    beyond = np.array([-3.0, 9.0])
    effect = 2.0 + beyond
    doubt = Doubt(Evidence.RANDOMISED, 4.0, 3.0, learnt=2.0, believed=0.5)
    moved, low, high = doubt.of_customers(effect, effect - 4.0, effect + 4.0, beyond)
    np.testing.assert_allclose(moved, 0.5 + beyond)
    assert ((low <= moved) & (moved <= high)).all()
    turned, _, _ = replace(doubt, believed=-1.0).of_customers(effect, effect - 4.0, effect + 4.0, beyond)
    np.testing.assert_allclose(turned, -1.0 + beyond)
    refused = replace(doubt, evidence=Evidence.REFUSED)
    np.testing.assert_allclose(refused.of_customers(effect, effect - 4.0, effect + 4.0, beyond)[0], effect / 4)


def test_the_chance_that_it_pays_falls_with_bias_and_nears_a_coin_with_error():
    plain = Doubt(Evidence.OBSERVATIONAL, 20.0, 4.0)
    assert plain.chance_above(20.0) == pytest.approx(0.5)
    assert plain.chance_above(12.0) == pytest.approx(0.97725, abs=1e-4)
    biased = Doubt(Evidence.REFUSED, 20.0, 4.0, ("placebo",), bias=6.0)
    assert biased.chance_above(12.0) == pytest.approx(0.69146, abs=1e-4)
    unsure = Doubt(Evidence.OBSERVATIONAL, 20.0, 4.0, bias_std_error=400.0)
    assert unsure.chance_above(12.0) == pytest.approx(0.5, abs=0.02)
    assert Doubt(Evidence.RANDOMISED, 5.0, 0.0).chance_above(4.0) == 1.0


def test_the_corrected_interval_covers_where_the_check_sees_the_bias_with_error():
    """Biases between 0 and 30, each seen with an error of 3: at least 95% of the corrected intervals hold the truth."""
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(2_000):
        truth, bias = rng.normal(10, 5), rng.uniform(0, 30)
        seen = bias + rng.normal(0, 3)
        error = float(np.hypot(3.0, seen))
        doubt = Doubt(Evidence.REFUSED, truth + bias + rng.normal(0, 4), 4.0, ("x",), bias=seen, bias_std_error=error)
        left = doubt.of(FOUND)
        inside += left.low <= truth <= left.high
    assert inside / 2_000 >= 0.95
