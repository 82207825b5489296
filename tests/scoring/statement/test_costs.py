"""Costs by item: an initiative's money belongs to the decisions that it was spent on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import tables_from_frames
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


def test_prospects_say_it_where_no_customer_does():
    """Four prospects of the period cost 60 and brought two customers; one of before counts nowhere."""
    signed = pd.to_datetime(["2022-01-01", "2023-02-01"])
    frames = {
        "customers": pd.DataFrame({"customer_id": [1, 2], "signed_up_at": signed}),
        "payments": pd.DataFrame({"payment_id": [1], "customer_id": [1], "paid_at": signed[:1], "amount": [5.0]}),
        "prospects": pd.DataFrame(
            {
                "prospect_id": range(5),
                "created_at": pd.to_datetime(["2022-12-01", *["2023-02-01"] * 4]),
                "converted_customer_id": [1, 1, 2, None, None],
                "cost": [999.0, 10.0, 20.0, 30.0, None],
            }
        ),
    }
    frames["payments"]["method"] = "iban"
    config = Config.model_validate({"tables": dict.fromkeys(frames, "-"), "data_until": "2024-01-01"})
    opened = tables_from_frames(frames, config)
    assert acquisition_cost(opened, SINCE, UNTIL) == pytest.approx(30)
    assert np.isnan(acquisition_cost(opened, UNTIL, UNTIL + pd.Timedelta(days=9)))
