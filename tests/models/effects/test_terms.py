"""Terms: cuts of numbers, levels of categories, lines, their chances, and sums that are the terms one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.models.effects.terms import Terms
from servicelift.models.fitting.design import Encoder

N = 400


@pytest.fixture(scope="module")
def learnt():
    rng = np.random.default_rng(0)
    X = pd.DataFrame(
        {
            "tenure": rng.exponential(500, N),
            "contacts": rng.integers(0, 3, N).astype(float),
            "method": rng.choice(["iban", "card"], N),
            "always": np.ones(N),
            "hardly": (np.arange(N) < 8).astype(float),
        }
    )
    encoder = Encoder().fit(X)
    matrix = encoder.transform(X)
    return X, matrix, Terms.learnt(matrix, encoder, np.ones(N))


def test_each_feature_has_its_terms(learnt):
    _, _, terms = learnt
    of = pd.Series(terms.features).value_counts().to_dict()
    assert of == {"tenure": 9, "contacts": 2, "method": 2}
    lines = np.isnan(terms.cuts)
    assert [name for name, line in zip(terms.features, lines, strict=True) if line] == ["tenure"]


def test_features_are_alike_before_anything_is_seen(learnt):
    _, _, terms = learnt
    features, lines = np.array(terms.features), np.isnan(terms.cuts)
    for name in set(terms.features):
        assert terms.prior[features == name].sum() == pytest.approx(1 / 3)
    assert terms.prior[lines].sum() == pytest.approx(0.3 / 3)


def test_a_step_is_one_above_its_cut(learnt):
    X, matrix, terms = learnt
    at = [place for place, name in enumerate(terms.features) if name == "contacts"]
    np.testing.assert_array_equal(terms.values(matrix, at[0]), X["contacts"] > 0)
    np.testing.assert_array_equal(terms.values(matrix, at[1]), X["contacts"] > 1)


def test_a_line_is_cut_off_at_its_far_end(learnt):
    _, matrix, terms = learnt
    values = terms.values(matrix, int(np.flatnonzero(np.isnan(terms.cuts))[0]))
    assert values.max() == 3 < matrix[:, 0].max()


def test_sums_are_the_terms_one_by_one(learnt):
    _, matrix, terms = learnt
    coefficients = np.random.default_rng(1).normal(size=(len(terms), 2))
    alone = np.column_stack([terms.values(matrix, term) for term in range(len(terms))])
    np.testing.assert_allclose(terms.summed(matrix, coefficients), alone @ coefficients)


def test_terms_that_count_need_their_columns_alone(learnt):
    X, matrix, terms = learnt
    coefficients = np.random.default_rng(2).normal(size=(len(terms), 2))
    coefficients[[name == "contacts" for name in terms.features]] = 0.0
    counts = (coefficients != 0).any(axis=1)
    some, columns = terms.only(counts)
    narrow = Encoder().fit(X).only(columns).transform(X)
    assert set(some.features) == {"tenure", "method"}
    np.testing.assert_array_equal(narrow, matrix[:, columns])
    np.testing.assert_allclose(some.summed(narrow, coefficients[counts]), terms.summed(matrix, coefficients))


def test_a_value_on_a_cut_lies_below_it(learnt):
    _, matrix, terms = learnt
    row = matrix[:1].copy()
    row[0, 0] = terms.cuts[3]
    coefficients = np.ones((len(terms), 1))
    alone = sum(terms.values(row, term)[0] for term in range(len(terms)))
    assert terms.summed(row, coefficients)[0, 0] == pytest.approx(alone)


def test_features_that_never_differ_have_no_terms():
    X = pd.DataFrame({"always": np.ones(N)})
    encoder = Encoder().fit(X)
    terms = Terms.learnt(encoder.transform(X), encoder, np.ones(N))
    assert len(terms) == 0
    np.testing.assert_array_equal(terms.summed(encoder.transform(X), np.empty((0, 1))), np.zeros((N, 1)))
