"""Static columns that name the customer, or hold more words than a model may keep, are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import Tables, tables_from_frames

CUSTOMERS = 400


def opened(values: Any, **keys: Any) -> Tables:
    """Customers with one static column ``town``."""
    customers = pd.DataFrame({"customer_id": range(CUSTOMERS), "signed_up_at": "2023-01-01", "town": values})
    payments = pd.DataFrame({"payment_id": [1], "customer_id": [1], "paid_at": ["2023-02-01"], "amount": [1.0]})
    tables = {"customers": "-", "payments": "-"}
    config = Config.model_validate({"tables": tables, "static": ["town"]} | keys)
    return tables_from_frames({"customers": customers, "payments": payments.assign(method="card")}, config)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            [f"k{n}" for n in range(CUSTOMERS)],
            "customers.town: 400 different texts among 400 customers; it names the cus",
        ),
        ([f"0{n // 4 * 4}" for n in range(CUSTOMERS)], None),
        (
            [n + 10_000 for n in range(CUSTOMERS)],
            "customers.town: 400 different whole numbers among 400 customers; it na",
        ),
        (
            [str(n + 10_000) for n in range(CUSTOMERS)],
            "customers.town: 400 different whole numbers among 400 customers",
        ),
        ([float(n) for n in range(CUSTOMERS)], "customers.town: 400 different whole numbers"),
        ([n + 0.5 for n in range(CUSTOMERS)], None),
        (np.arange(CUSTOMERS) % 90 + 1930, None),
    ],
)
def test_a_column_that_names_the_customer_is_refused(values: Any, expected: str | None) -> None:
    if expected is None:
        assert "town" in opened(values)["customers"].columns
        return
    with pytest.raises(DataError) as error:
        opened(values)
    assert expected in str(error.value)


def test_the_bound_on_texts_is_the_config_s() -> None:
    towns = [f"town {n % 30}" for n in range(CUSTOMERS)]
    assert "town" in opened(towns, features={"max_levels": 30})["customers"].columns
    with pytest.raises(DataError, match=r"town: 30 different texts; expected at most 29; bring it in classes"):
        opened(towns, features={"max_levels": 29})


def test_numbers_are_let_through_by_name_with_a_reason() -> None:
    allowed = {"allow": {"town": "a balance in cents"}}
    assert "town" in opened(np.arange(CUSTOMERS), leakage=allowed)["customers"].columns
