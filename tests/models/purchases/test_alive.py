"""Purchases to come where nobody leaves, against draws; histories that cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.errors import DataError
from servicelift.models.purchases import alive
from servicelift.models.purchases.alive import SteadyAlive, check_histories, chunks


def test_moments_are_those_of_drawn_purchases():
    """Lambda ~ Gamma(shape, age), N ~ Poisson(lambda t): 400,000 draws, five standard errors."""
    rng = np.random.default_rng(0)
    shape, age, t, n = 1.7, 6.0, 2.5, 400_000
    drawn = rng.poisson(rng.gamma(shape, 1 / age, n) * t)
    steady = SteadyAlive(np.array([shape]), np.array([age]))
    for formula, values in (
        (steady.mean(t), drawn),
        (steady.some(1.0, 1.0 + t), drawn > 0),
        (steady.pairs(1.0, 1.0 + t), drawn * (drawn - 1.0)),
    ):
        assert abs(formula[0] - values.mean()) < 5 * values.std() / np.sqrt(n)


def test_purchases_depend_on_the_length_of_a_window_alone():
    steady = SteadyAlive(np.array([0.3, 2.0]), np.array([1.0, 9.0]))
    np.testing.assert_allclose(steady.some(0.0, 2.0), steady.some(5.0, 7.0))
    np.testing.assert_allclose(steady.pairs(0.0, 2.0), steady.pairs(5.0, 7.0))
    assert (steady.some(0.0, 2.0) <= steady.mean(2.0)).all()
    assert steady.some(3.0, 3.0).tolist() == [0.0, 0.0]


def test_chunks_are_all_members_once_in_order(monkeypatch):
    monkeypatch.setattr(alive, "_CHUNK", 3)
    parts = list(chunks(np.arange(7)))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert np.concatenate(parts).tolist() == list(range(7))
    assert list(chunks(np.arange(0))) == []


@pytest.mark.parametrize(
    ("history", "rule"),
    [
        ((1.5, 2.0, 3.0), "frequency is a whole number"),
        ((-1.0, 2.0, 3.0), "frequency is a whole number"),
        ((1.0, 4.0, 3.0), "0 <= recency <= T"),
        ((1.0, 0.0, 3.0), "recency is 0 exactly where frequency is 0"),
        ((0.0, 2.0, 3.0), "recency is 0 exactly where frequency is 0"),
    ],
)
def test_an_impossible_history_is_refused_by_its_rule(history, rule):
    rows = pd.DataFrame([(0.0, 0.0, 3.0), (2.0, 3.0, 3.0)], columns=["frequency", "recency", "T"])
    check_histories(rows)
    rows.loc[2] = history
    with pytest.raises(DataError, match=f"expected that {rule}.*; 1 distinct histories break it"):
        check_histories(rows)
