"""A jump of the density at the cut: the figures of rddensity, its level, and that moved scores are found."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.designs.density import density_jump

CUT = 0.35
# rddensity 3.0 for Python on the scores of `test_is_near_rddensity`: densities left and right, and the p-value.
RDDENSITY = (2.040512, 1.758359, 0.403504)


def test_is_near_rddensity():
    score = np.round(np.random.default_rng(7).beta(2, 4, 3_000), 6)
    found = density_jump(score - CUT)
    left, right, p_value = RDDENSITY
    assert (found.left, found.right) == (pytest.approx(left, rel=0.03), pytest.approx(right, rel=0.03))
    assert found.p_value == pytest.approx(p_value, abs=0.03)


@pytest.mark.parametrize("shape", ["uniform", "normal", "skewed"])
def test_is_quiet_where_nobody_moved_a_score(shape):
    """60 draws: at 5% more than 8 alarms come once in a hundred times."""
    draw = {
        "uniform": lambda rng: rng.uniform(-0.4, 0.6, 2_000),
        "normal": lambda rng: rng.normal(-0.5, 1, 2_000),
        "skewed": lambda rng: rng.lognormal(0, 0.7, 2_000) - 1.5,
    }[shape]
    found = [density_jump(draw(np.random.default_rng(seed))).suspicious for seed in range(60)]
    assert sum(found) <= 8


def test_finds_scores_that_were_moved_over_the_cut():
    found = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        distance = rng.beta(2, 4, 3_000) - CUT
        moved = (distance > -0.05) & (distance < 0) & (rng.random(3_000) < 0.5)
        found.append(density_jump(distance + 0.05 * moved))
    assert sum(f.suspicious and f.right > f.left for f in found) >= 18


def test_left_and_right_change_places_in_the_mirror():
    distance = np.random.default_rng(3).normal(0.2, 1, 1_500)
    a, b = density_jump(distance), density_jump(-distance)
    assert (a.left, a.right) == (pytest.approx(b.right, rel=0.01), pytest.approx(b.left, rel=0.01))
    assert a.p_value == pytest.approx(b.p_value, abs=0.01)
