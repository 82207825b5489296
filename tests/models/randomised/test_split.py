"""The sample-ratio test: Pearson's where chances are equal for all, its level, and shares that move."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from servicelift.core.errors import ModelError
from servicelift.models.randomised.split import sample_ratio, shares_over_time


def test_with_equal_chances_it_is_pearsons_test():
    rng = np.random.default_rng(0)
    arms = rng.choice(3, 999, p=[0.2, 0.5, 0.3])
    found = sample_ratio(arms, [0.25, 0.45, 0.3])
    other = stats.chisquare(np.bincount(arms), 999 * np.array([0.25, 0.45, 0.3]))
    assert found.statistic == pytest.approx(other.statistic)
    assert found.p_value == pytest.approx(other.pvalue)
    assert found.expected.tolist() == pytest.approx([249.75, 449.55, 299.7])


def test_p_values_are_uniform_where_chances_differ_between_customers():
    rng = np.random.default_rng(1)
    chance = rng.uniform(0.1, 0.9, 400)
    e = np.column_stack([1 - chance, chance])
    p = [sample_ratio((rng.random(400) < chance).astype(int), e).p_value for _ in range(400)]
    assert np.mean(np.array(p) < 0.05) == pytest.approx(0.05, abs=0.035)
    assert np.mean(p) == pytest.approx(0.5, abs=0.06)


def test_a_lost_part_of_one_arm_is_seen():
    arms = np.array([0] * 5_000 + [1] * 4_600)
    assert not sample_ratio(arms, [0.5, 0.5]).holds
    assert sample_ratio(arms, [0.52, 0.48]).holds


def test_shares_that_move_are_seen_even_where_their_mean_is_the_plan():
    rng = np.random.default_rng(2)
    period = np.repeat([0, 1, 2], 1_000)
    moved = (rng.random(3_000) < np.array([0.3, 0.5, 0.7])[period]).astype(int)
    still = (rng.random(3_000) < 0.5).astype(int)
    assert sample_ratio(moved, [0.5, 0.5]).p_value > 0.01
    assert not shares_over_time(moved, [0.5, 0.5], period).holds
    assert shares_over_time(still, [0.5, 0.5], period).holds


def test_over_time_it_is_what_periods_say_beyond_the_whole():
    rng = np.random.default_rng(3)
    arms, period = rng.integers(0, 3, 900), rng.integers(0, 4, 900)
    shares = [1 / 3] * 3
    each = sum(sample_ratio(arms[period == k], shares).statistic for k in range(4))
    found = shares_over_time(arms, shares, period)
    assert found.statistic == pytest.approx(each - sample_ratio(arms, shares).statistic)
    assert found.dof == 6


@pytest.mark.parametrize(
    ("arms", "chances", "fault"),
    [
        ([0.5, 1.0], [0.5, 0.5], "whole number"),
        ([0, 2], [0.5, 0.5], "expected 0 to 1"),
        ([0, 1], [0.5, 0.4], "sum to 1"),
        ([0, 1], [1.0, 0.0], "above 0"),
        ([0, 1], [1.0], "two or more arms"),
    ],
)
def test_what_cannot_be_tested_is_refused(arms, chances, fault):
    with pytest.raises(ModelError, match=fault):
        sample_ratio(np.array(arms), chances)
