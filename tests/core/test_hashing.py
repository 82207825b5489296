"""Numbers that belong to a customer: uniform, stable, independent between salts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from servicelift.core.hashing import customer_weights, uniform_hash


def test_uniform_over_customers():
    assert stats.kstest(uniform_hash(np.arange(50_000), "a"), "uniform").pvalue > 0.001


def test_salts_are_independent():
    ids = np.arange(50_000)
    assert abs(np.corrcoef(uniform_hash(ids, "a"), uniform_hash(ids, "b"))[0, 1]) < 0.02


def test_the_number_never_changes():
    assert uniform_hash(["C1", "C2"], "2024").round(12).tolist() == [0.439471555153, 0.842612470636]


def test_numbers_and_text_are_the_same_identifier():
    np.testing.assert_array_equal(uniform_hash([5, 17], "s"), uniform_hash(["5", "17"], "s"))


@given(st.lists(st.text(), min_size=1), st.text())
def test_order_and_company_do_not_matter(ids, salt):
    together = uniform_hash(pd.Series(ids, dtype=object), salt)
    alone = [uniform_hash(pd.Series([i], dtype=object), salt)[0] for i in ids]
    np.testing.assert_array_equal(together, alone)
    assert ((together > 0) & (together < 1)).all()


def test_weights_are_exponential_and_equal_within_a_customer():
    weights = customer_weights(np.repeat(np.arange(40_000), 2), seed=3, draw=1)
    np.testing.assert_array_equal(weights[::2], weights[1::2])
    assert stats.kstest(weights[::2], "expon").pvalue > 0.001
