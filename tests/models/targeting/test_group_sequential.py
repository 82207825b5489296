"""Boundaries over several looks: published constants, the level they spend, and what stopping early saves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from servicelift.core.errors import ModelError
from servicelift.models.targeting.group_sequential import Looks, crossings, drift_for, spending_boundaries, spent

EVEN = {k: np.arange(1, k + 1) / k for k in (1, 2, 3, 4, 5, 10, 24)}


@pytest.mark.parametrize(
    ("looks", "published"),
    [
        # gsDesign: gsDesign(k, test.type = 2, alpha = 0.025, sfu = sfLDOF)$upper$bound; ldbounds gives the same.
        (2, [2.963, 1.969]),
        (3, [3.710, 2.511, 1.993]),
        (4, [4.333, 2.963, 2.359, 2.014]),
        (5, [4.877, 3.357, 2.680, 2.290, 2.031]),
    ],
)
def test_boundaries_are_the_published_ones(looks, published):
    assert spending_boundaries(EVEN[looks]) == pytest.approx(published, abs=6e-4)


@pytest.mark.parametrize(
    ("looks", "constant", "flat", "at_80", "at_90"),
    [
        # Jennison & Turnbull 2000, tables 2.1 to 2.4, level .05: O'Brien & Fleming, then Pocock.
        (2, 1.977, False, 1.008, 1.007),
        (5, 2.040, False, 1.028, 1.026),
        (10, 2.087, False, 1.040, 1.037),
        (2, 2.178, True, 1.110, 1.100),
        (5, 2.413, True, 1.229, 1.207),
        (10, 2.555, True, 1.301, 1.271),
    ],
)
def test_chances_and_inflation_are_those_of_the_tables(looks, constant, flat, at_80, at_90):
    t = EVEN[looks]
    bounds = np.full(looks, constant) if flat else constant / np.sqrt(t)
    assert sum(side.sum() for side in crossings(t, bounds, 0.0)) == pytest.approx(0.05, abs=1e-4)
    for power, published in ((0.8, at_80), (0.9, at_90)):
        one = stats.norm.ppf(0.975) + stats.norm.ppf(power)
        assert (drift_for(t, bounds, power) / one) ** 2 == pytest.approx(published, abs=1e-3)


@pytest.mark.parametrize("t", [EVEN[24], [0.013, 0.02, 0.5, 0.502, 1.0]])
@pytest.mark.parametrize("level", [0.05, 0.2])
def test_the_level_is_spent_look_by_look_whatever_the_steps(t, level):
    above, below = crossings(t, spending_boundaries(t, level), 0.0)
    assert above.cumsum() == pytest.approx(spent(t, level / 2), abs=1e-7)
    assert above == pytest.approx(below, abs=1e-12)


def test_one_look_is_the_experiment_without_looks():
    looks = Looks.planned([1.0], level=0.05, power=0.8)
    assert looks.boundaries == pytest.approx([stats.norm.ppf(0.975)])
    assert looks.inflation == pytest.approx(1.0)
    assert looks.stopping(0.0).tolist() == [1.0]


def test_simulated_experiments_stop_as_often_and_as_early_as_is_said():
    looks = Looks.planned(EVEN[5], level=0.05, power=0.8)
    rng = np.random.default_rng(5)
    steps = rng.normal(looks.drift / 5, np.sqrt(0.2), size=(40_000, 5))
    z = steps.cumsum(axis=1) / np.sqrt(looks.fractions)
    over = np.abs(z) > looks.boundaries
    assert (z > looks.boundaries).any(axis=1).mean() == pytest.approx(0.8, abs=0.008)
    when = np.where(over.any(axis=1), over.argmax(axis=1) + 1, 5)
    assert looks.expected([1, 2, 3, 4, 5], looks.drift) == pytest.approx(when.mean(), abs=0.02)
    assert looks.expected([1, 2, 3, 4, 5], looks.drift) < looks.expected([1, 2, 3, 4, 5], 0.0) < 5


@pytest.mark.parametrize("wrong", [[], [0.5, 0.4, 1.0], [0.5, 0.9], [0.5, 0.5, 1.0], [[0.5, 1.0]]])
def test_fractions_that_do_not_ascend_to_one_are_refused(wrong):
    with pytest.raises(ModelError, match="ascend to 1"):
        spending_boundaries(wrong)


def test_a_power_below_the_level_is_refused():
    with pytest.raises(ModelError, match="level < power"):
        Looks.planned([1.0], level=0.05, power=0.04)
