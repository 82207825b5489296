"""A few rows far after all others do not move the end of the data; tables that end long before are named."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.features.engines.choose import connect
from servicelift.features.tables.assemble import assemble
from servicelift.features.validation.freshness import end_of_data, event_days

CUSTOMERS = 40


def frames(last: str = "2024-06-10", **more: Any) -> dict[str, pd.DataFrame]:
    """Customers who sign up day by day and pay each month."""
    keys = list(range(CUSTOMERS))
    signed = pd.date_range("2023-11-01", periods=CUSTOMERS, freq="5D")
    days = [day for day in pd.date_range("2024-01-10", last, freq="MS") for _ in keys] + [pd.Timestamp(last)]
    payments = pd.DataFrame({"paid_at": days, "amount": 10.0, "method": "card"})
    payments["customer_id"] = [n % CUSTOMERS for n in range(len(payments))]
    payments["payment_id"] = range(len(payments))
    return {"customers": pd.DataFrame({"customer_id": keys, "signed_up_at": signed}), "payments": payments} | more


def subscriptions(*starts: str) -> pd.DataFrame:
    rows = pd.DataFrame({"started_at": pd.to_datetime(["2024-01-10"] * CUSTOMERS + list(starts))})
    rows["customer_id"] = [n % CUSTOMERS for n in range(len(rows))]
    rows["subscription_id"] = range(len(rows))
    return rows.assign(product="daily", term_months=1, price=10)


def report(found: dict[str, pd.DataFrame], **keys: Any) -> tuple[pd.Timestamp, list[str]]:
    config = Config.model_validate({"tables": dict.fromkeys(found, "-")} | keys)
    readers = {name: partial(ibis.memtable, rows) for name, rows in found.items()}
    assembled = assemble(connect(config), config, readers, dict.fromkeys(found))
    return assembled.data_until, [finding.message for finding in assembled.report.warnings]


@pytest.mark.parametrize("late", [["2024-12-24"], ["2099-01-01"], ["9999-12-31", "2031-05-05"], ["2024-12-24"] * 3])
def test_a_few_rows_far_after_all_others_do_not_move_the_end(late: list[str]) -> None:
    until, warnings = report(frames(subscriptions=subscriptions(*late)))
    assert until == pd.Timestamp("2024-06-10 00:00:00.000001")
    (line,) = [line for line in warnings if "after everything else" in line]
    assert line.startswith("subscriptions.started_at: ")
    assert f"{len(late)} of {CUSTOMERS + len(late)} rows" in line
    assert "the data are taken to end on 2024-06-10" in line


def test_many_rows_a_short_silence_or_a_set_end_move_it_as_they_say() -> None:
    many = ["2024-12-24"] * 10
    assert report(frames(subscriptions=subscriptions(*many)))[0] == pd.Timestamp("2024-12-24 00:00:00.000001")
    soon = report(frames(subscriptions=subscriptions("2024-07-05")))
    assert soon[0] == pd.Timestamp("2024-07-05 00:00:00.000001")
    until, warnings = report(frames(subscriptions=subscriptions("2024-12-24")), data_until="2024-12-31")
    assert until == pd.Timestamp("2024-12-31")
    assert not any("after everything else" in line for line in warnings)


def test_a_table_that_ends_long_before_the_data_is_named_with_its_last_row() -> None:
    _, warnings = report(frames(), data_until="2025-06-10")
    (line,) = [line for line in warnings if line.startswith("payments: no row")]
    assert "no row in the last 365 days; the last is of 2024-06-10, the data end on 2025-06-10" in line
    _, warnings = report(frames(), data_until="2024-07-01")
    assert not any("payments: no row" in line for line in warnings)


def test_a_log_whose_rows_lie_all_on_one_day_is_named() -> None:
    found = frames()
    found["payments"]["paid_at"] = pd.Timestamp("2024-06-10 12:00")
    _, warnings = report(found)
    assert any(line.startswith("payments: all rows on one day, 2024-06-10: ") for line in warnings)


def test_without_any_instant_there_is_no_end(connection: Any, tmp_path: Path) -> None:
    assert end_of_data(event_days(connection, {})).last is None
