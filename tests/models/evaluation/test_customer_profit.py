from __future__ import annotations

import numpy as np
import pytest
from servicelift.core.errors import DataError
from servicelift.models.evaluation.customer_profit import CustomerTerms, customer_profit, expected_profit
from servicelift.models.evaluation.profit import CampaignTerms, break_even_risk, profit_above


def terms(n, clv=200.0, incentive=10.0, contact=1.0, accept=0.3):
    return CustomerTerms(*(np.full(n, value) for value in (clv, incentive, contact)), accept)


def test_equal_terms_are_the_profit_of_one_cut_off():
    rng = np.random.default_rng(0)
    p = rng.uniform(size=2_000)
    y = (rng.uniform(size=2_000) < p).astype(int)
    one = CampaignTerms()
    at = profit_above(y, p, one, accept_rate=0.3, threshold=break_even_risk(one, accept_rate=0.3))
    found = customer_profit(y, p, terms(2_000))
    assert found.profit == pytest.approx(at.profit)
    assert found.share == at.fraction


def test_worth_of_their_own_is_counted_customer_by_customer():
    own = CustomerTerms(np.array([1000.0, 10.0]), np.array([10.0, 10.0]), np.array([1.0, 1.0]), 0.5)
    assert expected_profit([0.5, 0.5], own).tolist() == [0.5 * (0.5 * 990 - 1) - 0.5 * 11, 0.5 * -1 - 0.5 * 11]
    found = customer_profit([1, 1], [0.5, 0.5], own)
    assert (found.profit, found.share) == ((0.5 * 990 - 1) / 2, 0.5)


def test_nothing_beats_knowing_who_leaves():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 500)
    own = CustomerTerms(rng.uniform(0, 500, 500), np.full(500, 10.0), np.full(500, 1.0), 0.3)
    found = customer_profit(y, rng.uniform(size=500), own)
    assert found.best >= max(found.profit, found.everybody, 0.0)


@pytest.mark.parametrize("clv", [[1.0], [np.nan, 1.0], [-1.0, 1.0]])
def test_money_that_is_missing_or_negative_is_refused(clv):
    own = CustomerTerms(np.array(clv), np.ones(2), np.ones(2), 0.3)
    with pytest.raises(DataError, match="clv: expected"):
        customer_profit([0, 1], [0.5, 0.5], own)
