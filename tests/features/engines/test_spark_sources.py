"""Spark's own sources: durations in Parquet at a URI are seconds, and a query under ``sql:`` only reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from servicelift.core.config.business import Config
from servicelift.core.errors import DataError
from servicelift.features.tables.tables import open_tables

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]

CUSTOMERS = "select 1 as customer_id, timestamp '2023-01-01 00:00:00' as signed_up_at"
PAYMENTS = (
    "select 1 as payment_id, 1 as customer_id, timestamp '2023-02-01 00:00:00' as paid_at, 1.0 as amount,"
    " 'card' as method"
)


def config(**tables: Any) -> Config:
    entries = {"customers": {"sql": CUSTOMERS}, "payments": {"sql": PAYMENTS}} | tables
    return Config.model_validate({"tables": entries, "engine": {"name": "spark"}})


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_durations_at_a_uri_are_seconds(tmp_path: Path, unit: str) -> None:
    rows = {
        "contact_id": [1],
        "customer_id": [1],
        "channel": ["chat"],
        "opened_at": pa.array([dt.datetime(2023, 3, 1)], pa.timestamp("us")),
        "handle_seconds": pa.array([dt.timedelta(minutes=5)], pa.duration(unit)),
    }
    (tmp_path / "contacts").mkdir()
    pq.write_table(pa.table(rows), tmp_path / "contacts" / "part-0.parquet")
    tables = open_tables(config(contacts={"path": f"file://{tmp_path}/contacts"}))
    assert tables.execute(tables["contacts"])["handle_seconds"].tolist() == [300.0]


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize(
    "query",
    [f"create temporary view made as {PAYMENTS}", f"{PAYMENTS}; {PAYMENTS}", "set made = 1", "drop view v"],
)
def test_a_query_is_one_statement_that_reads(spark: Any, query: str) -> None:
    with pytest.raises(DataError, match="expected one query that only reads, a select, got"):
        open_tables(config(payments={"sql": query}))
    assert not spark._session.catalog.tableExists("made")


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("query", [f"{PAYMENTS} -- all of them", f"with p as ({PAYMENTS}) select * from p;"])
def test_queries_may_end_and_begin_as_sql_allows(query: str) -> None:
    tables = open_tables(config(payments={"sql": query}))
    assert tables.execute(tables["payments"].count()) == 1
