"""Too few churners: the line says where the ended subscriptions went."""

from __future__ import annotations

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import tables_from_frames
from servicelift.training.churn import churn_data


def tables(subscriptions, **churn):
    """Forty customers since 2023; ``subscriptions`` are (customer, start, end)."""
    everybody = pd.DataFrame({"customer_id": range(40), "signed_up_at": pd.Timestamp("2023-01-01")})
    rows = pd.DataFrame(subscriptions, columns=["customer_id", "started_at", "ended_at"])
    rows = rows.assign(subscription_id=range(len(rows)), product="daily", term_months=1, price=10.0)
    rows = rows.astype({"started_at": "datetime64[us]", "ended_at": "datetime64[us]"})
    config = Config.model_validate(
        {
            "tables": {"customers": "c", "subscriptions": "s"},
            "data_until": "2024-07-01",
            "snapshots": {"first": "2023-06-01", "last": "2024-02-01"},
            "churn": churn,
        }
    )
    return tables_from_frames({"customers": everybody, "subscriptions": rows}, config)


def told(subscriptions, **churn):
    with pytest.raises(DataError) as error:
        churn_data(tables(subscriptions, **churn), lambda message: None)
    return str(error.value)


RUNNING = [(customer, "2023-01-01", None) for customer in range(10, 40)]


def test_the_line_counts_those_who_came_back_and_those_who_left_elsewhere():
    lost = [(0, "2023-01-01", "2023-08-01"), (1, "2023-01-01", "2023-08-01")]
    overlapping = [(2, "2023-01-01", "2023-08-01"), (2, "2023-07-01", None)]
    returned = [row for c in (3, 4) for row in ((c, "2023-01-01", "2023-08-01"), (c, "2023-08-20", None))]
    before = [(c, "2023-01-01", "2023-05-01") for c in (5, 6, 7)]
    found = told([*lost, *overlapping, *returned, *before, *RUNNING])
    assert found == (
        "too few churners to learn from: expected at least 30 customers lost within 90 days of a snapshot, found 2"
        " among 35: of 8 customers with an ended subscription, 3 had another one that ran on or began within 30 days"
        " (churn.grace_days), and 3 left so that it does not count: not within 90 days of a snapshot (2023-06-01 to"
        " 2024-02-01), with notice given before it, or back by the end of the 90 days; bring more history or"
        " snapshots, lengthen churn.horizon_days or shorten churn.grace_days"
    )


def test_nobody_who_ever_ended_is_told_to_look_at_the_column():
    assert told(RUNNING).endswith(
        "found 0 among 30: no subscription ends before the data do; check subscriptions.ended_at"
    )


def test_all_who_ended_came_back():
    back = [row for c in range(5) for row in ((c, "2023-01-01", "2023-08-01"), (c, "2023-08-20", None))]
    found = told([*back, *RUNNING])
    assert "no churner to learn from" in found
    assert "of 5 customers with an ended subscription, 5 had another one" in found
    assert "does not count" not in found
    assert "5 left so that it does not count" in told([*back, *RUNNING], grace_days=7)
