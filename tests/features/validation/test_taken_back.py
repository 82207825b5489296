"""A payment that failed and its return as a row of its own are warned of: both would take the money off."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd
import pytest
from servicelift.features.validation.taken_back import check_taken_back

DEBIT = {"customer_id": "A", "paid_at": "2024-01-05", "amount": 10.0, "status": "paid", "failed_at": None}


def found(connection: Any, *rows: dict[str, Any], drop: tuple[str, ...] = ()) -> list[tuple[int, tuple[str, ...]]]:
    frame = pd.DataFrame([DEBIT | {"payment_id": f"p{n}"} | row for n, row in enumerate(rows)]).drop(columns=list(drop))
    for name in {"paid_at", "failed_at"} & set(frame):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return [(each.rows, each.examples) for each in check_taken_back(connection, ibis.memtable(frame))]


@pytest.mark.parametrize("broken", [{"status": "failed"}, {"failed_at": "2024-02-01"}])
def test_a_return_in_two_shapes_at_once_is_named(connection: Any, broken: dict[str, Any]) -> None:
    back = {"amount": -10.0, "paid_at": "2024-02-01"}
    assert found(connection, broken, back) == [(1, ("p1",))]
    assert found(connection, broken, back | {"amount": -9.0}) == []
    assert found(connection, broken, back | {"customer_id": "B"}) == []
    assert found(connection, broken, back | {"paid_at": "2024-01-01"}) == []
    assert found(connection, broken, back | {"paid_at": "2024-04-01"}) == []
    assert found(connection, broken, back | {"status": "failed"}) == []


def test_a_refund_of_a_payment_that_stands_is_none(connection: Any) -> None:
    assert found(connection, {}, {"amount": -10.0, "paid_at": "2024-02-01"}) == []
    assert found(connection, {}, {"amount": -10.0}, drop=("status", "failed_at")) == []
