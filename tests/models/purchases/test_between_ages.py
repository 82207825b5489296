"""Averages read between ages against those computed at every age."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servicelift.models.purchases.between_ages import asked_ages
from servicelift.models.purchases.bgnbd import BetaGeoNBD, ModifiedBetaGeoNBD


def model_of(kind, params):
    model = kind()
    model.params_, model.limit_ = pd.Series(params, index=model.names), False
    return model


@settings(max_examples=25)
@given(
    kind=st.sampled_from([BetaGeoNBD, ModifiedBetaGeoNBD]),
    params=st.tuples(*[st.floats(low, high) for low, high in ((0.05, 5), (1e-3, 300), (0.05, 5), (0.05, 10))]),
    youngest=st.sampled_from([0.0, 30.0]),
    oldest=st.sampled_from([40.0, 900.0, 8_000.0]),
    most=st.integers(1, 60),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_same_at_every_age_as_where_each_is_asked(kind, params, youngest, oldest, most, seed):
    rng = np.random.default_rng(seed)
    age = rng.uniform(youngest, oldest, 1_500)
    x = rng.integers(0, most, 1_500) * (rng.random(1_500) < 0.5)
    t_x = np.where(x > 0, age * rng.uniform(0.01, 1, 1_500), 0.0)
    model = model_of(kind, params)

    def answers():
        months = model.discounted_by_months(x, t_x, age, months=[0, 1, 36], annual_discount_rate=0.1)
        moments = model.count_moments(x, t_x, age, start_days=30, end_days=1_095)
        by = model.expected_by([10.0, 500.0], x, t_x, age)
        return np.column_stack([months, by, moments.some, moments.mean, moments.pairs])

    read = answers()
    model.between_ages = False
    np.testing.assert_allclose(read, answers(), rtol=1e-10, atol=0)


def test_a_model_asks_at_few_ages(monkeypatch):
    model = model_of(BetaGeoNBD, (0.6, 60.0, 0.8, 4.0))
    asked = []
    inner = BetaGeoNBD._blocks

    def blocks(self, x, age, reach):
        asked.append(len(age))
        return inner(self, x, age, reach)

    monkeypatch.setattr(BetaGeoNBD, "_blocks", blocks)
    age = np.linspace(5, 900, 4_000)
    model.expected_purchases(90.0, np.zeros(4_000), np.zeros(4_000), age)
    model.expected_purchases(90.0, np.zeros(10), np.zeros(10), age[::400])
    assert asked[0] < 100
    assert asked[1] == 10


def test_values_far_smaller_than_their_neighbours_keep_their_digits():
    """Most leave soon: a year on, of the youngest comes 1e-13 of what comes of the oldest."""
    model = model_of(BetaGeoNBD, (0.5, 60.0, 50.0, 200.0))
    history = np.full(400, 60.0), np.linspace(1, 900, 400) * 0.99, np.linspace(1, 900, 400)
    read = model.count_moments(*history, start_days=365, end_days=1_095)
    model.between_ages = False
    each = model.count_moments(*history, start_days=365, end_days=1_095)
    for name in ("some", "pairs"):
        np.testing.assert_allclose(getattr(read, name), getattr(each, name), rtol=1e-10)
    assert (read.mean >= 0).all()


def test_many_alike_are_asked_at_few_ages_and_few_at_their_own():
    x = np.repeat([0.0, 3.0], [5_000, 4])
    age = np.concatenate([np.linspace(5, 900, 5_000), [7.0, 50.0, 400.0, 800.0]])
    asked = asked_ages(x, age, 60.0)
    assert (asked.x == 0).sum() < 100
    assert asked.age[asked.x == 3].tolist() == [7.0, 50.0, 400.0, 800.0]
    assert asked.age.min() >= 5 - 1e-9
    assert asked.age.max() <= 900 + 1e-9
    assert asked.everywhere(asked.x[None, :])[0] == pytest.approx(x, abs=1e-12)


def test_nobody_and_everybody_of_one_age():
    nobody = asked_ages(np.zeros(0), np.zeros(0), 60.0)
    assert nobody.everywhere(np.zeros((2, 0))).shape == (2, 0)
    same = asked_ages(np.zeros(400), np.full(400, 90.0), 60.0)
    assert same.everywhere(np.sqrt(same.age)[None, :])[0] == pytest.approx(np.full(400, np.sqrt(90.0)), rel=1e-14)
