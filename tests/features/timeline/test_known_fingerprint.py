"""What was known before an instant has a fingerprint: late and changed rows move it, the time after it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from servicelift.features.timeline.known_fingerprint import fingerprint_method, known_tables

AT = pd.Timestamp("2023-06-01")
PAYMENT = {"payment_id": 1, "customer_id": 1, "paid_at": "2023-05-01", "amount": 10.0, "method": "iban"}
CONTACT = {"contact_id": 1, "opened_at": "2023-05-31 10:00", "closed_at": "2023-06-02", "resolved": True}


def known(tables: Any, at: pd.Timestamp = AT) -> dict[str, Any]:
    return known_tables(tables, [at])[0]


def test_it_counts_what_was_known_and_names_the_last_row(tables_of: Callable[..., Any]) -> None:
    found = known(tables_of({"payments": [PAYMENT, PAYMENT | {"payment_id": 2, "paid_at": "2023-06-01"}]}))["payments"]
    assert (found.rows, found.last) == (1, pd.Timestamp("2023-05-01"))
    assert found.fingerprint.startswith("1:")
    before = known(tables_of({"payments": [PAYMENT]}), pd.Timestamp("2000-01-01"))["payments"]
    assert (before.fingerprint, before.rows, before.last) == ("0:0", 0, None)


@pytest.mark.parametrize(
    "rows",
    [
        [PAYMENT, PAYMENT | {"payment_id": 2, "paid_at": "2023-05-31 23:59"}],
        [PAYMENT | {"amount": 10.01}],
        [PAYMENT | {"method": "card"}],
        [PAYMENT | {"paid_at": "2023-05-02"}],
        [],
    ],
)
def test_rows_that_came_late_changed_or_went_away_change_their_table_alone(
    tables_of: Callable[..., Any], rows: list[dict[str, Any]]
) -> None:
    once, again = known(tables_of({"payments": [PAYMENT]})), known(tables_of({"payments": rows}))
    assert [name for name in once if once[name] != again[name]] == ["payments"]


def test_what_happened_later_changes_nothing_before_it(tables_of: Callable[..., Any]) -> None:
    once = known(tables_of({"contacts": [CONTACT], "payments": [PAYMENT]}))
    later = PAYMENT | {"payment_id": 2, "paid_at": "2023-06-01"}
    told = known(tables_of({"contacts": [CONTACT | {"resolved": False}], "payments": [later, PAYMENT]}))
    assert once == told
    after = pd.Timestamp("2023-06-03")
    changed = tables_of({"contacts": [CONTACT | {"resolved": False}], "payments": [PAYMENT]})
    assert known(tables_of({"contacts": [CONTACT], "payments": [PAYMENT]}), after) != known(changed, after)


def test_a_row_that_was_recorded_later_was_not_known(tables_of: Callable[..., Any]) -> None:
    first = PAYMENT | {"recorded_at": "2023-05-01"}
    late = PAYMENT | {"payment_id": 2, "recorded_at": "2023-06-05"}
    once, again = (tables_of({"payments": rows}, late=("payments",)) for rows in ([first], [first, late]))
    assert known(once) == known(again)


def test_several_instants_together_are_each_alone(tables_of: Callable[..., Any]) -> None:
    tables = tables_of({"payments": [PAYMENT], "contacts": [CONTACT]})
    instants = [pd.Timestamp("2023-05-15"), AT, pd.Timestamp("2023-07-01")]
    assert known_tables(tables, instants) == [known(tables, at) for at in instants]
    assert known_tables(tables, []) == []


def test_the_method_names_engine_and_version(tables_of: Callable[..., Any]) -> None:
    tables = tables_of({})
    assert fingerprint_method(tables).split()[:2] == ["duckdb", tables.connection.version]
