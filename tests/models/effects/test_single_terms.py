"""The sum of single effects: by hand for one term, the right terms among many, nothing where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from servicelift.models.effects.single_terms import single_terms

N, NOISE = 800, 5.0


def given(x, score):
    """Products as :func:`single_terms` takes them, without a term that is certainly there."""
    terms = np.column_stack([x, np.zeros(len(x))])
    return terms.T @ terms / NOISE**2, terms.T @ score / NOISE**2, np.full(x.shape[1], 1 / x.shape[1])


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(0)
    return rng.normal(size=(N, 30)), rng.normal(0, NOISE, N)


def test_one_term_by_hand():
    """Precision 4, width 1: its estimate of 2 is kept by 4/5; the factor for it is sqrt(1/5) exp(0.8 * 16 / 2)."""
    found = single_terms(np.diag([4.0, 0.0]), np.array([8.0, 0.0]), np.ones(1), none=(0.5,), widths=(1.0,))
    factor = np.sqrt(1 / 5) * np.exp(0.8 * 16 / 2)
    assert found.chances[0, 0] == pytest.approx(factor / (1 + factor))
    assert found.coefficients[0] == pytest.approx(factor / (1 + factor) * 0.8 * 2)


def test_the_term_that_is_certainly_there_by_hand():
    """Expected at 1 +- 0.5 (precision 4), seen at 3 with precision 4: halfway."""
    no_terms = (np.diag([4.0]), np.array([12.0]), np.empty(0))
    found = single_terms(*no_terms, none=(0.5,), widths=(1.0,), known=(1.0, 0.5))
    assert found.known == pytest.approx(2.0)
    assert single_terms(*no_terms, none=(0.5,), widths=(1.0,), known=(1.0, 0.0)).known == 1.0


def test_two_terms_are_found_among_many(drawn):
    x, noise = drawn
    found = single_terms(*given(x, 2 * x[:, 4] - 1.5 * x[:, 9] + noise), none=(0.6, 0.9, 0.9), widths=(1.0, 2.0))
    assert set(np.flatnonzero(found.chances.sum(axis=0) > 0.5)) == {4, 9}
    np.testing.assert_allclose(found.coefficients[[4, 9]], [2, -1.5], atol=0.5)
    assert np.abs(np.delete(found.coefficients, [4, 9])).max() < 0.1


def test_equal_terms_share_what_they_explain(drawn):
    x, noise = drawn
    twins = np.column_stack([x, x[:, 4]])
    found = single_terms(*given(twins, 2 * x[:, 4] + noise), none=(0.6,), widths=(1.0, 2.0))
    np.testing.assert_allclose(found.coefficients[[4, 30]], found.coefficients[4])
    assert found.coefficients[[4, 30]].sum() == pytest.approx(2, abs=0.5)


def test_nothing_is_found_in_noise(drawn):
    x, noise = drawn
    found = single_terms(*given(x, noise), none=(0.6, 0.9), widths=(1.0, 2.0))
    assert found.chances[0].sum() < 0.5
    assert np.sqrt(np.sum(found.coefficients**2)) < 0.1


def test_terms_that_were_left_out_count_as_none(drawn):
    x, noise = drawn
    gram, along, prior = given(x, 0.5 * x[:, 4] + noise)
    whole = single_terms(gram, along, prior, none=(0.6,), widths=(1.0,))
    half = single_terms(gram, along, prior / 2, none=(0.6,), widths=(1.0,))
    as_none = single_terms(gram, along, prior, none=(0.8,), widths=(1.0,))
    np.testing.assert_allclose(half.chances, as_none.chances)
    assert half.chances.sum() < whole.chances.sum()


def test_a_term_whose_estimate_varies_more_counts_for_less_by_hand():
    """Twice the variance: precision 2 instead of 4, so its estimate of 2 is kept by 2/3."""
    given = (np.diag([4.0, 0.0]), np.array([8.0, 0.0]), np.ones(1))
    found = single_terms(*given, none=(0.5,), widths=(1.0,), wider=np.array([2.0]))
    factor = np.sqrt(1 / 3) * np.exp(2 / 3 * 8 / 2)
    assert found.coefficients[0] == pytest.approx(factor / (1 + factor) * 2 / 3 * 2)
