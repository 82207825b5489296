"""Rows, missing values and new levels, day by day and week by week: counted once more in plain Python."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from servicelift.features.tables.weeks import missing_by_week, new_levels_by_week, rows_by_day

AT = pd.Timestamp("2024-03-01")


@pytest.fixture(scope="module")
def contacts():
    rng = np.random.default_rng(3)
    n = 900
    age = rng.uniform(-5, 300, n)
    frame = pd.DataFrame(
        {
            "contact_id": range(n),
            "customer_id": 1,
            "opened_at": AT - pd.to_timedelta(age, "D"),
            "channel": rng.choice(["mail", "phone"], n),
            "reason": pd.Series(rng.choice(["price", "delivery", None], n), dtype=object),
            "age": age,
        }
    )
    frame.loc[(frame["age"] < 7) & (frame["age"] > 4), "channel"] = "robot"
    return frame


@pytest.fixture
def tables(tables_of, contacts):
    rows = contacts.drop(columns="age").astype({"opened_at": str}).to_dict("records")
    customers = [{"customer_id": 1, "signed_up_at": "2020-01-01"}]
    return tables_of({"customers": customers, "contacts": rows, "payments": [PAYMENT]}, data_until="2024-03-10")


PAYMENT = {"payment_id": 1, "customer_id": 1, "paid_at": "2024-02-29 23:59:59", "amount": 1.0, "method": "iban"}


def test_rows_by_day(tables, contacts):
    found = rows_by_day(tables, AT)
    own = found[found["table"] == "contacts"].set_index("age")["rows"]
    seconds = np.floor(contacts["age"] * 86_400)  # a row just before the instant has age 0
    expected = (seconds[contacts["age"] > 0] // 86_400).astype(int).value_counts()
    assert own.to_dict() == expected.to_dict()
    assert found[found["table"] == "payments"][["age", "rows"]].to_numpy().tolist() == [[0, 1]]


def test_missing_by_week(tables, contacts):
    found = missing_by_week(tables, AT)
    past = contacts[contacts["age"] > 0]
    weeks = (past["age"] // 7).astype(int)
    expected = past["reason"].isna().groupby(weeks).sum()
    own = found[(found["table"] == "contacts") & (found["column"] == "reason")].set_index("week")
    assert own["missing"].to_dict() == expected.to_dict()
    assert own["rows"].to_dict() == weeks.value_counts().to_dict()
    assert "closed_at" not in set(found["column"])


def test_a_word_that_no_earlier_week_had_is_new(tables, contacts):
    found = new_levels_by_week(tables, AT)
    own = found[(found["table"] == "contacts") & (found["column"] == "channel")].set_index("week")
    past = contacts[contacts["age"] > 0]
    assert own.loc[0, "new"] == (past["channel"] == "robot").sum() > 0
    assert own.loc[0, "level"] == "robot"
    assert own.loc[1:20, "new"].sum() == 0


def test_a_row_counts_from_when_it_was_recorded(tables_of):
    rows = [PAYMENT | {"paid_at": "2024-02-01", "recorded_at": "2024-02-28"}]
    customers = [{"customer_id": 1, "signed_up_at": "2020-01-01"}]
    found = rows_by_day(
        tables_of({"customers": customers, "payments": rows}, data_until="2024-03-10", late=("payments",)), AT
    )
    assert found[found["table"] == "payments"]["age"].tolist() == [1]
