"""One truth in every shape that exports have: money that came back is in no value and in no input of the CLV."""

from __future__ import annotations

import functools
import itertools
from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.outcomes.clv_inputs import clv_inputs, gross_of_refunds
from servicelift.features.outcomes.landmarks import landmark_money
from servicelift.features.outcomes.realised_value import realised_value
from servicelift.features.tables.tables import Tables, tables_from_frames

Row = dict[str, Any]
DEBIT: Row = {"customer_id": "A", "paid_at": "2024-01-10", "amount": 30.0, "method": "iban", "kind": "one_off"}
BACK = "2024-02-19"
OTHERS: list[Row] = [
    DEBIT | {"payment_id": "o1", "paid_at": "2023-12-01", "amount": 12.0},
    DEBIT | {"payment_id": "o2", "paid_at": "2024-01-05", "amount": 40.0},
    DEBIT | {"payment_id": "o3", "paid_at": "2024-03-05", "amount": 30.0},
    DEBIT | {"payment_id": "o4", "customer_id": "B", "paid_at": "2024-01-06", "amount": 9.0},
    DEBIT | {"payment_id": "o5", "customer_id": "B", "paid_at": "2024-03-09", "amount": 7.0},
]
PAPER = {"subscription_id": "s", "product": "paper", "started_at": "2023-06-01", "term_months": 1, "price": 5.0}


def opened(rows: list[Row], *, contract: bool = False, **columns: Any) -> Tables:
    customers = pd.DataFrame({"customer_id": ["A", "B"], "signed_up_at": ["2023-01-01"] * 2})
    payments = pd.DataFrame([*OTHERS, *({"payment_id": f"p{n}"} | row for n, row in enumerate(rows))])
    frames = {"customers": customers, "payments": payments}
    lines: Row = {"shop": {"kind": "noncontractual"}}
    if contract:
        frames["subscriptions"] = pd.DataFrame([PAPER | {"customer_id": "A"}])
        lines = {"press": {"kind": "contractual"}, "shop": {"kind": "noncontractual", "payments.kind": "one_off"}}
    config = {
        "tables": dict.fromkeys(frames, "-"),
        "data_until": "2024-06-01",
        "lines": lines,
        "value": {"annual_discount_rate": 0.0, "margin_rate": 1.0},
    }
    return tables_from_frames(frames, Config.model_validate(config | columns))


def back(amount: float = -30.0, at: str = BACK, **values: Any) -> Row:
    return DEBIT | {"paid_at": at, "amount": amount} | values


SHAPES: dict[str, list[Row]] = {
    "a row below 0": [DEBIT, back(kind=None)],
    "a row below 0 that was paid": [DEBIT | {"status": "paid"}, back(status="paid")],
    "a row below 0 that failed": [DEBIT | {"status": "paid"}, back(status="failed")],
    "a row below 0 of no kind that failed": [DEBIT | {"status": "paid"}, back(kind=None, status="failed")],
    "a refund below 0": [DEBIT, back(kind="refund")],
    "a refund above 0": [DEBIT, back(30.0, kind="refund", status="paid")],
    "an amount in its own row": [DEBIT | {"refunded_amount": 30.0, "refunded_at": BACK}],
    "a status overwritten": [DEBIT | {"status": "failed", "failed_at": BACK}],
    "a status that was not": [DEBIT | {"status": "paid", "failed_at": BACK}],
    "two parts": [DEBIT, back(-10.0, kind="refund"), back(-20.0, kind="refund")],
    "a part in its own row and one of its own": [
        DEBIT | {"refunded_amount": 10.0, "refunded_at": BACK},
        back(-20.0, kind="refund"),
    ],
    "a refund that failed first": [
        DEBIT,
        back(at="2024-01-15", kind="refund", failed_at="2024-01-20"),
        back(kind="refund"),
    ],
    "a refund that failed at once first": [DEBIT, back(at="2024-01-15", kind="refund", status="failed"), back()],
}
LATER = ("2024-02-20", "2024-03-01", "2024-04-01", "2024-06-01")


