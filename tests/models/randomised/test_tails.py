"""Heavy tails: named where a few customers carry the mean, not for bell shapes."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.randomised.tails import tail_of


def test_a_bell_is_not_heavy_and_rare_large_purchases_are():
    rng = np.random.default_rng(0)
    arms = np.arange(4_000) % 2
    assert not tail_of(rng.normal(50, 10, 4_000), arms).heavy
    bought = np.where(rng.random(4_000) < 0.01, rng.lognormal(4, 1, 4_000), 0.0)
    tail = tail_of(bought, arms)
    assert tail.heavy
    assert tail.top_share > 0.9
    assert tail.smallest == 2_000
    assert tail.needed == int(np.ceil(355 * tail.skewness**2))


def test_values_above_the_cap_are_set_to_it():
    y = np.append(np.zeros(5_000), [10.0, 1_000.0])
    tail = tail_of(y, np.arange(5_002) % 2)
    assert tail.capped(y).max() == pytest.approx(tail.cap)
    assert (tail.capped(y) <= y).all()


def test_nothing_but_zeros_has_no_tail():
    tail = tail_of(np.zeros(10), np.arange(10) % 2)
    assert (tail.skewness, tail.heavy) == (0.0, False)
    assert np.isnan(tail.top_share)
