"""Durations of Arrow and pandas are seconds; their bare numbers would be micro- or nanoseconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servicelift.core.config.business import Config, load_config
from servicelift.core.errors import DataError
from servicelift.features.sources.durations import durations
from servicelift.features.tables.tables import open_tables, tables_from_frames, validate

CUSTOMERS = pd.DataFrame({"customer_id": ["A"], "signed_up_at": ["2023-01-01"]})
PAYMENTS = pd.DataFrame(
    {"payment_id": [1], "customer_id": ["A"], "paid_at": ["2024-01-01"], "amount": [5], "method": ["card"]}
)
CONTACTS = pd.DataFrame(
    {
        "contact_id": [1, 2],
        "customer_id": ["A", "A"],
        "opened_at": ["2024-01-01", "2024-01-02"],
        "channel": ["chat"] * 2,
    }
)


def config(folder: Path, contacts: str) -> Config:
    CUSTOMERS.to_csv(folder / "customers.csv", index=False)
    PAYMENTS.to_csv(folder / "payments.csv", index=False)
    text = f"tables: {{customers: customers.csv, payments: payments.csv, contacts: {contacts}}}"
    (folder / "b.yaml").write_text(text)
    return load_config(folder / "b.yaml")


def seconds(opened: Any) -> list[float]:
    return list(opened.execute(opened["contacts"].order_by("contact_id"))["handle_seconds"])


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_parquet_durations_are_read_as_seconds(tmp_path: Path, unit: str) -> None:
    per = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    rows = pa.Table.from_pandas(CONTACTS).append_column(
        "handle_seconds", pa.array([5 * per, 300 * per], pa.duration(unit))
    )
    pq.write_table(rows, tmp_path / "contacts.parquet")
    assert seconds(open_tables(config(tmp_path, "contacts.parquet"))) == [5.0, 300.0]


def test_durations_of_frames_of_texts_and_of_engines_are_seconds(tmp_path: Path) -> None:
    timed = CONTACTS.assign(handle_seconds=pd.to_timedelta([5, 300], unit="s"))
    frames = {"customers": CUSTOMERS, "payments": PAYMENTS, "contacts": timed}
    plain = Config.model_validate({"tables": dict.fromkeys(frames, "-")})
    assert seconds(tables_from_frames(frames, plain)) == [5.0, 300.0]
    timed.to_csv(tmp_path / "contacts.csv", index=False)
    assert seconds(open_tables(config(tmp_path, "contacts.csv"))) == [5.0, 300.0]
    with duckdb.connect(str(tmp_path / "desk.duckdb")) as desk:
        desk.register("frame", timed)
        desk.execute("create table contacts as select * from frame")
    assert seconds(open_tables(config(tmp_path, "{duckdb: desk.duckdb, table: contacts}"))) == [5.0, 300.0]


def test_a_duration_where_money_is_expected_is_refused_by_name(tmp_path: Path) -> None:
    rows = pa.Table.from_pandas(CONTACTS).append_column("cost", pa.array([1, 2], pa.duration("s")))
    pq.write_table(rows, tmp_path / "contacts.parquet")
    (error,) = validate(config(tmp_path, "contacts.parquet")).errors
    assert "column 'cost' holds durations; expected money for cost" in error.message


def test_a_unit_beside_a_duration_is_refused(tmp_path: Path) -> None:
    rows = pa.Table.from_pandas(CONTACTS).append_column("handle_seconds", pa.array([1, 2], pa.duration("s")))
    pq.write_table(rows, tmp_path / "contacts.parquet")
    (error,) = validate(config(tmp_path, "{path: contacts.parquet, units: {handle_seconds: minutes}}")).errors
    assert "holds durations, which need no unit" in error.message


def test_files_that_disagree_are_refused() -> None:
    one, other = (pa.schema([pa.field("t", pa.duration(unit))]) for unit in ("s", "ms"))
    with pytest.raises(DataError, match="several units"):
        durations("contacts", [one, other])
    with pytest.raises(DataError, match="durations in one file, none in another"):
        durations("contacts", [one, pa.schema([pa.field("t", pa.int64())])])
