"""Tables that end long before an instant are named, and refused where all of them do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.tables.staleness import check_fresh, stale_line
from servicelift.features.tables.tables import Tables, tables_from_frames

DAYS = pd.date_range("2023-01-01", "2024-06-10", freq="7D")


def opened(contacts_until: str = "2024-06-10", **keys: Any) -> Tables:
    who = range(len(DAYS))
    customers = pd.DataFrame({"customer_id": who, "signed_up_at": DAYS})
    payments = pd.DataFrame({"payment_id": who, "customer_id": who, "paid_at": DAYS, "amount": 1.0, "method": "card"})
    contacts = pd.DataFrame({"contact_id": who, "customer_id": who, "opened_at": DAYS, "channel": "chat"})
    contacts = contacts[contacts["opened_at"] <= contacts_until]
    frames = {"customers": customers, "payments": payments, "contacts": contacts}
    return tables_from_frames(frames, Config.model_validate({"tables": dict.fromkeys(frames, "-")} | keys))


def test_fresh_tables_are_not_named() -> None:
    assert check_fresh(opened(), pd.Timestamp("2024-06-10")) == ()
    assert check_fresh(opened(data_until="2024-07-01"), pd.Timestamp("2024-07-01")) == ()


def test_one_stale_table_is_named_with_its_last_row() -> None:
    tables = opened("2023-12-20")
    at = pd.Timestamp("2024-06-10")
    (stale,) = check_fresh(tables, at)
    assert (stale.table, stale.last, stale.silence_days) == ("contacts", pd.Timestamp("2023-12-17"), 176)
    line = stale_line(tables, stale, at)
    assert line.startswith("contacts: no row in the 176 days before 2024-06-10, the last is of 2023-12-17; ")


def test_an_earlier_instant_looks_at_the_rows_before_it_alone() -> None:
    assert check_fresh(opened("2023-12-20"), pd.Timestamp("2023-12-20")) == ()


def test_where_all_tables_end_long_before_it_is_refused() -> None:
    tables = opened(data_until="2025-06-10")
    with pytest.raises(DataError) as error:
        check_fresh(tables, pd.Timestamp("2025-06-10"))
    expected = "expected rows up to 2025-06-10, every table ends long before: contacts on 2024-06-09, customers on 2024"
    assert str(error.value).startswith(expected)
    assert str(error.value).endswith("bring newer tables, or take an instant (and data_until) up to 2024-06-10")


@pytest.mark.parametrize("command", ["features", "train", "score"])
def test_a_year_without_data_is_no_silence_through_the_commands(
    trained_press: Path, tmp_path: Path, command: str
) -> None:
    import shutil

    from servicelift.cli import app
    from typer.testing import CliRunner

    folder = tmp_path / "press"
    shutil.copytree(trained_press.parent, folder)
    config = folder / trained_press.name
    text = config.read_text(encoding="utf-8")
    before = next(line for line in text.splitlines() if line.startswith("data_until:"))
    year = int(before.split()[1][:4]) + 1
    config.write_text(text.replace(before, f"data_until: {year}{before.split()[1][4:]}"), encoding="utf-8")
    until = f"{year}{before.split()[1][4:]}"
    rest = {
        "features": ["--as-of", until, "--out", str(tmp_path / "f.parquet")],
        "train": ["--only", "churn"],
        "score": ["--as-of", until, "--out", str(tmp_path / "scores")],
    }
    result = CliRunner().invoke(app, [command, str(config), *rest[command]])
    assert result.exit_code != 0
    assert "every table ends long before: " in str(result.exception)
    assert not (tmp_path / "scores").exists()
    assert not (tmp_path / "f.parquet").exists()


def test_contracts_that_end_until_now_are_life_though_nothing_starts() -> None:
    """A publisher that won nobody for a year is not a publisher without data."""
    who = range(len(DAYS))
    started = pd.Series(DAYS) - pd.Timedelta(days=700)
    customers = pd.DataFrame({"customer_id": who, "signed_up_at": started})
    contracts = customers.rename(columns={"signed_up_at": "started_at"}).assign(
        subscription_id=who, product="daily", ended_at=DAYS, term_months=1, price=10.0
    )
    frames = {"customers": customers, "subscriptions": contracts}
    keys: dict[str, Any] = {"tables": dict.fromkeys(frames, "-"), "data_until": "2024-06-12"}
    tables = tables_from_frames(frames, Config.model_validate(keys))
    assert [stale.table for stale in check_fresh(tables, pd.Timestamp("2024-06-12"))] == ["customers", "subscriptions"]
    with pytest.raises(DataError, match="every table ends long before: customers on 2022-07-10, subscriptions"):
        check_fresh(tables, pd.Timestamp("2025-06-12"))
