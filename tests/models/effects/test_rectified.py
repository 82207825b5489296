"""Effects corrected by what mature decisions saw: known truth, limits, and when a finding may take a verdict away."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.effects.inference import EffectEstimate
from servicelift.models.effects.rectified import Rectification, forecast_spread
from servicelift.models.effects.surrogate import SurrogateCheck


def estimate(value, error=1.0):
    return EffectEstimate(
        value, error, value - 1.96 * error, value + 1.96 * error, "treated", 99, 99, 99, 99, 0.0, 0.0, 1.0
    )


def check(value, error=1.0, beyond=0.0, discount=1.0):
    return SurrogateCheck(estimate(value, error), 99, 99, 2.8 * error, discount=discount, beyond=beyond)


def test_the_spread_of_errors_is_found_whatever_the_errors_of_the_checks():
    rng = np.random.default_rng(0)
    errors = rng.uniform(0.5, 3.0, 5_000)
    wrong = [check(value, error) for value, error in zip(rng.normal(0, np.hypot(2.0, errors)), errors, strict=True)]
    assert forecast_spread(wrong) == pytest.approx(2.0, rel=0.05)
    right = [check(value, error) for value, error in zip(rng.normal(0, errors), errors, strict=True)]
    assert forecast_spread(right) < 0.2
    assert forecast_spread([]) == 0.0


def test_forecasts_that_hold_leave_the_effect_as_it_is():
    found = Rectification(estimate(12.0), check(1.5, beyond=3.0), spread=0.0)
    assert found.effect == found.before


def test_mature_decisions_decide_alone_once_they_are_many():
    few, many = (Rectification(estimate(12.0), check(4.0, error, discount=0.9), 1.0) for error in (5.0, 0.01))
    assert few.correction < 0.2
    assert many.correction == pytest.approx(0.9 * 4.0, rel=1e-3)
    assert many.effect.std_error == pytest.approx(1.0, rel=1e-3)


def test_the_corrected_window_is_surer_than_either_reading():
    found = Rectification(estimate(12.0), check(4.0, 1.5), spread=2.0)
    assert found.window_error < min(1.5, 2.0)


def test_with_the_spread_known_the_corrected_interval_covers_and_the_forecasts_does_not():
    rng = np.random.default_rng(1)
    covered = np.zeros((4_000, 2))
    for row in covered:
        wrong, wrong_later = rng.normal(0, 2.0), 1.5 * rng.normal(0, 2.0)  # window, and the months that nobody has seen
        foreseen = estimate(10.0 - 0.9 * (wrong + wrong_later) + rng.normal())
        found = Rectification(foreseen, check(wrong + rng.normal(0, 1.2), 1.2, beyond=1.5, discount=0.9), 2.0)
        row[:] = [one.low < 10.0 < one.high for one in (found.effect, foreseen)]
    assert covered[:, 0].mean() == pytest.approx(0.95, abs=0.012)
    assert covered[:, 1].mean() < 0.6


@pytest.mark.parametrize(
    ("value", "cost", "moves"),
    [
        (-3.0, 5.0, True),  # pays, and would not if the forecast is as wrong later
        (3.0, 5.0, False),  # pays, and all the more
        (-1.0, 5.0, False),  # no finding
        (-3.0, 0.1, False),  # pays even then
        (-3.0, 12.0, False),  # not proven anyway
        (3.0, 16.0, True),  # loses, and would not
    ],
)
def test_a_finding_takes_a_verdict_away_only_where_it_could_move_it(value, cost, moves):
    assert Rectification(estimate(12.0), check(value, beyond=1.0), spread=0.0).could_move(cost) == moves
