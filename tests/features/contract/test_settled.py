"""Payments become what was known on their day; what came later keeps its instant."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.catalogue.catalogue import build_features
from servicelift.features.outcomes.realised_value import realised_value
from servicelift.features.tables.tables import Tables, tables_from_frames

PAID = {"payment_id": 1, "customer_id": "A", "paid_at": "2024-01-10", "amount": 30.0, "method": "iban"}


def tables(*payments: dict[str, Any], **columns: Any) -> Tables:
    rows = [PAID | {"payment_id": n} | row for n, row in enumerate(payments)]
    customers = pd.DataFrame({"customer_id": ["A"], "signed_up_at": ["2023-01-01"]})
    frames = {"customers": customers, "payments": pd.DataFrame(rows)}
    config = {"tables": dict.fromkeys(frames, "-"), "data_until": "2024-12-31"}
    return tables_from_frames(frames, Config.model_validate(config | columns))


def value(opened: Tables, as_of: str, until: str) -> float:
    spine = pd.DataFrame({"customer_id": ["A"], "as_of": pd.to_datetime([as_of])})
    return float(realised_value(opened, spine, pd.Timestamp(until))["value"].iloc[0])


def free(**keys: Any) -> dict[str, Any]:
    return {"value": {"annual_discount_rate": 0.0}} | keys


@pytest.mark.parametrize("status", ["failed", "paid", None])
def test_a_status_overwritten_weeks_later_was_paid_until_then(status: str | None) -> None:
    opened = tables({"status": status, "failed_at": "2024-02-19"}, **free())
    spine = pd.DataFrame({"customer_id": ["A"] * 2, "as_of": pd.to_datetime(["2024-02-01", "2024-03-01"])})
    found = build_features(opened, spine, ["payments_90d", "payments_failed_30d"])
    assert found.to_numpy().tolist() == [[1, 0], [0, 1]]
    assert value(opened, "2024-01-01", "2024-02-01") == 30.0
    assert value(opened, "2024-01-01", "2024-12-31") == 0.0
    assert value(opened, "2024-02-01", "2024-12-31") == -30.0


def test_a_failure_without_a_status_or_at_once_is_a_failure() -> None:
    for at in ("2024-01-10", "2024-01-09"):
        opened = tables({"failed_at": at}, {"failed_at": None}, **free())
        spine = pd.DataFrame({"customer_id": ["A"], "as_of": pd.to_datetime(["2024-01-11"])})
        assert build_features(opened, spine, ["payments_30d", "payments_failed_30d"]).to_numpy().tolist() == [[1, 1]]
        assert value(opened, "2024-01-01", "2024-12-31") == 30.0


def test_money_given_back_never_stays_in_the_value_whatever_its_shape() -> None:
    shapes: list[list[dict[str, Any]]] = [
        [{}, {"amount": -30.0}],
        [{}, {"amount": -30.0, "kind": "refund", "status": "paid"}],
        [{}, {"amount": 30.0, "kind": "refund"}],
        [{"failed_at": "2024-03-01", "status": "paid"}],
        [{"refunded_amount": 30.0, "refunded_at": "2024-03-01"}],
        [{"refunded_amount": 30.0}],
        [{"status": "failed"}],
        [{"status": "failed", "failed_at": "2024-03-01"}],
    ]
    for shape in shapes:
        assert value(tables(*shape, **free()), "2024-01-01", "2024-12-31") == 0.0, shape
    delivered = tables({}, {"amount": -30.0, "kind": "refund", "status": "failed"}, **free())
    assert value(delivered, "2024-01-01", "2024-12-31") == 30.0
    returned = tables({}, {"amount": -30.0, "kind": "refund", "failed_at": "2024-03-01"}, **free())
    assert value(returned, "2024-01-01", "2024-02-01") == 0.0
    assert value(returned, "2024-01-01", "2024-12-31") == 30.0


def test_refunds_are_stored_below_nothing_and_impossible_ones_refused() -> None:
    opened = tables({"amount": 3.0, "kind": "refund"}, {"amount": 5.0, "kind": "one_off"})
    amounts = opened.execute(opened["payments"].order_by("payment_id"))["amount"]
    assert amounts.tolist() == [Decimal("-3.0000"), Decimal("5.0000")]
    with pytest.raises(DataError, match=r"payments.refunded_amount: more given back than paid: 1 of 1 rows"):
        tables({"refunded_amount": 30.01})
    with pytest.raises(DataError, match=r"payments.refunded_amount: below 0"):
        tables({"refunded_amount": -1.0})
