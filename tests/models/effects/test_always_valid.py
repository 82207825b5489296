"""An interval over all readings: the mixture it comes from, where it is narrowest, and paths that never leave it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats
from servicelift.core.errors import ModelError
from servicelift.models.effects.always_valid import always_valid, boundary, equal_arms
from servicelift.models.effects.inference import EffectEstimate

EFFECT = EffectEstimate(4.0, 0.5, 3.02, 4.98, "treated", 900, 300, 900.0, 300.0, 0.0, 4.0, 0.5)


@pytest.mark.parametrize("level", [0.05, 0.2])
@pytest.mark.parametrize("customers", [20, 500, 9_000])
def test_the_boundary_is_where_the_mixture_of_bets_reaches_one_over_the_level(customers, level):
    # A martingale that starts at 1: bets on drifts from N(0, rho^2). By Ville's inequality few reach 1 / level.
    errors = boundary(customers, 500, level)
    best = next(r for r in np.linspace(0.5, 20, 200_001) if r >= np.log((1 + r) / level**2))
    rho = np.sqrt(best / 500)
    total = errors * np.sqrt(customers)

    def bet(drift: float) -> float:
        return float(np.exp(drift * total - drift**2 * customers / 2) * stats.norm.pdf(drift, scale=rho))

    wide = 12 * rho
    wealth, _ = integrate.quad(bet, -wide, wide, points=[0.0, total / customers], limit=400)
    assert wealth == pytest.approx(1 / level, rel=1e-3)


def test_it_is_narrowest_where_it_was_tuned():
    widths = [boundary(n, 500) for n in (100, 400, 500, 600, 2_500)]
    assert widths[0] > widths[1] > widths[2] < widths[3] < widths[4]
    assert widths[2] == pytest.approx(3.0351, abs=1e-4)  # sqrt(1 + r), r = 8.2120 the root of r = log((1 + r) / .05^2)


def test_few_paths_without_drift_ever_leave_it_and_many_leave_the_fixed_one():
    rng = np.random.default_rng(3)
    readings = np.arange(1, 41) * 50.0
    steps = rng.normal(size=(20_000, len(readings))) * np.sqrt(50)
    score = np.abs(steps.cumsum(axis=1)) / np.sqrt(readings)
    left = (score > [boundary(n, 500) for n in readings]).any(axis=1).mean()
    assert 0.01 < left < 0.05
    assert (score > 1.96).any(axis=1).mean() > 0.25


def test_the_interval_has_the_boundary_times_the_error_on_each_side_and_more_of_students_t():
    found = always_valid(EFFECT, 450)
    assert equal_arms(EFFECT) == found.customers == 450.0
    assert found.errors == pytest.approx(boundary(450, 450))
    assert (found.low + found.high) / 2 == pytest.approx(4.0)
    assert found.high - found.low == pytest.approx(2 * 0.5 * found.errors)
    few = always_valid(replace(EFFECT, dof=9.0), 450)
    assert stats.t.sf(few.errors, 9) == pytest.approx(stats.norm.sf(found.errors))
    assert [found.holds(2.5), found.holds(2.4), few.holds(2.4)] == [True, False, True]


def test_an_empty_arm_has_no_interval():
    with pytest.raises(ModelError, match="above 0"):
        always_valid(replace(EFFECT, effective_controls=0.0), 450)
    with pytest.raises(ModelError, match="level"):
        boundary(10, 10, 1.0)
