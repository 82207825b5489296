"""Costs by item: an initiative's money belongs to the decisions that it was spent on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.scoring.statement.costs import acquisition_cost, initiative_costs, treated_costs

SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-07-01")


def test_an_initiative_costs_by_item_and_its_actions_share_them(small_tables, small_trial):
    """Three treated decisions of the period share the items of the period; the trial judges one of them."""
    opened = small_tables()
    assert initiative_costs(opened, "spring", SINCE, UNTIL) == {"salaries": 300.0, "tools": 90.0}
    costs = treated_costs(opened, small_trial(), "spring", SINCE, UNTIL)
    assert costs["actions"] == 2.5
    assert costs["salaries"] == pytest.approx(100)
    assert costs["tools"] == pytest.approx(30)
    assert costs["training"] == 0
    assert sum(treated_costs(opened, small_trial(), None, SINCE, UNTIL).values()) == 2.5


def test_acquisition_is_that_of_the_customers_of_the_period(small_tables):
    opened = small_tables()
    assert acquisition_cost(opened, SINCE, UNTIL) == pytest.approx(30)
    assert np.isnan(acquisition_cost(opened, UNTIL, UNTIL + pd.Timedelta(days=9)))
