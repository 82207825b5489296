"""Ratios and differences: by hand, covering as they say, and splits by the exact binomial."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from servicelift.core.errors import DataError
from servicelift.models.evaluation.realised import against_foreseen, held_out_difference, split_chance


def test_a_ratio_by_hand():
    found = against_foreseen([0.0, 30.0, 30.0], [10.0, 20.0, 20.0])
    assert (found.ratio, found.realised, found.n) == (1.2, 20.0, 3)
    left = np.array([-12.0, 6.0, 6.0])
    assert found.error == pytest.approx(left.std(ddof=1) * np.sqrt(3) / 50)
    assert np.isnan(against_foreseen([1.0, 1.0], [0.0, 0.0]).ratio)
    with pytest.raises(DataError, match="two customers"):
        against_foreseen([1.0], [1.0])


def test_intervals_of_ratios_cover():
    rng = np.random.default_rng(4)
    hits = 0
    for _ in range(400):
        foreseen = rng.gamma(2, 50, 500)
        found = against_foreseen(foreseen * 0.9 + rng.normal(0, 60, 500), foreseen)
        hits += found.low <= 0.9 <= found.high
    assert hits / 400 == pytest.approx(0.95, abs=0.035)


def a_list(rng, n=600, effect=5.0):
    before = rng.gamma(2, 20, n)
    chance = np.where(np.arange(n) % 3 == 0, 0.5, 0.9)
    treated = rng.random(n) < chance
    y = before + np.where(np.arange(n) % 3 == 0, 12.0, 0.0) + effect * treated + rng.normal(0, 10, n)
    return y, treated, chance, before, np.arange(n)


def test_effects_are_found_with_intervals_that_cover():
    rng = np.random.default_rng(9)
    found = [held_out_difference(*a_list(rng)) for _ in range(400)]
    estimates = np.array([each.difference for each in found])
    assert estimates.mean() == pytest.approx(5.0, abs=4 * estimates.std() / 20)
    assert np.mean([each.low <= 5.0 <= each.high for each in found]) == pytest.approx(0.95, abs=0.035)


def test_what_was_known_before_takes_out_noise_and_repeated_customers_add_it():
    y, treated, chance, before, customers = a_list(np.random.default_rng(2))
    plain = held_out_difference(y, treated, chance, np.zeros(len(y)), customers)
    assert held_out_difference(y, treated, chance, before, customers).error < 0.7 * plain.error
    twice = held_out_difference(*(np.tile(each, 2) for each in (y, treated, chance, before, customers)))
    once = held_out_difference(y, treated, chance, before, customers)
    assert twice.error == pytest.approx(once.error, rel=1e-9)
    assert (twice.treated, twice.held) == (2 * once.treated, 2 * once.held)


def test_an_arm_alone_is_refused():
    with pytest.raises(DataError, match="two rows or more in each arm"):
        held_out_difference([1.0, 2.0], [1, 1], [0.9, 0.9], [0, 0], [1, 2])


def test_a_split_is_the_exact_binomial():
    assert split_chance([1] * 80 + [0] * 20, [0.9] * 100) == pytest.approx(stats.binomtest(80, 100, 0.9).pvalue)
    assert split_chance([1, 1], [1.0, 1.0]) == 1.0


def test_chances_of_splits_are_uniform_where_they_differ():
    rng = np.random.default_rng(1)
    chance = np.where(np.arange(900) % 2 == 0, 0.5, 0.9)
    p = [split_chance(rng.random(900) < chance, chance) for _ in range(500)]
    assert np.mean(np.array(p) < 0.1) == pytest.approx(0.1, abs=0.05)
