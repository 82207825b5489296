"""A query is prepared once, and run for whatever rows or values come with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
from servicelift.core.config.business import Config
from servicelift.features.tables.tables import Tables, tables_from_frames


def opened() -> Tables:
    """Two customers, of whom one paid twice, and one who never did."""
    customers = pd.DataFrame({"customer_id": [1, 2, 3], "signed_up_at": ["2023-01-01", "2023-02-01", "2023-03-01"]})
    payments = pd.DataFrame(
        {
            "payment_id": ["a", "b", "c"],
            "customer_id": [1, 1, 2],
            "paid_at": ["2023-05-01", "2023-06-01", "2023-07-01"],
            "amount": [9.99, 9.99, 20.0],
            "method": ["iban", "card", "cheque"],
        }
    )
    frames = {"customers": customers, "payments": payments}
    return tables_from_frames(frames, Config.model_validate({"tables": dict.fromkeys(frames, "-")}))


def test_a_prepared_query_runs_over_the_rows_it_is_given() -> None:
    tables = opened()
    built = []

    def paid(rows: Any) -> Any:
        built.append(rows)
        payments = tables["payments"]
        joined = rows.inner_join(payments, [rows.customer_id == payments.customer_id])
        return joined.group_by("row").aggregate(paid=joined.amount.sum())

    def result(key: str, *customers: int) -> dict[int, Decimal]:
        rows = pa.table({"row": range(len(customers)), "customer_id": customers})
        found = tables.execute(tables.prepared_query(key, rows, paid))
        return dict(zip(found["row"], found["paid"], strict=True))

    assert result("paid", 1, 3) == {0: Decimal("19.98")}
    assert result("paid", 3, 2) == {1: Decimal("20.00")}
    assert len(built) == 1
    assert result("paid again", 2, 1) == {0: Decimal("20.00"), 1: Decimal("19.98")}
    assert len(built) == 2


def test_prepared_queries_run_with_the_values_they_are_given() -> None:
    tables = opened()
    built = []

    def paid(values: Any) -> list[Any]:
        built.append(values)
        payments = tables["payments"]
        return [payments.filter(payments.customer_id == values["whose"]).amount.sum().name("paid").as_table()]

    def result(key: str, customer: int) -> Decimal:
        (query,) = tables.prepared_queries(key, {"whose": ibis.literal(customer, "int64")}, paid)
        return tables.execute(query)["paid"][0]

    assert result("paid", 1) == Decimal("19.98")
    assert result("paid", 2) == Decimal("20.00")
    assert len(built) == 1
    assert result("paid again", 1) == Decimal("19.98")
    assert len(built) == 2
