"""Random halves of whole customers, and the standard error that their spread stands for."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import ModelError
from servicelift.models.fitting.half_sampling import half_samples


@pytest.mark.parametrize("customers", [4, 5, 30])
def test_a_half_holds_whole_customers(customers):
    groups = np.repeat([f"C{n}" for n in range(customers)], np.arange(customers) % 3 + 1)
    for taken in half_samples(groups, draws=20, seed=1):
        inside = {group for group, one in zip(groups, taken, strict=True) if one}
        assert len(inside) == customers // 2
        assert taken.tolist() == [group in inside for group in groups]


def test_halves_are_the_same_for_the_same_seed_and_others_for_another():
    groups = np.arange(50)
    first, again, other = (np.array(list(half_samples(groups, draws=5, seed=seed))) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert len({mask.tobytes() for mask in first}) == 5


def test_every_customer_is_taken_half_of_the_time():
    share = np.mean(list(half_samples(np.arange(20), draws=4_000, seed=3)), axis=0)
    assert np.abs(share - 0.5).max() < 4 * np.sqrt(0.25 / 4_000)


def test_the_spread_over_halves_is_the_standard_error_of_a_mean():
    values = np.random.default_rng(0).normal(size=400)
    means = [values[taken].mean() for taken in half_samples(np.arange(400), draws=4_000, seed=5)]
    assert np.std(means) == pytest.approx(values.std(ddof=1) / np.sqrt(400), rel=0.05)


def test_three_customers_give_no_interval():
    with pytest.raises(ModelError, match="at least 4 customers for an interval, got 3"):
        next(half_samples([1, 1, 2, 3, 3], draws=1, seed=0))
