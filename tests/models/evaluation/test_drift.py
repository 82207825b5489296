"""PSI and Jensen-Shannon: values by their definitions, laws of a distance, and how chance moves them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.distance import jensenshannon
from servicelift.core.errors import DataError
from servicelift.models.evaluation.drift import binned_counts, jensen_shannon, psi, psi_chance, shift

counts = st.lists(st.integers(0, 500), min_size=2, max_size=12).filter(lambda each: sum(each) > 0)


def test_psi_by_its_definition():
    p, q = [200.5 / 402, 201.5 / 402], [100.5 / 402, 301.5 / 402]
    expected = sum((b - a) * math.log(b / a) for a, b in zip(p, q, strict=True))
    assert psi([200, 201], [100, 301]) == pytest.approx(expected, abs=1e-12)
    # A textbook table: shares 0.5, 0.3, 0.2 against 0.4, 0.3, 0.3.
    n = 10**9
    assert psi([0.5 * n, 0.3 * n, 0.2 * n], [0.4 * n, 0.3 * n, 0.3 * n]) == pytest.approx(
        -0.1 * math.log(0.4 / 0.5) + 0.1 * math.log(0.3 / 0.2), abs=1e-8
    )


def test_jensen_shannon_by_hand():
    # p = (1/2, 1/2), q = (1, 0), m = (3/4, 1/4): half of 1/2 ld(2/3) + 1/2 ld 2, and of ld(4/3).
    divergence = (0.5 * math.log2(2 / 3) + 0.5 * math.log2(2) + math.log2(4 / 3)) / 2
    assert jensen_shannon([5, 5], [3, 0]) == pytest.approx(math.sqrt(divergence), abs=1e-12)


@given(counts)
def test_jensen_shannon_is_scipys(before):
    now = before[::-1]
    assert jensen_shannon(before, now) == pytest.approx(jensenshannon(before, now, 2), abs=1e-7)


@given(counts)
def test_both_are_symmetric_and_zero_for_the_same(before):
    now = before[::-1]
    assert psi(before, before) == jensen_shannon(before, before) == 0
    assert psi(before, now) == pytest.approx(psi(now, before), abs=1e-9)
    assert 0 <= jensen_shannon(before, now) <= 1
    assert psi(before, now) >= 0


def test_numbers_fall_into_quantiles_of_the_reference_and_missing_ones_apart():
    before, now = pd.Series(range(100), dtype=float), pd.Series([*range(50), *[np.nan] * 50], dtype=float)
    old, new = binned_counts(before, now, bins=10)
    assert old.tolist() == [10] * 10 + [0]
    assert new.tolist() == [10] * 5 + [0] * 5 + [50]


def test_one_value_that_fills_several_quantiles_fills_one_bin():
    old, new = binned_counts(pd.Series([0] * 95 + [1] * 5), pd.Series([0] * 50 + [1] * 50))
    assert (old.tolist(), new.tolist()) == ([95, 5], [50, 50])


def test_levels_have_bins_and_new_ones_share_one():
    before, now = pd.Series(["a", "a", "b", None]), pd.Series(["a", "c", "d", None])
    old, new = binned_counts(before, now)
    assert (old.tolist(), new.tolist()) == ([2, 1, 0, 1], [1, 0, 2, 1])


def test_nothing_to_compare_is_refused():
    with pytest.raises(DataError, match="none on one"):
        shift(pd.Series([1.0]), pd.Series([], dtype=float))
    with pytest.raises(DataError, match="same bins"):
        psi([1, 2], [1, 2, 3])


def test_two_samples_of_one_distribution_are_as_far_apart_as_chance_says():
    rng = np.random.default_rng(5)
    chances = [shift(pd.Series(rng.normal(size=900)), pd.Series(rng.normal(size=700))).chance for _ in range(400)]
    for level in (0.05, 0.2, 0.5):  # quantile bins of the sample itself make them a little more even than chance
        assert np.mean(np.array(chances) < level) == pytest.approx(level, abs=0.06)


def test_chance_needs_two_bins():
    assert psi_chance(0.0, 10, 10, bins=1) == 1.0
