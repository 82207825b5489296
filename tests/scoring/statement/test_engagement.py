"""Engagement of agents: teams count alike, months of one team are one, and nobody is made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import tables_from_frames
from servicelift.scoring.statement.engagement import engagement_of

SINCE, UNTIL = pd.Timestamp("2023-01-01"), pd.Timestamp("2023-07-01")


def tables(rows=None):
    frames = {
        "customers": pd.DataFrame({"customer_id": [1], "signed_up_at": pd.to_datetime(["2022-01-01"])}),
        "payments": pd.DataFrame(
            {"payment_id": [1], "customer_id": [1], "paid_at": [SINCE], "amount": [5.0], "method": ["iban"]}
        ),
    }
    if rows is not None:
        frames["agent_surveys"] = pd.DataFrame(rows, columns=["team", "month", "engagement"])
        frames["agent_surveys"]["month"] = pd.to_datetime(frames["agent_surveys"]["month"]).dt.date
    config = {"tables": dict.fromkeys(frames, "-"), "data_until": "2024-01-01"}
    return tables_from_frames(frames, Config.model_validate(config))


def test_teams_count_alike_and_the_time_before_stands_beside():
    rows = [("a", "2023-02-01", 6.0), ("a", "2023-03-15", 8.0), ("b", "2023-06-30", 9.0), ("a", "2022-12-01", 5.0)]
    found = engagement_of(tables([*rows, ("b", "2023-07-01", 1.0), ("b", "2022-06-01", 1.0)]), SINCE, UNTIL)
    assert (found.mean, found.teams, found.before) == (8.0, 2, 5.0)
    assert found.high - found.mean == pytest.approx(12.706 * np.sqrt(2) / np.sqrt(2), rel=1e-3)


def test_one_team_has_no_interval_and_nobody_is_nothing():
    alone = engagement_of(tables([("a", "2023-02-01", 6.0)]), SINCE, UNTIL)
    assert np.isnan([alone.low, alone.high, alone.before]).all()
    assert engagement_of(tables([("a", "2023-08-01", 6.0)]), SINCE, UNTIL) is None
    assert engagement_of(tables(), SINCE, UNTIL) is None