def facts(tables: Tables) -> tuple[Any, ...]:
    """Value up to and after the return, and what the CLV learns from and predicts from, after it."""
    spine = pd.DataFrame(list(itertools.product(["A", "B"], LATER)), columns=["customer_id", "as_of"])
    spine = spine.assign(as_of=pd.to_datetime(spine["as_of"]))
    whole = pd.DataFrame({"customer_id": ["A", "B"], "as_of": pd.Timestamp("2023-02-01")})
    ends = [pd.Timestamp(day) for day in ("2024-02-01", "2024-02-20", "2024-06-01")]
    value = [realised_value(tables, whole, end)["value"].tolist() for end in ends]
    summary = clv_inputs(tables, spine, pd.DataFrame(index=spine.index)).summaries["shop"]
    return value, summary.fillna(-1.0).to_numpy().tolist()


@functools.cache
def facts_without_the_debit() -> tuple[Any, ...]:
    return facts(opened([]))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_debit_that_came_back_is_the_same_in_every_shape(shape: str) -> None:
    value, summary = facts(opened(SHAPES[shape]))
    never = facts_without_the_debit()
    if shape != "a refund that failed first":
        assert value[0] == [sum(v) for v in zip(never[0][0], [30.0, 0.0], strict=True)]
    assert (value[1:], summary) == (never[0][1:], never[1])


def test_a_part_that_came_back_is_the_same_in_every_shape() -> None:
    latest = DEBIT | {"paid_at": "2024-02-01"}
    shapes = [
        [latest, back(-13.0, kind="refund")],
        [latest, back(-5.0), back(-8.0, kind="refund")],
        [latest, back(13.0, kind="refund")],
        [latest | {"refunded_amount": 13.0, "refunded_at": BACK}],
        [latest | {"refunded_amount": 5.0, "refunded_at": BACK}, back(-8.0)],
        [latest | {"amount": 17.0}, DEBIT | {"paid_at": "2024-02-01", "amount": 13.0, "failed_at": BACK}],
    ]
    found = [facts(opened(shape)) for shape in shapes]
    assert all(one == found[0] for one in found[1:])
    assert found[0][1] == facts(opened([latest | {"amount": 17.0}]))[1]


def test_a_refund_larger_than_all_payments_or_without_one_lowers_value_and_is_no_purchase() -> None:
    value, summary = facts(opened([back(-500.0, at="2023-11-01", kind="refund")]))
    never = facts_without_the_debit()
    assert value[2][0] == never[0][2][0] - 500.0
    assert summary == never[1]
    larger = facts(opened([DEBIT, back(-100.0, at="2024-03-20")]))
    assert larger[0][2][0] == never[0][2][0] + 30.0 - 100.0
    assert larger[1][2] == [0.0, 0.0, 122.0, 0.0]


@pytest.mark.parametrize("shape", [name for name in SHAPES if "no kind" not in name and name != "a row below 0"])
def test_beside_a_contract_the_refund_of_a_purchase_stays_with_its_line(shape: str) -> None:
    tables = opened(SHAPES[shape], contract=True)
    spine = pd.DataFrame({"customer_id": ["A"], "as_of": pd.to_datetime(["2023-11-01"])})
    money = landmark_money(tables, spine, pd.Timestamp("2024-06-01"), exclude_kinds=("one_off",))
    assert money[["subscription", "ancillary", "refunds"]].iloc[0].tolist() == [0.0, 0.0, 0.0]


def test_payments_that_tell_no_refunds_are_gross_of_them() -> None:
    assert gross_of_refunds(opened([DEBIT]))
    assert not gross_of_refunds(opened(SHAPES["a refund below 0"]))
    assert not gross_of_refunds(opened(SHAPES["an amount in its own row"]))
    assert not gross_of_refunds(opened([DEBIT], lines={"press": {"kind": "contractual"}}, contract=True))
