from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import tables_from_frames

CUSTOMERS = pd.DataFrame({"customer_id": [1, 2, 3], "signed_up_at": ["2023-01-01"] * 3})
PAYMENTS = pd.DataFrame(
    {
        "payment_id": ["a", "b", "c"],
        "customer_id": [1, 1, 2],
        "paid_at": ["2023-05-01", "2023-06-01", "2023-07-01"],
        "amount": [9.99, 9.99, 20.0],
        "method": ["iban", "card", "cheque"],
    }
)


def config_of(**keys: Any) -> Config:
    return Config.model_validate({"tables": {"customers": "c", "payments": "p"}, **keys})


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([dt.datetime(2023, 1, 1), dt.datetime(2023, 1, 1, tzinfo=dt.UTC)] * 2, dtype=object),
        pd.Series([dt.date(2023, 1, 1), dt.datetime(2023, 1, 1, 18)] * 2, dtype=object),
        pd.Series([2**70, 1] * 2, dtype=object),
        pd.Series([b"a", "b"] * 2, dtype=object),
        pd.Series(["\ud800"] * 4, dtype=object),
        pd.Series([1j] * 4),
        pd.Series(pd.period_range("2023-01-01", periods=4)),
        pd.Series(pd.interval_range(0, 4)),
        pd.Series(pd.arrays.SparseArray([1.0] * 4)),
        pd.Series([1.5] * 4, dtype="float16"),
    ],
)
def test_a_column_that_no_engine_can_hold_is_named(values: pd.Series) -> None:
    customers = CUSTOMERS.assign(signed_up_at=values.head(3))
    with pytest.raises(DataError) as error:
        tables_from_frames({"customers": customers, "payments": PAYMENTS}, config_of())
    assert str(error.value).startswith("customers: unreadable source; column 'signed_up_at': expected")


def test_zones_may_be_mixed_in_a_column_of_objects() -> None:
    zones = [dt.UTC, dt.timezone(dt.timedelta(hours=2)), None]
    stamps = [dt.datetime(2023, 5, 1, 12, tzinfo=zone) if zone else None for zone in zones]
    payments = PAYMENTS.assign(paid_at=pd.Series([*stamps[:2], stamps[0]], dtype=object))
    tables = tables_from_frames({"customers": CUSTOMERS, "payments": payments}, config_of(timezone="Europe/Paris"))
    payments = tables.execute(tables["payments"].order_by("payment_id"))
    assert payments["paid_at"].dt.hour.tolist() == [12, 10, 12]
